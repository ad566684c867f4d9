package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// PushOptions say how the registry is reached.
type PushOptions struct {
	// Username and Password are offered when the registry asks. Both empty means anonymous. For a refresh token of
	// `az acr login --expose-token` the user name is 00000000-0000-0000-0000-000000000000.
	Username, Password string
	// Transport carries the requests: the place for a proxy and a private root certificate. Nil means http.DefaultTransport.
	Transport http.RoundTripper
	// PlainHTTP allows a registry without TLS. Credentials then travel in the clear.
	PlainHTTP bool
	// Progress is called as bytes are sent or found present, from one goroutine, with total growing at most at the start.
	// Nil means no calls.
	Progress func(done, total int64)
}

// Push sends img to ref, such as "myregistry.azurecr.lazuli.localhost/aci-helloworld:v1", and returns the digest it has
// there. Without a tag "latest" is meant. Refusals by the registry are *transport.Error of go-containerregistry in the
// chain. A push that ctx ends leaves blobs behind, never a tag.
func Push(ctx context.Context, ref string, img *Image, o PushOptions) (string, error) {
	target, err := ParseReference(ref)
	if err != nil {
		return "", err
	}
	digest, err := img.Digest()
	if err != nil {
		return "", err
	}
	auth := authn.Anonymous
	if o.Username != "" || o.Password != "" {
		auth = authn.FromConfig(authn.AuthConfig{Username: o.Username, Password: o.Password})
	}
	carrier := o.Transport
	if carrier == nil {
		carrier = http.DefaultTransport
	}
	if !o.PlainHTTP {
		carrier = httpsOnly{carrier}
	}
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithAuth(auth), remote.WithTransport(carrier), remote.WithUserAgent("lazuli-push"),
	}
	err = withProgress(o.Progress, func(more ...remote.Option) error {
		options := append(options, more...)
		if img.index != nil {
			return remote.WriteIndex(target, img.index, options...)
		}
		return remote.Write(target, img.image, options...)
	})
	if err != nil {
		return "", explain(err, target, o)
	}
	return digest, nil
}

// ParseReference checks REF: a registry's host name, a repository in lower case and a tag or nothing. Digests are refused,
// since the image decides its own.
func ParseReference(ref string) (name.Tag, error) {
	tag, err := name.NewTag(ref, name.WithDefaultRegistry(""))
	if err != nil {
		return name.Tag{}, fmt.Errorf("cannot understand the reference %q: %w", ref, err)
	}
	if tag.RegistryStr() == "" {
		return name.Tag{}, fmt.Errorf("the reference %q names no registry; write HOST/REPOSITORY:TAG, with the registry's login server as HOST", ref)
	}
	return tag, nil
}

// withProgress runs push, passing its progress to report, and returns when both are done.
func withProgress(report func(done, total int64), push func(...remote.Option) error) error {
	if report == nil {
		return push()
	}
	updates := make(chan v1.Update, 64)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for u := range updates {
			if u.Error == nil {
				report(u.Complete, u.Total)
			}
		}
	}()
	err := push(remote.WithProgress(updates)) // closes updates
	<-finished
	return err
}

// explain says in the push's own words why the registry refused.
func explain(err error, target name.Tag, o PushOptions) error {
	var refused *transport.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("cannot push to %s: %w", target, err)
	}
	who := "anonymous"
	if o.Username != "" {
		who = fmt.Sprintf("%q", o.Username)
	}
	switch refused.StatusCode {
	case http.StatusUnauthorized:
		return fmt.Errorf("cannot push to %s: the registry does not accept the credentials of %s: %w", target, who, err)
	case http.StatusForbidden:
		return fmt.Errorf("cannot push to %s: %s may not push there (role AcrPush is needed): %w", target, who, err)
	case http.StatusNotFound:
		return fmt.Errorf("cannot push to %s: %s is not a registry: %w", target, target.RegistryStr(), err)
	}
	return fmt.Errorf("cannot push to %s: %w", target, err)
}

// httpsOnly sends every request over TLS, whatever scheme the library chose for the registry's name.
type httpsOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t httpsOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "http" {
		r = r.Clone(r.Context())
		r.URL.Scheme = "https"
	}
	return t.next.RoundTrip(r)
}
