package containerd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// origin gives content by digest, counts, and can hold it back.
type origin struct {
	mu      sync.Mutex
	content map[digest.Digest][]byte
	served  map[digest.Digest]int
	fail    error
	hold    chan struct{} // not nil: layers come when it is closed, or not at all
	waiting chan struct{} // receives when a layer is asked for
	left    chan struct{} // receives when who asked has gone
}

func newOrigin(images ...image) *origin {
	o := &origin{content: map[digest.Digest][]byte{}, served: map[digest.Digest]int{}, waiting: make(chan struct{}, 10), left: make(chan struct{}, 10)}
	for _, img := range images {
		for _, data := range [][]byte{img.layer, img.config, img.manifest} {
			o.content[digest.FromBytes(data)] = data
		}
	}
	return o
}

// Fetch implements containerd's remotes.Fetcher.
func (o *origin) Fetch(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	o.mu.Lock()
	data, ok := o.content[d.Digest]
	fail, hold := o.fail, o.hold
	o.served[d.Digest]++
	o.mu.Unlock()
	if fail != nil {
		return nil, fail
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", d.Digest, errdefs.ErrNotFound)
	}
	if hold != nil && d.MediaType == ocispec.MediaTypeImageLayerGzip {
		o.waiting <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
			o.left <- struct{}{}
			return nil, ctx.Err()
		}
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// here tells which of the content the runtime has.
func here(t *testing.T, rt *containerd.Runtime, data []byte) bool {
	t.Helper()
	_, err := rt.Content().Info(namespaces.WithNamespace(context.Background(), containerd.Namespace), digest.FromBytes(data))
	return err == nil
}

func openOrigin(t *testing.T, o *origin) *containerd.Runtime {
	t.Helper()
	opts := options(t.TempDir())
	opts.Origin = o
	rt := open(t, opts)
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	return rt
}

func targetOf(img image) pod.Descriptor {
	d := describe(ocispec.MediaTypeImageManifest, img.manifest)
	return pod.Descriptor{MediaType: d.MediaType, Digest: d.Digest.String(), Size: d.Size}
}

// Content that only the origin has is fetched once, verified, and started from.
func TestPrepareFromAnOrigin(t *testing.T) {
	img := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("far away")})
	forged := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("forged")})
	far := newImage(t, "s390x", map[string][]byte{"file": nil})
	o := newOrigin(img, forged, far)
	o.content[digest.FromBytes(forged.layer)] = bytes.Repeat([]byte("x"), len(forged.layer))
	rt := openOrigin(t, o)
	ctx := context.Background()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if got, err := rt.PrepareImage(ctx, "app", targetOf(img)); err != nil || got.Digest != targetOf(img).Digest || got.Size == 0 {
				t.Errorf("prepare: %+v, %v", got, err)
			}
		})
	}
	wait.Wait()
	if n := o.served[digest.FromBytes(img.layer)]; n != 1 {
		t.Errorf("the layer was fetched %d times", n)
	}
	o.mu.Lock()
	o.fail = errors.New("nobody asks again")
	o.mu.Unlock()
	if _, err := rt.PrepareImage(ctx, "app", targetOf(img)); err != nil {
		t.Errorf("what is here: %v", err)
	}
	o.mu.Lock()
	o.fail = nil
	o.mu.Unlock()
	var why *pod.ImageError
	if _, err := rt.PrepareImage(ctx, "forged", targetOf(forged)); !errors.As(err, &why) || why.Reason != pod.ImageBroken {
		t.Errorf("forged: %v", err)
	}
	if _, err := rt.PrepareImage(ctx, "far", targetOf(far)); !errors.As(err, &why) || why.Reason != pod.ImageWrongPlatform || here(t, rt, far.layer) {
		t.Errorf("another machine's: %v; its layer is here: %t", err, here(t, rt, far.layer))
	}
	o.mu.Lock()
	o.fail = azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "Away.")
	o.mu.Unlock()
	other := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("other")})
	if _, err := rt.PrepareImage(ctx, "other", targetOf(other)); !errors.As(err, &why) || why.Reason != pod.ImageRegistryFailure {
		t.Errorf("an origin that is away: %v", err)
	}
}

// Who prepares an image together does it once; the work ends with the last who
// wants it, and is done by the next who does.
func TestPreparingEndsWithTheLastWhoWantsIt(t *testing.T) {
	img := newImage(t, runtime.GOARCH, map[string][]byte{"file": []byte("slow")})
	o := newOrigin(img)
	o.hold = make(chan struct{})
	rt := openOrigin(t, o)
	prepare := func(name string) (context.CancelFunc, chan error) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			_, err := rt.PrepareImage(ctx, name, targetOf(img))
			ended <- err
		}()
		return cancel, ended
	}
	leaveOne, first := prepare("one")
	await(t, o.waiting)
	leaveTwo, second := prepare("two")
	time.Sleep(50 * time.Millisecond) // until it waits, too; the order does not matter
	leaveOne()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	select {
	case <-o.left:
		t.Fatal("the work ended though one wants it")
	case <-time.After(3 * time.Second): // longer than it goes on without anybody
	}
	leaveTwo()
	await(t, o.left)
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who left last: %v", err)
	}
	close(o.hold)
	_, third := prepare("three")
	if err := <-third; err != nil {
		t.Errorf("who came after: %v", err)
	}
}

func await(t *testing.T, c chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing happens")
	}
}
