package deployment

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm/template"
	"github.com/lazuli-cloud/lazuli/azure"
)

// propertyChange is a WhatIfPropertyChange.
type propertyChange struct {
	Path               string           `json:"path"`
	PropertyChangeType string           `json:"propertyChangeType"` // Array, Create, Delete, Modify
	Before             any              `json:"before,omitempty"`
	After              any              `json:"after,omitempty"`
	Children           []propertyChange `json:"children,omitempty"`
}

// comparison finds what differs between what is there and what a template says. A property that only GET shows is no
// difference, except for tags: resources fill in defaults and show what cannot be written.
type comparison struct {
	hidden  map[string]bool // lower-case places whose values are secret
	partial bool            // strings in brackets are values that are not known yet
	found   []propertyChange
}

// compare gives the property changes of a resource.
func compare(before, after map[string]any, body *template.Body) []propertyChange {
	c := &comparison{hidden: map[string]bool{}, partial: body.Partial}
	for _, place := range body.Secrets {
		c.hidden[strings.ToLower(place)] = true
	}
	for _, key := range sorted(after) {
		switch strings.ToLower(key) {
		case "id", "type", "name", "apiversion":
		case "location":
			old, _ := azure.ParseLocation(text(field(before, key)))
			if now, known := azure.ParseLocation(text(after[key])); known && now == old {
				continue
			}
			fallthrough
		default:
			c.value(key, key, field(before, key), after[key])
		}
	}
	old, _ := field(before, "tags").(map[string]any)
	now, _ := field(after, "tags").(map[string]any)
	for _, key := range sorted(old) {
		if field(now, key) == nil {
			c.found = append(c.found, propertyChange{Path: "tags." + key, PropertyChangeType: changeDelete, Before: old[key]})
		}
	}
	return c.found
}

// value compares one value. path is where it is shown, place where it is in the body.
func (c *comparison) value(path, place string, before, after any) {
	if c.hidden[strings.ToLower(place)] || c.partial && isExpression(after) || same(place, before, after) {
		return // what is secret or not known yet cannot be compared
	}
	switch now := after.(type) {
	case map[string]any:
		old, ok := before.(map[string]any)
		if !ok {
			break
		}
		for _, key := range sorted(now) {
			c.value(path+"."+key, place+"."+key, field(old, key), now[key])
		}
		return
	case []any:
		old, ok := before.([]any)
		if !ok {
			break
		}
		if children := c.elements(place, old, now); len(children) > 0 {
			c.found = append(c.found, propertyChange{Path: path, PropertyChangeType: "Array", Children: children})
		}
		return
	}
	kind := changeModify
	if before == nil {
		kind = changeCreate
	}
	c.found = append(c.found, propertyChange{Path: path, PropertyChangeType: kind, Before: before, After: after})
}

// elements compares arrays by position.
func (c *comparison) elements(place string, before, after []any) (children []propertyChange) {
	for i, now := range after {
		at := strconv.Itoa(i)
		if i >= len(before) {
			children = append(children, propertyChange{Path: at, PropertyChangeType: changeCreate, After: now})
			continue
		}
		inner := &comparison{hidden: c.hidden, partial: c.partial}
		inner.value("", place+"["+at+"]", before[i], now)
		for k := range inner.found {
			inner.found[k].Path = strings.TrimPrefix(inner.found[k].Path, ".")
		}
		if len(inner.found) == 1 && inner.found[0].Path == "" {
			inner.found[0].Path = at
			children = append(children, inner.found...)
		} else if len(inner.found) > 0 {
			children = append(children, propertyChange{Path: at, PropertyChangeType: changeModify, Children: inner.found})
		}
	}
	for i := len(after); i < len(before); i++ {
		children = append(children, propertyChange{Path: strconv.Itoa(i), PropertyChangeType: changeDelete, Before: before[i]})
	}
	return children
}

// enumerations are properties whose values rooms spell in their own way.
var enumerations = map[string]bool{"protocol": true, "type": true, "ostype": true, "restartpolicy": true, "sku": true, "tier": true, "family": true,
	"publicnetworkaccess": true, "defaultaction": true, "bypass": true, "createmode": true}

// same compares scalars as the door reads them: numbers may come as strings, enumerations and ids in any case, and what is not
// there is false, empty or null.
func same(place string, before, after any) bool {
	switch after := after.(type) {
	case nil:
		return true // a null writes nothing
	case map[string]any:
		return len(after) == 0 && before == nil
	case []any:
		return len(after) == 0 && before == nil
	case bool:
		if before == nil {
			return !after
		}
	case string:
		if before == nil {
			return after == ""
		}
	}
	old, now := fmt.Sprint(before), fmt.Sprint(after)
	key := strings.ToLower(place[strings.LastIndexByte(place, '.')+1:])
	if old == now || strings.EqualFold(old, now) && (enumerations[key] || strings.HasPrefix(now, "/")) {
		return true
	}
	a, errA := strconv.ParseFloat(old, 64)
	b, errB := strconv.ParseFloat(now, 64)
	return errA == nil && errB == nil && a == b
}

func isExpression(v any) bool {
	s, ok := v.(string)
	return ok && strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && !strings.HasPrefix(s, "[[")
}

// field finds a member in any case.
func field(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	for k, v := range m {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
