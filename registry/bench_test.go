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
	for _, c := range []struct{ name, path string }{{"manifest", "/v2/app/manifests/v1"}, {"blob", ""}} {
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
				for pb.Next() {
					r := httptest.NewRequest("GET", "https://"+w.host("shop1")+path, nil)
					r.TLS = &tls.ConnectionState{}
					r.Header.Set("Authorization", bearer)
					rec := httptest.NewRecorder()
					handler.ServeHTTP(rec, r)
					if rec.Code != http.StatusOK {
						b.Errorf("status %d: %s", rec.Code, rec.Body)
						return
					}
				}
			})
		})
	}
}
