package principal

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

var guid = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsID reports whether a text has the form of an object id.
func IsID(s string) bool { return guid.MatchString(s) }

// Quote makes text a string of OData.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// List reads a collection of Graph, such as users, with a filter; "" for all.
func List(c *command.Call, collection, filter string) ([]any, error) {
	path := "/v1.0/" + collection
	if filter != "" {
		path += "?$filter=" + url.QueryEscape(filter)
	}
	items, err := c.GraphPages(path)
	return items, Words(c, err)
}

// Do calls Graph; path comes after /v1.0.
func Do(c *command.Call, method, path string, body any) (any, error) {
	v, err := c.Graph(method, "/v1.0"+path, body)
	return v, Words(c, err)
}

// Words words a refusal of Graph as az does: the message alone; exit code 3 when a
// show command does not find its object.
func Words(c *command.Call, err error) error {
	var e *client.StatusError
	if !errors.As(err, &e) {
		return err
	}
	message := e.Error()
	if e.Azure != nil {
		message = e.Azure.Message
	}
	if e.Status == http.StatusNotFound && strings.HasSuffix(c.Command.Path, " show") {
		return command.Missing("%s", message)
	}
	return command.Fail("%s", message)
}

// ServicePrincipal finds the object id of a service principal by one of its names
// or by the id itself.
func ServicePrincipal(c *command.Call, identifier string) (string, error) {
	items, err := List(c, "servicePrincipals", "servicePrincipalNames/any(c:c eq "+Quote(identifier)+")")
	switch {
	case err != nil:
		return "", err
	case len(items) > 0:
		return value.String(items[0], "id"), nil
	case IsID(identifier):
		return identifier, nil
	}
	return "", absent(c, "Service principal '%s' doesn't exist", identifier)
}

// Application finds the object id of an application by appId, object id or
// identifier URI.
func Application(c *command.Call, identifier string) (string, error) {
	filter := "identifierUris/any(s:s eq " + Quote(identifier) + ")"
	if IsID(identifier) {
		filter = "appId eq " + Quote(identifier)
	}
	items, err := List(c, "applications", filter)
	switch {
	case err != nil:
		return "", err
	case len(items) > 0:
		return value.String(items[0], "id"), nil
	case IsID(identifier):
		return identifier, nil
	}
	return "", absent(c, "Application with identifier URI '%s' doesn't exist", identifier)
}

// absent is exit code 3 for show commands, else 1.
func absent(c *command.Call, format, name string) error {
	if strings.HasSuffix(c.Command.Path, " show") {
		return command.Missing(format, name)
	}
	return command.Fail(format, name)
}

// Stubs reads objects of any kind by their ids.
func Stubs(c *command.Call, ids []string) ([]any, error) {
	body := value.New("ids", ids, "types", []string{"user", "group", "servicePrincipal", "directoryObjectPartnerReference"})
	v, err := Do(c, http.MethodPost, "/directoryObjects/getByIds", body)
	return value.List(v, "value"), err
}

// kinds are Graph's types as the control plane names them.
var kinds = map[string]string{"#microsoft.graph.user": "User", "#microsoft.graph.group": "Group", "#microsoft.graph.servicePrincipal": "ServicePrincipal"}

// Resolve finds the object id and the kind of a user's name, a service
// principal's name or an object id.
func Resolve(c *command.Call, assignee string) (id, kind string, err error) {
	if strings.Contains(assignee, "@") {
		items, err := List(c, "users", "userPrincipalName eq "+Quote(assignee))
		if err != nil || len(items) > 0 {
			return first(items), "User", err
		}
	}
	items, err := List(c, "servicePrincipals", "servicePrincipalNames/any(c:c eq "+Quote(assignee)+")")
	if err != nil || len(items) > 0 {
		return first(items), "ServicePrincipal", err
	}
	if IsID(assignee) {
		if items, err = Stubs(c, []string{assignee}); err != nil || len(items) > 0 {
			return first(items), Kind(items), err
		}
	}
	return "", "", command.Fail("Cannot find user or service principal in graph database for '%[1]s'. If the assignee is an appId, make sure the corresponding service principal is created with 'az ad sp create --id %[1]s'.", assignee)
}

// Kind is the kind of the first of objects, "" when there is none.
func Kind(items []any) string {
	if len(items) == 0 {
		return ""
	}
	o, _ := items[0].(*value.Object)
	kind, _ := o.Get("@odata.type").(string)
	return kinds[kind]
}

func first(items []any) string {
	if len(items) == 0 {
		return ""
	}
	return value.String(items[0], "id")
}
