package az

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A user signs in to the built-in az on a page in a browser.
func TestBrowserLogin(t *testing.T) {
	rg := group(t, "browser")
	name, word := user(t, rg)
	dir := t.TempDir()
	visited := filepath.Join(dir, "page")
	program := filepath.Join(dir, "browser")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf %s \"$1\" > "+visited+".tmp\nmv "+visited+".tmp "+visited+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	done := make(chan string, 1)
	go func() {
		done <- cloud.Sh(t, fmt.Sprintf("AZURE_CONFIG_DIR=%s BROWSER=%s %s az login --query [].user.name -o tsv", own(t), program, cloud.Bin))
	}()
	var page []byte
	for begin := time.Now(); page == nil && time.Since(begin) < time.Minute; time.Sleep(50 * time.Millisecond) {
		page, _ = os.ReadFile(visited)
	}
	if page == nil {
		t.Fatal("no browser was opened")
	}
	browse(t, string(page), map[string]string{"user": name, "password": word})
	eq(t, "signed in as", strings.TrimSpace(<-done), name)
}

// A program with a managed identity signs in by the endpoint of the place it runs
// in, as a container group's is.
func TestManagedIdentityLogin(t *testing.T) {
	rg := group(t, "msi")
	az(t, "identity create -g %s -n %s -o none", rg, rg)
	principal := tsv(t, "principalId", "identity show -g %s -n %s", rg, rg)
	az(t, "role assignment create --assignee-object-id %s --assignee-principal-type ServicePrincipal --role reader --scope %s", principal, tsv(t, "id", "group show -n %s", rg))
	token := tsv(t, "accessToken", "account get-access-token")
	asked := make(chan string, 20)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("resource") + " " + r.URL.Query().Get("client_id")
		if r.Header.Get("X-Identity-Header") != "word" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_on":"%d","token_type":"Bearer"}`, token, time.Now().Add(time.Hour).Unix())
	}))
	t.Cleanup(endpoint.Close)
	at := fmt.Sprintf("export AZURE_CONFIG_DIR=%s IDENTITY_ENDPOINT=%s/msi/token IDENTITY_HEADER=", own(t), endpoint.URL)
	run := func(header, line string) string {
		return strings.TrimSpace(cloud.Sh(t, at+header+"; "+cloud.Bin+" az "+line))
	}
	eq(t, "who it is", run("word", "login --identity --client-id "+principal+` --query "[0].user.[name,type,assignedIdentityInfo]" -o tsv | tr '\n\t' ' '`),
		"userAssignedIdentity servicePrincipal MSIClient-"+principal)
	if got := <-asked; !strings.HasSuffix(got, " "+principal) || !strings.HasPrefix(got, "https://") {
		t.Errorf("the endpoint was asked for %q", got)
	}
	eq(t, "what it sees", run("word", "group show -n "+rg+" --query name -o tsv"), rg)
	if out := run("wrong", "login --identity 2>&1 || true"); !strings.Contains(out, "who are you?") {
		t.Errorf("with the wrong header: %s", out)
	}
}

// own is a configuration directory with the cloud and nobody signed in.
func own(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "config")
	cloud.Sh(t, fmt.Sprintf(`cp -r "$AZURE_CONFIG_DIR" %[1]s && AZURE_CONFIG_DIR=%[1]s %[2]s az account clear`, dir, cloud.Bin))
	return dir
}
