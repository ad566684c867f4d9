package command

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/value"
	"github.com/lazuli-cloud/lazuli/client"
)

// Call is one run of a command: its arguments and the session it works in.
type Call struct {
	Context context.Context
	Command *Command
	*Session
	values map[string][]string
	uses   map[string][][]string
	noWait bool
}

// Has reports whether an argument was given, or has a default.
func (c *Call) Has(name string) bool {
	_, ok := c.values[name]
	return ok
}

// Text is the value of an argument, "" when it was not given.
func (c *Call) Text(name string) string {
	if v := c.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// List is all values of an argument.
func (c *Call) List(name string) []string { return c.values[name] }

// Uses is the values of each use of an argument that adds up.
func (c *Call) Uses(name string) [][]string { return c.uses[name] }

// Flag reports whether a flag was given.
func (c *Call) Flag(name string) bool { return c.Has(name) }

// Switch is the value of a three-state flag; given is false when it was left out.
func (c *Call) Switch(name string) (on, given bool) {
	v, given := c.values[name]
	if !given || len(v) == 0 {
		return false, given
	}
	return slices.Index(switchWords, strings.ToLower(v[0])) < len(switchWords)/2, true
}

// Int is the value of a number, 0 when it was not given.
func (c *Call) Int(name string) int {
	n, err := strconv.Atoi(c.Text(name))
	if err != nil {
		return 0
	}
	return n
}

// Value is an argument as it goes into a body: null when it was not given, a
// boolean for switches, a number for numbers.
func (c *Call) Value(name string) any {
	i := slices.IndexFunc(c.Command.Args, func(a Arg) bool { return a.Name == name })
	if i < 0 || !c.Has(name) {
		return nil
	}
	switch c.Command.Args[i].Kind {
	case Int, Float:
		return json.Number(c.Text(name))
	case Flag:
		return true
	case Switch:
		on, _ := c.Switch(name)
		return on
	case List, Any:
		list := []any{}
		for _, v := range c.List(name) {
			list = append(list, v)
		}
		return list
	}
	return c.Text(name)
}

// Tags reads key=value words: nil when the argument was not given, empty when it
// was given to clear.
func (c *Call) Tags(name string) *value.Object {
	if !c.Has(name) {
		return nil
	}
	o := value.New()
	for _, word := range c.List(name) {
		if word == "" {
			continue
		}
		k, v, _ := strings.Cut(word, "=")
		o.Set(k, v)
	}
	return o
}

// Place is --location in its short form, such as eastus for "East US".
func (c *Call) Place() string {
	at := c.Text("location")
	if strings.Contains(at, " ") {
		at = strings.ToLower(strings.ReplaceAll(at, " ", ""))
	}
	return at
}

// PlaceOrGroups is --location, or the location of the resource group.
func (c *Call) PlaceOrGroups() (string, error) {
	if at := c.Place(); at != "" {
		return at, nil
	}
	group, err := c.GroupPath()
	if err != nil {
		return "", err
	}
	v, err := c.Get(group, ResourcesVersion)
	return value.String(v, "location"), Flatten(err, 2)
}

// ResourcesVersion is the api-version of resource groups and lists of resources.
const ResourcesVersion = "2024-11-01"

// SubscriptionPath is /subscriptions/ID of the chosen subscription.
func (c *Call) SubscriptionPath() (string, error) {
	a, err := c.Account()
	if err != nil {
		return "", err
	}
	return "/subscriptions/" + a.ID(), nil
}

// GroupPath is the path of --resource-group.
func (c *Call) GroupPath() (string, error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return "", err
	}
	return sub + "/resourceGroups/" + url.PathEscape(c.Text("resource_group_name")), nil
}

// ListPath is where lists are taken: the path of --resource-group where it is
// given, else the subscription's.
func (c *Call) ListPath() (string, error) {
	if c.Text("resource_group_name") != "" {
		return c.GroupPath()
	}
	return c.SubscriptionPath()
}

// Path is a resource below --resource-group: a type and a name, and children's
// types and names after them.
func (c *Call) Path(namespace string, typesAndNames ...string) (string, error) {
	group, err := c.GroupPath()
	if err != nil {
		return "", err
	}
	path := group + "/providers/" + namespace
	for _, s := range typesAndNames {
		path += "/" + url.PathEscape(s)
	}
	return path, nil
}

// Get reads from the control plane; path begins with a slash and may have a
// query.
func (c *Call) Get(path, version string) (any, error) {
	return c.Send(http.MethodGet, path, version, nil)
}

// Send calls the control plane and waits for long work, unless --no-wait was
// given. body is nil, or what is sent as JSON; the answer is nil when it was
// empty.
func (c *Call) Send(method, path, version string, body any) (any, error) {
	arm, base, err := c.controlPlane()
	if err != nil {
		return nil, err
	}
	r := client.Request{Method: method, URL: strings.TrimRight(base.url, "/") + withVersion(path, version), Resource: base.audience}
	if raw, ok := body.([]byte); ok {
		r.Body = raw
	} else if body != nil {
		if r.Body, err = value.Encode(body); err != nil {
			return nil, err
		}
	}
	var res *client.Response
	switch {
	case c.noWait && !strings.HasSuffix(strings.SplitN(path, "?", 2)[0], "/validate"):
		_, err = arm.Do(c.Context, r)
		return nil, err
	case method == http.MethodGet:
		res, err = arm.Do(c.Context, r)
	default:
		p := c.progress()
		res, err = arm.Long(c.Context, r, p.start)
		p.stop()
	}
	if err != nil {
		return nil, err
	}
	return decodeBody(res.Body)
}

// Pages reads a whole list of the control plane.
func (c *Call) Pages(path, version string) ([]any, error) {
	arm, base, err := c.controlPlane()
	if err != nil {
		return nil, err
	}
	return pages(c.Context, arm, client.Request{Method: http.MethodGet, URL: strings.TrimRight(base.url, "/") + withVersion(path, version), Resource: base.audience})
}

func pages(ctx context.Context, at *client.REST, r client.Request) ([]any, error) {
	raw, err := at.Pages(ctx, r)
	if err != nil {
		return nil, err
	}
	items := make([]any, len(raw))
	for i, data := range raw {
		if items[i], err = value.Decode(data); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Graph calls Microsoft Graph; path begins with /v1.0.
func (c *Call) Graph(method, path string, body any) (any, error) {
	at, err := c.graph()
	if err != nil {
		return nil, err
	}
	r := client.Request{Method: method, URL: at + path, Resource: at}
	if body != nil {
		if r.Body, err = value.Encode(body); err != nil {
			return nil, err
		}
	}
	res, err := c.REST().Do(c.Context, r)
	if err != nil {
		return nil, err
	}
	return decodeBody(res.Body)
}

// GraphPages reads a whole list of Microsoft Graph.
func (c *Call) GraphPages(path string) ([]any, error) {
	at, err := c.graph()
	if err != nil {
		return nil, err
	}
	return pages(c.Context, c.REST(), client.Request{Method: http.MethodGet, URL: at + path, Resource: at})
}

func (c *Call) graph() (string, error) {
	cloud, err := c.Cloud()
	if err != nil {
		return "", err
	}
	at, err := cloud.Endpoint("microsoft_graph_resource_id")
	return strings.TrimRight(at, "/"), err
}

// Find looks for a resource of a type by its name in the whole subscription, as
// commands do that know no group. It returns the resource's group, "" when there
// is none of the name.
func (c *Call) Find(kind, name string) (group string, err error) {
	sub, err := c.SubscriptionPath()
	if err != nil {
		return "", err
	}
	items, err := c.Pages(sub+"/resources?$filter="+url.QueryEscape("resourceType eq '"+kind+"'"), ResourcesVersion)
	if err != nil {
		return "", err
	}
	for _, item := range items {
		if strings.EqualFold(value.String(item, "name"), name) {
			parts := strings.Split(value.String(item, "id"), "/")
			if len(parts) > 4 {
				return parts[4], nil
			}
		}
	}
	return "", nil
}

// Set gives an argument a value, for commands that find out what was left out.
func (c *Call) Set(name, v string) { c.values[name] = []string{v} }

func decodeBody(data []byte) (any, error) {
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, nil
	}
	return value.Decode(data)
}

func withVersion(path, version string) string {
	if version == "" {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&api-version=" + version
	}
	return path + "?api-version=" + version
}
