package graph

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// Options of a [Service]. Directory, Graph, Authenticate and MayAdminister are
// required.
type Options struct {
	Directory *identity.Directory
	// Graph is scheme, host and port of this service, without a slash at the
	// end, for the links in answers.
	Graph string
	// Authenticate verifies the token of a request, of any tenant.
	Authenticate func(*http.Request) (authz.Principal, error)
	// MayAdminister reports whether p may change the directory of its tenant.
	MayAdminister func(p authz.Principal) bool
	Audit         func(httpd.Record) // nil means nobody
	Log           *slog.Logger       // nil means slog.Default
	Now           func() time.Time   // nil means time.Now
}

// Service is Microsoft Graph. It is safe for concurrent use.
type Service struct{ Options }

// New makes the service.
func New(o Options) (*Service, error) {
	if o.Directory == nil || o.Graph == "" || o.Authenticate == nil || o.MayAdminister == nil {
		return nil, errors.New("graph: Options need Directory, Graph, Authenticate and MayAdminister")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Graph = strings.TrimSuffix(o.Graph, "/")
	return &Service{o}, nil
}

// Plane is the table of routes. Serve it through [Service.Handler], which also
// folds the ways to write a path.
func (s *Service) Plane() *httpd.Plane[*Service] {
	return &httpd.Plane[*Service]{
		Front: httpd.Front{Authenticate: s.Authenticate, Audit: s.Audit, Log: s.Log, Now: s.Now,
			Challenge: func(*http.Request) string { return `Bearer realm="", resource="` + s.Graph + `"` }},
		Service: s, Routes: routes, Authorize: s.authorize,
	}
}

// Handler serves the host graph.D.
func (s *Service) Handler() http.Handler {
	plane := s.Plane().Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { plane.ServeHTTP(w, foldPath(r)) })
}

// keyForm matches /applications(appId='x') and /users('x').
var keyForm = regexp.MustCompile(`^(/v1\.0/[A-Za-z]+)\((?:(appId)=)?'([^'/]*)'\)`)

// byAppID marks the id of a path that was written (appId='x').
const byAppID = "appId="

// foldPath writes /beta as /v1.0 and OData's keys in parentheses as a segment.
func foldPath(r *http.Request) *http.Request {
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/beta/"); ok {
		path = "/v1.0/" + rest
	}
	if m := keyForm.FindStringSubmatch(path); m != nil {
		id := m[3]
		if m[2] != "" {
			id = byAppID + id
		}
		path = m[1] + "/" + id + path[len(m[0]):]
	}
	if path == r.URL.Path {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = path, ""
	c := *r
	c.URL = &u
	return &c
}

// The rights that [Service.authorize] decides on, in the words of Azure's
// directory roles.
var (
	mayCreateUsers = authz.Control("microsoft.directory/users/create")
	mayUpdateUsers = authz.Control("microsoft.directory/users/update")
	mayDeleteUsers = authz.Control("microsoft.directory/users/delete")
	mayCreateApps  = authz.Control("microsoft.directory/applications/create")
	mayUpdateApps  = authz.Control("microsoft.directory/applications/update")
	maySecretApps  = authz.Control("microsoft.directory/applications/credentials/update")
	mayCreateSPs   = authz.Control("microsoft.directory/servicePrincipals/create")
	mayUpdateSPs   = authz.Control("microsoft.directory/servicePrincipals/update")
	maySecretSPs   = authz.Control("microsoft.directory/servicePrincipals/credentials/update")

	mayCreateGroups = authz.Control("microsoft.directory/groups/create")
	mayUpdateGroups = authz.Control("microsoft.directory/groups/update")
)

// authorize lets administrators do everything, and owners and the application
// itself what the package comment says.
func (s *Service) authorize(r *httpd.Request, a authz.Action) error {
	p := r.Principal
	if s.MayAdminister(p) {
		return nil
	}
	var owners []string
	var appID string
	id := r.PathValue("id")
	switch a {
	case mayUpdateApps, maySecretApps:
		app, ok := s.findApplication(p.TenantID, id)
		if ok {
			owners, appID = app.Owners, app.AppID
		}
	case mayUpdateGroups:
		g, _ := s.Directory.Group(p.TenantID, id)
		owners = g.Owners
	case mayUpdateSPs, maySecretSPs:
		sp, ok := s.findServicePrincipal(p.TenantID, id)
		if ok {
			owners, appID = sp.Owners, sp.AppID
		}
	}
	for _, o := range owners {
		if o == p.ObjectID {
			return nil
		}
	}
	itself := p.Type == authz.ServicePrincipal && appID != "" && p.AppID == appID
	if itself && (a == maySecretApps || a == maySecretSPs) {
		return nil
	}
	return azure.Errorf(azure.Forbidden, azure.CodeDirectoryDenied,
		"Insufficient privileges to complete the operation: '%s' needs '%s'. Ask an Owner of the subscription, or an owner of the object.", p.Name, a.Name)
}

// findApplication finds by object id, or by byAppID and application id.
func (s *Service) findApplication(tenantID, id string) (identity.Application, bool) {
	if appID, ok := strings.CutPrefix(id, byAppID); ok {
		return s.Directory.ApplicationByAppID(tenantID, appID)
	}
	return s.Directory.Application(tenantID, id)
}

// findServicePrincipal finds by object id, or by byAppID and application id.
func (s *Service) findServicePrincipal(tenantID, id string) (identity.ServicePrincipal, bool) {
	if appID, ok := strings.CutPrefix(id, byAppID); ok {
		return s.Directory.ServicePrincipalByAppID(tenantID, appID)
	}
	return s.Directory.ServicePrincipal(tenantID, id)
}

func notFound(kind, id string) *azure.Error {
	return azure.Errorf(azure.NotFound, azure.CodeDirectoryNotFound, "No %s with the id '%s' was found in this tenant. List them to see the ids.", kind, strings.TrimPrefix(id, byAppID))
}

func badRequest(target, format string, args ...any) *azure.Error {
	return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, format, args...).At(target)
}
