package az

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// private runs what follows in an Azure configuration of its own that knows the cloud and nobody.
const private = "set -e; export d=$(mktemp -d); trap 'rm -rf $d' EXIT; cp -r $AZURE_CONFIG_DIR/. $d; export AZURE_CONFIG_DIR=$d; az account clear; "

func TestLogoutAndLogin(t *testing.T) {
	rg := group(t, "login")
	scope := tsv(t, "id", "group show -n %s", rg)
	app := servicePrincipal(t, "login-test", "--role reader --scopes "+scope)
	tenant := tenant(t)
	t.Cleanup(func() { cloud.Forget(t) }) // who cleans up must be the first user again
	az(t, "logout")
	refused(t, "az login", "group list")
	signIn := "az login --service-principal -u " + app.AppID + " -p %s --tenant " + tenant + " --output none"
	cloud.Fails(t, fmt.Sprintf(signIn, "wrong"), "AADSTS7000215")
	cloud.Sh(t, fmt.Sprintf(signIn, quote(app.Password)))
	eq(t, "signed in as", tsv(t, "user.name", "account show"), app.AppID)
	eq(t, "what a reader may", tsv(t, "name", "group show -n login"), "login")
	refused(t, "(AuthorizationFailed)", "group create -n other -l eastus")
	refused(t, "(AuthorizationFailed)", "group delete -y -n login")
	az(t, "logout")
	refused(t, "az login", "group show -n login")
}

func TestUserLogin(t *testing.T) {
	rg := group(t, "userlogin")
	name, word := user(t, rg)
	signIn := private + "az login -u " + name + " -p '%s' --output none; "
	eq(t, "signed in as", cloud.Sh(t, fmt.Sprintf(signIn, word)+"az ad signed-in-user show --query userPrincipalName -o tsv"), name)
	eq(t, "what a reader may", cloud.Sh(t, fmt.Sprintf(signIn, word)+"az group show -n userlogin --query name -o tsv"), "userlogin")
	cloud.Fails(t, fmt.Sprintf(signIn, "wrong"), "AADSTS50126")
}

func TestDeviceCodeLogin(t *testing.T) {
	rg := group(t, "devicelogin")
	name, word := user(t, rg)
	for program, line := range map[string]string{"the real az": "az", "the built-in az": quote(cloud.Bin) + " az"} {
		t.Run(program, func(t *testing.T) { deviceLogin(t, line, name, word) })
	}
}

func deviceLogin(t *testing.T, program, name, word string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := cloud.Command(ctx, t, private+program+" login --use-device-code --output none; "+program+" account show --query user.name -o tsv")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stdout strings.Builder
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	invitation := regexp.MustCompile(`open the page (\S+) and enter the code (\S+) to`)
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if m := invitation.FindStringSubmatch(lines.Text()); m != nil {
			browse(t, m[1], map[string]string{"code": m[2], "user": name, "password": word})
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("login --use-device-code: %v\n%s", err, &said)
	}
	eq(t, "signed in as", strings.TrimSpace(stdout.String()), name)
}

// user makes a user who may read the group and returns the name and the password.
func user(t *testing.T, group string) (name, password string) {
	t.Helper()
	name, password = group+"@lazuli.localhost", "Correct-Horse-7-"+group
	az(t, "ad user create --display-name %s --user-principal-name %s --password '%s'", group, name, password)
	t.Cleanup(func() { cloud.Run(t, "az ad user delete --id "+name) })
	scope := tsv(t, "id", "group show -n %s", group)
	az(t, "role assignment create --assignee %s --role reader --scope %s", name, scope)
	return name, password
}

// Patterns for the forms of the sign-in pages.
var (
	formPattern  = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputPattern = regexp.MustCompile(`(?is)<input\b([^>]*)>`)
	fieldPattern = regexp.MustCompile(`(?is)\b(action|name|value|type)\s*=\s*"([^"]*)"`)
)

// browse does with curl what a person with a browser would: it opens the page and fills in forms until there are none.
func browse(t *testing.T, page string, answers map[string]string) {
	t.Helper()
	cookies := filepath.Join(t.TempDir(), "cookies")
	get := func(address, more string) (*url.URL, string) {
		t.Helper()
		out := cloud.Sh(t, fmt.Sprintf(`curl --silent --show-error --fail --location --noproxy localhost --cookie %[1]s --cookie-jar %[1]s --write-out '\n%%{url_effective}' %[2]s %[3]s`,
			cookies, more, quote(address)))
		body, last, _ := cutLast(out, "\n")
		at, err := url.Parse(last)
		if err != nil {
			t.Fatal(err)
		}
		return at, body
	}
	at, body := get(page, "")
	for step := 0; step < 5; step++ {
		form := formPattern.FindStringSubmatch(body)
		if form == nil {
			return
		}
		target, values := fill(t, at, form, answers)
		var data strings.Builder
		for name := range values {
			data.WriteString(" --data-urlencode " + quote(name+"="+values.Get(name)))
		}
		at, body = get(target, data.String())
	}
	t.Fatal("the sign-in pages ask without end")
}

// cutLast cuts text around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// fill answers the inputs of a form by their names.
func fill(t *testing.T, at *url.URL, form []string, answers map[string]string) (string, url.Values) {
	t.Helper()
	action, err := at.Parse(attributes(form[1])["action"])
	if err != nil {
		t.Fatal(err)
	}
	values := url.Values{}
	for _, input := range inputPattern.FindAllStringSubmatch(form[2], -1) {
		a := attributes(input[1])
		value := a["value"]
		for part, answer := range answers {
			if value == "" && (strings.Contains(a["name"], part) || a["type"] == part) {
				value = answer
			}
		}
		if a["name"] != "" {
			values.Set(a["name"], value)
		}
	}
	return action.String(), values
}

// attributes reads the attributes of a tag.
func attributes(tag string) map[string]string {
	found := map[string]string{}
	for _, m := range fieldPattern.FindAllStringSubmatch(tag, -1) {
		found[strings.ToLower(m[1])] = html.UnescapeString(m[2])
	}
	return found
}
