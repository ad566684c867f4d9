package deployment

import (
	_ "embed" // commands.txt, models.txt
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
	"github.com/lazuli-cloud/lazuli/cli/az/shape"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// version is the api-version of deployments.
const version = "2024-11-01"

//go:embed commands.txt
var table string

//go:embed models.txt
var models string

// as gives v the form of a model.
func as(model string, v any) any { return shape.Read(models).Apply(model, v) }

// scope is where deployments are.
type scope struct {
	path func(*command.Call) (string, error)
	mode bool // --mode means something
}

// scopes by the word after az deployment.
var scopes = map[string]scope{
	"group": {(*command.Call).GroupPath, true},
	"sub":   {(*command.Call).SubscriptionPath, false},
	"mg": {func(c *command.Call) (string, error) {
		return "/providers/Microsoft.Management/managementGroups/" + url.PathEscape(c.Text("management_group_id")), nil
	}, false},
	"tenant": {func(*command.Call) (string, error) { return "", nil }, false},
}

// Commands are az deployment.
func Commands() ([]command.Group, []command.Command) {
	do := map[string]command.Do{}
	for name, s := range scopes {
		at := "deployment " + name + " "
		do[at+"create"] = command.Do{Run: s.create, Table: row}
		do[at+"validate"] = command.Do{Run: s.validate, Table: verdict}
		do[at+"what-if"] = command.Do{Run: s.whatIf}
		do[at+"show"] = command.Do{Run: s.show, Table: row}
		do[at+"list"] = command.Do{Run: s.list, Table: rows}
		do[at+"delete"] = command.Do{Run: s.remove}
		do[at+"cancel"] = command.Do{Run: s.cancel}
		do[at+"wait"] = command.Do{Run: s.wait}
		do[at+"export"] = command.Do{Run: s.export}
		do["deployment operation "+name+" list"] = command.Do{Run: s.operations}
		do["deployment operation "+name+" show"] = command.Do{Run: s.operation}
	}
	return command.Rows(table, do)
}

func row(v any) any {
	o := value.New("Name", value.Path(v, "name"), "State", value.Path(v, "properties.provisioningState"), "Timestamp", value.Path(v, "properties.timestamp"),
		"Mode", value.Path(v, "properties.mode"))
	if g := value.String(v, "resourceGroup"); g != "" {
		o.Set("ResourceGroup", g)
	}
	return o
}

func rows(v any) any {
	items, _ := v.([]any)
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b any) int {
		return strings.Compare(value.String(a, "properties.timestamp"), value.String(b, "properties.timestamp"))
	})
	for i, item := range items {
		items[i] = row(item)
	}
	return items
}

// verdict is a validation as a table.
func verdict(v any) any {
	if value.ObjectAt(v, "properties") != nil {
		return value.New("result", value.Path(v, "properties.provisioningState"), "correlationId", value.Path(v, "properties.correlationId"))
	}
	return v
}

// collection is where the scope's deployments are.
func (s scope) collection(c *command.Call) (string, error) {
	at, err := s.path(c)
	return at + "/providers/Microsoft.Resources/deployments", err
}

// one is the deployment --name names.
func (s scope) one(c *command.Call) (string, error) {
	at, err := s.collection(c)
	return at + "/" + url.PathEscape(c.Text("deployment_name")), err
}

func (s scope) show(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Get(at, version)
	return as("DeploymentExtended", v), err
}

func (s scope) wait(c *command.Call) (any, error) {
	return c.Wait(func() (any, error) { return s.show(c) })
}

func (s scope) list(c *command.Call) (any, error) {
	at, err := s.collection(c)
	if err != nil {
		return nil, err
	}
	if f := c.Text("filter_string"); f != "" {
		at += "?$filter=" + url.QueryEscape(f)
	}
	items, err := c.Pages(at, version)
	return as("DeploymentExtended", items), err
}

func (s scope) remove(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

func (s scope) cancel(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodPost, at+"/cancel", version, nil)
	return nil, err
}

func (s scope) export(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPost, at+"/exportTemplate", version, nil)
	if err != nil {
		return nil, err
	}
	text, err := output.Ordered(value.Path(v, "template"))
	if err != nil {
		return nil, err
	}
	_, err = c.Out.Write(text)
	return nil, err
}

func (s scope) operations(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	items, err := c.Pages(at+"/operations", version)
	return as("DeploymentOperation", items), err
}

func (s scope) operation(c *command.Call) (any, error) {
	at, err := s.one(c)
	if err != nil {
		return nil, err
	}
	found := []any{}
	for _, id := range c.List("operation_ids") {
		v, err := c.Get(at+"/operations/"+url.PathEscape(id), version)
		if err != nil {
			return nil, err
		}
		found = append(found, as("DeploymentOperation", v))
	}
	return found, nil
}

func (s scope) create(c *command.Call) (any, error) {
	if c.Flag("what_if") || c.Flag("confirm_with_what_if") {
		v, err := s.changes(c)
		if err != nil {
			return nil, err
		}
		if err := show(c, v); err != nil || c.Flag("what_if") {
			return nil, err
		}
		if !c.Flag("proceed_if_no_change") || hasChange(v) {
			if err := c.Ask("\nAre you sure you want to execute the deployment?"); err != nil {
				return nil, err
			}
		}
	}
	at, body, err := s.prepared(c)
	if err != nil {
		return nil, err
	}
	if _, err := s.check(c, at, body); err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPut, at, version, body)
	return as("DeploymentExtended", v), command.Flatten(err, 1)
}

func (s scope) validate(c *command.Call) (any, error) {
	at, body, err := s.prepared(c)
	if err != nil {
		return nil, err
	}
	return s.check(c, at, body)
}

func (s scope) check(c *command.Call, at string, body []byte) (any, error) {
	v, err := c.Send(http.MethodPost, at+"/validate", version, body)
	if err != nil {
		return nil, command.Flatten(err, 1)
	}
	if e := value.ObjectAt(v, "error"); e != nil {
		return nil, command.Fail("%s", preflight(e))
	}
	return as("DeploymentValidateResult", v), nil
}

// preflight words what a validation found.
func preflight(e any) string {
	text := value.String(e, "code") + " - " + value.String(e, "message")
	for _, d := range value.List(e, "details") {
		text += "\n" + preflight(d)
	}
	return text
}
