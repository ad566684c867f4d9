package httpd

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Request is an authenticated request on its way to a handler.
type Request struct {
	*http.Request
	Principal authz.Principal  // zero on public routes
	ID        string           // x-ms-request-id
	Scope     azure.ResourceID // what the action was checked at; set by Plane.Resolve
}

// Hostname is the request's host name in lower case, without port.
func (r *Request) Hostname() string { return HostnameOf(r.Request) }

// HostnameOf is the host name of r in lower case, without port.
func HostnameOf(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// Label is the first label of the host name: the vault or registry name.
func (r *Request) Label() string {
	label, _, _ := strings.Cut(r.Hostname(), ".")
	return label
}

// None is the input of handlers that read no body, and the output of handlers
// that answer 204 without one.
type None struct{}

// Reply is an answer that needs a status or headers of its own. A Body of None
// sends no body.
type Reply[T any] struct {
	Status int // zero means 200
	Header http.Header
	Body   T
}

type replier interface {
	reply() (status int, header http.Header, body any)
}

func (r Reply[T]) reply() (int, http.Header, any) { return r.Status, r.Header, r.Body }

type requestIDKey struct{}

// requestContext is a request's context that knows the request's id.
type requestContext struct {
	context.Context
	id string
}

// Value implements [context.Context].
func (c *requestContext) Value(key any) any {
	if key == (requestIDKey{}) {
		return c.id
	}
	return c.Context.Value(key)
}

// RequestID gives the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
