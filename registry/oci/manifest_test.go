package oci_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/oci"
)

// FuzzDescribe: what is accepted as an image or index names only well-formed
// digests, sizes do not go below zero, and every digest named is in the text.
func FuzzDescribe(f *testing.F) {
	const image, index = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
	d := `"sha256:` + strings.Repeat("0", 64) + `"`
	config := `"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":` + d + `,"size":2}`
	for _, s := range [][2]string{
		{image, `{"schemaVersion":2,` + config + `,"layers":[{"digest":` + d + `,"size":5}]}`},
		{image, `{"schemaVersion":2,` + config + `,"layers":[{"digest":` + d + `,"size":-5}]}`},
		{image, `{"schemaVersion":2,` + config + `,"layers":[{"digest":` + d + `,"size":9223372036854775807},{"digest":` + d + `,"size":9}]}`},
		{image, `{"schemaVersion":2,` + config + `,"subject":{"digest":"sha256:x","size":5}}`},
		{image, `{"schemaVersion":2,` + config + `,"manifests":[]}`},
		{index, `{"schemaVersion":2,"manifests":[{"digest":` + d + `,"size":5,"platform":{"os":"linux"}}]}`},
		{index, `{"schemaVersion":2,"manifests":[{"digest":"../../etc","size":5}]}`},
		{index, `null`}, {"", `{"mediaType":"` + image + `"}`}, {"text/plain; x", `{`}, {"a/b", `x`},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, contentType, text string) {
		m, config, err := oci.Describe(func(digest.Digest) bool { return false }, contentType, []byte(text))
		if err != nil {
			if e := azure.AsError(err); e.Kind != azure.Invalid {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if m.MediaType == "" || m.Size != int64(len(text)) || m.ImageSize < 0 {
			t.Fatalf("%q: %+v", text, m)
		}
		all := slices.Clone(m.Blobs)
		for _, c := range m.Manifests {
			all = append(all, c.Digest)
		}
		if config != "" {
			all = append(all, config)
		}
		if m.Subject != "" {
			all = append(all, m.Subject)
		}
		if len(all) > 0 && !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON and gives %v", text, all)
		}
		for _, d := range all {
			if d.Validate() != nil {
				t.Fatalf("%q gives the digest %q", text, d)
			}
		}
	})
}
