package az

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"io"
	"net/http/cookiejar"
	"net/url"
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
	cloud.Fails(t, private+"az group list", "az login")

	password := tsv(t, "password", "ad sp create-for-rbac --name login-test --role reader --scopes %s", scope)
	app := tsv(t, "[0].appId", "ad sp list --display-name login-test")
	t.Cleanup(func() { cloud.Run(t, "az ad app delete --id "+app) })
	asApp := private + fmt.Sprintf("az login --service-principal -u %s -p '%s' --tenant %s --output none; ", app, password, tenant(t))
	eq(t, "signed in as", cloud.Sh(t, asApp+"az account show --query user.name -o tsv"), app)
	eq(t, "what a reader may", cloud.Sh(t, asApp+"az group show -n login --query name -o tsv"), "login")
	cloud.Fails(t, asApp+"az group create -n other -l eastus", "(AuthorizationFailed)")
	cloud.Fails(t, asApp+"az group delete -y -n login", "(AuthorizationFailed)")
	cloud.Fails(t, private+fmt.Sprintf("az login --service-principal -u %s -p wrong --tenant %s", app, tenant(t)), "AADSTS7000215")
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
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := cloud.Command(ctx, private+"az login --use-device-code --output none; az account show --query user.name -o tsv")
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
		t.Fatalf("az login --use-device-code: %v\n%s", err, &said)
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

// browse does what a person with a browser would: it opens the page and fills in forms until there are none.
func browse(t *testing.T, page string, answers map[string]string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := cloud.Client(t)
	client.Jar = jar
	res, err := client.Get(page)
	for step := 0; step < 5; step++ {
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode >= 400 {
			t.Fatalf("%s: status %d, %v\n%s", res.Request.URL, res.StatusCode, err, body)
		}
		form := formPattern.FindStringSubmatch(string(body))
		if form == nil {
			return
		}
		target, values := fill(t, res.Request.URL, form, answers)
		res, err = client.PostForm(target, values)
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the sign-in pages ask without end")
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
