package registry_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// containerd gives the resolver that containerd and Kubernetes pull with.
func (w *world) containerd(user, password string) remotes.Resolver {
	auth := docker.NewDockerAuthorizer(docker.WithAuthClient(w.client), docker.WithAuthCreds(func(string) (string, string, error) { return user, password, nil }))
	return docker.NewResolver(docker.ResolverOptions{Hosts: docker.ConfigureDefaultRegistries(docker.WithClient(w.client), docker.WithAuthorizer(auth))})
}

func TestContainerdPushesAndPulls(t *testing.T) {
	w := start(t)
	passwords := w.registry("shop1")
	ctx, ref := t.Context(), w.host("shop1")+"/team/app:v1"
	resolver := w.containerd("shop1", passwords[0])
	pusher, err := resolver.Pusher(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	push := func(data, mediaType string) ocispec.Descriptor {
		t.Helper()
		d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromString(data), Size: int64(len(data))}
		to, err := pusher.Push(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		if _, err := io.WriteString(to, data); err != nil {
			t.Fatal(err)
		}
		if err := to.Commit(ctx, d.Size, d.Digest); err != nil {
			t.Fatal(err)
		}
		return d
	}
	config := push(`{"os":"linux","architecture":"amd64"}`, ocispec.MediaTypeImageConfig)
	layer := push("a layer", ocispec.MediaTypeImageLayer)
	manifest := push(`{"schemaVersion":2,"mediaType":"`+ocispec.MediaTypeImageManifest+`","config":{"mediaType":"`+config.MediaType+`","digest":"`+config.Digest.String()+`","size":37},"layers":[{"mediaType":"`+
		layer.MediaType+`","digest":"`+layer.Digest.String()+`","size":7}]}`, ocispec.MediaTypeImageManifest)
	if _, err := pusher.Push(ctx, layer); !errdefs.IsAlreadyExists(err) {
		t.Errorf("a layer that is there: %v", err)
	}
	name, found, err := resolver.Resolve(ctx, ref)
	if err != nil || name != ref || found.Digest != manifest.Digest || found.MediaType != manifest.MediaType || found.Size != manifest.Size {
		t.Fatalf("resolved %s %+v, %v", name, found, err)
	}
	fetcher, err := resolver.Fetcher(ctx, ref)
	if err != nil {
		t.Fatal(err)
	}
	body, err := fetcher.Fetch(ctx, layer)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var got bytes.Buffer
	if _, err := io.Copy(&got, body); err != nil || got.String() != "a layer" {
		t.Fatalf("fetched %q, %v", got.String(), err)
	}
	if _, _, err := w.containerd("shop1", "wrong").Resolve(ctx, ref); err == nil {
		t.Error("a wrong password resolves")
	}
	if _, _, err := resolver.Resolve(ctx, w.host("shop1")+"/team/app:none"); !errdefs.IsNotFound(err) {
		t.Errorf("an unknown tag: %v", err)
	}
}
