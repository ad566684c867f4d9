package httpd

import (
	"bytes"
	"io"
	"net/http"
)

// Recorder keeps an answer in memory, for requests that do not leave the
// process. The zero value is ready. Not safe for concurrent use.
type Recorder struct {
	Status int          // 0 until the handler answers
	Body   bytes.Buffer // what was written
	// Limit bounds Body in bytes: one byte over it is kept at most, and the
	// write that goes over fails with io.ErrShortWrite. Zero means no bound.
	Limit  int
	header http.Header
}

// Header implements [http.ResponseWriter].
func (r *Recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

// WriteHeader implements [http.ResponseWriter]; the first status counts.
func (r *Recorder) WriteHeader(status int) {
	if r.Status == 0 {
		r.Status = status
	}
}

// Write implements [http.ResponseWriter].
func (r *Recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if room := r.Limit + 1 - r.Body.Len(); r.Limit > 0 && len(b) > room {
		r.Body.Write(b[:room])
		return room, io.ErrShortWrite
	}
	return r.Body.Write(b)
}
