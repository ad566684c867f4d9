package acr

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func tokens() map[string]command.Do {
	return map[string]command.Do{
		"acr scope-map create":          {Run: createMap, Table: mapRows},
		"acr scope-map show":            {Run: showChild("scopeMaps", "scope_map_name", "ScopeMap"), Table: mapRows},
		"acr scope-map list":            {Run: listChildren("scopeMaps", "ScopeMap"), Table: mapRows},
		"acr scope-map update":          {Run: updateMap, Table: mapRows},
		"acr scope-map delete":          {Run: deleteMap, Table: mapRows},
		"acr token create":              {Run: createToken, Table: tokenRows},
		"acr token show":                {Run: showChild("tokens", "token_name", "Token"), Table: tokenRows},
		"acr token list":                {Run: listChildren("tokens", "Token"), Table: tokenRows},
		"acr token update":              {Run: updateToken, Table: tokenRows},
		"acr token delete":              {Run: deleteToken, Table: tokenRows},
		"acr token credential generate": {Run: generate, Table: passwordRows},
		"acr token credential delete":   {Run: deletePasswords, Table: tokenRows},
	}
}

func short(v any) any {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	for _, item := range items {
		if o, ok := item.(*value.Object); ok {
			if d := []rune(value.String(o, "DESCRIPTION")); len(d) > 57 {
				o.Set("DESCRIPTION", string(d[:57])+"...")
			}
		}
	}
	return items
}

func mapRows(v any) any {
	return short(rows("NAME", "name", "TYPE", "scopeMapType", "CREATION DATE", "creationDate", "DESCRIPTION", "description")(v))
}

func tokenRows(v any) any {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	out := []any{}
	for _, item := range items {
		scopeMap := cell(item, "scopeMapId")
		row := value.New("NAME", cell(item, "name"), "SCOPE MAP", scopeMap[strings.LastIndex(scopeMap, "/")+1:], "PASSWORD1 EXPIRY", "", "PASSWORD2 EXPIRY", "",
			"STATUS", title(cell(item, "status")), "PROVISIONING STATE", cell(item, "provisioningState"), "CREATION DATE", cell(item, "creationDate"))
		for _, p := range value.List(item, "credentials.passwords") {
			if column := strings.ToUpper(cell(p, "name")) + " EXPIRY"; row.Has(column) {
				row.Set(column, never(p))
			}
		}
		out = append(out, row)
	}
	return out
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// never is when a password ends.
func never(password any) string {
	if end := cell(password, "expiry"); end != " " {
		return end
	}
	return "Never"
}

func passwordRows(v any) any {
	row := value.New("USERNAME", cell(v, "username"))
	for _, p := range value.List(v, "passwords") {
		name := strings.ToUpper(cell(p, "name"))
		row.Set(name, cell(p, "value")).Set(name+" EXPIRY", never(p))
	}
	return []any{row}
}

func showChild(kind, arg, model string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		v, err := c.Get(at+"/"+kind+"/"+c.Text(arg), version)
		return as(model, v), err
	}
}

func listChildren(kind, model string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := path(c)
		if err != nil {
			return nil, err
		}
		items, err := c.Pages(at+"/"+kind, version)
		return as(model, items), err
	}
}

// mapActions are what --repository and --gateway allow.
func mapActions(uses [][]string, prefix string, valid []string) ([]string, error) {
	var actions []string
	for _, use := range uses {
		resource := strings.ToLower(use[0])
		if len(use) < 2 {
			return nil, command.Fail("At least one action must be specified with \"%s\".", resource)
		}
		for _, action := range use[1:] {
			action = strings.ToLower(action)
			if !slices.Contains(valid, action) {
				return nil, command.Fail("Invalid action \"%s\" provided. \nValid actions are {'%s'}.", action, strings.Join(valid, "', '"))
			}
			actions = append(actions, prefix+"/"+resource+"/"+action)
		}
	}
	return actions, nil
}

// What a scope map may allow.
var (
	repositoryActions = []string{"content/delete", "content/read", "content/write", "metadata/read", "metadata/write"}
	gatewayActions    = []string{"config/read", "config/write", "message/read", "message/write"}
)

func allowed(c *command.Call, repositories, gateways string) ([]string, error) {
	actions, err := mapActions(c.Uses(repositories), "repositories", repositoryActions)
	if err != nil {
		return nil, err
	}
	more, err := mapActions(c.Uses(gateways), "gateway", gatewayActions)
	return append(append([]string{}, actions...), more...), err
}

func createMap(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	actions, err := allowed(c, "repository_actions_list", "gateway_actions_list")
	if err != nil {
		return nil, err
	}
	return putMap(c, at+"/scopeMaps/"+c.Text("scope_map_name"), actions, c.Value("description"))
}

func putMap(c *command.Call, at string, actions []string, description any) (any, error) {
	p := value.New("actions", actions)
	if description != nil {
		p.Set("description", description)
	}
	v, err := c.Send(http.MethodPut, at, version, value.New("properties", p))
	return as("ScopeMap", v), err
}

func updateMap(c *command.Call) (any, error) {
	if !c.Has("add_repository") && !c.Has("remove_repository") && !c.Has("add_gateway") && !c.Has("remove_gateway") && !c.Has("description") {
		return nil, command.Fail("No scope map properties to update.")
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	at += "/scopeMaps/" + c.Text("scope_map_name")
	old, err := c.Get(at, version)
	if err != nil {
		return nil, err
	}
	add, err := allowed(c, "add_repository", "add_gateway")
	if err != nil {
		return nil, err
	}
	remove, err := allowed(c, "remove_repository", "remove_gateway")
	if err != nil {
		return nil, err
	}
	var both, actions []string
	for _, a := range add {
		if slices.Contains(remove, a) {
			both = append(both, "'"+a[strings.Index(a, "/")+1:]+"'")
		}
	}
	if len(both) > 0 {
		slices.Sort(both)
		return nil, command.Fail("Update ambiguity. Duplicate actions were provided with --add and --remove arguments.\n[%s]", strings.Join(both, ", "))
	}
	for _, a := range value.List(old, "properties.actions") {
		if s, _ := a.(string); !slices.Contains(remove, s) {
			actions = append(actions, s)
		}
	}
	for _, a := range add {
		if !slices.Contains(actions, a) {
			actions = append(actions, a)
		}
	}
	p := value.New("actions", actions)
	if v := c.Value("description"); v != nil {
		p.Set("description", v)
	}
	v, err := c.Send(http.MethodPatch, at, version, value.New("properties", p))
	return as("ScopeMap", v), err
}

func deleteMap(c *command.Call) (any, error) {
	n := c.Text("scope_map_name")
	return deleteChild(c, "scopeMaps/"+n, "Deleting the scope map '"+n+"' will remove its permissions with associated tokens. Proceed?")
}

func deleteToken(c *command.Call) (any, error) {
	n := c.Text("token_name")
	return deleteChild(c, "tokens/"+n, "Deleting the token '"+n+"' will invalidate access to anyone using its credentials. Proceed?")
}

func deleteChild(c *command.Call, child, question string) (any, error) {
	if err := confirm(c, question); err != nil {
		return nil, err
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at+"/"+child, version, nil)
	return nil, err
}

func createToken(c *command.Call) (any, error) {
	without, _ := c.Switch("no_passwords")
	switch listed := c.Has("repository_actions_list") || c.Has("gateway_actions_list"); {
	case listed == c.Has("scope_map_name"):
		return nil, command.Fail("usage error: can't use --scope-map and --repository | --gateway")
	case without && (c.Has("expiration") || c.Has("expiration_in_days")):
		return nil, command.Fail("usage error: --no-passwords and expiration arguments are mutually exclusive.")
	case c.Has("expiration") && c.Has("expiration_in_days"):
		return nil, command.Fail("usage error: --expiration and --expiration-in-days are mutually exclusive.")
	}
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	scopeMap := c.Text("scope_map_name")
	if scopeMap == "" {
		scopeMap = c.Text("token_name") + "-scope-map"
		actions, err := allowed(c, "repository_actions_list", "gateway_actions_list")
		if err != nil {
			return nil, err
		}
		if _, err := putMap(c, at+"/scopeMaps/"+scopeMap, actions, "Created by token: "+c.Text("token_name")); err != nil {
			return nil, err
		}
	}
	p := value.New("scopeMapId", value.String(found, "id")+"/scopeMaps/"+scopeMap, "status", c.Value("status"))
	v, err := c.Send(http.MethodPut, at+"/tokens/"+c.Text("token_name"), version, value.New("properties", p))
	if err != nil || without {
		return as("Token", v), err
	}
	token, _ := as("Token", v).(*value.Object)
	made, err := passwords(c, at, value.String(found, "id"), nil)
	if err != nil {
		return nil, err
	}
	credentials := value.ObjectAt(token, "credentials")
	if credentials == nil {
		credentials = value.New("certificates", nil)
		token.Set("credentials", credentials)
	}
	credentials.Set("passwords", value.Path(made, "passwords")).Set("username", value.Path(made, "username"))
	c.Warn("Please store your generated credentials safely. Meanwhile you can use it through \"docker login %s -u %s -p %s\".",
		value.String(found, "properties.loginServer"), value.String(made, "username"), value.String(made, "passwords.0.value"))
	return token, nil
}

// passwords makes new passwords of a token: one, or both where name is nil.
func passwords(c *command.Call, at, id string, name any) (any, error) {
	body := value.New("tokenId", id+"/tokens/"+c.Text("token_name"))
	if name != nil {
		body.Set("name", name)
	}
	if days := c.Int("expiration_in_days"); days > 0 {
		body.Set("expiry", c.Now().UTC().Add(time.Duration(days)*24*time.Hour).Format("2006-01-02T15:04:05.000000Z"))
	} else if end := c.Text("expiration"); end != "" {
		body.Set("expiry", end)
	}
	v, err := c.Send(http.MethodPost, at+"/generateCredentials", version, body)
	return as("GenerateCredentialsResult", v), err
}

func generate(c *command.Call) (any, error) {
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	var name any
	if one, two := c.Flag("password1"), c.Flag("password2"); one != two {
		name = enabled(one, "password1", "password2")
	}
	return passwords(c, at, value.String(found, "id"), name)
}

func updateToken(c *command.Call) (any, error) {
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	p := value.New()
	if n := c.Text("scope_map_name"); n != "" {
		p.Set("scopeMapId", value.String(found, "id")+"/scopeMaps/"+n)
	}
	if v := c.Value("status"); v != nil {
		p.Set("status", v)
	}
	v, err := c.Send(http.MethodPatch, at+"/tokens/"+c.Text("token_name"), version, value.New("properties", p))
	return as("Token", v), err
}

func deletePasswords(c *command.Call) (any, error) {
	if !c.Flag("password1") && !c.Flag("password2") {
		return nil, command.Fail("No credentials to delete.")
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	at += "/tokens/" + c.Text("token_name")
	v, err := c.Get(at, version)
	if err != nil {
		return nil, err
	}
	kept, there := []any{}, map[string]bool{}
	for _, p := range value.List(v, "properties.credentials.passwords") {
		n := value.String(p, "name")
		if there[n] = true; !c.Flag(n) {
			kept = append(kept, value.New("name", n))
		}
	}
	for _, n := range []string{"password1", "password2"} {
		if c.Flag(n) && !there[n] {
			return nil, command.Fail("Unable to perform operation. %s credential doesn't exist.", title(n))
		}
	}
	v, err = c.Send(http.MethodPatch, at, version, value.New("properties", value.New("credentials", value.New("passwords", kept))))
	return as("Token", v), err
}
