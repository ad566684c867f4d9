package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPageIsServedLoggedAndStopped(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()

	ctx, stop := context.WithCancel(t.Context())
	var log bytes.Buffer // read only after serve has returned
	done := make(chan error, 1)
	go func() { done <- serve(ctx, addr, &log) }()

	body := get(t, "http://"+addr+"/some/path?q=1")
	if !strings.Contains(body, "<h1>Welcome to Azure Container Instances!</h1>") {
		t.Errorf("the page has no welcome:\n%s", body)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve returned %v after its context ended", err)
	}
	for _, want := range []string{"listening on " + addr, `"GET /some/path?q=1 HTTP/1.1" 200`, "stopping"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
}

func TestTakenPortIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = serve(t.Context(), taken.Addr().String(), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("got %v, want an error that names %s", err, taken.Addr())
	}
}

// get fetches url, waiting up to five seconds for the server to listen.
func get(t *testing.T, url string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		res, err := http.Get(url)
		if err != nil {
			if time.Now().After(deadline) {
				t.Fatal(err)
			}
			continue
		}
		defer res.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(res.Body); err != nil || res.StatusCode != 200 {
			t.Fatalf("GET %s: status %d, %v", url, res.StatusCode, err)
		}
		return b.String()
	}
}
