package directory

import (
	_ "embed" // commands.txt
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

//go:embed commands.txt
var table string

// Commands are az ad.
func Commands() ([]command.Group, []command.Command) {
	do := map[string]command.Do{
		"ad app create":                        {Run: createApp},
		"ad app list":                          {Run: listApps, Table: rows},
		"ad app show":                          {Run: app.show},
		"ad app update":                        {Run: updateApp},
		"ad app delete":                        {Run: app.remove},
		"ad app owner list":                    {Run: app.owners},
		"ad app owner add":                     {Run: addOwner},
		"ad app owner remove":                  {Run: removeOwner},
		"ad app credential list":               {Run: app.credentials},
		"ad app credential reset":              {Run: app.reset},
		"ad app credential delete":             {Run: app.deleteCredential},
		"ad sp create":                         {Run: createSP},
		"ad sp list":                           {Run: listSPs, Table: rows},
		"ad sp show":                           {Run: sp.show},
		"ad sp update":                         {Run: updateSP},
		"ad sp delete":                         {Run: sp.remove},
		"ad sp owner list":                     {Run: sp.owners},
		"ad sp create-for-rbac":                {Run: createForRBAC},
		"ad sp credential list":                {Run: sp.credentials},
		"ad sp credential reset":               {Run: sp.reset},
		"ad sp credential delete":              {Run: sp.deleteCredential},
		"ad user create":                       {Run: createUser},
		"ad user list":                         {Run: listUsers},
		"ad user show":                         {Run: showUser},
		"ad user update":                       {Run: updateUser},
		"ad user delete":                       {Run: deleteUser},
		"ad signed-in-user show":               {Run: func(c *command.Call) (any, error) { return principal.Do(c, http.MethodGet, "/me", nil) }},
		"ad signed-in-user list-owned-objects": {Run: owned},
	}
	maps.Copy(do, groups())
	return command.Rows(table, do)
}

// rows are applications or service principals as tables show them. The header is
// Id, where other tables hide ids.
func rows(v any) any {
	items, _ := v.([]any)
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b any) int {
		return strings.Compare(value.String(a, "displayName"), value.String(b, "displayName"))
	})
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = value.New("DisplayName", value.Path(item, "displayName"), "Id", value.Path(item, "id"), "AppId", value.Path(item, "appId"),
			"CreatedDateTime", value.Path(item, "createdDateTime"))
	}
	return out
}

// kind is applications or service principals: both have secrets and owners.
type kind struct {
	collection string
	resolve    func(*command.Call, string) (string, error)
}

var (
	app = kind{"/applications/", principal.Application}
	sp  = kind{"/servicePrincipals/", principal.ServicePrincipal}
)

// path is that of --id.
func (k kind) path(c *command.Call) (string, error) {
	id, err := k.resolve(c, c.Text("identifier"))
	return k.collection + id, err
}

func (k kind) show(c *command.Call) (any, error) {
	at, err := k.path(c)
	if err != nil {
		return nil, err
	}
	return principal.Do(c, http.MethodGet, at, nil)
}

func (k kind) remove(c *command.Call) (any, error) {
	at, err := k.path(c)
	if err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodDelete, at, nil)
	return nil, err
}

func (k kind) owners(c *command.Call) (any, error) {
	at, err := k.path(c)
	if err != nil {
		return nil, err
	}
	return principal.List(c, strings.TrimPrefix(at, "/")+"/owners", "")
}

func (k kind) credentials(c *command.Call) (any, error) {
	v, err := k.show(c)
	if err != nil {
		return nil, err
	}
	if c.Flag("cert") {
		return value.Path(v, "keyCredentials"), nil
	}
	return value.Path(v, "passwordCredentials"), nil
}

func (k kind) deleteCredential(c *command.Call) (any, error) {
	if c.Flag("cert") {
		return k.deleteKey(c)
	}
	at, err := k.path(c)
	if err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodPost, at+"/removePassword", value.New("keyId", c.Text("key_id")))
	return nil, err
}

// warning is shown with each new secret.
const warning = "The output includes credentials that you must protect. Be sure that you do not include these credentials in your code or check the credentials into your source control. For more information, see https://aka.ms/azadsp-cli"

func (k kind) reset(c *command.Call) (any, error) {
	end, err := lifetime(c)
	if err != nil {
		return nil, err
	}
	v, err := k.show(c)
	if err != nil {
		return nil, err
	}
	at := k.collection + value.String(v, "id")
	if !c.Flag("append") {
		if err := removePasswords(c, at, v); err != nil {
			return nil, err
		}
	}
	if wantsCertificate(c) {
		return k.resetToCertificate(c, at, v, end)
	}
	secret, err := addPassword(c, at, c.Value("display_name"), end)
	if err != nil {
		return nil, err
	}
	c.Warn(warning)
	tenant, err := tenant(c)
	return value.New("appId", value.Path(v, "appId"), "password", secret, "tenant", tenant), err
}

// lifetime is when --years or --end-date ends a secret.
func lifetime(c *command.Call) (time.Time, error) {
	if c.Has("years") && c.Has("end_date") {
		return time.Time{}, command.Fail("usage error: --years | --end-date")
	}
	text := c.Text("end_date")
	if text == "" {
		return c.Now().UTC().AddDate(max(c.Int("years"), 1), 0, 0), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, command.Fail("'%s' is no date: write one such as 2030-12-31 or 2030-12-31T11:59:59+00:00", text)
}

func removePasswords(c *command.Call, at string, v any) error {
	for _, p := range value.List(v, "passwordCredentials") {
		if _, err := principal.Do(c, http.MethodPost, at+"/removePassword", value.New("keyId", value.Path(p, "keyId"))); err != nil {
			return err
		}
	}
	return nil
}

func addPassword(c *command.Call, at string, name any, end time.Time) (any, error) {
	p := value.New("startDateTime", stamp(c.Now()), "endDateTime", stamp(end))
	if name != nil {
		p.Set("displayName", name)
	}
	v, err := principal.Do(c, http.MethodPost, at+"/addPassword", value.New("passwordCredential", p))
	return value.Path(v, "secretText"), err
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func tenant(c *command.Call) (string, error) {
	a, err := c.Account()
	if err != nil {
		return "", err
	}
	return a.Tenant(), nil
}

// members maps arguments to members of Graph's objects.
type members []struct{ arg, path string }

// body is an object of the arguments that were given.
func (m members) body(c *command.Call) (*value.Object, error) {
	o := value.New()
	for _, one := range m {
		v := c.Value(one.arg)
		if v == nil {
			continue
		}
		if text, ok := v.(string); ok && slices.Contains([]string{"app_roles", "optional_claims", "required_resource_accesses"}, one.arg) {
			var err error
			if v, err = value.Decode([]byte(text)); err != nil {
				return nil, command.Fail("Failed to parse string as JSON:\n%s\nError detail: %s", text, value.Why(text)).
					WithHint("The provided JSON string may have been parsed by the shell. See https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-quoting#json-strings")
			}
		}
		in, parts := o, strings.Split(one.path, ".")
		for _, p := range parts[:len(parts)-1] {
			next := value.ObjectAt(in, p)
			if next == nil {
				next = value.New()
				in.Set(p, next)
			}
			in = next
		}
		in.Set(parts[len(parts)-1], v)
	}
	return o, nil
}

// list reads a collection with the filters of arguments, joined by and.
func list(c *command.Call, collection string, filters ...string) (any, error) {
	var parts []string
	if f := c.Text("query_filter"); f != "" {
		parts = append(parts, f)
	}
	for i := 0; i < len(filters); i += 2 {
		if v := c.Text(filters[i]); v != "" {
			parts = append(parts, strings.ReplaceAll(filters[i+1], "?", principal.Quote(v)))
		}
	}
	items, err := principal.List(c, collection, strings.Join(parts, " and "))
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 && !c.Flag("include_all") && collection != "users" && len(items) > 100 {
		c.Warn("The result is not complete. You can still use '--all' to get all of them with long latency expected, or provide a filter through command arguments")
		items = items[:100]
	}
	return items, nil
}

func owned(c *command.Call) (any, error) { return ownedOf(c, c.Text("object_type")) }

// ownedOf lists what the signed-in owns of a type.
func ownedOf(c *command.Call, wanted string) (any, error) {
	items, err := principal.List(c, "me/ownedObjects", "")
	if err != nil || wanted == "" {
		return items, err
	}
	found := []any{}
	for _, item := range items {
		o, _ := item.(*value.Object)
		kind, _ := o.Get("@odata.type").(string)
		if strings.EqualFold(kind, wanted) || strings.EqualFold(kind[strings.LastIndex(kind, ".")+1:], wanted) {
			found = append(found, item)
		}
	}
	return found, nil
}
