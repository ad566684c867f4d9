package vault_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// serve calls the data plane of kv1 as its owner, without a connection.
func serve(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path+"?api-version=7.6", strings.NewReader(body))
	r.Host = "kv1.vault.test:8443"
	r.Header.Set("Authorization", "Bearer owner@vault")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

func BenchmarkGet(b *testing.B) {
	w := newWorld(b)
	w.create("kv1", "")
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"a password of some length"}`).want(200)
	h := w.vaults.Plane().Handler()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if rec := serve(h, http.MethodGet, "/secrets/pw", ""); rec.Code != 200 {
				b.Fatal(rec.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "gets/s")
}

func BenchmarkSet(b *testing.B) {
	w := newWorld(b)
	w.create("kv1", "")
	h := w.vaults.Plane().Handler()
	b.SetParallelism(32)
	names := make(chan string, 1024)
	go func() {
		for i := 0; ; i++ {
			select {
			case names <- "s" + strings.Repeat("x", i%100):
			case <-b.Context().Done():
				return
			}
		}
	}()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if rec := serve(h, http.MethodPut, "/secrets/"+<-names, `{"value":"a password of some length"}`); rec.Code != 200 {
				b.Fatal(rec.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sets/s")
}
