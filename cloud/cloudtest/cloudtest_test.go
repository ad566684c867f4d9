package cloudtest_test

import (
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// What the other tests build on: principals of the cloud's own making, roles
// that bind at the next request, a clock that ends tokens, a restart.
func TestPrincipalsClockAndRestart(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	c.As("nobody").Do("GET", c.Group("rg"), "", 401, "AuthenticationFailed")
	c.As("stranger").Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 403, "AuthorizationFailed")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201, `"provisioningState":"Succeeded"`)
	c.As("reader").Do("GET", c.Group("rg"), "", 200, `"name":"rg"`)
	c.As("reader").Do("DELETE", c.Group("rg"), "", 403)

	helper := c.As("helper", cloudtest.Grant{Role: authz.RoleContributor, Scope: c.Group("rg")})
	helper.Do("PATCH", c.Group("rg"), `{"tags":{"a":"b"}}`, 200, `"a":"b"`)
	helper.Do("PUT", c.Group("other"), `{"location":"eastus"}`, 403)
	helper.Do("GET", "graph/v1.0/me", "", 200, "helper@lazuli.localhost")

	stale := c.Bearer(owner.Token(c.Status.Endpoints["resourceManager"]))
	stale.Do("GET", "/subscriptions", "", 200)
	c.Clock.Advance(2 * time.Hour)
	stale.Do("GET", "/subscriptions", "", 401, "ExpiredAuthenticationToken")
	owner.Do("GET", "/subscriptions", "", 200, c.Status.SubscriptionID)

	c.Restart()
	owner.Do("GET", c.Group("rg"), "", 200, `"a":"b"`)
	helper.Do("GET", c.Group("rg"), "", 200)
}
