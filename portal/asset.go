package portal

import (
	"compress/gzip"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed all:dist
var embedded embed.FS

// contentTypes of the bundle's files.
var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png",
	".json": "application/json", ".map": "application/json",
}

// encodings are the forms a file may be stored in, the smaller first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// asset serves one file of the bundle. Names below assets/ hold a hash of their
// content, so that browsers keep them for ever. Text is stored compressed only,
// and unpacked for who takes no compression.
func (s *site) asset(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	kind, ok := contentTypes[path.Ext(name)]
	if !ok || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	accepted := r.Header.Get("Accept-Encoding")
	for _, e := range encodings {
		if !accepts(accepted, e.name) {
			continue
		}
		if text, err := fs.ReadFile(s.files, name+e.suffix); err == nil {
			h.Set("Content-Encoding", e.name)
			s.send(w, name, kind, text)
			return
		}
	}
	if text, err := fs.ReadFile(s.files, name); err == nil {
		s.send(w, name, kind, text)
		return
	}
	text, err := s.unpack(name + ".gz")
	if err != nil {
		http.NotFound(w, r)
		return
	}
	s.send(w, name, kind, text)
}

func (s *site) unpack(name string) ([]byte, error) {
	f, err := s.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func (s *site) send(w http.ResponseWriter, name, kind string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "public, max-age=3600")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(text)
}

// accepts reports whether an Accept-Encoding header names an encoding without
// ruling it out by q=0.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}
