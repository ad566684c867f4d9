package deployment

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// The colours of changes; plain ends each.
const (
	orange = "\x1b[38;5;208m"
	green  = "\x1b[38;5;77m"
	purple = "\x1b[38;5;141m"
	blue   = "\x1b[38;5;39m"
	gray   = "\x1b[38;5;246m"
	plain  = "\x1b[0m"
)

// kind of change: its sign, its colour, its place among the others, and how
// resources of it are counted.
type kind struct {
	sign, colour string
	weight       int
	counted      string
}

// kinds are those of resources, which are the ones of properties too.
var kinds = map[string]kind{
	"Delete":      {"-", orange, 0, "to delete"},
	"Create":      {"+", green, 1, "to create"},
	"Deploy":      {"!", blue, 2, "to deploy"},
	"Modify":      {"~", purple, 3, "to modify"},
	"Array":       {"~", purple, 3, ""},
	"NoChange":    {"=", plain, 4, "no change"},
	"Unsupported": {"x", gray, 5, "unsupported"},
	"Ignore":      {"*", gray, 6, "to ignore"},
	"NoEffect":    {"x", gray, 7, ""},
}

// show prints changes for people, with colours on a terminal.
func show(c *command.Call, v any) error {
	p := &pretty{coloured: c.Colour()}
	changes := value.List(v, "changes")
	p.put("Note: The result may contain false positive predictions (noise).\nYou can help us improve the accuracy of the result by opening an issue here: https://aka.ms/WhatIfIssues\n\n")
	p.legend(changes)
	p.scopes(changes)
	p.put("\nResource changes: " + counted(changes) + ".\n")
	_, err := c.Out.Write([]byte(p.String()))
	return err
}

// counted says how many resources change in which way.
func counted(changes []any) string {
	counts := map[string]int{}
	for _, x := range changes {
		counts[value.String(x, "changeType")]++
	}
	var parts []string
	for _, k := range ordered(counts) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[k], kinds[k].counted))
	}
	if len(parts) == 0 {
		return "no change"
	}
	return strings.Join(parts, ", ")
}

// ordered are kinds of change by their weight.
func ordered(of map[string]int) []string {
	var names []string
	for k := range of {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b string) int { return kinds[a].weight - kinds[b].weight })
	return names
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

// pretty collects text whose colours lie in each other.
type pretty struct {
	strings.Builder
	coloured bool
	colours  []string
}

func (p *pretty) put(text string) { p.WriteString(text) }

// in writes what is in a colour.
func (p *pretty) in(colour string, write func()) {
	if !p.coloured {
		write()
		return
	}
	p.colours = append(p.colours, colour)
	p.put(colour)
	write()
	p.colours = p.colours[:len(p.colours)-1]
	if n := len(p.colours); n > 0 {
		p.put(p.colours[n-1])
	} else {
		p.put(plain)
	}
}

func (p *pretty) paint(colour, text string) { p.in(colour, func() { p.put(text) }) }

func (p *pretty) indent(level int) { p.put(strings.Repeat("  ", level)) }

// legend explains the signs that are used.
func (p *pretty) legend(changes []any) {
	if len(changes) == 0 {
		return
	}
	used := map[string]int{}
	var properties func([]any)
	properties = func(all []any) {
		for _, d := range all {
			k := value.String(d, "propertyChangeType")
			if k == "Array" {
				k = "Modify"
			}
			used[k]++
			properties(value.List(d, "children"))
		}
	}
	for _, x := range changes {
		used[value.String(x, "changeType")]++
		properties(value.List(x, "delta"))
	}
	word := "these symbols:"
	if len(used) == 1 {
		word = "this symbol:"
	}
	p.put("Resource and property changes are indicated with " + word + "\n")
	for _, k := range ordered(used) {
		p.indent(1)
		p.paint(kinds[k].colour, kinds[k].sign)
		p.put(" " + k[:1] + strings.ToLower(k[1:]) + "\n")
	}
}

// scopes shows the changes of each scope.
func (p *pretty) scopes(changes []any) {
	if len(changes) == 0 {
		return
	}
	groups, at := map[string][]any{}, []string{}
	for _, x := range changes {
		where, _ := split(value.String(x, "resourceId"))
		where = strings.ToUpper(where)
		if _, ok := groups[where]; !ok {
			at = append(at, where)
		}
		groups[where] = append(groups[where], x)
	}
	slices.Sort(at)
	word := "scopes"
	if len(at) == 1 {
		word = "scope:"
	}
	p.put("\nThe deployment will update the following " + word + "\n")
	for _, where := range at {
		all := groups[where]
		scope, _ := split(value.String(all[0], "resourceId"))
		p.put("\nScope: " + scope + "\n")
		slices.SortStableFunc(all, func(a, b any) int {
			_, x := split(value.String(a, "resourceId"))
			_, y := split(value.String(b, "resourceId"))
			return cmp.Or(kinds[value.String(a, "changeType")].weight-kinds[value.String(b, "changeType")].weight, strings.Compare(x, y))
		})
		for i := 0; i < len(all); {
			k := value.String(all[i], "changeType")
			p.in(kinds[k].colour, func() {
				for ; i < len(all) && value.String(all[i], "changeType") == k; i++ {
					p.change(k, all[i], i == len(all)-1)
				}
			})
		}
	}
}

func (p *pretty) change(k string, x any, last bool) {
	_, rest := split(value.String(x, "resourceId"))
	before, after := value.Path(x, "before"), value.Path(x, "after")
	api := value.String(after, "apiVersion")
	if full(before) {
		api = value.String(before, "apiVersion")
	}
	p.put("\n")
	p.indent(1)
	p.put(kinds[k].sign + " " + rest)
	if api != "" {
		p.paint(plain, " ["+api+"]")
	}
	delta := value.List(x, "delta")
	switch {
	case k == "Create" && full(after):
		p.json(after, "", 0, 2)
	case k == "Delete" && full(before):
		p.json(before, "", 0, 2)
	case len(delta) > 0:
		p.in(plain, func() {
			p.put("\n")
			p.properties(byWeight(delta), 2)
		})
	case last:
		p.put("\n")
	}
}

// weight orders changes of properties.
func weight(d any) int {
	return slices.Index([]string{"Delete", "Create", "Modify", "NoEffect"}, strings.Replace(value.String(d, "propertyChangeType"), "Array", "Modify", 1))
}

func byWeight(all []any) []any {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b any) int {
		return cmp.Or(weight(a)-weight(b), strings.Compare(value.String(a, "path"), value.String(b, "path")))
	})
	return all
}

func byIndex(all []any) []any {
	all = slices.Clone(all)
	number := func(d any) int { n, _ := strconv.Atoi(value.String(d, "path")); return n }
	slices.SortStableFunc(all, func(a, b any) int { return cmp.Or(number(a)-number(b), weight(a)-weight(b)) })
	return all
}

func (p *pretty) properties(all []any, indent int) {
	width := 0
	for _, d := range all {
		counts := len(value.List(d, "children")) == 0
		switch value.String(d, "propertyChangeType") {
		case "Create":
			counts = leaf(value.Path(d, "after"))
		case "Delete", "Modify":
			counts = leaf(value.Path(d, "before"))
		}
		if counts {
			width = max(width, len(value.String(d, "path")))
		}
	}
	for _, d := range all {
		p.property(d, width, indent)
		p.put("\n")
	}
}

func (p *pretty) property(d any, width, indent int) {
	k := value.String(d, "propertyChangeType")
	before, after, children := value.Path(d, "before"), value.Path(d, "after"), value.List(d, "children")
	shown := after
	switch k {
	case "Delete", "Modify":
		shown = before
	case "Array":
		shown = children
	}
	if path := value.String(d, "path"); path != "" {
		padding := width - len(path) + 1
		switch {
		case object(shown) || k == "Modify" && len(children) > 0:
			padding = 0
		case array(shown):
			padding = 1
		}
		p.indent(indent)
		p.paint(kinds[k].colour, kinds[k].sign)
		p.put(" " + path)
		p.paint(plain, ":")
		p.put(strings.Repeat(" ", max(0, padding)))
	}
	switch k {
	case "Create", "NoEffect":
		p.in(kinds[k].colour, func() { p.json(after, "", 0, indent+1) })
	case "Delete":
		p.in(kinds[k].colour, func() { p.json(before, "", 0, indent+1) })
	case "Modify":
		p.modified(before, after, children, indent+1)
	case "Array":
		p.array(d, children, indent+1)
	}
}

func (p *pretty) modified(before, after any, children []any, indent int) {
	if len(children) > 0 {
		p.put("\n\n")
		p.properties(byWeight(children), indent)
		return
	}
	p.in(orange, func() { p.json(before, "", 0, indent) })
	if object(before) {
		p.put("\n")
		p.indent(indent)
	} else {
		p.put(" ")
	}
	p.put("=>")
	if !object(after) {
		p.put(" ")
	}
	p.in(green, func() { p.json(after, "", 0, indent) })
	if !leaf(before) && leaf(after) {
		p.put("\n")
	}
}

func (p *pretty) array(d any, children []any, indent int) {
	if value.String(d, "path") == "" { // an array in an array
		indent--
		p.indent(indent)
	}
	if len(children) == 0 {
		p.put("[]\n")
		return
	}
	p.put("[\n")
	p.properties(byIndex(children), indent)
	p.indent(indent)
	p.put("]")
}

// json writes a value below a path; members of objects are named by their whole
// path.
func (p *pretty) json(v any, path string, width, indent int) {
	switch {
	case leaf(v):
		p.path(path, width-len(path)+1, indent)
		p.leaf(v)
	case array(v):
		p.path(path, 1, indent)
		p.items(v.([]any), indent)
	default:
		p.object(v.(*value.Object), path, width, indent)
	}
}

func (p *pretty) path(path string, padding, indent int) {
	if path == "" {
		return
	}
	p.indent(indent)
	p.put(path)
	p.paint(plain, ":")
	p.put(strings.Repeat(" ", max(0, padding)))
}

func (p *pretty) leaf(v any) {
	switch v := v.(type) {
	case nil:
		p.put("null")
	case string:
		p.put(`"` + v + `"`)
	case json.Number:
		p.put(value.Number(v))
	case []any:
		p.put("[]")
	case *value.Object:
		p.put("{}")
	default:
		p.put(fmt.Sprint(v))
	}
}

func (p *pretty) items(all []any, indent int) {
	p.paint(plain, "[")
	p.put("\n")
	width := 1
	for i, v := range all {
		if leaf(v) {
			width = len(strconv.Itoa(i))
		}
	}
	for i, v := range all {
		if object(v) {
			p.path(strconv.Itoa(i), 0, indent+1)
			p.object(v.(*value.Object), "", 0, indent+1)
		} else {
			p.json(v, strconv.Itoa(i), width, indent+1)
		}
		p.put("\n")
	}
	p.indent(indent)
	p.paint(plain, "]")
}

func (p *pretty) object(o *value.Object, path string, width, indent int) {
	root := path == ""
	if root {
		p.put("\n\n")
		width = widest(o)
		indent++
	}
	for _, k := range o.Keys() {
		name := k
		if !root {
			name = path + "." + k
		}
		p.json(o.Get(k), name, width, indent)
		if !object(o.Get(k)) {
			p.put("\n")
		}
	}
}

// widest is the length of the longest path in an object; those of arrays do not
// count.
func widest(o *value.Object) int {
	width := 0
	for _, k := range o.Keys() {
		v := o.Get(k)
		switch {
		case array(v):
		case object(v):
			width = max(width, len(k)+1+widest(v.(*value.Object)))
		default:
			width = max(width, len(k))
		}
	}
	return width
}

func leaf(v any) bool { return !array(v) && !object(v) }

func array(v any) bool {
	list, ok := v.([]any)
	return ok && len(list) > 0
}

func object(v any) bool {
	o, ok := v.(*value.Object)
	return ok && len(o.Keys()) > 0
}

func full(v any) bool { return object(v) || array(v) }
