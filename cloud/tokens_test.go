package cloud_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// doors are one request to each plane that takes tokens, which its owner may
// make, and the resource that the plane's tokens are for.
func doors(c *cloudtest.Cloud) []struct{ plane, resource, target string } {
	return []struct{ plane, resource, target string }{
		{"management", c.Status.Endpoints["resourceManager"], c.Group("rg")},
		{"graph", c.Status.Endpoints["graph"], "graph/v1.0/me"},
		{"vault", c.VaultResource(), "matrixvault.vault/secrets/thing"},
	}
}

// refusal is how the plane words the refusal of a token: by its own code, or,
// in Key Vault's way, by the words behind one code for all.
func refusal(plane, code string) []string {
	if plane != "vault" {
		return []string{`"` + code + `"`, "!hush"}
	}
	return []string{`"Unauthorized"`, "The vault does not accept the token: The access token " + map[string]string{
		"InvalidAuthenticationToken":         "is invalid",
		"InvalidAuthenticationTokenAudience": "has been obtained for the wrong audience",
		"InvalidAuthenticationTokenTenant":   "is from the wrong issuer",
		"ExpiredAuthenticationToken":         "expired at",
	}[code], "!hush"}
}

// tampered gives the token with one claim changed, everything else as it was.
func tampered(t *testing.T, token, claim string, value any) string {
	t.Helper()
	parts := strings.Split(token, ".")
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	claims[claim] = value
	if data, err = json.Marshal(claims); err != nil {
		t.Fatal(err)
	}
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString(data) + "." + parts[2]
}

// unsigned gives the token with the algorithm "none" and no signature.
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
}

// flipped gives the token with the last bit of its signature's first byte changed.
func flipped(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	c := byte('A')
	if token[at] == c {
		c = 'B'
	}
	return token[:at] + string(c) + token[at+1:]
}

// A token opens only the plane it was made for, unchanged, in its time, in its
// tenant; everything else is told what was wrong and how to ask.
func TestTokensBind(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	for _, door := range doors(c) {
		t.Run(door.plane, func(t *testing.T) {
			good := owner.Token(door.resource)
			c.Bearer(good).Do("GET", door.target, "", 200)
			for _, other := range doors(c) {
				if other.plane != door.plane {
					c.Bearer(owner.Token(other.resource)).Do("GET", door.target, "", 401, append(refusal(door.plane, "InvalidAuthenticationTokenAudience"), door.resource)...)
				}
			}
			for name, bad := range map[string]string{
				"another principal": tampered(t, good, "oid", "00000000-0000-4000-8000-000000000001"),
				"another audience":  tampered(t, good, "aud", "https://elsewhere.example"),
				"more time":         tampered(t, good, "exp", time.Now().Add(1000*time.Hour).Unix()),
				"another tenant":    tampered(t, good, "tid", "00000000-0000-4000-8000-000000000002"),
				"signature":         flipped(good),
				"none":              unsigned(good),
				"cut":               good[:len(good)-10],
				"no JWT":            "secret",
			} {
				a := c.Bearer(bad).Send("GET", door.target, "")
				if a.Status != 401 || !strings.Contains(a.Body, refusal(door.plane, "InvalidAuthenticationToken")[0]) {
					t.Errorf("%s: %d %s", name, a.Status, a.Body)
				}
			}
			a := c.As("nobody").Send("GET", door.target, "")
			if a.Status != 401 || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("no challenge: %d %q", a.Status, a.Header.Get("WWW-Authenticate"))
			}
			if a := c.As("nobody").Send("GET", door.target, "", "Authorization", "Basic YTpi"); a.Status != 401 {
				t.Errorf("Basic: %d %s", a.Status, a.Body)
			}
		})
	}
}

// A registry takes its own tokens; those of the directory it exchanges, when
// they are for the control plane.
func TestRegistryTokensBind(t *testing.T) {
	c := matrixWorld(t)
	owner, nobody := c.As("owner"), c.As("nobody")
	for _, door := range doors(c) {
		token := owner.Token(door.resource)
		if a := nobody.Send("GET", "matrixregistry.azurecr/v2/", "", "Authorization", "Bearer "+token); a.Status != 401 || a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s token at the registry: %d %s", door.plane, a.Status, a.Body)
		}
		a := exchange(c, "matrixregistry", token)
		if (a.Status == 200) != (door.plane == "management") {
			t.Errorf("exchange of a %s token: %d %s", door.plane, a.Status, a.Body)
		}
	}
	foreign, err := c.ForeignToken(t.Context(), c.Status.Endpoints["resourceManager"])
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"tampered": tampered(t, owner.Token(c.Status.Endpoints["resourceManager"]), "oid", "00000000-0000-4000-8000-000000000001"),
		"unsigned": unsigned(owner.Token(c.Status.Endpoints["resourceManager"])),
		"foreign":  foreign,
	} {
		if a := exchange(c, "matrixregistry", bad); a.Status != 401 {
			t.Errorf("exchange of a token, %s: %d %s", name, a.Status, a.Body)
		}
	}
	// A token of one registry is nothing to another.
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/otherregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	var refresh struct {
		Token string `json:"refresh_token"`
	}
	exchange(c, "matrixregistry", owner.Token(c.Status.Endpoints["resourceManager"])).JSON(&refresh)
	nobody.Do("GET", "matrixregistry.azurecr/v2/", "", 401)
	for registry, want := range map[string]int{"matrixregistry": 200, "otherregistry": 401} {
		if a := nobody.Send("GET", registry+".azurecr/v2/", "", "Authorization", "Bearer "+refresh.Token); a.Status != want {
			t.Errorf("token of matrixregistry at %s: %d %s", registry, a.Status, a.Body)
		}
	}
}

// exchange asks a registry for a refresh token.
func exchange(c *cloudtest.Cloud, registry, token string) cloudtest.Answer {
	return c.As("nobody").Send("POST", registry+".azurecr/oauth2/exchange", "grant_type=access_token&service="+strings.TrimPrefix(c.Origin(registry+".azurecr"), "https://")+"&access_token="+token,
		"Content-Type", "application/x-www-form-urlencoded")
}

// After its hour a token is told to be expired, on each plane; what was made
// for the registry ends, too.
func TestTokensExpire(t *testing.T) {
	c := matrixWorld(t)
	owner := c.As("owner")
	stale := map[string]string{}
	for _, door := range doors(c) {
		stale[door.plane] = owner.Token(door.resource)
	}
	var refresh struct {
		Token string `json:"refresh_token"`
	}
	exchange(c, "matrixregistry", stale["management"]).JSON(&refresh)
	c.Clock.Advance(61 * time.Minute)
	for _, door := range doors(c) {
		c.Bearer(stale[door.plane]).Do("GET", door.target, "", 401, refusal(door.plane, "ExpiredAuthenticationToken")...)
		// Who changes its end is not told even that.
		c.Bearer(tampered(t, stale[door.plane], "exp", time.Now().Unix())).Do("GET", door.target, "", 401, refusal(door.plane, "InvalidAuthenticationToken")...)
		owner.Do("GET", door.target, "", 200)
	}
	if a := exchange(c, "matrixregistry", stale["management"]); a.Status != 401 || !strings.Contains(a.Body, "expired") {
		t.Errorf("exchange of an expired token: %d %s", a.Status, a.Body)
	}
	c.Clock.Advance(24 * time.Hour)
	if a := c.As("nobody").Send("GET", "matrixregistry.azurecr/v2/", "", "Authorization", "Bearer "+refresh.Token); a.Status != 401 {
		t.Errorf("expired registry token: %d %s", a.Status, a.Body)
	}
}

// A good token of another tenant opens nothing of this one.
func TestTokensOfAnotherTenantOpenNothing(t *testing.T) {
	c := matrixWorld(t)
	for _, door := range doors(c) {
		token, err := c.ForeignToken(t.Context(), door.resource)
		if err != nil {
			t.Fatal(err)
		}
		eve := c.Bearer(token)
		if door.plane == "graph" { // Azure: Graph serves each tenant its own
			eve.Do("GET", "graph/v1.0/users", "", 200, "eve@elsewhere.example", "!admin@lazuli.localhost")
			eve.Do("GET", "graph/v1.0/users/admin@lazuli.localhost", "", 404)
			eve.Do("POST", "graph/v1.0/applications", `{"displayName":"x"}`, 403)
			continue
		}
		eve.Do("GET", door.target, "", 401, append(refusal(door.plane, "InvalidAuthenticationTokenTenant"), c.Status.TenantID)...)
	}
}

// A principal that is disabled or gone is out at the next request, with the
// token it holds.
func TestPrincipalsThatAreGoneAreOut(t *testing.T) {
	c := matrixWorld(t)
	owner, reader := c.As("owner"), c.As("reader")
	reader.Do("GET", c.Group("rg"), "", 200)
	owner.Do("PATCH", "graph/v1.0/users/"+reader.ID, `{"accountEnabled":false}`, 204)
	reader.Do("GET", c.Group("rg"), "", 401, "InvalidAuthenticationToken")
	owner.Do("PATCH", "graph/v1.0/users/"+reader.ID, `{"accountEnabled":true}`, 204)
	reader.Do("GET", c.Group("rg"), "", 200)
	owner.Do("DELETE", "graph/v1.0/users/"+reader.ID, "", 204)
	reader.Do("GET", c.Group("rg"), "", 401, "InvalidAuthenticationToken")
}
