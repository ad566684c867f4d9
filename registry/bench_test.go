package registry_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkManifestGet is a pull's first request with an access token of az acr
// login, without the network: what one costs the server.
func BenchmarkManifestGet(b *testing.B) {
	for _, c := range []struct{ name, method, path string }{{"manifest", "GET", "/v2/app/manifests/v1"}, {"blob", "GET", ""}, {"head", "HEAD", ""}} {
		b.Run(c.name, func(b *testing.B) {
			w := start(b)
			admin := basic("shop1", w.registry("shop1")[0])
			w.image("shop1", admin, "app", "v1", "layer")
			path := c.path
			if path == "" {
				path = "/v2/app/blobs/" + w.blob("shop1", admin, "app", "layer").String()
			}
			bearer := w.accessToken("shop1", w.refresh("shop1", "owner"), "repository:app:pull")
			handler := w.service.Handler()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				r := httptest.NewRequest(c.method, "https://"+w.host("shop1")+path, nil)
				r.TLS = &tls.ConnectionState{}
				r.Header.Set("Authorization", bearer)
				for pb.Next() {
					rec := &unkept{header: http.Header{}}
					handler.ServeHTTP(rec, r)
					if rec.status != http.StatusOK {
						b.Errorf("status %d", rec.status)
						return
					}
				}
			})
		})
	}
}

// unkept is an answer nobody reads.
type unkept struct {
	header http.Header
	status int
}

func (u *unkept) Header() http.Header { return u.header }

func (u *unkept) WriteHeader(status int) { u.status = status }

func (u *unkept) Write(b []byte) (int, error) {
	if u.status == 0 {
		u.status = http.StatusOK
	}
	return len(b), nil
}
