package cloud_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
	"github.com/lazuli-cloud/lazuli/identity/oauth"
)

// TestOnlyThePortalsPagesReachTheServices sends what browsers send: the page's origin, and a preflight before each call with a token.
func TestOnlyThePortalsPagesReachTheServices(t *testing.T) {
	c := cloudtest.New(t)
	nobody := c.As("nobody")
	own := c.Origin("portal")
	for _, host := range []string{"management", "graph", "v.vault", "r.azurecr", "login"} {
		target := host + map[bool]string{true: "/common/oauth2/v2.0/token", false: "/any"}[host == "login"]
		ask := []string{"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type"}
		a := nobody.Send(http.MethodOptions, target, "", append(ask, "Origin", own)...)
		if a.Status != http.StatusNoContent || a.Header.Get("Access-Control-Allow-Origin") != own || !strings.Contains(strings.ToLower(a.Header.Get("Access-Control-Allow-Headers")), "content-type") {
			t.Errorf("%s: a preflight of the portal: %d %v", host, a.Status, a.Header)
		}
		for _, other := range []string{"https://evil.example", own + ".evil.example", "null", strings.Replace(own, "https:", "http:", 1)} {
			a := nobody.Send(http.MethodOptions, target, "", append(ask, "Origin", other)...)
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s: a preflight of %s is answered with %q", host, other, got)
			}
		}
	}
	a := c.As("reader").Send(http.MethodGet, "/subscriptions", "", "Origin", own)
	if a.Status != 200 || a.Header.Get("Access-Control-Allow-Origin") != own || a.Header.Get("Access-Control-Allow-Credentials") != "" ||
		!strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "Azure-AsyncOperation") {
		t.Errorf("a call of the portal: %d %v", a.Status, a.Header)
	}
}

// TestThePortalSignsInAtItsOwnAddressOnly asks for codes as the portal does, and as somebody who would like to get them.
func TestThePortalSignsInAtItsOwnAddressOnly(t *testing.T) {
	c := cloudtest.New(t)
	ask := func(redirect string) cloudtest.Answer {
		q := url.Values{"client_id": {oauth.ClientPortal}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {c.Origin("management") + "/.default openid offline_access"},
			"code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"}}
		return c.As("nobody").Send(http.MethodGet, "login/organizations/oauth2/v2.0/authorize?"+q.Encode(), "")
	}
	if a := ask(c.Origin("portal") + "/signed-in"); a.Status != 200 || !strings.Contains(a.Body, "Lazuli portal") {
		t.Errorf("the portal: %d %s", a.Status, a.Body)
	}
	for _, redirect := range []string{c.Origin("portal") + "/elsewhere", "https://evil.example/signed-in", "http://localhost:1234"} {
		if a := ask(redirect); a.Status != 400 || !strings.Contains(a.Body, "redirect") {
			t.Errorf("to %s: %d %s", redirect, a.Status, a.Body)
		}
	}
}

// TestLabelsAreTakenAndFree asks whether a DNS label is free, before and after a group has it.
func TestLabelsAreTakenAndFree(t *testing.T) {
	c := cloudtest.New(t)
	owner := c.As("owner")
	check := func(label string, status int, texts ...string) {
		t.Helper()
		owner.Do("GET", "/subscriptions/"+c.Status.SubscriptionID+"/providers/Microsoft.Network/locations/eastus/CheckDnsNameAvailability?domainNameLabel="+label, "", status, texts...)
	}
	check("mylabel", 200, `"available":true`)
	check("no", 400, "between 5 and 63")
	check("Upper1", 400, "lowercase")
	owner.Do("PUT", c.Group("g"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("g")+"/providers/Microsoft.ContainerInstance/containerGroups/one", `{"location":"eastus","properties":{"osType":"Linux","containers":[{"name":"one","properties":{
		"image":"docker.io/library/hello","ports":[{"port":80}],"resources":{"requests":{"cpu":1,"memoryInGB":1}}}}],"ipAddress":{"type":"Public","dnsNameLabel":"mylabel","ports":[{"port":80}]}}}`, 201)
	check("mylabel", 200, `"available":false`)
	c.As("stranger").Do("GET", "/subscriptions/"+c.Status.SubscriptionID+"/providers/Microsoft.Network/locations/eastus/CheckDnsNameAvailability?domainNameLabel=mylabel", "", 403)
}
