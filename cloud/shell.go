package cloud

import (
	"context"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/console"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/identity/oauth"
	"github.com/lazuli-cloud/lazuli/identity/token"
)

// openConsoles opens Cloud Shell.
func (c *Cloud) openConsoles(_ context.Context, e arm.Endpoints) (err error) {
	var servers pod.DNS
	if c.groupDNS.IsValid() {
		servers.Nameservers = []netip.Addr{c.groupDNS.Addr()}
	}
	images := &shellImage{cloud: c}
	c.rooms.consoles, err = console.New(console.Options{Store: c.store, Runtime: c.machine.Runtime, Image: images.Image, Token: c.userToken,
		User: func(tenantID, objectID string) (string, bool) {
			u, ok := c.directory.User(tenantID, objectID)
			return u.UPN, ok && c.directory.Live(tenantID, objectID)
		},
		Exists: func(objectID string) bool {
			kind, _, ok := c.directory.PrincipalType(objectID)
			return ok && kind == authz.User
		},
		Route: c.route, Variables: c.shellVariables(e), CABundle: c.config.CABundle(), URL: c.config.URL("sessions"), Origin: e.Portal,
		Dir: filepath.Join(c.config.Data, "consoles"), Idle: time.Duration(c.config.CloudShellIdle), DNS: servers, Front: c.front(e.ResourceManager)})
	return err
}

// shellVariables lead az, terraform and the SDKs to the cloud.
func (c *Cloud) shellVariables(e arm.Endpoints) []pod.EnvVar {
	return []pod.EnvVar{
		{Name: "ARM_CLOUD_METADATA_URL", Value: e.ResourceManager + "/metadata/endpoints?api-version=2019-05-01"},
		{Name: "ARM_METADATA_HOSTNAME", Value: strings.TrimPrefix(e.ResourceManager, "https://")},
		{Name: "ARM_TENANT_ID", Value: c.first.TenantID}, {Name: "ARM_SUBSCRIPTION_ID", Value: c.first.SubscriptionID},
		{Name: "ARM_RESOURCE_PROVIDER_REGISTRATIONS", Value: "none"}, {Name: "ARM_USE_MSI", Value: "true"},
		{Name: "AZURE_AUTHORITY_HOST", Value: e.Login + "/"}, {Name: "AZURE_TENANT_ID", Value: c.first.TenantID},
		{Name: "AZURE_CORE_COLLECT_TELEMETRY", Value: "false"}, {Name: "AZURE_CORE_SURVEY_MESSAGE", Value: "false"},
		{Name: "LAZULI_DOMAIN", Value: c.config.Domain},
	}
}

// userToken issues a token of a user who showed one that ends at p.Expires: for
// another resource, ending no later. It refuses who has been disabled, and tokens
// from before the user's sessions were ended (a new password, sign-out everywhere).
func (c *Cloud) userToken(ctx context.Context, p authz.Principal, resource string) (azure.Secret, time.Time, error) {
	u, ok := c.directory.User(p.TenantID, p.ObjectID)
	if !ok || !c.directory.Live(p.TenantID, p.ObjectID) || u.SessionsFrom.Truncate(time.Second).After(p.Expires.Add(-c.tokens.Lifetime)) {
		return azure.Secret{}, time.Time{}, azure.Errorf(azure.Unauthenticated, azure.CodeInvalidAuthenticationToken, "The sign-in of '%s' has ended. Sign in again.", p.Name)
	}
	audience, err := c.rooms.oauth.Audience(p.TenantID, resource)
	if err != nil {
		return azure.Secret{}, time.Time{}, err
	}
	t, err := c.tokens.Access(ctx, token.Grant{ClientID: oauth.ClientAzureCLI, Audience: audience, Scopes: []string{"user_impersonation"}, Until: p.Expires,
		Subject: token.Subject{TenantID: p.TenantID, ObjectID: p.ObjectID, Type: authz.User, Name: u.DisplayName, UPN: u.UPN}})
	return t.Raw, t.Expires, err
}

// sessions serves the host of web sockets: consoles, and exec and attach of
// container groups, whose addresses are secrets.
func (c *Cloud) sessions(pages func(http.Handler) http.Handler) http.Handler {
	consoles, groups := pages(c.rooms.consoles.Handler()), c.rooms.containers.Sessions()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/consoles/") {
			consoles.ServeHTTP(w, r)
			return
		}
		groups.ServeHTTP(w, r)
	})
}
