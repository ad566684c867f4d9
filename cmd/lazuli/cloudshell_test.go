package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/client"
)

// person is a user of the cloud with a token of their own.
type person struct {
	p         *process
	id, token string
}

// person makes a user and signs them in.
func (p *process) person(name string) *person {
	p.t.Helper()
	const password = "Correct-Horse-9"
	upn := name + "@" + p.status.Domain
	var made struct{ ID string }
	unmarshal(p.t, p.do("POST", "graph", "/v1.0/users", fmt.Sprintf(`{"displayName":%q,"userPrincipalName":%q,"accountEnabled":true,"passwordProfile":{"password":%q}}`, name, upn, password)), &made)
	at := client.Authority{HTTP: p.http, URL: p.status.Endpoints["login"], Tenant: p.status.TenantID, ClientID: "04b07795-8ddb-461a-bbee-02f9e1bf7b46"}
	got, err := at.ByPassword(p.t.Context(), upn, password, p.status.Endpoints["resourceManager"]+"/.default")
	if err != nil {
		p.t.Fatal(err)
	}
	return &person{p, made.ID, got.AccessToken}
}

// The roles that the test gives.
const (
	roleReader      = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	roleAcrPull     = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
	roleSecretsUser = "4633458b-17de-408a-b874-0445c86b69e6"
)

// assign gives a role at a scope and returns the assignment's id.
func (p *process) assign(principal, role, scope string) string {
	p.t.Helper()
	id := scope + "/providers/Microsoft.Authorization/roleAssignments/" + uuid.NewString()
	p.do("PUT", "management", id, fmt.Sprintf(`{"properties":{"roleDefinitionId":"/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/%s","principalId":%q}}`, p.status.SubscriptionID, role, principal))
	return id
}

// send sends a request as the person.
func (u *person) send(method, url, body string) (int, string) {
	u.p.t.Helper()
	r, err := http.NewRequestWithContext(u.p.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		u.p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+u.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := u.p.http.Do(r)
	if err != nil {
		u.p.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		u.p.t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// consoleURL is a console's resource.
func (p *process) consoleURL() string {
	return p.status.Endpoints["resourceManager"] + "/providers/Microsoft.Portal/consoles/default?api-version=2023-02-01-preview"
}

// console asks for the person's console and gives its address.
func (u *person) console() string {
	u.p.t.Helper()
	status, body := u.send("PUT", u.p.consoleURL(), `{"properties":{"osType":"linux"}}`)
	var made struct {
		Properties struct{ ProvisioningState, URI string }
	}
	if status != 200 || json.Unmarshal([]byte(body), &made) != nil || made.Properties.ProvisioningState != "Succeeded" {
		u.p.t.Fatalf("no console: %d %s\n%s", status, body, u.p.log)
	}
	return made.Properties.URI
}

// shell is a terminal of a console.
type shell struct {
	t    *testing.T
	uri  string // of its web socket
	id   string
	conn *websocket.Conn
}

// terminal opens a terminal of a console.
func (u *person) terminal(console string) *shell {
	u.p.t.Helper()
	status, body := u.send("POST", console+"/terminals?cols=90&rows=30&version=2019-01-01&shell=bash", "{}")
	var made struct{ ID, SocketURI string }
	if status != 200 || json.Unmarshal([]byte(body), &made) != nil {
		u.p.t.Fatalf("no terminal: %d %s", status, body)
	}
	conn, _, err := websocket.Dial(u.p.t.Context(), made.SocketURI, &websocket.DialOptions{HTTPClient: u.p.http})
	if err != nil {
		u.p.t.Fatal(err)
	}
	u.p.t.Cleanup(func() { _ = conn.CloseNow() })
	return &shell{u.p.t, made.SocketURI, made.ID, conn}
}

// run types a command and gives what it wrote.
func (s *shell) run(command string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	// The words are put together by the shell: what is typed is echoed.
	if err := s.conn.Write(ctx, websocket.MessageBinary, []byte("echo BEG''IN; "+command+"; echo EN''D\r")); err != nil {
		s.t.Fatal(err)
	}
	var out bytes.Buffer
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			s.t.Fatalf("%s: %v\n%s", command, err, &out)
		}
		out.Write(data)
		if _, after, ok := strings.Cut(out.String(), "BEGIN\r\n"); ok {
			if text, _, ok := strings.Cut(after, "END\r\n"); ok {
				return strings.ReplaceAll(text, "\r\n", "\n")
			}
		}
	}
}

// TestCloudShell works in Cloud Shell as a reader, and tries what must not be.
func TestCloudShell(t *testing.T) {
	p := newProcess(t)
	if err := os.WriteFile(filepath.Join(p.dir, "config.json"), []byte(`{"cloudShellIdle":"6s"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p.start()
	p.do("PUT", "management", p.group("seen"), `{"location":"eastus"}`)
	rita, carl := p.person("rita"), p.person("carl")
	vault := p.group("seen") + "/providers/Microsoft.KeyVault/vaults/shellvault"
	p.do("PUT", "management", vault, fmt.Sprintf(`{"location":"eastus","properties":{"tenantId":%q,"sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true}}`, p.status.TenantID))
	p.do("PUT", "shellvault.vault", "/secrets/word", `{"value":"open sesame"}`)
	p.do("PUT", "management", p.group("seen")+"/providers/Microsoft.ContainerRegistry/registries/shellregistry", `{"location":"eastus","sku":{"name":"Basic"}}`)
	p.assign(rita.id, roleSecretsUser, vault)
	p.assign(rita.id, roleAcrPull, p.group("seen"))
	role := p.assign(rita.id, roleReader, "/subscriptions/"+p.status.SubscriptionID)
	console := rita.console()
	sh := rita.terminal(console)
	for _, row := range []struct{ command, want string }{
		{"az account show --query user.name -o tsv", "rita@" + p.status.Domain + "\n"},
		{"az group list --query [].name -o tsv; az group show -n seen --query name -o tsv", "seen\nseen\n"},
		{"az group delete -n seen -y 2>&1 | grep -q AuthorizationFailed && echo refused", "refused\n"},
		{"az ad signed-in-user show --query userPrincipalName -o tsv", "rita@" + p.status.Domain + "\n"}, // of another service
		{"az keyvault secret show --vault-name shellvault -n word --query value -o tsv", "open sesame\n"},
		{"az acr repository list -n shellregistry -o json", "[]\n"},
		{"id -un; id -u; pwd; stty size", "rita\n47010\n/home/rita\n30 90\n"},
		{"echo kept > note; touch /usr/x 2>/dev/null || echo read-only", "read-only\n"},
		{"ls -A ~/.azure | grep -c -e msal -e secret", "0\n"}, // tokens are in no file
		{"curl -s -o /dev/null -w '%{http_code}\\n' $MSI_ENDPOINT?resource=x", "400\n"},
		{"curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.2:" + port(t, p.status.Addresses["proxy"]), "403\n"},
		{"timeout .5 bash -c ': </dev/tcp/10.201.0.1/" + port(t, p.status.Addresses["https"]) + "' 2>/dev/null || echo shut", "shut\n"},
	} {
		if got := sh.run(row.command); got != row.want {
			t.Errorf("%s: %q, want %q", row.command, got, row.want)
		}
	}
	if status, body := rita.send("POST", console+"/terminals/"+sh.id+"/size?cols=100&rows=40", "{}"); status != 200 {
		t.Errorf("size: %d %s", status, body)
	}
	if got := sh.run("sleep .2; stty size"); got != "40 100\n" {
		t.Errorf("after the resize the terminal has %q", got)
	}
	strangers(t, p, rita, carl, console, sh)
	p.do("DELETE", "management", role, "")
	if got := sh.run("az group show -n seen 2>&1"); !strings.Contains(got, "(AuthorizationFailed)") {
		t.Errorf("without the role the shell sees %q", got)
	}

	// Nobody types: it ends, and says why. The next one has the same files.
	began := time.Now()
	_, _, err := sh.conn.Read(t.Context())
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != 4001 || !strings.Contains(closed.Reason, "Nothing was typed for 6s") {
		for err == nil { // the prompt
			_, _, err = sh.conn.Read(t.Context())
		}
		if !errors.As(err, &closed) || closed.Code != 4001 || !strings.Contains(closed.Reason, "Nothing was typed for 6s") {
			t.Errorf("the idle terminal ended with %v", err)
		}
	}
	if took := time.Since(began); took < 3*time.Second || took > 20*time.Second {
		t.Errorf("the idle console ended after %s", took)
	}
	if status, _ := rita.send("GET", p.consoleURL(), ""); status != 404 {
		t.Errorf("an ended console is still there: %d", status)
	}
	again := rita.console()
	if again == console {
		t.Error("the console has the address of the one before")
	}
	if got := rita.terminal(again).run("cat note"); got != "kept\n" {
		t.Errorf("the file has %q", got)
	}
	if status, body := rita.send("DELETE", p.consoleURL(), ""); status != 204 {
		t.Errorf("delete: %d %s", status, body)
	}
	if left, _ := filepath.Glob(p.dir + "/runtime/sandboxes/console-*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	carl.console() // is running when the cloud stops: p.clean looks for what it leaves
}

// strangers tries another user, and whoever heard the address of a web socket.
func strangers(t *testing.T, p *process, rita, carl *person, console string, sh *shell) {
	t.Helper()
	for _, row := range []struct {
		who               *person
		method, url, want string
	}{
		{carl, "POST", console + "/terminals?cols=80&rows=24", "404 ConsoleNotFound"},
		{carl, "POST", console + "/terminals/" + sh.id + "/size?cols=80&rows=24", "404 ConsoleNotFound"},
		{carl, "POST", console + "/accessToken", "404 ConsoleNotFound"},
		{carl, "GET", p.consoleURL(), "404 ConsoleNotFound"},
		{&person{p, "", "nonsense"}, "POST", console + "/terminals", "401 InvalidAuthenticationToken"},
		{rita, "POST", console + "/terminals?shell=pwsh", "400 InvalidRequestContent"},
		{rita, "POST", console + "/terminals?cols=0", "400 InvalidRequestContent"},
	} {
		status, body := row.who.send(row.method, row.url, "{}")
		if got := fmt.Sprint(status, " ", body); !strings.HasPrefix(got, row.want[:4]) || !strings.Contains(got, row.want[4:]) {
			t.Errorf("%s %s: %s, want %s", row.method, row.url, got, row.want)
		}
	}
	for what, uri := range map[string]string{"used before": sh.uri, "guessed": sh.uri[:strings.LastIndex(sh.uri, "/")] + "/aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if conn, res, err := websocket.Dial(t.Context(), uri, &websocket.DialOptions{HTTPClient: p.http}); err == nil || res == nil || res.StatusCode != 404 {
			t.Errorf("a socket that is %s: %v", what, err)
			_ = conn.CloseNow()
		}
	}
	status, body := rita.send("POST", console+"/terminals?cols=80&rows=24", "{}")
	var made struct{ SocketURI string }
	if status != 200 || json.Unmarshal([]byte(body), &made) != nil {
		t.Fatalf("%d %s", status, body)
	}
	header := http.Header{"Origin": {"https://elsewhere.example"}}
	if conn, res, err := websocket.Dial(t.Context(), made.SocketURI, &websocket.DialOptions{HTTPClient: p.http, HTTPHeader: header}); err == nil || res == nil || res.StatusCode != 403 {
		t.Errorf("a page of another origin: %v", err)
		_ = conn.CloseNow()
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
