package account

import (
	_ "embed" // commands.txt
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/profile"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

//go:embed commands.txt
var table string

// Commands are login, logout, account, cloud, configure, version and rest.
func Commands() ([]command.Group, []command.Command) {
	return command.Rows(table, map[string]command.Do{
		"login":        {Run: login},
		"logout":       {Run: logout},
		"account show": {Run: show},
		"account list": {Run: list, Table: output.Columns("Name", "name", "CloudName", "cloudName", "SubscriptionId", "id", "TenantId", "tenantId",
			"State", "state", "IsDefault", "isDefault")},
		"account set":              {Run: set},
		"account clear":            {Run: func(c *command.Call) (any, error) { return nil, c.Store.RemoveAccounts("") }},
		"account get-access-token": {Run: accessToken},
		"cloud list":               {Run: clouds},
		"cloud show":               {Run: showCloud},
		"cloud set":                {Run: setCloud},
		"cloud register":           {Run: register},
		"cloud update":             {Run: update},
		"cloud unregister":         {Run: unregister},
		"cloud list-profiles":      {Run: func(*command.Call) (any, error) { return []any{"latest"}, nil }},
		"version":                  {Run: version},
		"configure":                {Run: configure},
		"rest":                     {Run: rest},
		"account list-locations":   {Run: locations, Table: output.Columns("DisplayName", "displayName", "Name", "name", "RegionalDisplayName", "regionalDisplayName")},
		"config get":               {Run: getConfig},
		"config set":               {Run: setConfig},
		"config unset":             {Run: unsetConfig},
	})
}

// typeEndpoints are the endpoints of well-known kinds of resources.
var typeEndpoints = map[string]string{"oss-rdbms": "ossrdbms_resource_id", "arm": "active_directory_resource_id", "aad-graph": "active_directory_graph_resource_id",
	"ms-graph": "microsoft_graph_resource_id", "batch": "batch_resource_id", "media": "media_resource_id", "data-lake": "active_directory_data_lake_resource_id"}

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
