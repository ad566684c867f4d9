package identity

import (
	_ "embed" // commands.txt, models.txt
	"net/http"
	"net/url"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of Microsoft.ManagedIdentity.
const version = "2023-01-31"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// Commands are az identity.
func Commands() ([]command.Group, []command.Command) {
	return command.Rows(table, map[string]command.Do{
		"identity create": {Run: create},
		"identity show":   {Run: show},
		"identity list":   {Run: list},
		"identity delete": {Run: remove},

		"identity list-operations":             {Run: listOperations},
		"identity list-resources":              {Run: listResources},
		"identity federated-credential list":   {Run: listFederated},
		"identity federated-credential show":   {Run: askFederated(http.MethodGet, false)},
		"identity federated-credential create": {Run: askFederated(http.MethodPut, true)},
		"identity federated-credential update": {Run: updateFederated},
		"identity federated-credential delete": {Run: askFederated(http.MethodDelete, false)},
	})
}

func path(c *command.Call) (string, error) {
	return c.Path("Microsoft.ManagedIdentity", "userAssignedIdentities", c.Text("resource_name"))
}

func create(c *command.Call) (any, error) {
	place, err := c.PlaceOrGroups()
	if err != nil {
		return nil, err
	}
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	body := value.New("location", place)
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("Identity", v), err
}

func show(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, version)
	return as("Identity", v), err
}

func list(c *command.Call) (any, error) {
	at, err := c.ListPath()
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities", version)
	return as("Identity", items), err
}

func remove(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

// federated is the address of the federated credentials of an identity, or of the
// one --name names.
func federated(c *command.Call) (string, error) {
	at, err := c.Path("Microsoft.ManagedIdentity", "userAssignedIdentities", c.Text("identity_name"), "federatedIdentityCredentials")
	if name := c.Text("name"); name != "" {
		at += "/" + url.PathEscape(name)
	}
	return at, err
}

func listFederated(c *command.Call) (any, error) {
	at, err := federated(c)
	if err != nil {
		return nil, err
	}
	return c.Pages(at, version)
}

// askFederated sends a request to a federated credential; with a body of the
// arguments where write is true.
func askFederated(method string, write bool) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := federated(c)
		if err != nil {
			return nil, err
		}
		var body any
		if write {
			p := value.New()
			for _, name := range []string{"audiences", "issuer", "subject"} {
				if v := c.Value(name); v != nil {
					p.Set(name, v)
				}
			}
			body = value.New("properties", p)
		}
		return c.Send(method, at, version, body)
	}
}

// updateFederated reads a federated credential before it writes it.
func updateFederated(c *command.Call) (any, error) {
	at, err := federated(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, version)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*value.Object)
	p := value.ObjectAt(o, "properties")
	if p == nil {
		p = value.New()
	}
	for _, name := range []string{"audiences", "issuer", "subject"} {
		if v := c.Value(name); v != nil {
			p.Set(name, v)
		}
	}
	return c.Send(http.MethodPut, at, version, value.New("properties", p))
}

func listOperations(c *command.Call) (any, error) {
	return c.Pages("/providers/Microsoft.ManagedIdentity/operations", version)
}

func listResources(c *command.Call) (any, error) {
	at, err := path(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPost, at+"/listAssociatedResources", "2021-09-30-preview", nil)
	if err != nil {
		return nil, err
	}
	return value.List(v, "value"), nil
}
