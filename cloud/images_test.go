package cloud_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// A deleted image's name kept its blobs on the disk for ever.
func TestImagesDeletedInTheirRegistryAreForgotten(t *testing.T) {
	c := cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{}))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/forgetful", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	host := strings.TrimPrefix(c.Origin("forgetful.azurecr"), "https://")
	ctx := namespaces.WithNamespace(t.Context(), "lazuli")
	names := map[string]string{}
	for _, tag := range []string{"deleted", "running", "kept"} {
		config := fmt.Sprintf(`{"os":"linux","architecture":"amd64","author":%q}`, tag)
		owner.Do("POST", "forgetful.azurecr/v2/app/blobs/uploads/?digest="+digest.FromString(config).String(), config, 201)
		manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q,"size":%d},"layers":[]}`,
			ocispec.MediaTypeImageManifest, ocispec.MediaTypeImageConfig, digest.FromString(config), len(config))
		a := owner.Send("PUT", "forgetful.azurecr/v2/app/manifests/"+tag, manifest, "Content-Type", ocispec.MediaTypeImageManifest)
		if a.Status != 201 {
			t.Fatalf("push: %d %s", a.Status, a.Body)
		}
		names[tag] = host + "/app@" + digest.FromString(manifest).String()
	}
	names["elsewhere"] = "registry.example/app@" + digest.FromString("elsewhere").String()
	for _, name := range names {
		d := digest.Digest(name[strings.Index(name, "@")+1:])
		if _, err := c.Images.Create(ctx, images.Image{Name: name, Target: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Runtime.PrepareImage(ctx, name, pod.Descriptor{Digest: d.String()}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Runtime.EnsureSandbox(ctx, pod.SandboxSpec{ID: "box"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Runtime.StartContainer(ctx, "box", pod.ContainerSpec{Name: "web", Image: names["running"]}); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"deleted", "running"} {
		owner.Do("DELETE", "forgetful.azurecr/v2/app/manifests/"+names[tag][strings.Index(names[tag], "@")+1:], "", 202)
	}
	want := func(when string, left ...string) {
		t.Helper()
		if err := c.ForgetDeletedImages(t.Context()); err != nil {
			t.Fatal(err)
		}
		for tag, name := range names {
			_, err := c.Images.Get(ctx, name)
			if here, should := err == nil, strings.Contains(strings.Join(left, " "), tag); here != should {
				t.Errorf("%s: the image %q is there: %t, want %t", when, tag, here, should)
			}
		}
	}
	want("just used", "deleted", "running", "kept", "elsewhere")
	c.Clock.Advance(time.Hour)
	want("later", "running", "kept", "elsewhere")
	if err := c.Runtime.RemoveSandbox(ctx, "box"); err != nil {
		t.Fatal(err)
	}
	want("after its group", "kept", "elsewhere")
	owner.Do("DELETE", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/forgetful", "", 200)
	want("after its registry", "elsewhere")
}

// silent is a bucket that takes everything and gives nothing.
type silent struct{}

func (silent) Put(context.Context, digest.Digest, io.ReaderAt, int64) error { return nil }
func (silent) Delete(context.Context, digest.Digest) error                  { return nil }
func (silent) Open(context.Context, digest.Digest, int64) (content.ReaderAt, error) {
	return nil, errdefs.ErrNotFound
}

// What a bucket keeps need not stay on the machine's disk for ever.
func TestImagesThatABucketKeepsAreForgottenWhenUnused(t *testing.T) {
	c := cloudtest.New(t, cloudtest.WithPrograms(map[string]fake.Program{}), cloudtest.WithBucket(silent{}))
	owner := c.As("owner")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/forgetful", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	host := strings.TrimPrefix(c.Origin("forgetful.azurecr"), "https://")
	ctx := namespaces.WithNamespace(t.Context(), "lazuli")
	unused, used := pushImage(t, owner, host, "forgetful", "app", "unused"), pushImage(t, owner, host, "forgetful", "app", "used")
	elsewhere := "registry.example/app@" + digest.FromString("elsewhere").String()
	for _, name := range []string{unused, used, elsewhere} {
		d := digest.Digest(name[strings.Index(name, "@")+1:])
		if _, err := c.Images.Create(ctx, images.Image{Name: name, Target: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: d, Size: 1}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Runtime.PrepareImage(ctx, name, pod.Descriptor{Digest: d.String()}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Runtime.EnsureSandbox(ctx, pod.SandboxSpec{ID: "box"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Runtime.StartContainer(ctx, "box", pod.ContainerSpec{Name: "web", Image: used}); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		later time.Duration
		here  map[string]bool
	}{
		{23 * time.Hour, map[string]bool{unused: true, used: true, elsewhere: true}},
		{2 * time.Hour, map[string]bool{unused: false, used: true, elsewhere: true}},
	} {
		c.Clock.Advance(step.later)
		if err := c.ForgetDeletedImages(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, want := range step.here {
			if _, err := c.Images.Get(ctx, name); (err == nil) != want {
				t.Errorf("%s later, the image %s is here: %t, want %t", step.later, name, err == nil, want)
			}
		}
	}
}
