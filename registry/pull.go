package registry

import (
	"context"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// Pull names an image and the credential to pull it with, as a container group
// does in imageRegistryCredentials.
type Pull struct {
	Host       string // of the registry, with or without port
	Repository string
	Reference  string // tag or digest; empty means latest
	Username   string
	Password   azure.Secret
	// Principal pulls without a password: the cloud vouches for it. Nil means that
	// the user name and password say who pulls.
	Principal *authz.Principal
}

// pullRemote is the address that logins of container groups count under in the
// brake on guessing passwords.
const pullRemote = "container-groups"

// Hosts reports whether a host name belongs to this room, whether or not such a
// registry exists: an image there is never looked for elsewhere.
func (s *Service) Hosts(host string) bool {
	bare, _, _ := strings.Cut(strings.ToLower(host), ":")
	suffix, _, _ := strings.Cut(s.o.LoginSuffix, ":")
	return strings.HasSuffix(bare, suffix)
}

// Authorize checks a pull exactly as if a client made it, and finds the image.
// Errors by code: CodeHostNotFound (no such registry), CodeOCIUnauthorized
// (wrong, ended or missing credential), CodeOCITooManyRequests, CodeOCIDenied
// (no right to pull), CodeOCINameInvalid and CodeOCITagInvalid,
// CodeOCINameUnknown (no such repository), CodeOCIManifestUnknown (no such tag
// or digest), CodeOCIDenied also for an image that is locked against reading.
func (s *Service) Authorize(ctx context.Context, p Pull) (ocispec.Descriptor, error) {
	reg, err := s.find(p.Host)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	var caller access.Caller
	if p.Principal != nil {
		caller = access.Exchanged(reg, *p.Principal)
	} else if caller, err = s.guard.Password(ctx, reg, p.Username, p.Password.Reveal(), pullRemote); err != nil {
		return ocispec.Descriptor{}, err
	}
	if err := s.guard.Authorize(reg, caller, access.Repository(p.Repository, access.Pull)); err != nil {
		return ocispec.Descriptor{}, err
	}
	return s.resolve(reg, p.Repository, p.Reference, s.content.Pull)
}

// Resolve finds the manifest of an image without asking for rights. Errors as of
// [Service.Authorize].
func (s *Service) Resolve(_ context.Context, host, repo, reference string) (ocispec.Descriptor, error) {
	reg, err := s.find(host)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	return s.resolve(reg, repo, reference, s.content.Resolve)
}

func (s *Service) resolve(reg access.Registry, repo, reference string, find func(repository.Name, string) (digest.Digest, repository.Manifest, error)) (ocispec.Descriptor, error) {
	if reference == "" {
		reference = "latest"
	}
	if !oci.ValidName(repo) {
		return ocispec.Descriptor{}, azure.Errorf(azure.Invalid, azure.CodeOCINameInvalid, "'%s' is not a repository name.", repo)
	}
	if !strings.Contains(reference, ":") && !oci.ValidTag(reference) {
		return ocispec.Descriptor{}, azure.Errorf(azure.Invalid, azure.CodeOCITagInvalid, "'%s' is not a tag.", reference)
	}
	d, m, err := find(repository.Name{Registry: reg.UID, Repository: repo}, reference)
	return ocispec.Descriptor{MediaType: m.MediaType, Digest: d, Size: m.Size}, err
}
