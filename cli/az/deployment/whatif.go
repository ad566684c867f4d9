package deployment

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

func (s scope) whatIf(c *command.Call) (any, error) {
	v, err := s.changes(c)
	if err != nil {
		return nil, err
	}
	if c.Flag("no_pretty_print") {
		return v, nil
	}
	return nil, show(c, v)
}

// changes asks what a deployment would change.
func (s scope) changes(c *command.Call) (any, error) {
	at, body, err := s.prepared(c)
	if err != nil {
		return nil, err
	}
	format := c.Text("result_format")
	if format == "" {
		format = c.Text("what_if_result_format")
	}
	if format != "" { // goes beside the other properties
		tail := `,"whatIfSettings":{"resultFormat":"` + format + `"}}`
		i := strings.LastIndex(string(body), "}}")
		if place := strings.LastIndex(string(body), `},"location":`); place > 0 {
			i = place
		}
		body = []byte(string(body[:i]) + tail + string(body[i+1:]))
	}
	v, err := c.Send(http.MethodPost, at+"/whatIf", version, body)
	if err != nil {
		return nil, command.Flatten(err, 1)
	}
	result := as("WhatIfOperationResult", v)
	excluded := append(slices.Clone(c.List("exclude_change_types")), c.List("what_if_exclude_change_types")...)
	if o, ok := result.(*value.Object); ok && len(excluded) > 0 {
		o.Set("changes", slices.DeleteFunc(value.List(o, "changes"), func(x any) bool {
			return slices.ContainsFunc(excluded, func(e string) bool { return strings.EqualFold(e, value.String(x, "changeType")) })
		}))
	}
	return result, nil
}

func hasChange(v any) bool {
	return slices.ContainsFunc(value.List(v, "changes"), func(x any) bool {
		kind := value.String(x, "changeType")
		return kind != "NoChange" && kind != "Ignore"
	})
}
