package directory

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/role"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// appMembers are what create and update of an application set.
var appMembers = members{
	{"display_name", "displayName"}, {"identifier_uris", "identifierUris"}, {"is_fallback_public_client", "isFallbackPublicClient"}, {"sign_in_audience", "signInAudience"},
	{"service_management_reference", "serviceManagementReference"}, {"requested_access_token_version", "api.requestedAccessTokenVersion"}, {"web_home_page_url", "web.homePageUrl"},
	{"web_redirect_uris", "web.redirectUris"}, {"enable_id_token_issuance", "web.implicitGrantSettings.enableIdTokenIssuance"},
	{"enable_access_token_issuance", "web.implicitGrantSettings.enableAccessTokenIssuance"}, {"public_client_redirect_uris", "publicClient.redirectUris"},
	{"app_roles", "appRoles"}, {"optional_claims", "optionalClaims"}, {"required_resource_accesses", "requiredResourceAccess"},
}

func createApp(c *command.Call) (any, error) {
	body, err := appMembers.body(c)
	if err == nil {
		err = keyValue(c, body)
	}
	if err != nil {
		return nil, err
	}
	return ensureApp(c, c.Text("display_name"), body)
}

// ensureApp changes the application of the name, or makes it.
func ensureApp(c *command.Call, name string, body *value.Object) (any, error) {
	items, err := principal.List(c, "applications", "startswith(displayName,"+principal.Quote(name)+")")
	if err != nil {
		return nil, err
	}
	var same []string
	for _, item := range items {
		if value.String(item, "displayName") == name && hasAll(value.List(item, "identifierUris"), value.List(body, "identifierUris")) {
			same = append(same, value.String(item, "id"))
		}
	}
	switch len(same) {
	case 0:
		if !body.Has("keyCredentials") {
			body.Set("keyCredentials", []any{})
		}
		return principal.Do(c, http.MethodPost, "/applications", body)
	case 1:
		c.Warn("Found an existing application instance: (id) %s. We will patch it.", same[0])
		if _, err := principal.Do(c, http.MethodPatch, "/applications/"+same[0], body); err != nil {
			return nil, err
		}
		return principal.Do(c, http.MethodGet, "/applications/"+same[0], nil)
	}
	return nil, command.Fail("More than one application have the same display name '%s': (id) %s, please remove them first.", name, strings.Join(same, ", "))
}

func hasAll(have, want []any) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return true
}

func listApps(c *command.Call) (any, error) {
	if c.Flag("show_mine") {
		return ownedOf(c, "#microsoft.graph.application")
	}
	return list(c, "applications", "app_id", "appId eq ?", "display_name", "startswith(displayName,?)", "identifier_uri", "identifierUris/any(s:s eq ?)")
}

func updateApp(c *command.Call) (any, error) {
	at, err := app.path(c)
	if err != nil {
		return nil, err
	}
	body, err := appMembers.body(c)
	if err == nil {
		err = keyValue(c, body)
	}
	if err != nil {
		return nil, err
	}
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodPatch, at, body)
	return nil, err
}

func addOwner(c *command.Call) (any, error) {
	at, err := app.path(c)
	if err != nil {
		return nil, err
	}
	return addOwnerAt(c, at)
}

func removeOwner(c *command.Call) (any, error) {
	at, err := app.path(c)
	if err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodDelete, at+"/owners/"+c.Text("owner_object_id")+"/$ref", nil)
	return nil, err
}

func createSP(c *command.Call) (any, error) {
	identifier := c.Text("identifier")
	filter := "identifierUris/any(s:s eq " + principal.Quote(identifier) + ")"
	if principal.IsID(identifier) {
		filter = "appId eq " + principal.Quote(identifier)
	}
	items, err := principal.List(c, "applications", filter)
	if err != nil {
		return nil, err
	}
	id := identifier
	if len(items) > 0 {
		id = value.String(items[0], "appId")
	} else if v, err := principal.Do(c, http.MethodGet, "/applications/"+identifier, nil); err == nil {
		id = value.String(v, "appId")
	}
	return principal.Do(c, http.MethodPost, "/servicePrincipals", value.New("appId", id, "accountEnabled", true))
}

func listSPs(c *command.Call) (any, error) {
	if c.Flag("show_mine") {
		return ownedOf(c, "#microsoft.graph.servicePrincipal")
	}
	return list(c, "servicePrincipals", "spn", "servicePrincipalNames/any(c:c eq ?)", "display_name", "startswith(displayName,?)")
}

func updateSP(c *command.Call) (any, error) {
	at, err := sp.path(c)
	if err != nil {
		return nil, err
	}
	body := value.New()
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodPatch, at, body)
	return nil, err
}

func createForRBAC(c *command.Call) (any, error) {
	scopes := c.List("scopes")
	switch {
	case (c.Text("role") == "") != (len(scopes) == 0):
		return nil, command.Fail("Usage error: To create role assignments, specify both --role and --scopes.")
	}
	end := c.Now().UTC().AddDate(max(c.Int("years"), 1), 0, 0)
	name := c.Text("display_name")
	var existing []any
	if name == "" {
		name = "azure-cli-" + c.Now().UTC().Format("2006-01-02-15-04-05")
	} else {
		var err error
		if existing, err = principal.List(c, "servicePrincipals", "displayName eq "+principal.Quote(name)); err != nil {
			return nil, err
		}
	}
	body := value.New("displayName", name)
	if v := c.Value("service_management_reference"); v != nil {
		body.Set("serviceManagementReference", v)
	}
	var own certificate
	if wantsCertificate(c) {
		var err error
		if own, err = readCertificate(c, end); err != nil {
			return nil, err
		}
		body.Set("keyCredentials", []any{own.key(c, nil, end)})
	}
	application, err := ensureApp(c, name, body)
	if err != nil {
		return nil, err
	}
	at := "/applications/" + value.String(application, "id")
	if err := removePasswords(c, at, application); err != nil {
		return nil, err
	}
	var secret any
	if on, _ := c.Switch("create_password"); on && own.der == nil {
		if secret, err = addPassword(c, at, "rbac", end); err != nil {
			return nil, err
		}
	}
	var made any
	if len(existing) > 0 {
		made = existing[0]
	} else if made, err = principal.Do(c, http.MethodPost, "/servicePrincipals", value.New("appId", value.Path(application, "appId"), "accountEnabled", true)); err != nil {
		return nil, err
	}
	if err := grant(c, scopes, value.String(made, "id")); err != nil {
		return nil, err
	}
	if secret != nil || own.file != "" {
		c.Warn(warning)
	}
	return credentialsOf(c, application, name, secret, own.file)
}

// grant gives a service principal the role of --role at each scope.
func grant(c *command.Call, scopes []string, id string) error {
	for _, scope := range scopes {
		c.Warn("Creating '%s' role assignment under scope '%s'", c.Text("role"), scope)
		_, err := role.Assign(c, scope, c.Text("role"), id, "ServicePrincipal")
		if azure.HasCode(err, azure.CodeRoleAssignmentExists) {
			c.Warn("  Role assignment already exists.\n")
			continue
		}
		if err != nil {
			c.Warn("  Role assignment creation failed.\n")
			return err
		}
	}
	return nil
}

// credentialsOf is what create-for-rbac prints.
func credentialsOf(c *command.Call, application any, name string, secret any, file string) (any, error) {
	a, err := c.Account()
	if err != nil {
		return nil, err
	}
	if c.Text("show_auth_in_json") != "true" && (!c.Has("show_auth_in_json") || c.Text("show_auth_in_json") == "false") {
		o := value.New("appId", value.Path(application, "appId"), "password", secret, "displayName", name, "tenant", a.Tenant())
		if file != "" {
			c.Warn("Please copy %s to a safe place. When you run `az login`, provide the file path in the --certificate argument", file)
			o.Set("fileWithCertAndPrivateKey", file)
		}
		return o, nil
	}
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	subscription := a.ID()
	if s := c.List("scopes"); len(s) > 0 {
		if parts := strings.Split(s[0], "/"); len(parts) > 2 {
			subscription = parts[2]
		}
	}
	o := value.New("clientId", value.Path(application, "appId"))
	if file != "" {
		o.Set("clientCertificate", file)
	} else {
		o.Set("clientSecret", secret)
	}
	o.Set("subscriptionId", subscription).Set("tenantId", a.Tenant())
	for _, pair := range [][2]string{{"activeDirectoryEndpointUrl", "active_directory"}, {"resourceManagerEndpointUrl", "resource_manager"},
		{"activeDirectoryGraphResourceId", "active_directory_graph_resource_id"}, {"sqlManagementEndpointUrl", "sql_management"}, {"galleryEndpointUrl", "gallery"},
		{"managementEndpointUrl", "management"}} {
		o.Set(pair[0], cloud.Endpoints.Get(pair[1]))
	}
	text, err := output.Ordered(o)
	if err != nil {
		return nil, err
	}
	_, err = c.Out.Write(text)
	return nil, err
}
