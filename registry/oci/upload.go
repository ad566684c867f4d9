package oci

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// startUpload serves POST: mounts a blob, takes a whole one, or opens an upload.
func (h *Handler) startUpload(x *exchange) error {
	ctx := x.r.Context()
	if mounted, err := h.mount(x); err != nil {
		return err
	} else if mounted {
		return x.created("blobs", x.req.Mount)
	}
	id, err := h.Content.StartUpload(ctx, x.name)
	if err != nil {
		return err
	}
	if x.req.Digest == "" {
		return x.accepted(id, 0, http.StatusAccepted)
	}
	c, err := x.chunk()
	if err == nil {
		err = h.Content.Finish(ctx, x.name, id, c, x.req.Digest)
	}
	if err != nil {
		return h.dropped(ctx, x, id, err)
	}
	return x.created("blobs", x.req.Digest)
}

// mount links the blob that the request names from the repository it names. A
// token that could cover that repository and does not is sent back for a better
// one. Without the right, or without the blob there, the answer is an ordinary
// upload: it tells nothing about what exists.
func (h *Handler) mount(x *exchange) (bool, error) {
	if x.req.Mount == "" {
		return false, nil
	}
	if x.req.From == "" {
		return h.mountAny(x)
	}
	err := h.Guard.Authorize(x.registry, x.caller, access.Repository(x.req.From, access.Pull))
	if access.NeedsScope(err) {
		return false, err
	}
	if err != nil {
		return false, nil
	}
	return h.Content.Mount(x.r.Context(), x.name, repository.Name{Registry: x.name.Registry, Repository: x.req.From}, x.req.Mount)
}

// mountAny links the blob from any repository that the caller may pull from.
func (h *Handler) mountAny(x *exchange) (bool, error) {
	for _, from := range h.Content.Holding(x.name.Registry, x.req.Mount) {
		if h.Guard.Authorize(x.registry, x.caller, access.Repository(from.Repository, access.Pull)) != nil {
			continue
		}
		if mounted, err := h.Content.Mount(x.r.Context(), x.name, from, x.req.Mount); mounted || err != nil {
			return mounted, err
		}
	}
	return false, nil
}

// dropped cancels an upload that nobody can go on with and gives its error.
func (h *Handler) dropped(ctx context.Context, x *exchange, id string, err error) error {
	cerr := h.Content.Cancel(context.WithoutCancel(ctx), x.name, id)
	if azure.HasCode(cerr, azure.CodeOCIBlobUploadUnknown) {
		cerr = nil
	}
	return errors.Join(err, cerr)
}

// created answers 201 with where the content now is.
func (x *exchange) created(kind string, d digest.Digest) error {
	h := x.w.Header()
	h.Set("Location", "/v2/"+x.req.Repository+"/"+kind+"/"+d.String())
	h.Set("Docker-Content-Digest", d.String())
	h.Set("Content-Length", "0")
	x.w.WriteHeader(http.StatusCreated)
	return nil
}

// stands sets the headers that say how to go on with an upload.
func (x *exchange) stands(id string, offset int64) {
	h := x.w.Header()
	h.Set("Location", "/v2/"+x.req.Repository+"/blobs/uploads/"+id)
	h.Set("Docker-Upload-UUID", id)
	h.Set("Range", "0-"+strconv.FormatInt(max(offset-1, 0), 10))
}

func (x *exchange) accepted(id string, offset int64, status int) error {
	x.stands(id, offset)
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", "0")
	}
	x.w.WriteHeader(status)
	return nil
}

// chunk is the request's body with what its headers say of it.
func (x *exchange) chunk() (repository.Chunk, error) {
	c := repository.Chunk{Start: -1, Size: x.r.ContentLength, Body: x.r.Body}
	header := x.r.Header.Get("Content-Range")
	if header == "" {
		return c, nil
	}
	s, err := parseContentRange(header)
	if err != nil {
		return c, err
	}
	if c.Size >= 0 && c.Size != s.length {
		return c, azure.Errorf(azure.Invalid, azure.CodeOCISizeInvalid, "The Content-Range '%s' has %d bytes, the Content-Length is %d. Send as many as you announce.", header, s.length, c.Size)
	}
	return repository.Chunk{Start: s.start, Size: s.length, Body: x.r.Body}, nil
}

func (h *Handler) uploadStatus(x *exchange) error {
	offset, err := h.Content.UploadOffset(x.r.Context(), x.name, x.req.UploadID)
	if err != nil {
		return err
	}
	return x.accepted(x.req.UploadID, offset, http.StatusNoContent)
}

func (h *Handler) patchUpload(x *exchange) error {
	c, err := x.chunk()
	if err != nil {
		return err
	}
	offset, err := h.Content.Append(x.r.Context(), x.name, x.req.UploadID, c)
	if err != nil {
		if azure.HasCode(err, azure.CodeOCIRangeInvalid) {
			x.stands(x.req.UploadID, offset)
		}
		return err
	}
	return x.accepted(x.req.UploadID, offset, http.StatusAccepted)
}

func (h *Handler) finishUpload(x *exchange) error {
	c, err := x.chunk()
	if err != nil {
		return err
	}
	if err := h.Content.Finish(x.r.Context(), x.name, x.req.UploadID, c, x.req.Digest); err != nil {
		return err
	}
	return x.created("blobs", x.req.Digest)
}

func (h *Handler) cancelUpload(x *exchange) error {
	if err := h.Content.Cancel(x.r.Context(), x.name, x.req.UploadID); err != nil {
		return err
	}
	x.w.WriteHeader(http.StatusNoContent)
	return nil
}
