package acr

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func webhooks() map[string]command.Do {
	return map[string]command.Do{
		"acr webhook create":      {Run: createHook, Table: hookRows},
		"acr webhook show":        {Run: showChild("webhooks", "webhook_name", "Webhook"), Table: hookRows},
		"acr webhook list":        {Run: listChildren("webhooks", "Webhook"), Table: hookRows},
		"acr webhook update":      {Run: updateHook, Table: hookRows},
		"acr webhook delete":      {Run: deleteHook, Table: hookRows},
		"acr webhook ping":        {Run: askHook("ping", "EventInfo"), Table: rows("ID", "id")},
		"acr webhook get-config":  {Run: askHook("getCallbackConfig", "CallbackConfig"), Table: rows("SERVICE URI", "serviceUri", "HEADERS", "customHeaders")},
		"acr webhook list-events": {Run: hookEvents, Table: eventRows},
	}
}

func hookRows(v any) any {
	return rows("NAME", "name", "LOCATION", "location", "ACTIONS", "actions", "SCOPE", "scope", "STATUS", "status")(v)
}

// eventRows are deliveries as a table: what was sent of which image, and what the
// target answered.
func eventRows(v any) any {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	out := make([]any, len(items))
	for i, item := range items {
		const content = "eventRequestMessage.content."
		out[i] = value.New("ID", cell(item, "id"), "ACTION", cell(item, content+"action"),
			"IMAGE", joined(cell(item, content+"target.repository"), ":", cell(item, content+"target.tag")),
			"HTTP STATUS", joined(cell(item, "eventResponseMessage.statusCode"), " ", cell(item, "eventResponseMessage.reasonPhrase")),
			"TIMESTAMP", cell(item, content+"timestamp"))
	}
	return out
}

// joined are two cells in one, of which either may be a blank.
func joined(a, by, b string) string {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	switch {
	case a == "" && b == "":
		return " "
	case a == "" || b == "":
		return a + b
	}
	return a + by + b
}

// hook is the webhook --name names.
func hook(c *command.Call) (string, error) {
	at, err := path(c)
	return at + "/webhooks/" + url.PathEscape(c.Text("webhook_name")), err
}

// hookChanges are the properties that the arguments of create and update set.
func hookChanges(c *command.Call) *value.Object {
	p := value.New()
	for _, pair := range [][2]string{{"serviceUri", "uri"}, {"status", "status"}, {"scope", "scope"}, {"actions", "actions"}} {
		if v := c.Value(pair[1]); v != nil {
			p.Set(pair[0], v)
		}
	}
	if headers := c.Tags("headers"); headers != nil {
		p.Set("customHeaders", headers)
	}
	return p
}

func createHook(c *command.Call) (any, error) {
	at, found, err := registry(c)
	if err != nil {
		return nil, err
	}
	place := c.Place()
	if place == "" {
		place = value.String(found, "location")
	}
	body := value.New("location", place, "properties", hookChanges(c))
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	v, err := c.Send(http.MethodPut, at+"/webhooks/"+url.PathEscape(c.Text("webhook_name")), version, body)
	return as("Webhook", v), err
}

func updateHook(c *command.Call) (any, error) {
	at, err := hook(c)
	if err != nil {
		return nil, err
	}
	body := value.New()
	if p := hookChanges(c); p.Len() > 0 {
		body.Set("properties", p)
	}
	if tags := c.Tags("tags"); tags != nil {
		body.Set("tags", tags)
	}
	if err := c.Edit(body); err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPatch, at, version, body)
	return as("Webhook", v), err
}

func deleteHook(c *command.Call) (any, error) {
	at, err := hook(c)
	if err != nil {
		return nil, err
	}
	_, err = c.Send(http.MethodDelete, at, version, nil)
	return nil, err
}

func askHook(action, model string) func(*command.Call) (any, error) {
	return func(c *command.Call) (any, error) {
		at, err := hook(c)
		if err != nil {
			return nil, err
		}
		v, err := c.Send(http.MethodPost, at+"/"+action, version, nil)
		return as(model, v), err
	}
}

func hookEvents(c *command.Call) (any, error) {
	at, err := hook(c)
	if err != nil {
		return nil, err
	}
	v, err := c.Send(http.MethodPost, at+"/listEvents", version, nil)
	if err != nil {
		return nil, err
	}
	return as("Event", value.List(v, "value")), nil
}
