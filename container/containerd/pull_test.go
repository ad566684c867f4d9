package containerd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// registry serves images by name and tag, to a user with a password, and
// counts the blobs it has sent.
type registry struct {
	images map[string]image  // "name:tag"
	forged map[string][]byte // what is sent for a blob's digest instead

	mu    sync.Mutex
	blobs int
}

const realm = `Basic realm="test"`

func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": "because"}}})
	}
	user, password, _ := r.BasicAuth()
	switch {
	case user == "" || password != "right":
		w.Header().Set("WWW-Authenticate", realm)
		refuse(http.StatusUnauthorized, "UNAUTHORIZED")
		return
	case user == "stranger":
		refuse(http.StatusForbidden, "DENIED")
		return
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v2/"), "/")
	if len(path) != 3 {
		return
	}
	if data, ok := g.forged[path[2]]; ok {
		w.Write(data)
		return
	}
	known := false
	for name, img := range g.images {
		repo, tag, _ := strings.Cut(name, ":")
		if repo != path[0] {
			continue
		}
		known = true
		manifest := describe(ocispec.MediaTypeImageManifest, img.manifest)
		for _, b := range [][]byte{img.config, img.layer} {
			if path[2] == digest.FromBytes(b).String() {
				g.mu.Lock()
				g.blobs++
				g.mu.Unlock()
				w.Write(b)
				return
			}
		}
		if path[1] == "manifests" && (path[2] == tag || path[2] == manifest.Digest.String()) {
			w.Header().Set("Content-Type", manifest.MediaType)
			w.Header().Set("Docker-Content-Digest", manifest.Digest.String())
			w.Write(img.manifest)
			return
		}
	}
	if !known {
		refuse(http.StatusNotFound, "NAME_UNKNOWN")
		return
	}
	refuse(http.StatusNotFound, "MANIFEST_UNKNOWN")
}

func TestPull(t *testing.T) {
	rt := open(t, options(t.TempDir()))
	defer func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	}()
	good := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("good")})
	broken := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("broken")})
	forged := map[string][]byte{digest.FromBytes(broken.layer).String(): bytes.Repeat([]byte("x"), len(broken.layer))}
	serve := &registry{forged: forged, images: map[string]image{
		"app:v1": good, "app:far": newImage(t, "s390x", map[string][]byte{"file": nil}), "app:broken": broken,
	}}
	server := httptest.NewServer(serve)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
	defer busy.Close()
	ctx := context.Background()
	as := func(user, password string) *pod.Credentials {
		return &pod.Credentials{Username: user, Password: azure.NewSecret(password)}
	}

	var wait sync.WaitGroup
	for range 4 { // at once: pulled once
		wait.Go(func() {
			img, err := rt.EnsureImage(ctx, pod.ImageRequest{Name: host + "/app:v1", Credentials: as("reader", "right")})
			want := digest.FromBytes(good.manifest).String()
			if err != nil || img.Digest != want || img.Name != host+"/app@"+want || img.Size == 0 {
				t.Errorf("pulled %+v, %v", img, err)
			}
		})
	}
	wait.Wait()
	if serve.blobs != 2 {
		t.Errorf("%d blobs were sent for an image of 2", serve.blobs)
	}
	for _, c := range []struct {
		name  string
		req   pod.ImageRequest
		want  pod.ImageReason
		never string
	}{
		{"reference", pod.ImageRequest{Name: "Not A Reference"}, pod.ImageBadReference, ""},
		{"repository", pod.ImageRequest{Name: host + "/other:v1", Credentials: as("reader", "right")}, pod.ImageUnknownName, ""},
		{"tag", pod.ImageRequest{Name: host + "/app:v2", Credentials: as("reader", "right")}, pod.ImageUnknownTag, ""},
		{"anonymous, though it is here", pod.ImageRequest{Name: host + "/app:v1"}, pod.ImageUnauthorized, ""},
		{"password", pod.ImageRequest{Name: host + "/app:v1", Credentials: as("reader", "wr0ng")}, pod.ImageUnauthorized, "wr0ng"},
		{"right", pod.ImageRequest{Name: host + "/app:v1", Credentials: as("stranger", "right")}, pod.ImageForbidden, ""},
		{"nobody there", pod.ImageRequest{Name: "127.0.0.1:1/app:v1"}, pod.ImageUnreachable, ""},
		{"no such host", pod.ImageRequest{Name: "registry.invalid/app:v1"}, pod.ImageUnreachable, ""},
		{"other machine's", pod.ImageRequest{Name: host + "/app:far", Credentials: as("reader", "right")}, pod.ImageWrongPlatform, ""},
		{"wanted for another", pod.ImageRequest{Name: host + "/app:v1", Platform: "windows/amd64"}, pod.ImageWrongPlatform, ""},
		{"content", pod.ImageRequest{Name: host + "/app:broken", Credentials: as("reader", "right")}, pod.ImageBroken, ""},
		{"busy", pod.ImageRequest{Name: strings.TrimPrefix(busy.URL, "http://") + "/app:v1"}, pod.ImageThrottled, ""},
	} {
		_, err := rt.EnsureImage(ctx, c.req)
		var why *pod.ImageError
		if !errors.As(err, &why) || why.Reason != c.want || why.Image != c.req.Name {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.never != "" && strings.Contains(err.Error(), c.never) {
			t.Errorf("%s: the error tells the password: %v", c.name, err)
		}
	}
}

// Content that is pushed is startable once prepared, gone when forgotten, and
// never there when it was not pushed.
func TestPrepare(t *testing.T) {
	rt := open(t, options(t.TempDir()))
	defer func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background()
	img := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("x")})
	absent := describe(ocispec.MediaTypeImageManifest, img.manifest)
	_, err := rt.PrepareImage(ctx, "a", pod.Descriptor{MediaType: absent.MediaType, Digest: absent.Digest.String(), Size: absent.Size})
	if !errors.Is(err, pod.ErrNoImage) {
		t.Errorf("prepared what is not there: %v", err)
	}
	target := push(t, rt, img)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got, err := rt.PrepareImage(ctx, "a", target); err != nil || got.Name != "a" || got.Digest != target.Digest {
				t.Errorf("prepare: %+v, %v", got, err)
			}
		})
	}
	wait.Wait()
	var why *pod.ImageError
	far := push(t, rt, newImage(t, "s390x", map[string][]byte{"file": nil}))
	if _, err := rt.PrepareImage(ctx, "far", far); !errors.As(err, &why) || why.Reason != pod.ImageWrongPlatform {
		t.Errorf("prepared another machine's: %v", err)
	}
	for range 2 {
		if err := rt.ForgetImage(ctx, "a"); err != nil {
			t.Error(err)
		}
	}
	if _, err := rt.EnsureSandbox(ctx, pod.SandboxSpec{ID: "group"}); err != nil {
		t.Fatal(err)
	}
	defer rt.RemoveSandbox(ctx, "group")
	if _, err := rt.StartContainer(ctx, "group", pod.ContainerSpec{Name: "c", Image: "a"}); !errors.Is(err, pod.ErrNoImage) {
		t.Errorf("started a forgotten image: %v", err)
	}
}
