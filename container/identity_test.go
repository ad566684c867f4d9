package container_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// asks is a program that fetches from its group's token endpoint what tests ask
// for by exec: "token QUERY", with the right header or, after "-", a wrong one.
func asks(p fake.Process) int {
	if len(p.Args) < 2 || p.Args[0] != "token" {
		return fake.Serve(p)
	}
	endpoint := p.Getenv("IDENTITY_ENDPOINT")
	r, err := http.NewRequest("GET", endpoint+"?api-version=2019-08-01"+p.Args[1], nil)
	if err != nil || endpoint == "" {
		fmt.Fprint(p.Stdout, "no endpoint")
		return 1
	}
	r.Header.Set("X-IDENTITY-HEADER", p.Getenv("IDENTITY_HEADER"))
	if len(p.Args) > 2 {
		r.Header.Set("X-IDENTITY-HEADER", "wrong")
	}
	conn, err := p.Dial(42356)
	if err != nil {
		fmt.Fprint(p.Stdout, err)
		return 1
	}
	defer conn.Close()
	go func() { _ = r.Write(conn) }()
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	buf := make([]byte, 4096)
	n, _ := conn.Read(buf)
	fmt.Fprint(p.Stdout, string(buf[:n]))
	return 0
}

func (w *world) token(query string, more ...string) string {
	w.t.Helper()
	var out strings.Builder
	_, err := w.runtime.Exec(w.t.Context(), w.sandbox(), "app", pod.ExecSpec{Command: append([]string{"token", query}, more...), Stdout: io.Writer(&out)})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

func withIdentity(identity string) string {
	return strings.Replace(body("app", "", ""), `{"location"`, `{"identity":`+identity+`,"location"`, 1)
}

const both = `{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"` + userIdentity + `":{}}}`

func TestManagedIdentities(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"app": asks}})
	w.up("g", withIdentity(both))
	shown := w.must("GET", groupPath("g"), "", 200).body
	for _, want := range []string{`"type":"SystemAssigned, UserAssigned"`, `"principalId":"system-of-g"`, `"tenantId":"` + tenant, `"clientId":"client-of-user"`} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %s in %s", want, shown)
		}
	}
	check := func(when string) {
		t.Helper()
		for query, want := range map[string]string{
			"&resource=https://x.test":                              `"access_token":"token system-of-g https://x.test","expires_on":"2000000000"`,
			"&resource=https://x.test&client_id=client-of-user":     `"token user https://x.test"`,
			"&resource=https://x.test&principal_id=user":            `"token user https://x.test"`,
			"&resource=https://x.test&mi_res_id=" + userIdentity:    `"token user https://x.test"`,
			"&resource=https://x.test&client_id=client-of-somebody": "no such managed identity",
			"&resource=x": "No such resource",
			"":            "'resource' is missing",
		} {
			if got := w.token(query); !strings.Contains(got, want) {
				t.Errorf("%s: %s: %s", when, query, got)
			}
		}
		if got := w.token("&resource=https://x.test", "-"); !strings.Contains(got, "401") || strings.Contains(got, "access_token") {
			t.Errorf("%s: with a wrong header: %s", when, got)
		}
	}
	check("made")
	w.reopen()
	w.eventually("the endpoint is back", func() bool { return strings.Contains(w.token("&resource=https://x.test"), "access_token") })
	check("after a restart of the daemon")
	w.must("POST", groupPath("g")+"/restart", "", 204)
	check("after a restart of the group")
	if c, err := net.DialTimeout("tcp", "127.0.0.1:42356", time.Second); err == nil {
		c.Close()
		t.Error("the endpoint is open on this machine")
	}
	if w.identities.count() != 1 {
		t.Error("not one system-assigned identity")
	}
	w.up("g", body("app", "", "")) // without
	if got := w.token("&resource=https://x.test"); got != "no endpoint" || w.identities.count() != 0 {
		t.Errorf("%s", got)
	}
	w.up("g", withIdentity(`{"type":"SystemAssigned"}`))
	w.must("DELETE", groupPath("g"), "", 200)
	if w.identities.count() != 0 {
		t.Error("the identity outlives the group")
	}
	a := w.do("PUT", groupPath("h"), withIdentity(`{"type":"UserAssigned","userAssignedIdentities":{"`+userIdentity+`x":{}}}`))
	if a.status != 403 || !strings.Contains(a.body, "LinkedAuthorizationFailed") {
		t.Errorf("%+v", a)
	}
}

func TestPullByIdentity(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.up("g", strings.Replace(withIdentity(both), `"properties":{"containers"`, `"properties":{"imageRegistryCredentials":[{"server":"r.azurecr.test","identity":"`+strings.ToUpper(userIdentity)+`"}],"containers"`, 1))
	if asked := w.images.asked[0]; asked.Identity != nil || asked.Credentials != nil {
		t.Errorf("an identity for another registry was used: %+v", asked)
	}
	w.up("g", strings.Replace(strings.Replace(withIdentity(both), `"image":"app"`, `"image":"r.azurecr.test/app"`, 1), `"properties":{"containers"`, `"properties":{"imageRegistryCredentials":[{"server":"r.azurecr.test","identity":"`+userIdentity+`"}],"containers"`, 1))
	if asked := w.images.asked[len(w.images.asked)-1]; asked.Identity == nil || asked.Identity.PrincipalID != "user" || asked.Credentials != nil {
		t.Errorf("%+v", asked)
	}
	if shown := w.must("GET", groupPath("g"), "", 200).body; !strings.Contains(shown, `"server":"r.azurecr.test","identity":"`) {
		t.Error(shown)
	}
}
