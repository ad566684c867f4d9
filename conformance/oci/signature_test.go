package oci

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/crane"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// signer is a directory with what clients of containers/image need to sign and to verify.
type signer struct {
	t              *testing.T
	dir            string
	server         string
	user, password string
}

func newSigner(t *testing.T, name string) *signer {
	t.Helper()
	if cloud.Run(t, "command -v skopeo").Code != 0 {
		t.Skip("skopeo is not installed: apt-get install skopeo")
	}
	s := &signer{t: t, dir: t.TempDir(), server: registry(t, name, "Basic")}
	words := strings.Fields(cloud.Sh(t, fmt.Sprintf(`az acr update -n %[1]s --admin-enabled true >/dev/null && az acr credential show -n %[1]s --query "[username, passwords[0].value]" -o tsv`, name)))
	if len(words) != 2 {
		t.Fatalf("credentials: %q", words)
	}
	s.user, s.password = words[0], words[1]
	s.write(".config/containers/registries.d/cloud.yaml", fmt.Sprintf("docker:\n  %s:\n    use-sigstore-attachments: true\n    lookaside: file://%[2]s/lookaside\n    lookaside-staging: file://%[2]s/lookaside\n", s.server, s.dir))
	return s
}

func (s *signer) write(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// skopeo is the start of a script's line that runs it with the signer's settings.
func (s *signer) skopeo(flags string) string {
	return fmt.Sprintf("HOME=%[1]s GNUPGHOME=%[1]s/gpg skopeo --registries.d %[1]s/.config/containers/registries.d %[2]s", s.dir, flags)
}

// copies copies one image of the registry to another.
func (s *signer) copies(flags, from, to string) {
	s.t.Helper()
	cloud.Sh(s.t, fmt.Sprintf("%s copy --quiet --src-creds %[2]s:%[3]s --dest-creds %[2]s:%[3]s %[4]s docker://%[5]s/%[6]s docker://%[5]s/%[7]s",
		s.skopeo("--insecure-policy"), s.user, s.password, flags, s.server, from, to))
}

// Signatures with GPG keys: the registry keeps the digest they are about, and skopeo and podman pull what the right key
// signed only.
func TestSignedImages(t *testing.T) {
	for _, program := range []string{"gpg", "gpgconf"} {
		if cloud.Run(t, "command -v "+program).Code != 0 {
			t.Skip("gpg is not installed: apt-get install gnupg")
		}
	}
	s := newSigner(t, "signreg")
	// A short path: gpg-agent's socket is in it.
	home := cloud.Sh(t, "mktemp -d")
	t.Cleanup(func() { cloud.Run(t, "GNUPGHOME="+home+" gpgconf --kill all; rm -rf "+home) })
	if err := os.Symlink(home, s.dir+"/gpg"); err != nil {
		t.Fatal(err)
	}
	policies := map[string]string{}
	for _, who := range []string{"right", "wrong"} {
		cloud.Sh(t, fmt.Sprintf(`set -e; export GNUPGHOME=%s
gpg --batch --quiet --passphrase '' --quick-generate-key %[2]s@lazuli.example default default never
gpg --batch --armor --export %[2]s@lazuli.example > %[3]s/%[2]s.asc`, home, who, s.dir))
		policies[who] = s.write(who+".json", fmt.Sprintf(`{"default":[{"type":"reject"}],"transports":{"docker":{%q:[{"type":"signedBy","keyType":"GPGKeys","keyPath":%q,"signedIdentity":{"type":"matchRepository"}}]}}}`,
			s.server, s.dir+"/"+who+".asc"))
	}
	s.copies("--sign-by right@lazuli.example", "app:v1", "signed:v1")
	pulls := map[string]func(policy, image string) string{"skopeo": func(policy, image string) string {
		return fmt.Sprintf("set -e; d=$(mktemp -d); trap 'rm -rf $d' EXIT; %s copy --quiet --src-creds %s:%s docker://%s/%s dir:$d", s.skopeo("--policy "+policy), s.user, s.password, s.server, image)
	}}
	if cloud.Run(t, "command -v podman").Code == 0 {
		pulls["podman"] = func(policy, image string) string {
			return fmt.Sprintf("HOME=%[1]s GNUPGHOME=%[1]s/gpg podman --root %[1]s/podman --runroot %[1]s/podman-run --storage-driver vfs pull -q --creds %[2]s:%[3]s --signature-policy %[4]s %[5]s/%[6]s",
				s.dir, s.user, s.password, policy, s.server, image)
		}
	} else {
		t.Log("podman is not installed: apt-get install podman")
	}
	for program, pull := range pulls {
		t.Log(program)
		cloud.Sh(t, pull(policies["right"], "signed:v1"))
		cloud.Fails(t, pull(policies["wrong"], "signed:v1"), "ignature")
		cloud.Fails(t, pull(policies["right"], "app:v1"), "signature was required")
	}
}

// Signatures beside the image, as cosign keeps them: the tag sha256-DIGEST.sig. They come back as they were, skopeo takes
// them along when it copies an image, and to the registry they are manifests like others.
func TestSignaturesAttachedAsCosignDoes(t *testing.T) {
	s := newSigner(t, "cosignreg")
	options := []crane.Option{crane.WithTransport(cloud.Client(t).Transport), crane.WithAuth(&authn.Basic{Username: s.user, Password: s.password})}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	digest, err := crane.Digest(s.server+"/app:v1", options...)
	must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	payload := fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":"%s/app"},"image":{"docker-manifest-digest":%q},"type":"cosign container image signature"},"optional":null}`, s.server, digest)
	sum := sha256.Sum256(payload)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	must(err)
	const annotation = "dev.cosignproject.cosign/signature"
	attached, err := mutate.Append(mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1), mutate.Addendum{
		Layer:       static.NewLayer(payload, "application/vnd.dev.cosign.simplesigning.v1+json"),
		Annotations: map[string]string{annotation: base64.StdEncoding.EncodeToString(signature)},
	})
	must(err)
	tag := strings.Replace(digest, ":", "-", 1) + ".sig"
	must(crane.Push(attached, s.server+"/app:"+tag, options...))
	s.copies("", "app:v1", "promoted/app:v2")
	for _, repository := range []string{"app", "promoted/app"} {
		back, err := crane.Pull(s.server+"/"+repository+":"+tag, options...)
		if err != nil {
			t.Errorf("%s: %v", repository, err)
			continue
		}
		if !verifies(t, back, key, annotation) {
			t.Errorf("%s: the signature is not good any more", repository)
		}
	}
	says(t, tag+" v2", "[]", "acr repository show-tags -n cosignreg --repository promoted/app")
}

// verifies reports whether the first layer carries a good signature of itself.
func verifies(t *testing.T, image v1.Image, key *ecdsa.PrivateKey, annotation string) bool {
	t.Helper()
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 || len(manifest.Layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	body, err := layers[0].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	payload, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(manifest.Layers[0].Annotations[annotation])
	sum := sha256.Sum256(payload)
	return err == nil && ecdsa.VerifyASN1(&key.PublicKey, sum[:], signature)
}
