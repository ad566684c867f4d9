package image_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/lazuli-cloud/lazuli/image"
)

func TestProgramBecomesAnImageThatARegistryServes(t *testing.T) {
	dir := programDir(t)
	host, reach := startRegistry(t)
	img := load(t, dir, image.Options{Ports: []string{"80", "53/udp"}, Env: []string{"GREETING=hello world"}})

	var done, total int64
	digest, err := image.Push(t.Context(), host+"/team/hello:v1", img, image.PushOptions{
		Username: "pusher", Password: "right", Transport: reach,
		Progress: func(d, all int64) { done, total = d, all },
	})
	if err != nil {
		t.Fatal(err)
	}
	if done == 0 || done != total {
		t.Errorf("progress ended at %d of %d bytes", done, total)
	}

	ref, err := name.ParseReference(host + "/team/hello@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	pulled, err := remote.Image(ref, remote.WithTransport(reach), remote.WithAuth(&authn.Basic{Username: "pusher", Password: "right"}))
	if err != nil {
		t.Fatal(err)
	}
	config, err := pulled.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if got := config.OS + "/" + config.Architecture; got != "linux/"+runtime.GOARCH {
		t.Errorf("platform %s", got)
	}
	if got := strings.Join(config.Config.Entrypoint, " "); got != "/hello" {
		t.Errorf("entry point %q", got)
	}
	if _, ok := config.Config.ExposedPorts["80/tcp"]; !ok || len(config.Config.ExposedPorts) != 2 {
		t.Errorf("ports %v", config.Config.ExposedPorts)
	}
	if got := strings.Join(config.Config.Env, "|"); !strings.HasPrefix(got, "PATH=") || !strings.HasSuffix(got, "|GREETING=hello world") {
		t.Errorf("variables %q", got)
	}
	want, err := os.ReadFile(filepath.Join(dir, "hello"))
	if err != nil {
		t.Fatal(err)
	}
	files := filesOf(t, pulled)
	if !bytes.Equal(files["hello"], want) || string(files["etc/motd"]) != "good day\n" {
		t.Errorf("the layer holds other files: %d bytes of hello, motd %q", len(files["hello"]), files["etc/motd"])
	}
}

func TestSameFilesGiveTheSameDigest(t *testing.T) {
	dir := programDir(t)
	first := digestOf(t, load(t, dir, image.Options{}))
	old := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "hello"), old, old); err != nil {
		t.Fatal(err)
	}
	if again := digestOf(t, load(t, dir, image.Options{})); again != first {
		t.Errorf("digest %s became %s although no byte changed", first, again)
	}
	if err := os.WriteFile(filepath.Join(dir, "etc/motd"), []byte("good night\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changed := digestOf(t, load(t, dir, image.Options{})); changed == first {
		t.Error("the digest stayed although a file changed")
	}
	alone := load(t, filepath.Join(dir, "hello"), image.Options{Command: []string{"/hello", "-v"}})
	if alone.Form() != "a program" || digestOf(t, alone) == first {
		t.Errorf("a single program: form %q", alone.Form())
	}
}

func TestLayoutsAndArchivesKeepTheirDigest(t *testing.T) {
	one, two := randomImage(t), randomImage(t)
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: one, Descriptor: v1.Descriptor{
		Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
	dir := t.TempDir()
	single := writeLayout(t, filepath.Join(dir, "single"), map[string]mutate.Appendable{"": one})
	named := writeLayout(t, filepath.Join(dir, "named"), map[string]mutate.Appendable{"a": one, "b": two})
	multi := writeLayout(t, filepath.Join(dir, "multi"), map[string]mutate.Appendable{"": index})
	docker := filepath.Join(dir, "docker.tar")
	tag, err := name.NewTag("example.org/x:v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(docker, tag, one); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src, form, platforms string
		want                 interface{ Digest() (v1.Hash, error) }
	}{
		{single, "an OCI image layout", "linux/amd64", one},
		{named + ":b", "an OCI image layout", "linux/amd64", two},
		{multi, "an OCI image layout", "linux/amd64", index},
		{tarOf(t, single, "oci.tar"), "an image archive", "linux/amd64", one},
		{gzipOf(t, tarOf(t, multi, "multi.tar")), "an image archive", "linux/amd64", index},
		{docker, "an image archive", "linux/amd64", nil}, // docker archives hold a manifest of another kind
		{docker + ":example.org/x:v1", "", "", nil},
	} {
		if c.form == "" { // FILE:NAME is split at the last colon, so a tag with a host is out of reach, with a clear error
			wantError(t, c.src, image.Options{}, "no such file")
			continue
		}
		img := load(t, c.src, image.Options{})
		if img.Form() != c.form {
			t.Errorf("%s: form %q, want %q", c.src, img.Form(), c.form)
		}
		if platforms, err := img.Platforms(); err != nil || strings.Join(platforms, " ") != c.platforms {
			t.Errorf("%s: platforms %v, %v; want %s", c.src, platforms, err, c.platforms)
		}
		if c.want == nil {
			continue
		}
		want, err := c.want.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if got := digestOf(t, img); got != want.String() {
			t.Errorf("%s: digest %s, want %s", c.src, got, want)
		}
	}
}

func TestIndexIsPushedWithItsImages(t *testing.T) {
	one := randomImage(t)
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: one})
	host, reach := startRegistry(t)
	img := load(t, writeLayout(t, t.TempDir(), map[string]mutate.Appendable{"": index}), image.Options{})
	o := image.PushOptions{Username: "pusher", Password: "right", Transport: reach}
	if _, err := image.Push(t.Context(), host+"/multi", img, o); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(host + "/multi:latest")
	if err != nil {
		t.Fatal(err)
	}
	served, err := remote.Index(tag, remote.WithTransport(reach), remote.WithAuth(&authn.Basic{Username: "pusher", Password: "right"}))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := served.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("the index has %v, %v", manifest, err)
	}
}

func TestBadSourcesAreRefusedWithTheReason(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("script/run", "#!/bin/sh\n", 0o755)
	write("cut/oci-layout", `{"imageLayoutVersion":"1.0.0"}`, 0o644)
	write("cut/index.json", `{"schemaVersion":2,"manifests":[]}`, 0o644)
	climbing := filepath.Join(dir, "climbing.tar")
	writeTar(t, climbing, map[string]string{"oci-layout": "{}", "../evil": "x"})
	other := filepath.Join(dir, "other.tar")
	writeTar(t, other, map[string]string{"README": "x"})
	two := writeLayout(t, filepath.Join(dir, "two"), map[string]mutate.Appendable{"a": randomImage(t), "b": randomImage(t)})
	program := programDir(t)

	for _, c := range []struct {
		src     string
		options image.Options
		want    string
	}{
		{filepath.Join(dir, "missing"), image.Options{}, "no such file"},
		{filepath.Join(dir, "script"), image.Options{}, "no executable program is at its top"},
		{filepath.Join(dir, "script"), image.Options{Command: []string{"/run"}}, "run is not a Linux program"},
		{filepath.Join(dir, "cut"), image.Options{}, "it holds no image"},
		{dynamicProgram(t), image.Options{}, "dynamically linked"},
		{write("text", "hello", 0o644), image.Options{}, "neither a static program nor a tar archive"},
		{other, image.Options{}, "the archive holds no image"},
		{climbing, image.Options{}, "../evil"},
		{two, image.Options{}, "choose one with SRC:NAME (names: a, b)"},
		{two + ":c", image.Options{}, `no image named "c"`},
		{two + ":a", image.Options{Ports: []string{"80"}}, "cannot be given"},
		{program, image.Options{Command: []string{"hello"}}, "is not absolute"},
		{program, image.Options{Command: []string{"/../../bin/ls"}}, "is not in the directory"},
		{program, image.Options{Ports: []string{"http"}}, `the port "http"`},
		{program, image.Options{Ports: []string{"70000"}}, "between 1 and 65535"},
		{program, image.Options{Env: []string{"NOVALUE"}}, `the variable "NOVALUE"`},
		{"/dev/null", image.Options{}, "neither a directory nor a regular file"},
	} {
		wantError(t, c.src, c.options, c.want)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "evil")); err == nil {
		t.Error("an archive wrote outside of its directory")
	}
}

func TestRefusedPushesSayWhy(t *testing.T) {
	host, reach := startRegistry(t)
	img := load(t, writeLayout(t, t.TempDir(), map[string]mutate.Appendable{"": randomImage(t)}), image.Options{})
	for _, c := range []struct {
		ref     string
		options image.PushOptions
		want    string
		status  int
	}{
		{host + "/x:v1", image.PushOptions{Transport: reach}, "does not accept the credentials of anonymous", 401},
		{host + "/x:v1", image.PushOptions{Transport: reach, Username: "pusher", Password: "wrong"}, `credentials of "pusher"`, 401},
		{host + "/x:v1", image.PushOptions{Transport: reach, Username: "puller", Password: "right"}, `"puller" may not push there (role AcrPush is needed)`, 403},
		{"x:v1", image.PushOptions{}, "names no registry", 0},
		{host + "/UPPER:v1", image.PushOptions{}, "cannot understand the reference", 0},
		{host + "/x@sha256:" + strings.Repeat("0", 64), image.PushOptions{}, "cannot understand the reference", 0},
	} {
		_, err := image.Push(t.Context(), c.ref, img, c.options)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("push to %s: %v, want %q", c.ref, err, c.want)
		}
		var refused *transport.Error
		if c.status != 0 && (!errors.As(err, &refused) || refused.StatusCode != c.status) {
			t.Errorf("push to %s: %v is not a refusal with status %d", c.ref, err, c.status)
		}
	}
}

func TestPlainHTTPMustBeAskedFor(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	img := load(t, writeLayout(t, t.TempDir(), map[string]mutate.Appendable{"": randomImage(t)}), image.Options{})
	if _, err := image.Push(t.Context(), host+"/x:v1", img, image.PushOptions{}); err == nil {
		t.Error("the push went to a registry without TLS")
	}
	if _, err := image.Push(t.Context(), host+"/x:v1", img, image.PushOptions{PlainHTTP: true}); err != nil {
		t.Errorf("the push failed although plain HTTP was allowed: %v", err)
	}
}

// programDir returns a directory with a static program "hello" and a text file.
func programDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join(dir, "hello"), "./testdata/hello")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "etc/motd"), []byte("good day\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// dynamicProgram returns the path of a program that needs a dynamic linker.
func dynamicProgram(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("ls")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// startRegistry runs a registry over TLS where "pusher" may do everything and "puller" may read, both with the password
// "right". It returns its host and a transport that reaches and trusts it.
func startRegistry(t *testing.T) (string, http.RoundTripper) {
	t.Helper()
	files := registry.New()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case password != "right":
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
		case user != "pusher" && r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.WriteHeader(http.StatusForbidden)
		default:
			files.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "https://"), server.Client().Transport
}

// load reads src and closes the image when the test ends.
func load(t *testing.T, src string, o image.Options) *image.Image {
	t.Helper()
	img, err := image.Load(src, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { img.Close() })
	return img
}

func wantError(t *testing.T, src string, o image.Options, want string) {
	t.Helper()
	img, err := image.Load(src, o)
	if err == nil {
		img.Close()
	}
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), src) {
		t.Errorf("load %s %+v: %v, want an error with %q", src, o, err, want)
	}
}

func digestOf(t *testing.T, img *image.Image) string {
	t.Helper()
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// randomImage returns a small image for linux/amd64.
func randomImage(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(512, 2)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// writeLayout writes the images to dir, each under its name, and returns dir.
func writeLayout(t *testing.T, dir string, images map[string]mutate.Appendable) string {
	t.Helper()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "a", "b"} {
		var options []layout.Option
		if name != "" {
			options = append(options, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": name}))
		}
		switch img := images[name].(type) {
		case v1.Image:
			err = path.AppendImage(img, options...)
		case v1.ImageIndex:
			err = path.AppendIndex(img, options...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tarOf writes the files of dir into an archive beside it.
func tarOf(t *testing.T, dir, name string) string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files["./"+strings.TrimPrefix(path, dir+"/")] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(filepath.Dir(dir), name)
	writeTar(t, archive, files)
	return archive
}

func writeTar(t *testing.T, path string, files map[string]string) {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// gzipOf compresses the file beside itself.
func gzipOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".gz", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path + ".gz"
}

// filesOf returns the regular files of the image's only layer.
func filesOf(t *testing.T, img v1.Image) map[string][]byte {
	t.Helper()
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	r, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	files := map[string][]byte{}
	for entries := tar.NewReader(r); ; {
		h, err := entries.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if files[h.Name], err = io.ReadAll(entries); err != nil {
				t.Fatal(err)
			}
		}
	}
}
