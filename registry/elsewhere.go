package registry

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/outbound"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// stranger is a repository of a registry outside as a source.
type stranger struct {
	service *Service
	from    name.Repository
	options []remote.Option
}

func (s *Service) elsewhere(in ImportSource, repo string) (source, error) {
	from, err := name.NewRepository(in.RegistryURI + "/" + repo)
	if err != nil {
		return nil, badImport("source.registryUri", "The registryUri '%s' is not a host name, perhaps with a port: %v.", in.RegistryURI, err)
	}
	auth := authn.Anonymous
	if c := in.Credentials; c != nil {
		auth = &authn.Basic{Username: c.Username, Password: c.Password}
	}
	return &stranger{s, from, []remote.Option{remote.WithAuth(auth), remote.WithTransport(s.o.Outbound)}}, nil
}

func (x *stranger) with(ctx context.Context) []remote.Option {
	return append([]remote.Option{remote.WithContext(ctx)}, x.options...)
}

func (x *stranger) manifest(ctx context.Context, reference string) (string, digest.Digest, []byte, error) {
	var ref name.Reference = x.from.Tag(reference)
	if digest.Digest(reference).Validate() == nil {
		ref = x.from.Digest(reference)
	}
	d, err := remote.Get(ref, x.with(ctx)...)
	if err != nil {
		return "", "", nil, x.failed(reference, err)
	}
	switch d.MediaType {
	case types.OCIManifestSchema1, types.OCIImageIndex, types.DockerManifestSchema2, types.DockerManifestList:
		return string(d.MediaType), digest.Digest(d.Digest.String()), d.Manifest, nil
	}
	return "", "", nil, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The source '%s' is of the media type '%s', which cannot be imported. Push it as an OCI image.", ref, d.MediaType)
}

// blob downloads; the digest is verified before the blob becomes part of the
// target.
func (x *stranger) blob(ctx context.Context, to repository.Name, d digest.Digest) error {
	layer, err := remote.Layer(x.from.Digest(d.String()), x.with(ctx)...)
	if err != nil {
		return x.failed(d.String(), err)
	}
	body, err := layer.Compressed()
	if err != nil {
		return x.failed(d.String(), err)
	}
	defer func() { _ = body.Close() }() // only read from
	content := x.service.content
	id, err := content.StartUpload(ctx, to)
	if err != nil {
		return err
	}
	err = content.Finish(ctx, to, id, repository.Chunk{Start: -1, Size: -1, Body: ender{body, ctx}}, d)
	if err == nil {
		return nil
	}
	if cerr := content.Cancel(context.WithoutCancel(ctx), to, id); cerr != nil && !azure.HasCode(cerr, azure.CodeOCIBlobUploadUnknown) {
		err = errors.Join(err, cerr)
	}
	return err
}

// ender ends a body when the import ends.
type ender struct {
	io.Reader
	ctx context.Context
}

func (e ender) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Reader.Read(p)
}

// failed says what the other registry did.
func (x *stranger) failed(what string, err error) error {
	host := x.from.RegistryStr()
	var forbidden *outbound.ForbiddenError
	var answer *transport.Error
	switch {
	case errors.As(err, &forbidden):
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The registry '%s' cannot be imported from: %s.", host, forbidden).Because(err)
	case errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound:
		return azure.Errorf(azure.NotFound, azure.CodeOCIManifestUnknown, "The registry '%s' has no '%s' in '%s'.", host, what, x.from.RepositoryStr()).Because(err)
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return azure.Errorf(azure.Forbidden, azure.CodeAuthorizationFailed, "The registry '%s' refused the credentials for '%s'. Give those of somebody who may pull from it.", host, x.from.RepositoryStr()).Because(err)
	}
	return azure.Errorf(azure.Unavailable, azure.CodeRegistryErrorResponse, "The registry '%s' did not give '%s': %v", host, what, err).Because(err)
}
