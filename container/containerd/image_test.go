package containerd_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/container/containerd"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// image is an OCI image in memory, of one layer.
type image struct {
	layerType               string
	layer, config, manifest []byte
}

// newImage packs files (path in the image -> contents, executable).
func newImage(t testing.TB, architecture string, files map[string][]byte) image {
	t.Helper()
	var plain bytes.Buffer
	tw := tar.NewWriter(&plain)
	for name, data := range files {
		if err := errors.Join(tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))}), write(tw, data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	img := image{layerType: ocispec.MediaTypeImageLayer, layer: plain.Bytes()}
	if plain.Len() < 1<<20 { // packing the suite's program takes longer than its tests
		var packed bytes.Buffer
		zw := gzip.NewWriter(&packed)
		if err := errors.Join(write(zw, plain.Bytes()), zw.Close()); err != nil {
			t.Fatal(err)
		}
		img = image{layerType: ocispec.MediaTypeImageLayerGzip, layer: packed.Bytes()}
	}
	img.config = marshal(t, ocispec.Image{
		Platform: ocispec.Platform{OS: "linux", Architecture: architecture},
		Config:   ocispec.ImageConfig{Entrypoint: []string{"/program"}, Env: []string{"COLOUR=image"}, WorkingDir: "/work"},
		RootFS:   ocispec.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromBytes(plain.Bytes())}},
	})
	img.manifest = marshal(t, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: describe(ocispec.MediaTypeImageConfig, img.config),
		Layers: []ocispec.Descriptor{describe(img.layerType, img.layer)},
	})
	return img
}

func write(w interface{ Write([]byte) (int, error) }, data []byte) error {
	_, err := w.Write(data)
	return err
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func describe(mediaType string, data []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
}

// programImage is the image of the suite's program.
func programImage(t testing.TB, path string) image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return newImage(t, runtime.GOARCH, map[string][]byte{"program": data})
}

// push writes an image into the content store as a registry does: under a
// lease, blobs first, the manifest with labels for what it refers to.
func push(t testing.TB, rt *containerd.Runtime, img image) pod.Descriptor {
	t.Helper()
	ctx := namespaces.WithNamespace(context.Background(), containerd.Namespace)
	lease, err := rt.Leases().Create(ctx, leases.WithRandomID())
	if err != nil {
		t.Fatal(err)
	}
	ctx = leases.WithLease(ctx, lease.ID)
	config, layer := describe(ocispec.MediaTypeImageConfig, img.config), describe(img.layerType, img.layer)
	manifest := describe(ocispec.MediaTypeImageManifest, img.manifest)
	labels := map[string]string{
		"containerd.io/gc.ref.content.config": config.Digest.String(), "containerd.io/gc.ref.content.l.0": layer.Digest.String(),
	}
	for _, b := range []struct {
		desc ocispec.Descriptor
		data []byte
		opts []content.Opt
	}{{layer, img.layer, nil}, {config, img.config, nil}, {manifest, img.manifest, []content.Opt{content.WithLabels(labels)}}} {
		err := content.WriteBlob(ctx, rt.Content(), b.desc.Digest.String(), bytes.NewReader(b.data), b.desc, b.opts...)
		if err != nil && !errdefs.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	return pod.Descriptor{MediaType: manifest.MediaType, Digest: manifest.Digest.String(), Size: manifest.Size}
}
