package registry_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
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

// BenchmarkPushSmall is a layer of 100 KB pushed in three requests, four at a time: what one costs the server, and how long
// each request takes.
func BenchmarkPushSmall(b *testing.B) {
	w := start(b)
	w.registry("shop1")
	bearer := w.accessToken("shop1", w.refresh("shop1", "owner"), "repository:app:pull,push")
	handler := w.service.Handler()
	var seed atomic.Uint64
	var took [3]atomic.Int64
	ask := func(stage int, method, path string, body []byte, status int) string {
		r := httptest.NewRequest(method, "https://"+w.host("shop1")+path, bytes.NewReader(body))
		r.Header.Set("Authorization", bearer)
		rec := &unkept{header: http.Header{}}
		begin := time.Now()
		handler.ServeHTTP(rec, r)
		took[stage].Add(int64(time.Since(begin)))
		if rec.status != status {
			b.Errorf("%s %s: status %d", method, path, rec.status)
		}
		return rec.header.Get("Location")
	}
	b.SetParallelism(2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		layer := make([]byte, 100_000)
		for pb.Next() {
			binary.LittleEndian.PutUint64(layer, seed.Add(1))
			at := ask(0, "POST", "/v2/app/blobs/uploads/", nil, http.StatusAccepted)
			at = ask(1, "PATCH", at, layer, http.StatusAccepted)
			ask(2, "PUT", at+"?digest="+digest.FromBytes(layer).String(), nil, http.StatusCreated)
		}
	})
	for i, name := range []string{"POST", "PATCH", "PUT"} {
		b.ReportMetric(float64(took[i].Load())/1e3/float64(b.N), name+"-µs/op")
	}
}
