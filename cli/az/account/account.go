package account

import (
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/profile"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// Commands are login, logout, account, cloud, configure, version and rest.
func Commands() ([]command.Group, []command.Command) {
	groups := []command.Group{{Path: "account", Help: "Manage Azure subscription information."}, {Path: "cloud", Help: "Manage registered Azure clouds."}}
	all := append(loginCommands(), accountCommands()...)
	return groups, append(append(all, cloudCommands()...), otherCommands()...)
}

func accountCommands() []command.Command {
	subscription := command.Arg{Name: "subscription", Flags: []string{"--subscription", "-s", "--name", "-n"}, Help: "Name or ID of subscription."}
	return []command.Command{
		{Path: "account show", Help: "Get the details of a subscription.", Args: []command.Arg{subscription}, Run: show},
		{Path: "account list", Help: "Get a list of subscriptions for the logged in account.",
			Args: []command.Arg{
				{Name: "all", Flags: []string{"--all"}, Kind: command.Flag, Help: "List all subscriptions from all clouds, including subscriptions that are not 'Enabled'."},
				{Name: "refresh", Flags: []string{"--refresh"}, Kind: command.Flag, Help: "Retrieve up-to-date subscriptions from server."},
			},
			Run: list, Table: output.Columns("Name", "name", "CloudName", "cloudName", "SubscriptionId", "id", "TenantId", "tenantId", "State", "state", "IsDefault", "isDefault")},
		{Path: "account set", Help: "Set a subscription to be the current active subscription.", Args: []command.Arg{subscription.Must()}, Run: set,
			Examples: []command.Example{{What: "Set the current subscription.", Line: "az account set --subscription mysubscription"}}},
		{Path: "account clear", Help: "Clear all subscriptions from the CLI's local cache.", Run: func(c *command.Call) (any, error) { return nil, c.Store.RemoveAccounts("") }},
		{Path: "account get-access-token", Help: "Get a token for utilities to access Azure.", Run: accessToken,
			Args: []command.Arg{
				subscription,
				{Name: "resource", Flags: []string{"--resource"}, Help: "Azure resource endpoints in Microsoft Entra v1.0."},
				{Name: "scopes", Flags: []string{"--scope"}, Kind: command.Any, Help: "Space-separated scopes in Microsoft Entra v2.0. Default to Azure Resource Manager."},
				{Name: "resource_type", Flags: []string{"--resource-type"}, Choices: resourceTypes, Help: "Type of well-known resource."},
				{Name: "tenant", Flags: []string{"--tenant", "-t"}, Help: "Tenant ID for which the token is acquired."},
			},
			Examples: []command.Example{{What: "Get an access token to use with a subscription.", Line: "az account get-access-token --subscription 00000000-0000-0000-0000-000000000000"}}},
	}
}

// resourceTypes and typeEndpoints go together.
var (
	resourceTypes = []string{"oss-rdbms", "arm", "aad-graph", "ms-graph", "batch", "media", "data-lake"}
	typeEndpoints = map[string]string{"oss-rdbms": "ossrdbms_resource_id", "arm": "active_directory_resource_id", "aad-graph": "active_directory_graph_resource_id",
		"ms-graph": "microsoft_graph_resource_id", "batch": "batch_resource_id", "media": "media_resource_id", "data-lake": "active_directory_data_lake_resource_id"}
)

// shown is an account as lists print it.
func shown(a profile.Account) *value.Object {
	o := a.Copy()
	o.Set("cloudName", o.Get("environmentName"))
	o.Delete("environmentName")
	return o
}

func show(c *command.Call) (any, error) {
	a, err := c.Store.Account(c.Text("subscription"))
	if err != nil {
		return nil, err
	}
	return a.Object, nil
}

func list(c *command.Call) (any, error) {
	if c.Flag("refresh") {
		return nil, command.Fail("--refresh is not built: run 'az login' again, which reads the subscriptions anew.")
	}
	all, err := c.Store.Accounts(c.Flag("all"))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		c.Warn(`Please run "az login" to access your accounts.`)
	}
	rows, skipped := []any{}, false
	for _, a := range all {
		if !c.Flag("all") && value.String(a.Object, "state") != "Enabled" {
			skipped = true
			continue
		}
		rows = append(rows, shown(a))
	}
	if skipped {
		c.Warn("A few accounts are skipped as they don't have 'Enabled' state. Use '--all' to display them.")
	}
	return rows, nil
}

func set(c *command.Call) (any, error) { return nil, c.Store.SetDefault(c.Text("subscription")) }

func accessToken(c *command.Call) (any, error) {
	cloud, err := c.Cloud()
	if err != nil {
		return nil, err
	}
	name := "active_directory_resource_id"
	if t := c.Text("resource_type"); t != "" {
		name = typeEndpoints[t]
	}
	resource := c.Text("resource")
	if resource == "" {
		if resource, err = cloud.Endpoint(name); err != nil {
			return nil, err
		}
	}
	scope := profile.Scope(resource)
	if s := c.List("scopes"); len(s) > 0 {
		scope = strings.Join(s, " ")
	}
	if c.Has("tenant") && c.Has("subscription") {
		return nil, command.Fail("Please specify only one of subscription and tenant, not both")
	}
	a, err := c.Store.Account(c.Text("subscription"))
	if err != nil {
		return nil, err
	}
	tenant := a.Tenant()
	if t := c.Text("tenant"); t != "" {
		tenant = t
		a = profile.Account{Object: a.Copy().Set("tenantId", t)}
	}
	hc, err := c.HTTP()
	if err != nil {
		return nil, err
	}
	at, err := c.Store.Authority(hc, cloud, tenant)
	if err != nil {
		return nil, err
	}
	t, err := c.Store.Token(c.Context, at, a, scope)
	if err != nil {
		return nil, err
	}
	o := value.New("tokenType", "Bearer", "accessToken", t.Secret, "expires_on", value.Int(int(t.Expires.Unix())),
		"expiresOn", t.Expires.In(time.Local).Format("2006-01-02 15:04:05.000000"), "tenant", tenant)
	if !c.Has("tenant") {
		o.Set("subscription", a.ID())
	}
	return o, nil
}
