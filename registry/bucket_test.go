package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/bucket"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// counted is a bucket that tests look into.
type counted interface {
	repository.Bucket
	count(t testing.TB) int
}

// everywhere runs a test against each place for content: containerd's store, a
// bucket in memory, and, where LAZULI_TEST_BUCKET names one as
// http://HOST:PORT/NAME, a real bucket with the credentials in the file
// LAZULI_TEST_BUCKET_CREDENTIALS.
func everywhere(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("containerd", func(t *testing.T) { test(t, start(t)) })
	t.Run("bucket", func(t *testing.T) { test(t, startWith(t, nil, newBucket(t))) })
}

// newBucket gives an empty bucket: the real one if there is one.
func newBucket(t testing.TB) counted {
	t.Helper()
	url := os.Getenv("LAZULI_TEST_BUCKET")
	if url == "" {
		return &memory{blobs: map[digest.Digest][]byte{}}
	}
	cut := strings.LastIndex(url, "/")
	o := bucket.Options{Endpoint: url[:cut], Name: url[cut+1:], Prefix: fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano()), Region: "us-east-1",
		Credentials: os.Getenv("LAZULI_TEST_BUCKET_CREDENTIALS")}
	b, err := bucket.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return &real{b, o}
}

// real is a bucket of a real server.
type real struct {
	*bucket.Bucket
	o bucket.Options
}

func (r *real) client(t testing.TB) *minio.Client {
	t.Helper()
	c, err := minio.New(strings.TrimPrefix(r.o.Endpoint, "http://"), &minio.Options{Creds: credentials.NewFileAWSCredentials(r.o.Credentials, "default"), Region: r.o.Region})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (r *real) count(t testing.TB) (n int) {
	t.Helper()
	for info := range r.client(t).ListObjects(context.Background(), r.o.Name, minio.ListObjectsOptions{Prefix: r.o.Prefix + "/", Recursive: true}) {
		if info.Err != nil {
			t.Fatal(info.Err)
		}
		n++
	}
	return n
}

// memory is a bucket in memory, which can be told to fail.
type memory struct {
	mu    sync.Mutex
	blobs map[digest.Digest][]byte
	fail  error // of Put, and of Delete
	late  error // of Put, when it is done
}

func (m *memory) set(fail, late error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail, m.late = fail, late
}

func (m *memory) Put(_ context.Context, d digest.Digest, from io.ReaderAt, size int64) error {
	data, err := io.ReadAll(io.NewSectionReader(from, 0, size))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.blobs[d] = data
	return errors.Join(err, m.late)
}

type memoryReader struct{ *bytes.Reader }

func (memoryReader) Close() error { return nil }

func (m *memory) Open(_ context.Context, d digest.Digest, _ int64) (content.ReaderAt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.blobs[d]
	if !ok {
		return nil, errdefs.ErrNotFound
	}
	return memoryReader{bytes.NewReader(data)}, nil
}

func (m *memory) Delete(_ context.Context, d digest.Digest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		delete(m.blobs, d)
	}
	return m.fail
}

func (m *memory) count(testing.TB) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.blobs)
}

// forgetLocal makes this machine let go of what the bucket holds.
func (w *world) forgetLocal() {
	w.t.Helper()
	w.later(3 * time.Hour)
	w.sweep()
	w.collect()
	if n := w.local(); n != 0 {
		w.t.Fatalf("%d blobs are still on this machine", n)
	}
}

func TestTheBucketIsEnough(t *testing.T) {
	w := startWith(t, nil, newBucket(t))
	admin := basic("shop1", w.registry("shop1")[0])
	big := strings.Repeat("0123456789abcdef", 17<<16) // two parts
	m := w.image("shop1", admin, "app", "v1", big)
	w.forgetLocal()
	w.restart() // the cache of manifests is empty, too
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(200, m)
	layer := "/v2/app/blobs/" + digest.FromString(big).String()
	if a := w.at("shop1", admin, "GET", layer, "").want(200); a.body != big {
		t.Fatalf("%d bytes came back, or others", len(a.body))
	}
	if a := w.at("shop1", admin, "GET", layer, "", "Range", "bytes=16777200-16777231").want(206); a.body != big[16777200:16777232] {
		t.Fatalf("the range is %q", a.body)
	}
	w.at("shop1", admin, "GET", layer, "", "Range", "bytes=-3").want(206, "def")
	w.at("shop1", admin, "POST", "/v2/other/blobs/uploads/?mount="+digest.FromString(big).String()+"&from=app", "").want(201)
	if w.local() != 0 {
		t.Errorf("a mount brought %d blobs onto this machine", w.local())
	}
	// What others let go of goes only when nobody has it.
	w.at("shop1", admin, "DELETE", "/acr/v1/app", "").want(202)
	w.sweep()
	if a := w.at("shop1", admin, "GET", strings.Replace(layer, "app", "other", 1), "").want(200); a.body != big {
		t.Fatal("the mounted blob is gone, or another")
	}
}

func TestWhatWasPushedBeforeGoesIntoTheBucket(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	m := w.image("shop1", admin, "app", "v1", "layer")
	w.close()
	w.bucket = newBucket(t)
	w.open()
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(200, m)
	w.sweep()
	w.forgetLocal()
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(200, m)
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+digest.FromString("layer").String(), "").want(200, "layer")
	// Without the bucket, or with another one, the start says so.
	s := repository.New(repository.Options{Store: w.store, Now: w.now})
	if err := s.CheckBucket(t.Context()); err == nil || !strings.Contains(err.Error(), "names none") {
		t.Errorf("without a bucket: %v", err)
	}
	s = repository.New(repository.Options{Store: w.store, Now: w.now, Bucket: newBucket(t)})
	if err := s.CheckBucket(t.Context()); err == nil || !strings.Contains(err.Error(), "the right one?") {
		t.Errorf("with another bucket: %v", err)
	}
}

func TestABucketThatFails(t *testing.T) {
	m := &memory{blobs: map[digest.Digest][]byte{}, fail: azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The bucket is away.").Because(errors.New("no route"))}
	w := startWith(t, nil, m)
	admin := basic("shop1", w.registry("shop1")[0])
	d := digest.FromString("layer")
	push := func() answer {
		return w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+d.String(), "layer")
	}
	push().want(503, "The bucket is away.")
	w.at("shop1", admin, "HEAD", "/v2/app/blobs/"+d.String(), "").want(404)
	m.set(nil, errors.New("the answer was lost"))
	push().want(500)
	m.set(nil, nil)
	push().want(201)
	// What came into the bucket and was never linked goes, a day later.
	m.set(nil, errors.New("the answer was lost"))
	w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+digest.FromString("lost").String(), "lost").want(500)
	m.set(nil, nil)
	w.sweep()
	if m.count(t) != 2 {
		t.Fatalf("%d objects, want the pushed and the lost one", m.count(t))
	}
	w.later(25 * time.Hour)
	w.sweep()
	if m.count(t) != 0 {
		t.Fatalf("%d objects are left of what nothing names", m.count(t))
	}
	w.image("shop1", admin, "app", "v1", "layer")
	w.forgetLocal()
	// No byte more than there is, and no digest of other content.
	m.mu.Lock()
	m.blobs[d] = []byte("lay")
	m.mu.Unlock()
	if res, err := w.client.Do(func() *http.Request {
		r := w.request("GET", "https://"+w.host("shop1")+"/v2/app/blobs/"+d.String(), "")
		r.Header.Set("Authorization", admin)
		return r
	}()); err == nil {
		defer res.Body.Close()
		if data, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("content that was cut short is served as %d %q", res.StatusCode, data)
		}
	}
}

// A push of content that is being removed waits for the end of that.
func TestAPushMeetsADeletion(t *testing.T) {
	m := &memory{blobs: map[digest.Digest][]byte{}}
	w := startWith(t, nil, m)
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	w.at("shop1", admin, "DELETE", "/acr/v1/app", "").want(202)
	m.set(errors.New("in the middle of it"), nil)
	if err := w.service.Sweep(t.Context()); err == nil {
		t.Error("the sweep hides that it could not delete")
	}
	w.restart() // with marks in the rows
	d := digest.FromString("layer")
	answers := make(chan answer, 1)
	go func() {
		answers <- w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+d.String(), "layer")
	}()
	select {
	case a := <-answers:
		t.Errorf("the push did not wait: %d %s", a.status, a.body)
	case <-time.After(300 * time.Millisecond):
	}
	m.set(nil, nil)
	w.sweep()
	(<-answers).want(201)
	w.image("shop1", admin, "app", "v1", "layer")
	w.forgetLocal()
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+d.String(), "").want(200, "layer")
	if m.count(t) != 3 {
		t.Errorf("%d objects, want those of one image", m.count(t))
	}
}

// TestARealBucket holds for real buckets what the one in memory cannot show.
func TestARealBucket(t *testing.T) {
	r, ok := newBucket(t).(*real)
	if !ok {
		t.Skip("LAZULI_TEST_BUCKET names no bucket; conformance/registry starts one")
	}
	ctx := t.Context()
	d := digest.FromString("layer")
	if _, err := r.Open(ctx, d, 5); !errdefs.IsNotFound(err) {
		t.Errorf("nothing there: %v", err)
	}
	if err := r.Delete(ctx, d); err != nil {
		t.Errorf("delete of nothing: %v", err)
	}
	if err := r.Put(ctx, d, strings.NewReader("other"), 5); err != nil { // as if changed in the bucket
		t.Fatal(err)
	}
	c, err := r.Open(ctx, d, 5)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.ReadAt(make([]byte, 5), 0); err == nil || n != 0 {
		t.Errorf("content of another digest is served: %d bytes, %v", n, err)
	}
	for what, change := range map[string]func(*bucket.Options){
		"there is no such bucket":  func(o *bucket.Options) { o.Name = "none-of-ours" },
		"is not written like":      func(o *bucket.Options) { o.Endpoint = "s3.example" },
		"cannot read the cred":     func(o *bucket.Options) { o.Credentials = "/none" },
		"has no aws_access_key_id": func(o *bucket.Options) { o.Credentials = file(t, "[other]\n", 0o600) },
		"chmod 600":                func(o *bucket.Options) { o.Credentials = file(t, "[default]\n", 0o644) },
		"cannot use the bucket": func(o *bucket.Options) {
			o.Credentials = file(t, "[default]\naws_access_key_id = a\naws_secret_access_key = b\n", 0o600)
		},
	} {
		o := r.o
		change(&o)
		if _, err := bucket.Open(ctx, o); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want an error with %q: %v", what, err)
		}
	}
}

func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Chmod(mode), f.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}
