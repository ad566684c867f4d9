package oci

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/lazuli-cloud/lazuli/internal/bulk"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// contentHeaders says what follows, and how many bytes of it. The map is written
// to directly: its keys are as HTTP writes them, and small requests are many.
func contentHeaders(h http.Header, digest, mediaType string, length int64) {
	v := []string{digest, `"` + digest + `"`, mediaType, strconv.FormatInt(length, 10)}
	h["Docker-Content-Digest"], h["Etag"], h["Content-Type"], h["Content-Length"] = v[0:1:1], v[1:2:2], v[2:3:3], v[3:4:4]
}

// getBlob serves GET and HEAD of a blob, also a range of it.
func (h *Handler) getBlob(x *exchange) error {
	if err := h.Content.Readable(x.name); err != nil {
		return err
	}
	size, err := h.Content.StatBlob(x.name, x.req.Digest)
	if err != nil {
		return err
	}
	header := x.w.Header()
	part, partial, err := parseRange(x.r.Header.Get("Range"), size)
	if err != nil {
		header.Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
		return err
	}
	contentHeaders(header, x.req.Digest.String(), "application/octet-stream", part.length)
	header.Set("Accept-Ranges", "bytes")
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		header.Set("Content-Range", part.contentRange(size))
	}
	if isHead(x.r.Request) {
		x.w.WriteHeader(status)
		return nil
	}
	content, err := h.Content.OpenBlob(x.r.Context(), x.name, x.req.Digest)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // only read from
	x.w.WriteHeader(status)
	return h.send(x, content, part)
}

// oneRecord is how much TLS sends at once by itself.
const oneRecord = 16 << 10

// send copies a part of the content to the client in large writes. It does not
// use sendfile, which is slower on loopback than copying, and much slower than
// writing from a mapping. TLS reads every byte anyway: there a mapping only adds
// page faults.
func (h *Handler) send(x *exchange, content io.ReaderAt, part span) (err error) {
	if f := fileOf(content); f != nil && x.r.TLS == nil && part.length >= mappedLeast {
		return sendMapped(x.w, f, part)
	}
	buf, done := h.Content.Buffer()
	defer done()
	if part.length > oneRecord {
		sent := bulk.Gather(x.r.Request)
		defer func() { err = errors.Join(err, sent()) }()
	}
	for part.length > 0 {
		n, err := content.ReadAt(buf[:min(int64(len(buf)), part.length)], part.start)
		if n == 0 && err != nil {
			return err
		}
		if _, err := x.w.Write(buf[:n]); err != nil {
			return err
		}
		part.start += int64(n)
		part.length -= int64(n)
	}
	return nil
}

func (h *Handler) deleteBlob(x *exchange) error {
	if err := h.Content.DeleteBlob(x.r.Context(), x.name, x.req.Digest); err != nil {
		return err
	}
	return httpd.WriteValue(x.w, httpd.Reply[httpd.None]{Status: http.StatusAccepted})
}
