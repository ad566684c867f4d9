package containerd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"

	"github.com/lazuli-cloud/lazuli/container/pod"
)

// defaultTransport gives up on registries that do not answer.
func defaultTransport() http.RoundTripper {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 60 * time.Second,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConnsPerHost:   8,
		ForceAttemptHTTP2:     true,
	}
}

// resolver speaks to one registry as one user. Credentials are only ever
// given to the registry they are for.
func (r *Runtime) resolver(seen *witness, registry string, creds *pod.Credentials) remotes.Resolver {
	plain := r.opts.PlainHTTP
	if plain == nil {
		plain = docker.MatchLocalhost
	}
	own := registry
	if registry == "docker.io" {
		own = "registry-1.docker.io"
	}
	httpClient := &http.Client{Transport: seen}
	authorizer := docker.NewDockerAuthorizer(docker.WithAuthClient(httpClient),
		docker.WithAuthCreds(func(host string) (string, string, error) {
			if creds == nil || host != own {
				return "", "", nil
			}
			return creds.Username, creds.Password.Reveal(), nil
		}))
	return docker.NewResolver(docker.ResolverOptions{Hosts: docker.ConfigureDefaultRegistries(
		docker.WithClient(httpClient), docker.WithAuthorizer(authorizer), docker.WithPlainHTTP(plain))})
}

// witness watches a pull's requests, to tell afterwards which part of it was
// wrong: the error that comes out in the end does not.
type witness struct {
	next http.RoundTripper

	mu     sync.Mutex
	reason pod.ImageReason // of the last answer; empty when it was good
	detail string          // the registry's own words
}

// RoundTrip implements [http.RoundTripper].
func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		if req.Context().Err() == nil {
			w.note(pod.ImageUnreachable, "")
		}
		return resp, err
	}
	switch code := resp.StatusCode; {
	case code < 400:
		w.note("", "")
	case code == http.StatusUnauthorized:
		challenge := resp.Header.Get("WWW-Authenticate")
		if strings.HasPrefix(req.Header.Get("Authorization"), "Bearer ") && strings.Contains(challenge, "insufficient_scope") {
			w.note(pod.ImageForbidden, "the token does not grant the right to pull")
		} else {
			w.note(pod.ImageUnauthorized, "")
		}
	case code == http.StatusForbidden:
		w.note(pod.ImageForbidden, "")
	case code == http.StatusTooManyRequests:
		w.note(pod.ImageThrottled, "")
	case code == http.StatusNotFound && strings.Contains(req.URL.Path, "/manifests/"):
		w.note(w.missing(req))
	case code == http.StatusNotFound:
		// After a missing manifest the same digest is looked for as a blob: the
		// first answer is the one that counts.
	default:
		w.note(pod.ImageRegistryFailure, resp.Status)
	}
	return resp, nil
}

func (w *witness) note(reason pod.ImageReason, detail string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reason, w.detail = reason, detail
}

// missing asks again for a manifest that HEAD did not find: only GET says
// whether the name or the tag is unknown.
func (w *witness) missing(req *http.Request) (pod.ImageReason, string) {
	again := req.Clone(req.Context())
	again.Method, again.Body = http.MethodGet, nil
	resp, err := w.next.RoundTrip(again)
	if err != nil {
		return pod.ImageUnknownTag, ""
	}
	defer resp.Body.Close()
	var answer struct {
		Errors []struct{ Code, Message string }
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&answer); err != nil || len(answer.Errors) == 0 {
		return pod.ImageUnknownTag, ""
	}
	if answer.Errors[0].Code == "NAME_UNKNOWN" {
		return pod.ImageUnknownName, answer.Errors[0].Message
	}
	return pod.ImageUnknownTag, answer.Errors[0].Message
}

// explain completes the error of a pull that failed.
func (w *witness) explain(ctx context.Context, fail *pod.ImageError, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var already *pod.ImageError
	if errors.As(err, &already) {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	fail.Reason, fail.Err = w.reason, err
	if w.detail != "" {
		fail.Err = fmt.Errorf("%w (%s)", err, w.detail)
	}
	if fail.Reason != "" {
		return fail
	}
	switch text := err.Error(); {
	case strings.Contains(text, noPlatform):
		fail.Reason = pod.ImageWrongPlatform
	case errdefs.IsFailedPrecondition(err), errdefs.IsNotImplemented(err), strings.Contains(text, "digest"),
		strings.Contains(text, "unpack"), strings.Contains(text, "unmarshal"):
		fail.Reason = pod.ImageBroken
	default:
		fail.Reason = pod.ImageRegistryFailure
	}
	return fail
}
