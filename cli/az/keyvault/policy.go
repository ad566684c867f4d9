package keyvault

import (
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// policyOf finds the policy of a principal; -1 when there is none.
func policyOf(v *value.Object, id, application string) int {
	return slices.IndexFunc(value.List(v, "properties.accessPolicies"), func(p any) bool {
		return strings.EqualFold(value.String(p, "objectId"), id) && strings.EqualFold(value.String(p, "applicationId"), application) &&
			strings.EqualFold(value.String(p, "tenantId"), value.String(v, "properties.tenantId"))
	})
}

// principal is the object id that --object-id, --spn or --upn names.
func principal(c *command.Call) (string, error) {
	given := 0
	for _, name := range []string{"object_id", "spn", "upn"} {
		if c.Text(name) != "" {
			given++
		}
	}
	if given != 1 {
		return "", command.Usage("specify exactly one: --object-id, --spn, --upn")
	}
	if id := c.Text("object_id"); id != "" {
		return id, nil
	}
	return principalID(c, c.Text("spn"), c.Text("upn"))
}

func setPolicy(c *command.Call) (any, error) {
	kinds := map[string]string{"keys": "key_permissions", "secrets": "secret_permissions", "certificates": "certificate_permissions", "storage": "storage_permissions"}
	if !c.Has("key_permissions") && !c.Has("secret_permissions") && !c.Has("certificate_permissions") && !c.Has("storage_permissions") {
		return nil, command.Usage("specify at least one: --key-permissions, --secret-permissions, --certificate-permissions --storage-permissions")
	}
	id, err := principal(c)
	if err != nil {
		return nil, err
	}
	at, v, err := get(c)
	if err != nil {
		return nil, err
	}
	if value.Path(v, "properties.enableRbacAuthorization") == true {
		return nil, command.Fail("Cannot set policies to a vault with '--enable-rbac-authorization' specified")
	}
	p := value.ObjectAt(v, "properties")
	all := value.List(p, "accessPolicies")
	i := policyOf(v, id, c.Text("application_id"))
	if i < 0 {
		entry := value.New("tenantId", p.Get("tenantId"), "objectId", id, "permissions", value.New())
		if app := c.Text("application_id"); app != "" {
			entry.Set("applicationId", app)
		}
		all = append(all, entry)
		i = len(all) - 1
		p.Set("accessPolicies", all)
	}
	permissions := value.ObjectAt(all[i], "permissions")
	for to, from := range kinds {
		if list, ok := c.Value(from).([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
			permissions.Set(to, slices.Compact(list))
		}
	}
	return putBack(c, at, v)
}

func deletePolicy(c *command.Call) (any, error) {
	id, err := principal(c)
	if err != nil {
		return nil, err
	}
	at, v, err := get(c)
	if err != nil {
		return nil, err
	}
	if value.Path(v, "properties.enableRbacAuthorization") == true {
		return nil, command.Fail("Cannot delete policies to a vault with '--enable-rbac-authorization' specified")
	}
	i := policyOf(v, id, c.Text("application_id"))
	if i < 0 {
		return nil, command.Fail("No matching policies found")
	}
	p := value.ObjectAt(v, "properties")
	p.Set("accessPolicies", slices.Delete(value.List(p, "accessPolicies"), i, i+1))
	return putBack(c, at, v)
}
