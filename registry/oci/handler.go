package oci

import (
	"context"
	"net/http"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// Pushed says which manifest arrived.
type Pushed struct {
	Registry    string // the registry's name
	LoginServer string
	Repository  string
	Tag         string // empty for a push by digest
	Descriptor  ocispec.Descriptor
}

// Event is a change: a manifest that arrived, or one or a tag that was deleted.
// Of what was deleted, only the digest or only the tag may be known.
type Event struct {
	Pushed
	Deleted bool
	Request struct{ ID, Method, UserAgent string }
}

// NewEvent begins the event that the request makes in a repository.
func NewEvent(r *httpd.Request, reg access.Registry, repo string) Event {
	e := Event{Pushed: Pushed{Registry: reg.Name, LoginServer: reg.LoginServer, Repository: repo}}
	e.Request.ID, e.Request.Method, e.Request.UserAgent = r.ID, r.Method, r.UserAgent()
	return e
}

// Handler serves the protocol. Front gives audit, log and clock; the rest of it
// is the handler's.
type Handler struct {
	Front   httpd.Front
	Guard   *access.Guard
	Content *repository.Store
	// OnEvent is told of every change after it is made, before the client is. It
	// must not block. May be nil.
	OnEvent func(ctx context.Context, e Event)
}

// exchange is one request with everything that is known about it.
type exchange struct {
	w        http.ResponseWriter
	r        *httpd.Request
	registry access.Registry
	caller   access.Caller
	req      Request
	name     repository.Name
}

// Serve answers a request to the registry.
func (h *Handler) Serve(w http.ResponseWriter, hr *http.Request, reg access.Registry) {
	req, bad := Parse(hr.Method, hr.URL)
	rt, ok := routeOf(hr.Method, req.Noun)
	if bad == nil && !ok {
		w.Header().Set("Allow", allow(req.Noun))
		bad = azure.Errorf(azure.Unsupported, azure.CodeOCIUnsupported, "The method %s is not supported at '%s'.", hr.Method, hr.URL.Path)
	}
	if bad != nil {
		rt = route{action: httpd.AnyCaller}
	}
	gate := Gate{Front: h.Front, Guard: h.Guard, Registry: reg, Action: rt.action, Refuse: bad}
	if bad == nil {
		gate.Need, gate.Ask = rt.access(req)
	}
	gate.Handle(w, hr, func(w http.ResponseWriter, r *httpd.Request, c access.Caller) error {
		return rt.serve(h, &exchange{w, r, reg, c, req, repository.Name{Registry: reg.UID, Repository: req.Repository}})
	})
}

func (h *Handler) root(x *exchange) error {
	return httpd.WriteValue(x.w, struct{}{})
}
