package oci

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// Gate lets one request to a registry in: authentication, then authorization,
// then the handler; refusals in OCI's dialect with the challenge clients expect.
type Gate struct {
	Front    httpd.Front // audit, log and clock
	Guard    *access.Guard
	Registry access.Registry
	Action   authz.Action    // of the row, for the audit log
	Need     access.Access   // one of its actions; none means any valid credential
	Ask      []access.Access // what the challenge names
	Refuse   error           // what a known caller is told instead of being served; may be nil
}

// Handle runs the request through the gate.
func (g Gate) Handle(w http.ResponseWriter, hr *http.Request, serve func(http.ResponseWriter, *httpd.Request, access.Caller) error) {
	var caller access.Caller
	var lacking bool
	f := g.Front
	f.MaxBody = -1 // handlers stream, or bound themselves
	f.Authenticate = func(r *http.Request) (p authz.Principal, err error) {
		caller, err = g.Guard.Authenticate(r, g.Registry)
		return caller.Principal, err
	}
	f.Errors = func(w http.ResponseWriter, r *http.Request, err *azure.Error) { WriteError(w, r, err, g.Need) }
	f.Challenge = func(r *http.Request) string {
		scopes := make([]string, len(g.Ask))
		for i, a := range g.Ask {
			scopes[i] = a.String()
		}
		return Challenge(r, strings.Join(scopes, " "), lacking)
	}
	authorize := func(*httpd.Request) error {
		if g.Refuse != nil {
			return g.Refuse
		}
		err := g.Guard.Authorize(g.Registry, caller, g.Need)
		lacking = access.NeedsScope(err)
		return err
	}
	Headers(w.Header())
	f.Handle(w, hr, g.Action, authorize, func(w http.ResponseWriter, r *httpd.Request) error { return serve(w, r, caller) })
}

// always are headers of every answer. Their values are shared by all answers:
// they may be replaced, not changed in place.
var always = [2][]string{{"registry/2.0"}, {"Docker-Content-Digest, WWW-Authenticate, Link, X-Ms-Correlation-Request-Id"}}

// Headers sets what every answer of a registry has.
func Headers(h http.Header) {
	h["Docker-Distribution-Api-Version"], h["Access-Control-Expose-Headers"] = always[0], always[1]
}
