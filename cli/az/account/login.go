package account

import (
	"net/http"
	"strings"

	"golang.org/x/term"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/profile"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

func login(c *command.Call) (any, error) {
	user, password := c.Text("username"), c.Text("password")
	principal := c.Flag("service_principal")
	switch {
	case c.Flag("identity") && (password != "" || principal || c.Text("tenant") != ""):
		return nil, command.Fail("usage error: '--identity' is not applicable with other arguments")
	case c.Flag("identity") && user != "":
		return nil, command.Fail("Passing the managed identity ID with --username is no longer supported. Use --client-id, --object-id or --resource-id instead.")
	case c.Flag("use_cert_sn_issuer") && !principal:
		return nil, command.Fail("usage error: '--use-sn-issuer' is only applicable with a service principal")
	case c.Flag("use_device_code") && (user != "" || password != "" || principal):
		return nil, command.Fail("usage error: '--use-device-code' is not applicable with other arguments")
	case principal && user == "":
		return nil, command.Fail("usage error: --service-principal --username NAME --password SECRET --tenant TENANT")
	case !c.Flag("identity") && c.Store.InCloudShell():
		c.Warn("Cloud Shell is automatically authenticated under the initial account signed-in with. Run 'az login' only if you need to use a different account")
	}
	if password == "" && user != "" && c.Text("client_assertion") == "" && c.Text("certificate") == "" {
		var err error
		if password, err = askPassword(c); err != nil {
			return nil, err
		}
	}
	if principal && c.Text("tenant") == "" {
		return nil, command.Fail("Please supply tenant using \"--tenant\"")
	}
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	hc, err := c.HTTP()
	if err != nil {
		return nil, err
	}
	at, err := c.Store.Authority(hc, cloud, c.Text("tenant"))
	if err != nil {
		return nil, err
	}
	audience, err := cloud.Endpoint("active_directory_resource_id")
	if err != nil {
		return nil, err
	}
	in := &signIn{Call: c, at: at, cloud: cloud, scope: profile.Scope(audience), audience: audience}
	if s := c.List("scopes"); len(s) > 0 {
		in.scope = s[0]
	}
	switch {
	case c.Flag("identity") && c.Store.InCloudShell():
		err = in.cloudShellUser()
	case c.Flag("identity"):
		err = in.managed()
	case principal:
		err = in.principal(user, password)
	default:
		err = in.user(user, password)
	}
	if err != nil {
		return nil, err
	}
	return in.subscriptions()
}

func askPassword(c *command.Call) (string, error) {
	if c.Terminal == nil || !c.Terminal(0) {
		return "", command.Fail("Please specify both username and password in non-interactive mode.")
	}
	_, _ = c.Err.Write([]byte("Password: "))
	word, err := term.ReadPassword(0)
	_, _ = c.Err.Write([]byte("\n"))
	return string(word), err
}

// signIn is one sign-in as it goes on.
type signIn struct {
	*command.Call
	at        client.Authority
	cloud     *profile.Cloud
	audience  string
	scope     string
	name      string // who signed in
	byService bool
	byShell   bool   // by Cloud Shell
	identity  string // the managed identity, as [profile.Account.Managed] has it
	token     client.Token
}

// cloudShellUser is the user whose Cloud Shell this is. Nothing of it is kept.
func (in *signIn) cloudShellUser() (err error) {
	in.byShell = true
	if in.token, err = in.Store.CloudShellToken(in.Context, in.at.HTTP, in.scope); err != nil {
		return err
	}
	claims, err := client.ReadClaims(in.token.AccessToken)
	in.name = claims.Username()
	return err
}

func (in *signIn) principal(id, secret string) (err error) {
	in.name, in.byService, in.at.ClientID = id, true, id
	with := profile.Credential{Secret: secret, Certificate: in.Store.Home(in.Text("certificate")), Assertion: in.Text("client_assertion"), Chain: in.Flag("use_cert_sn_issuer")}
	if in.token, err = in.Store.SignIn(in.Context, in.at, with, in.scope); err != nil {
		return err
	}
	return in.Store.KeepServicePrincipal(in.at, in.Text("tenant"), in.scope, with, in.token)
}

// managed signs in as a managed identity of the place this program runs in.
func (in *signIn) managed() error {
	in.identity, in.name, in.byService = "MSI", "systemAssignedIdentity", true
	given := 0
	for _, arg := range [][2]string{{"client_id", "MSIClient-"}, {"object_id", "MSIObject-"}, {"resource_id", "MSIResource-"}} {
		if id := in.Text(arg[0]); id != "" {
			in.identity, in.name = arg[1]+id, "userAssignedIdentity"
			given++
		}
	}
	if given > 1 {
		return command.Fail("Usage error: Provide only one of --client-id, --object-id, --resource-id.")
	}
	var err error
	if in.token, err = in.Store.ManagedToken(in.Context, in.at.HTTP, in.identity, in.scope); err != nil {
		return err
	}
	claims, err := client.ReadClaims(in.token.AccessToken)
	in.Set("tenant", claims.TenantID)
	in.at.Tenant = claims.TenantID
	return err
}

func (in *signIn) user(name, password string) (err error) {
	source := "password"
	if name != "" {
		in.Warn("Using authentication with username and password in the command line is strongly discouraged. Consider using one of the recommended authentication methods. For more details, see https://go.microsoft.com/fwlink/?linkid=2276314")
		in.token, err = in.at.ByPassword(in.Context, name, password, in.scope)
	} else if program := browser(in.Call); program != "" && !in.Flag("use_device_code") {
		source = "authorization_code"
		in.token, err = in.byBrowser(program)
	} else {
		source = "urn:ietf:params:oauth:grant-type:device_code"
		var d client.DeviceCode
		if d, err = in.at.StartDevice(in.Context, in.scope); err != nil {
			return err
		}
		_, _ = in.Err.Write([]byte(d.Message + "\n"))
		in.token, err = in.at.ByDevice(in.Context, d, in.scope)
	}
	if err != nil {
		return err
	}
	in.name, err = in.Store.KeepUser(in.at, in.scope, source, in.token)
	return err
}

// get reads a list of the control plane as who has just signed in.
func (in *signIn) get(tenant, path string) ([]any, error) {
	base, err := in.cloud.Endpoint("resource_manager")
	if err != nil {
		return nil, err
	}
	token := in.token.AccessToken
	if in.scope != profile.Scope(in.audience) || tenant != in.at.Tenant && !in.at.ADFS() {
		at := in.at
		at.Tenant = tenant
		who := profile.Account{Object: value.New("user", in.who(), "tenantId", tenant)}
		t, err := in.Store.Token(in.Context, at, who, profile.Scope(in.audience))
		if err != nil {
			return nil, err
		}
		token = t.Secret
	}
	rest := *in.REST()
	rest.Token = nil
	raw, err := rest.Pages(in.Context, client.Request{Method: http.MethodGet, URL: strings.TrimRight(base, "/") + path + "?api-version=2022-12-01",
		Header: http.Header{"Authorization": {"Bearer " + token}}})
	if err != nil {
		return nil, err
	}
	items := make([]any, len(raw))
	for i := range raw {
		if items[i], err = value.Decode(raw[i]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// who is the account's user as the profile has it.
func (in *signIn) who() *value.Object {
	kind := "user"
	if in.byService {
		kind = "servicePrincipal"
	}
	o := value.New("name", in.name, "type", kind)
	if in.byShell {
		o.Set("cloudShellID", true)
	}
	if in.identity != "" {
		o.Set("assignedIdentityInfo", in.identity)
	}
	return o
}

// subscriptions finds what the signed-in may use, keeps it and returns it.
func (in *signIn) subscriptions() (any, error) {
	tenants := []any{value.New("tenantId", in.Text("tenant"))}
	if in.Text("tenant") == "" {
		var err error
		if tenants, err = in.get("", "/tenants"); err != nil {
			return nil, err
		}
	}
	var found []profile.Account
	for _, t := range tenants {
		id := value.String(t, "tenantId")
		items, err := in.get(id, "/subscriptions")
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			found = append(found, in.account(t, item))
		}
		if len(items) == 0 && in.Flag("allow_no_subscriptions") {
			found = append(found, in.account(t, value.New("subscriptionId", id, "displayName", profile.TenantLevel, "state", "Enabled")))
		}
	}
	if len(found) == 0 {
		if in.Flag("allow_no_subscriptions") {
			return []any{}, nil
		}
		if in.identity != "" {
			return nil, command.Fail("No access was configured for the VM, hence no subscriptions were found. If this is expected, use '--allow-no-subscriptions' to have tenant level access.")
		}
		return nil, command.Fail("No subscriptions found for %s.", in.name)
	}
	if err := in.Store.AddAccounts(found); err != nil {
		return nil, err
	}
	list := make([]any, len(found))
	for i, a := range found {
		list[i] = shown(a)
	}
	return list, nil
}

func (in *signIn) account(tenant, item any) profile.Account {
	o := value.New("id", value.Path(item, "subscriptionId"), "name", value.Path(item, "displayName"), "state", value.Path(item, "state"),
		"user", in.who(), "isDefault", false, "tenantId", value.Path(tenant, "tenantId"), "environmentName", in.cloud.Name)
	if value.String(item, "displayName") == profile.TenantLevel {
		return profile.Account{Object: o}
	}
	o.Set("homeTenantId", value.Path(item, "tenantId"))
	if in.Text("tenant") == "" {
		for to, from := range map[string]string{"tenantDefaultDomain": "defaultDomain", "tenantDisplayName": "displayName"} {
			if v := value.Path(tenant, from); v != nil {
				o.Set(to, v)
			}
		}
	}
	return profile.Account{Object: o.Set("managedByTenants", value.Path(item, "managedByTenants"))}
}

func logout(c *command.Call) (any, error) {
	user := c.Text("username")
	if user == "" {
		a, err := c.Account()
		if err != nil {
			return nil, command.Fail("There are no active accounts.")
		}
		user = a.User()
	}
	return nil, c.Store.RemoveAccounts(user)
}
