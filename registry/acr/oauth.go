package acr

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// Handler serves the endpoints of the package. Front gives audit,
// log and, required, the clock.
type Handler struct {
	Front   httpd.Front
	Guard   *access.Guard
	Content *repository.Store
	// OnEvent is told of every deletion. It must not block. May be nil.
	OnEvent func(ctx context.Context, e oci.Event)
	// UnpackState tells how far an image, HOST/REPOSITORY@DIGEST, is unpacked for
	// container groups; "" when nobody knows. May be nil.
	UnpackState func(ctx context.Context, image string) string
	// VerifyToken verifies a token of the directory for the audience of the
	// control plane or https://containerregistry.azure.net.
	VerifyToken func(ctx context.Context, token string) (authz.Principal, error)
}

// maxForm bounds the bodies of token requests, in bytes. Tokens of the
// directory are a few KiB.
const maxForm = 64 << 10

// tokenReply is the answer of the token endpoints. Azure sends only the first
// or only the second; the rest is what docker reads.
type tokenReply struct {
	AccessToken  string `json:"access_token,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Token        string `json:"token,omitempty"` // AccessToken again
	ExpiresIn    int    `json:"expires_in,omitempty"`
	IssuedAt     string `json:"issued_at,omitempty"`
}

// tokenRoute is a row of the token service. Its endpoints are public: they are
// where credentials are checked.
type tokenRoute struct {
	method, path string
	serve        func(h *Handler, r *httpd.Request, reg access.Registry) (tokenReply, error)
}

var tokenRoutes = []tokenRoute{
	{http.MethodPost, "/oauth2/exchange", (*Handler).exchange},
	{http.MethodPost, "/oauth2/token", (*Handler).postToken},
	{http.MethodGet, "/oauth2/token", (*Handler).getToken},
}

// ServeToken answers a request below /oauth2/.
func (h *Handler) ServeToken(w http.ResponseWriter, hr *http.Request, reg access.Registry) {
	f := h.Front
	f.MaxBody = maxForm
	f.Errors = func(w http.ResponseWriter, r *http.Request, err *azure.Error) {
		oci.WriteError(w, r, err, access.Access{})
	}
	f.Challenge = func(r *http.Request) string { return oci.Challenge(r, "", false) }
	oci.Headers(w.Header())
	f.Handle(w, hr, httpd.Public, nil, func(w http.ResponseWriter, r *httpd.Request) error {
		var known bool
		for _, rt := range tokenRoutes {
			if rt.path == strings.TrimSuffix(hr.URL.Path, "/") {
				known = true
				if rt.method == hr.Method {
					reply, err := rt.serve(h, r, reg)
					if err != nil {
						return err
					}
					w.Header().Set("Cache-Control", "no-store")
					return httpd.WriteValue(w, reply)
				}
			}
		}
		if known {
			return azure.Errorf(azure.Unsupported, azure.CodeOCIUnsupported, "The method %s is not supported at '%s'.", hr.Method, hr.URL.Path)
		}
		return noPath(hr.URL)
	})
}

func noPath(u *url.URL) error {
	return azure.Errorf(azure.NotFound, azure.CodeOCIUnsupported, "There is nothing at '%s'. The registry serves /v2/, /acr/v1/ and /oauth2/.", u.Path)
}

// form reads the body of a token request.
func form(r *httpd.Request) (url.Values, error) {
	if ct, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); ct != "application/x-www-form-urlencoded" {
		return nil, badForm("The Content-Type is '%s'. Send the parameters as application/x-www-form-urlencoded.", ct)
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badForm("The body is longer than %d bytes or ended early.", maxForm)
	}
	f, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, badForm("The body is not a URL-encoded form: %v.", err)
	}
	return f, nil
}

func badForm(format string, args ...any) error {
	return azure.Errorf(azure.Invalid, azure.CodeOCIUnsupported, format, args...)
}

// checkService refuses a request that means another registry. Clients send the
// service of the challenge, which may carry the port.
func checkService(reg access.Registry, service string) error {
	name, _, _ := strings.Cut(strings.ToLower(service), ":")
	own, _, _ := strings.Cut(reg.LoginServer, ":")
	if service != "" && name != own {
		return badForm("The service is '%s', but this is the registry '%s'.", service, reg.LoginServer)
	}
	return nil
}

// exchange gives a refresh token for a token of the directory.
func (h *Handler) exchange(r *httpd.Request, reg access.Registry) (tokenReply, error) {
	f, err := form(r)
	if err != nil {
		return tokenReply{}, err
	}
	if err := checkService(reg, f.Get("service")); err != nil {
		return tokenReply{}, err
	}
	switch f.Get("grant_type") {
	case "access_token", "access_token_refresh_token":
	default:
		return tokenReply{}, badForm("The grant_type '%s' is not supported here. Send access_token with a token of the directory.", f.Get("grant_type"))
	}
	if f.Get("access_token") == "" {
		return tokenReply{}, badForm("The parameter access_token is missing.")
	}
	p, err := h.VerifyToken(r.Context(), f.Get("access_token"))
	if err != nil {
		if e := azure.AsError(err); e.Kind == azure.Unauthenticated {
			return tokenReply{}, azure.Errorf(azure.Unauthenticated, azure.CodeOCIUnauthorized, "The access token was refused: %s", e.Message).Because(err)
		}
		return tokenReply{}, err
	}
	if t := f.Get("tenant"); t != "" && !strings.EqualFold(t, p.TenantID) && !strings.EqualFold(t, "common") && !strings.EqualFold(t, "adfs") {
		return tokenReply{}, azure.Errorf(azure.Unauthenticated, azure.CodeOCIUnauthorized, "The access token is of the tenant '%s', not '%s'.", p.TenantID, t)
	}
	r.Principal = p
	c := access.Exchanged(reg, p)
	if err := h.Guard.Entry(reg, c); err != nil {
		return tokenReply{}, err
	}
	token, err := h.Guard.MakeRefreshToken(reg, c)
	return tokenReply{RefreshToken: token}, err
}

// postToken gives an access token for a refresh token or a password.
func (h *Handler) postToken(r *httpd.Request, reg access.Registry) (tokenReply, error) {
	f, err := form(r)
	if err != nil {
		return tokenReply{}, err
	}
	if err := checkService(reg, f.Get("service")); err != nil {
		return tokenReply{}, err
	}
	var c access.Caller
	switch f.Get("grant_type") {
	case "refresh_token":
		c, err = h.Guard.RefreshToken(reg, f.Get("refresh_token"))
	case "password":
		c, err = h.Guard.Password(r.Context(), reg, f.Get("username"), f.Get("password"), r.RemoteAddr)
	default:
		err = badForm("The grant_type '%s' is not supported here. Send refresh_token or password.", f.Get("grant_type"))
	}
	if err != nil {
		return tokenReply{}, err
	}
	return h.grant(r, reg, c, f["scope"])
}

// getToken gives an access token for a Basic credential.
func (h *Handler) getToken(r *httpd.Request, reg access.Registry) (tokenReply, error) {
	q := r.URL.Query()
	if err := checkService(reg, q.Get("service")); err != nil {
		return tokenReply{}, err
	}
	if r.Header.Get("Authorization") == "" && reg.Anonymous {
		return h.grant(r, reg, access.Anonymous(reg), q["scope"])
	}
	c, err := h.Guard.Authenticate(r.Request, reg)
	if err != nil {
		return tokenReply{}, err
	}
	return h.grant(r, reg, c, q["scope"])
}

func (h *Handler) grant(r *httpd.Request, reg access.Registry, c access.Caller, scopes []string) (tokenReply, error) {
	r.Principal = c.Principal
	if len(strings.Join(scopes, "")) == 0 {
		if err := h.Guard.Entry(reg, c); err != nil {
			return tokenReply{}, err
		}
	}
	token, err := h.Guard.AccessToken(reg, c, h.Guard.Grant(reg, c, access.ParseScopes(scopes)))
	return tokenReply{AccessToken: token, Token: token, ExpiresIn: int(access.AccessLifetime.Seconds()), IssuedAt: h.Front.Now().UTC().Format("2006-01-02T15:04:05Z")}, err
}
