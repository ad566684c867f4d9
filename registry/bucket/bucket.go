package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Options say which bucket, and as whom.
type Options struct {
	Endpoint string // https://HOST[:PORT], or http://
	Name     string // of the bucket, which exists
	Region   string // empty: the bucket is asked
	Prefix   string // before all names; may be empty
	// Credentials is the path of a file like ~/.aws/credentials; its profile
	// "default" is used. Nobody but its owner may read it.
	Credentials string
	Transport   http.RoundTripper // nil: minio's default
}

// Bucket is an open bucket. Safe for concurrent use.
type Bucket struct {
	o    Options
	core minio.Core
}

// Limits on waiting for the bucket.
const (
	openLimit = 20 * time.Second
	tries     = 4
)

// Open checks the options and that the bucket answers.
func Open(ctx context.Context, o Options) (*Bucket, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("the bucket's endpoint %q is not written like https://HOST or https://HOST:PORT", o.Endpoint)
	}
	info, err := os.Stat(o.Credentials)
	if err != nil {
		return nil, fmt.Errorf("cannot read the credentials of the bucket %q: %w", o.Name, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read the credentials of the bucket %q; say: chmod 600 %s", o.Name, o.Credentials)
	}
	creds := credentials.NewFileAWSCredentials(o.Credentials, "default")
	if v, err := creds.GetWithContext(nil); err != nil || v.AccessKeyID == "" || v.SecretAccessKey == "" {
		return nil, fmt.Errorf("the file %s has no aws_access_key_id and aws_secret_access_key in a section [default] (%v)", o.Credentials, err)
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: creds, Secure: u.Scheme == "https", Region: o.Region, Transport: o.Transport, MaxRetries: tries})
	if err != nil {
		return nil, fmt.Errorf("cannot use the bucket %q at %s: %w", o.Name, o.Endpoint, err)
	}
	b := &Bucket{o: o, core: minio.Core{Client: client}}
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	there, err := client.BucketExists(ctx, o.Name)
	if err == nil && !there {
		err = errors.New("there is no such bucket; make it first")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot use the bucket %q at %s: %w", o.Name, o.Endpoint, err)
	}
	return b, nil
}

// object is the name of content.
func (b *Bucket) object(d digest.Digest) string {
	return path.Join(b.o.Prefix, "blobs", d.Algorithm().String(), d.Encoded())
}

// Put sends content to the bucket; the same content there is replaced by itself.
// Errors are Unavailable, or StorageFull with CodeStorageFull.
func (b *Bucket) Put(ctx context.Context, d digest.Digest, from io.ReaderAt, size int64) error {
	// Whole on the way by TLS, or by signed pieces; trailing checksums are not understood everywhere.
	_, err := b.core.Client.PutObject(ctx, b.o.Name, b.object(d), io.NewSectionReader(from, 0, size), size,
		minio.PutObjectOptions{ContentType: "application/octet-stream"})
	return b.explain("keep", d, err)
}

// Open opens content of the size; the caller closes it. Reading from the front
// to the end costs one request. An error that errdefs.IsNotFound knows when it
// is not there, else Unavailable.
func (b *Bucket) Open(ctx context.Context, d digest.Digest, size int64) (content.ReaderAt, error) {
	r := &reader{ctx: ctx, bucket: b, digest: d, size: size}
	if err := r.seek(0); err != nil { // now, while the caller can still answer with an error
		return nil, err
	}
	return r, nil
}

// Fetch opens content to be read once, verified as of [Bucket.Open]: it
// implements containerd's remotes.Fetcher.
func (b *Bucket) Fetch(ctx context.Context, desc ocispec.Descriptor) (io.ReadCloser, error) {
	r, err := b.Open(ctx, desc.Digest, desc.Size)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, 0, r.Size()), r}, nil
}

// Delete removes content, and what broken off puts left of it. What is not there
// is no error.
func (b *Bucket) Delete(ctx context.Context, d digest.Digest) error {
	err := b.core.RemoveObject(ctx, b.o.Name, b.object(d), minio.RemoveObjectOptions{})
	if err == nil {
		err = b.core.RemoveIncompleteUpload(ctx, b.o.Name, b.object(d))
	}
	if code := minio.ToErrorResponse(err).Code; code == minio.NoSuchKey || code == "NoSuchUpload" {
		return nil
	}
	return b.explain("remove", d, err)
}

// full are the codes by which stores say that they have no space left.
var full = map[string]bool{"XMinioStorageFull": true, "QuotaExceeded": true, "InsufficientStorage": true, "XMinioAdminBucketQuotaExceeded": true}

// explain words an error of the bucket.
func (b *Bucket) explain(verb string, d digest.Digest, err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	err = fmt.Errorf("cannot %s %s in the bucket %q at %s: %w", verb, d, b.o.Name, b.o.Endpoint, err)
	switch {
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("%w: %v", errdefs.ErrNotFound, err)
	case full[answer.Code] || answer.StatusCode == http.StatusInsufficientStorage:
		return azure.Errorf(azure.StorageFull, azure.CodeStorageFull, "The bucket that keeps the registry's content has no space left. Delete images that are not needed, or raise the bucket's quota, then push again.").Because(err)
	}
	return azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The bucket that keeps the registry's content does not answer as it should. Try again; the operator finds the reason in the cloud's log.").Because(err)
}
