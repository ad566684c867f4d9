package oauth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options of a [Service]. Directory, Tokens, Store and Login are required.
type Options struct {
	Directory *identity.Directory
	Tokens    *token.Authority
	Store     *store.Store
	// Login, Management and Graph are scheme, host and port of the services,
	// without a slash at the end.
	Login, Management, Graph string
	// KnownResource reports whether tokens may be issued for a resource beyond
	// Management, Graph and the tenant's applications. It is given the resource
	// as the client wrote it. nil means no other.
	KnownResource func(resource string) bool
	// Aliases are further names of resources, lower case: Microsoft's
	// application ids of services to our URLs.
	Aliases map[string]string
	// Clients are first-party clients beside those in firstParty.
	Clients []Client
	Audit   func(httpd.Record) // told of every sign-in; nil means nobody
	Log     *slog.Logger       // nil means slog.Default
	Now     func() time.Time   // nil means time.Now
	Random  io.Reader          // nil means crypto/rand
}

// Service is the token service. It is safe for concurrent use, also by several
// processes on one store.
type Service struct {
	Options
	codes    *store.Table[code]         // by the hash of the code
	devices  *store.Table[deviceGrant]  // by the hash of the device code
	families *store.Table[refreshGrant] // by family id
	forms    *http.CrossOriginProtection

	mu    sync.Mutex
	swept time.Time // when expired families were last removed
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.Directory == nil || o.Tokens == nil || o.Store == nil || o.Login == "" {
		return nil, errors.New("oauth: Options need Directory, Tokens, Store and Login")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	o.Login = strings.TrimSuffix(o.Login, "/")
	return &Service{
		Options: o,
		codes:   store.NewTable[code](o.Store, "identity/authorizationCodes"),
		devices: store.NewTable(o.Store, "identity/deviceCodes",
			store.Index[deviceGrant]{Name: "userCode", Keys: func(d deviceGrant) []string { return []string{d.UserCode} }}),
		families: store.NewTable[refreshGrant](o.Store, "identity/refreshTokens"),
		forms:    http.NewCrossOriginProtection(),
	}, nil
}

// Plane is the table of routes. Serve it through [Service.Handler], which also
// folds the path families.
func (s *Service) Plane() *httpd.Plane[*Service] {
	return &httpd.Plane[*Service]{
		Front:   httpd.Front{Errors: s.writeError, Audit: s.Audit, MaxBody: 64 << 10, Log: s.Log, Now: s.Now},
		Service: s,
		Routes:  routes,
	}
}

// Handler serves the host login.D.
func (s *Service) Handler() http.Handler {
	plane := s.Plane().Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = foldPath(r)
		if s.cors(w, r) {
			return
		}
		plane.ServeHTTP(w, r)
	})
}

// endpointWords are the path segments that follow a tenant.
var endpointWords = []string{"oauth2", ".well-known", "discovery", "v2.0", "userrealm"}

// foldPath turns /adfs/{tenant}/... into /{tenant}/.... In /adfs/... the word
// adfs stands where the tenant does already.
func foldPath(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.Path, "/adfs/")
	if !ok {
		return r
	}
	if next, _, more := strings.Cut(rest, "/"); !more || slices.Contains(endpointWords, next) {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = "/"+rest, ""
	c := *r
	c.URL = &u
	return &c
}

// cors lets programs in browsers use the service from the origins of their
// registered redirect URIs, and anybody read the public documents. It reports
// whether the request was a preflight, which is then answered.
func (s *Service) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || strings.EqualFold(origin, s.Login) {
		return false
	}
	public := strings.Contains(r.URL.Path, "/.well-known/") || strings.Contains(r.URL.Path, "/discovery/")
	if !public && !s.knownOrigin(origin) {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Allow-Origin", origin)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// knownOrigin reports whether a program in browsers is registered at origin.
func (s *Service) knownOrigin(origin string) bool {
	at := func(uri string) bool {
		u, err := url.Parse(uri)
		return err == nil && strings.EqualFold(u.Scheme+"://"+u.Host, origin)
	}
	for _, c := range s.Clients {
		if slices.ContainsFunc(c.RedirectURIs, at) {
			return true
		}
	}
	for _, t := range s.Directory.Tenants() {
		for _, a := range s.Directory.Applications(t.ID) {
			if slices.ContainsFunc(a.Redirects.SPA, at) {
				return true
			}
		}
	}
	return false
}

// tenant finds the tenant of the path. open is true for the words that mean the
// tenant of whoever signs in; then t is the first tenant. The error is Invalid
// with CodeSignInTenantNotFound.
func (s *Service) tenant(r *http.Request) (t identity.Tenant, open bool, err error) {
	name := r.PathValue("tenant")
	switch strings.ToLower(name) {
	case "adfs", "common", "organizations":
		t, ok := s.Directory.Tenant(s.Directory.TenantID())
		if !ok {
			return t, false, azure.Errorf(azure.Unavailable, azure.CodeServiceUnavailable, "The cloud has no tenant yet. Try again when it has started.")
		}
		return t, true, nil
	}
	if t, ok := s.Directory.Tenant(name); ok {
		return t, false, nil
	}
	return t, false, azure.Errorf(azure.Invalid, azure.CodeSignInTenantNotFound,
		"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", name)
}

// random makes a token of n random bytes.
func (s *Service) random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return "", fmt.Errorf("make a random token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}
