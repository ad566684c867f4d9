package deployment

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/output"
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

// kind of change: its sign, its colour and what the legend calls it.
type kind struct{ sign, colour, legend string }

var (
	kindOrder = []string{"Create", "Modify", "Delete", "Deploy", "NoChange", "Ignore", "Unsupported", "NoEffect", "Array"}
	kinds     = map[string]kind{
		"Create": {"+", "\x1b[38;5;77m", "Create"}, "Delete": {"-", "\x1b[38;5;208m", "Delete"}, "Modify": {"~", "\x1b[38;5;141m", "Modify"},
		"Deploy": {"!", "\x1b[38;5;39m", "Deploy"}, "NoChange": {"=", "\x1b[0m", "NoChange"}, "Ignore": {"*", "\x1b[38;5;246m", "Ignore"},
		"Unsupported": {"x", "\x1b[38;5;246m", "Unsupported"}, "NoEffect": {"x", "\x1b[38;5;246m", "NoEffect"}, "Array": {"~", "\x1b[38;5;141m", "Modify"},
	}
)

// show prints changes for people, with colours on a terminal.
func show(c *command.Call, v any) error {
	p := &pretty{coloured: c.Terminal != nil && c.Terminal(1)}
	changes := value.List(v, "changes")
	counts := map[string]int{}
	for _, x := range changes {
		counts[value.String(x, "changeType")]++
	}
	p.line("Note: The result may contain false positive predictions (noise).\nYou can help us improve the accuracy of the result by opening an issue here: https://aka.ms/WhatIfIssues\n")
	if len(changes) > 0 {
		p.line("Resource and property changes are indicated with these symbols:")
		for _, k := range kindOrder {
			if counts[k] > 0 {
				p.line("  " + p.paint(k, kinds[k].sign+" "+kinds[k].legend))
			}
		}
	}
	groups, at := map[string][]any{}, []string{}
	for _, x := range changes {
		where, _ := split(value.String(x, "resourceId"))
		if _, ok := groups[where]; !ok {
			at = append(at, where)
		}
		groups[where] = append(groups[where], x)
	}
	slices.Sort(at)
	for _, where := range at {
		p.line("\nThe deployment will update the following scope:\n\nScope: " + where)
		slices.SortStableFunc(groups[where], func(a, b any) int {
			return slices.Index(kindOrder, value.String(a, "changeType")) - slices.Index(kindOrder, value.String(b, "changeType"))
		})
		for _, x := range groups[where] {
			p.change(x)
		}
	}
	var parts []string
	for _, k := range kindOrder {
		if n := counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, map[string]string{"Create": "to create", "Delete": "to delete", "Modify": "to modify", "Deploy": "to deploy",
				"NoChange": "no change", "Ignore": "to ignore", "Unsupported": "unsupported"}[k]))
		}
	}
	summary := "no change"
	if len(parts) > 0 {
		summary = strings.Join(parts, ", ")
	}
	p.line("\nResource changes: " + summary + ".")
	_, err := c.Out.Write([]byte(p.String()))
	return err
}

// split cuts an id into the scope and what is in it.
func split(id string) (scope, rest string) {
	if i := strings.LastIndex(strings.ToLower(id), "/providers/"); i >= 0 {
		return id[:i], id[i+len("/providers/"):]
	}
	if i := strings.LastIndex(strings.ToLower(id), "/resourcegroups/"); i >= 0 {
		return id[:i], id[i+1:]
	}
	return "/", strings.TrimPrefix(id, "/")
}

// pretty collects lines.
type pretty struct {
	strings.Builder
	coloured bool
}

func (p *pretty) line(text string) { p.WriteString(text + "\n") }

func (p *pretty) paint(kind, text string) string {
	if !p.coloured {
		return text
	}
	return kinds[kind].colour + text + "\x1b[0m"
}

func (p *pretty) change(x any) {
	k := value.String(x, "changeType")
	_, rest := split(value.String(x, "resourceId"))
	p.line("\n  " + p.paint(k, kinds[k].sign+" "+rest))
	switch k {
	case "Create":
		p.payload(k, value.Path(x, "after"))
	case "Delete":
		p.payload(k, value.Path(x, "before"))
	default:
		p.deltas(value.List(x, "delta"), "    ")
	}
}

// payload shows a resource that comes or goes.
func (p *pretty) payload(k string, v any) {
	o, ok := v.(*value.Object)
	if !ok {
		return
	}
	p.line("")
	for _, line := range strings.Split(strings.TrimRight(string(output.YAML(o)), "\n"), "\n") {
		p.line("      " + p.paint(k, line))
	}
}

func (p *pretty) deltas(all []any, indent string) {
	for _, d := range all {
		k := value.String(d, "propertyChangeType")
		text := indent + p.paint(k, kinds[k].sign) + " " + value.String(d, "path") + ":"
		if children := value.List(d, "children"); len(children) > 0 {
			p.line(text)
			p.deltas(children, indent+"  ")
			continue
		}
		before, after := brief(value.Path(d, "before")), brief(value.Path(d, "after"))
		switch k {
		case "Create":
			text += " " + p.paint(k, after)
		case "Delete":
			text += " " + p.paint(k, before)
		default:
			text += " " + p.paint("Delete", before) + " => " + p.paint("Create", after)
		}
		p.line(text)
	}
}

func brief(v any) string {
	data, err := value.Encode(v)
	if err != nil {
		return ""
	}
	return string(data)
}
