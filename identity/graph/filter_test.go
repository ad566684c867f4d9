package graph_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/identity/identitytest"
)

func TestFilters(t *testing.T) {
	w := identitytest.New(t)
	admin := w.Admin(w.Graph)
	for _, a := range []identity.Application{
		{DisplayName: "http://pull"}, {DisplayName: "pull two", IdentifierURIs: []string{"api://two", "api://zwei"}}, {DisplayName: "O'Neil (x) and y"},
	} {
		a.TenantID = w.Boot.TenantID
		a, err := w.Directory.CreateApplication(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Directory.CreateServicePrincipal(t.Context(), identity.ServicePrincipal{TenantID: a.TenantID, AppID: a.AppID}); err != nil {
			t.Fatal(err)
		}
	}
	first := w.Directory.Applications(w.Boot.TenantID)[0]
	for _, c := range []struct{ set, filter, want string }{
		{"applications", "displayName eq 'http://pull'", "http://pull"},
		{"applications", "DISPLAYNAME EQ 'HTTP://PULL'", "http://pull"},
		{"applications", "displayName eq 'O''Neil (x) and y'", "O'Neil (x) and y"},
		{"applications", "startswith(displayName,'pull')", "pull two"},
		{"applications", "startswith(displayName, 'x')", ""},
		{"applications", "endswith(displayName,'L')", "http://pull"},
		{"applications", "identifierUris/any(s:s eq 'api://zwei')", "pull two"},
		{"applications", "identifierUris/any(s:startswith(s,'api://t') or s eq 'x')", "pull two"},
		{"applications", "appId eq '" + first.AppID + "'", first.DisplayName},
		{"applications", "appId in ('x','" + first.AppID + "')", first.DisplayName},
		{"applications", "id eq " + first.ID, first.DisplayName},
		{"applications", "displayName eq 'http://pull' or startswith(displayName,'pull') and appId eq 'x'", "http://pull"},
		{"applications", "(displayName eq 'http://pull' or startswith(displayName,'pull')) and appId eq 'x'", ""},
		{"applications", "not (displayName eq 'http://pull') and displayName ne 'pull two'", "O'Neil (x) and y"},
		{"servicePrincipals", "servicePrincipalNames/any(c:c eq 'http://pull')", "http://pull"},
		{"servicePrincipals", "servicePrincipalNames/any(c:c eq 'api://two')", "pull two"},
		{"servicePrincipals", "servicePrincipalNames/any(c:c eq '" + first.AppID + "')", first.DisplayName},
		{"servicePrincipals", "servicePrincipalNames/any(c:c eq 'pull two')", ""},
		{"servicePrincipals", "accountEnabled eq false", ""},
		{"users", "userPrincipalName eq 'admin@lazuli.localhost' and accountEnabled eq true", "Administrator"},
		{"users", "startswith(displayName,'adm') or startswith(userPrincipalName,'x')", "Administrator"},
		{"users", "mail eq null", "Administrator"},
	} {
		status, m := w.Call(admin, "GET", "/v1.0/"+c.set+"?$filter="+url.QueryEscape(c.filter), "")
		if got := values(m, "displayName"); status != 200 || got != c.want {
			t.Errorf("%s %s: %d %q, want %q %v", c.set, c.filter, status, got, c.want, m["error"])
		}
	}
	for _, option := range []string{
		"$filter=displayName", "$filter=displayName eq", "$filter=displayName eq 'x", "$filter=displayName eq x", "$filter=displayName like 'x'", "$filter=colour eq 'x'",
		"$filter=displayName eq 'x' and", "$filter=(displayName eq 'x'", "$filter=displayName eq 'x')", "$filter=identifierUris/all(s:s eq 'x')", "$filter=identifierUris/any(s:t eq 'x')",
		"$filter=startswith(displayName,'x'", "$filter=startswith(displayName)", "$filter=contains(displayName,'x')", "$filter='x' eq displayName", "$filter=displayName eq 'x' displayName eq 'y'",
		"$filter=" + strings.Repeat("(", 100) + "displayName eq 'x'" + strings.Repeat(")", 100), "$top=0", "$top=x", "$top=5000", "$orderby=colour", "$orderby=displayName up",
		"$search=\"x\"", "$expand=owners", "$skiptoken=x", "$count=maybe", "$skip=3",
	} {
		name, value, _ := strings.Cut(option, "=")
		status, m := w.Call(admin, "GET", "/v1.0/applications?"+name+"="+url.QueryEscape(value), "")
		wantCode(t, option, status, m, 400, azure.CodeDirectoryUnsupportedQuery)
	}
}

func TestPaging(t *testing.T) {
	w := identitytest.New(t)
	admin := w.Admin(w.Graph)
	for i := range 7 {
		if _, err := w.Directory.CreateApplication(t.Context(), identity.Application{TenantID: w.Boot.TenantID, DisplayName: fmt.Sprintf("app %d", i/2)}); err != nil {
			t.Fatal(err)
		}
	}
	for order, want := range map[string]string{
		"displayName":      "app 0 app 0 app 1 app 1 app 2 app 2 app 3",
		"displayName desc": "app 3 app 2 app 2 app 1 app 1 app 0 app 0",
	} {
		next, got, pages := "/v1.0/applications?$top=3&$count=true&$select=displayName,id&$orderby="+order, []string{}, 0
		for next != "" {
			status, m := w.Call(admin, "GET", next, "")
			if status != 200 || m["@odata.count"] != float64(7) {
				t.Fatalf("%s: %d %v", next, status, m)
			}
			got = append(got, values(m, "displayName"))
			link, _ := m["@odata.nextLink"].(string)
			next = strings.TrimPrefix(link, w.Graph)
			pages++
		}
		if s := strings.Join(got, " "); s != want || pages != 3 {
			t.Errorf("%s: %d pages %s", order, pages, s)
		}
	}
}
