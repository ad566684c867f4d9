package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/memory"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
)

// The media types of a chart, as helm pushes it.
const (
	chartConfig  = "application/vnd.cncf.helm.config.v1+json"
	chartContent = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
	sbomType     = "application/spdx+json"
)

// orasRepository is a repository as oras opens it, with the credential.
func orasRepository(t *testing.T, name, user, password string) *remote.Repository {
	t.Helper()
	repo, err := remote.NewRepository(name)
	if err != nil {
		t.Fatal(err)
	}
	repo.Client = &auth.Client{Client: cloud.Client(t), Cache: auth.NewCache(),
		Credential: auth.StaticCredential(repo.Reference.Registry, auth.Credential{Username: user, Password: password})}
	return repo
}

// TestOras pushes a chart as helm does, attaches an SBOM, finds and pulls it,
// copies both with what refers to them, and deletes.
func TestOras(t *testing.T) {
	server := registry(t, "orasreg", "Basic")
	words := strings.Fields(cloud.Sh(t, `az acr update -n orasreg --admin-enabled true >/dev/null && az acr credential show -n orasreg --query "[username, passwords[0].value]" -o tsv`))
	if len(words) != 2 {
		t.Fatalf("credentials: %q", words)
	}
	ctx := t.Context()
	repo := orasRepository(t, server+"/charts/shop", words[0], words[1])

	local := memory.New()
	pack := func(artifact string, config []byte, configType string, layer []byte, layerType string, subject *ocispec.Descriptor) ocispec.Descriptor {
		t.Helper()
		push := func(data []byte, mediaType string) ocispec.Descriptor {
			d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
			if err := local.Push(ctx, d, bytes.NewReader(data)); err != nil && !strings.Contains(err.Error(), "already exists") {
				t.Fatal(err)
			}
			return d
		}
		c := push(config, configType)
		d, err := oras.PackManifest(ctx, local, oras.PackManifestVersion1_1, artifact, oras.PackManifestOptions{ConfigDescriptor: &c, Subject: subject,
			Layers: []ocispec.Descriptor{push(layer, layerType)}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	chart := pack("", []byte(`{"name":"shop","version":"1.0.0"}`), chartConfig, []byte("a chart"), chartContent, nil)
	if err := local.Tag(ctx, chart, "1.0.0"); err != nil {
		t.Fatal(err)
	}
	if _, err := oras.Copy(ctx, local, "1.0.0", repo, "1.0.0", oras.DefaultCopyOptions); err != nil {
		t.Fatal(err)
	}
	sbom := pack(sbomType, []byte("{}"), "application/vnd.oci.empty.v1+json", []byte(`{"spdxVersion":"SPDX-2.3"}`), sbomType, &chart)
	if err := oras.CopyGraph(ctx, local, repo, sbom, oras.DefaultCopyGraphOptions); err != nil {
		t.Fatal(err)
	}

	found := func(in *remote.Repository, artifact string) (all []ocispec.Descriptor) {
		t.Helper()
		err := in.Referrers(ctx, chart, artifact, func(page []ocispec.Descriptor) error { all = append(all, page...); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := found(repo, sbomType); len(got) != 1 || got[0].Digest != sbom.Digest || got[0].ArtifactType != sbomType {
		t.Fatalf("the SBOM is not found: %+v", got)
	}
	if got := found(repo, "application/vnd.other"); len(got) != 0 {
		t.Fatalf("the filter lets through: %+v", got)
	}
	copied := orasRepository(t, server+"/copies/shop", words[0], words[1])
	if _, err := oras.ExtendedCopy(ctx, repo, "1.0.0", copied, "1.0.0", oras.DefaultExtendedCopyOptions); err != nil {
		t.Fatal(err)
	}
	if got := found(copied, sbomType); len(got) != 1 {
		t.Fatalf("the SBOM is not copied along: %+v", got)
	}
	back := memory.New()
	if err := oras.CopyGraph(ctx, copied, back, sbom, oras.DefaultCopyGraphOptions); err != nil {
		t.Fatal(err)
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(fetch(t, back, sbom), &manifest); err != nil {
		t.Fatal(err)
	}
	if got := string(fetch(t, back, manifest.Layers[0])); got != `{"spdxVersion":"SPDX-2.3"}` {
		t.Fatalf("the SBOM came back as %q", got)
	}
	if err := repo.Delete(ctx, sbom); err != nil {
		t.Fatal(err)
	}
	if got := found(repo, ""); len(got) != 0 {
		t.Fatalf("a deleted SBOM is found: %+v", got)
	}
	if _, err := orasRepository(t, server+"/charts/shop", words[0], "wrong").Resolve(ctx, "1.0.0"); err == nil {
		t.Error("a wrong password resolves")
	}
}

func fetch(t *testing.T, from *memory.Store, d ocispec.Descriptor) []byte {
	t.Helper()
	r, err := from.Fetch(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
