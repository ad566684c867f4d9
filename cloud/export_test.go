package cloud

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/token"
)

// ForeignToken makes a second tenant with one user, and a good token of that
// user: no endpoint makes tenants yet.
func (c *Cloud) ForeignToken(ctx context.Context, audience string) (string, error) {
	tenant, ok := c.directory.Tenant("elsewhere.example")
	if !ok {
		var err error
		if tenant, err = c.directory.CreateTenant(ctx, "Elsewhere", "elsewhere.example"); err != nil {
			return "", err
		}
	}
	user, ok := c.directory.UserByUPN("eve@elsewhere.example")
	if !ok {
		var err error
		user = identity.User{TenantID: tenant.ID, UPN: "eve@elsewhere.example", DisplayName: "Eve"}
		if user, err = c.directory.CreateUser(ctx, user, azure.NewSecret("Correct-Horse-9")); err != nil {
			return "", err
		}
	}
	t, err := c.tokens.Access(ctx, token.Grant{Audience: audience, ClientID: azureCLI,
		Subject: token.Subject{Type: authz.User, ObjectID: user.ID, TenantID: tenant.ID, UPN: user.UPN, Name: user.UPN}})
	return t.Raw.Reveal(), err
}

// WriteMetrics writes what /metrics of the admin socket answers.
func (c *Cloud) WriteMetrics(w io.Writer) {
	rec := httptest.NewRecorder()
	c.metrics.handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	_, _ = io.Copy(w, rec.Body)
}
