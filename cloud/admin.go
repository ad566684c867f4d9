package cloud

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// admin serves the operator of this machine on a unix socket (mode 0600): who
// may open it may also read the store and the keys, so nothing more is asked.
type admin struct {
	cloud *Cloud
	down  chan<- bool // true: stop the groups too
}

// handler is the admin socket's table. Every row is public: the socket's mode
// is the lock.
func (a *admin) handler() http.Handler {
	plane := &httpd.Plane[*admin]{Front: httpd.Front{Audit: a.cloud.audit.record, Log: a.cloud.log}, Service: a, Routes: []httpd.Route[*admin]{
		{Pattern: "GET /status", Action: httpd.Public, Serve: httpd.JSON((*admin).status)},
		{Pattern: "POST /down", Action: httpd.Public, Serve: httpd.JSON((*admin).stop)},
		{Pattern: "POST /signin", Action: httpd.Public, Serve: httpd.JSON((*admin).signIn)},
		{Pattern: "POST /token", Action: httpd.Public, Serve: httpd.JSON((*admin).token)},
		{Pattern: "GET /metrics", Action: httpd.Public, Serve: func(a *admin, w http.ResponseWriter, r *httpd.Request) error {
			a.cloud.metrics.handler().ServeHTTP(w, r.Request)
			return nil
		}},
	}}
	return plane.Handler()
}

func (a *admin) status(ctx context.Context, _ *httpd.Request, _ httpd.None) (client.Status, error) {
	return a.cloud.Status(ctx)
}

func (a *admin) stop(_ context.Context, _ *httpd.Request, in client.DownRequest) (httpd.None, error) {
	select {
	case a.down <- in.StopGroups:
	default: // stopping already
	}
	return httpd.None{}, nil
}

func (a *admin) signIn(context.Context, *httpd.Request, struct{}) (client.SignIn, error) {
	return a.cloud.SignIn(), nil
}

func (a *admin) token(ctx context.Context, _ *httpd.Request, in client.TokenRequest) (client.TokenResponse, error) {
	first := a.cloud.first
	t, err := a.cloud.tokens.Access(ctx, token.Grant{Audience: in.Resource, ClientID: azureCLI, Scopes: []string{"user_impersonation"},
		Subject: token.Subject{Type: authz.User, ObjectID: first.UserObjectID, TenantID: first.TenantID, Name: first.UPN, UPN: first.UPN}})
	return client.TokenResponse{AccessToken: t.Raw.Reveal()}, err
}

// azureCLI is the public client id of the Azure CLI.
const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// listenUnix opens the admin socket. A socket left by a killed process is
// replaced; the store's lock has made sure that no other process lives here.
func listenUnix(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
