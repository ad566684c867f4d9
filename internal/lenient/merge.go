package lenient

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Merge marshals known and lays the unclaimed keys that [Decode] gave over it.
//
// What known holds always wins: an unclaimed key is added only where known has no key that folds to it,
// and goes deeper only where both are objects, or where the unclaimed map holds elements and known has
// an array that is still long enough. The order of known's keys is kept; added keys follow, sorted.
//
// It fails if known cannot be marshalled, or if it is neither object nor array while unknown is not empty.
func Merge(known any, unknown map[string]any) (json.RawMessage, error) {
	raw, err := json.Marshal(known)
	if err != nil {
		return nil, err
	}
	if len(unknown) == 0 {
		return raw, nil
	}
	root, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if root.kind != kindObject && root.kind != kindArray {
		return nil, fmt.Errorf("lenient: merge unclaimed keys into %s: want an object or an array", root.kind)
	}
	if err := overlay(root, unknown); err != nil {
		return nil, err
	}
	return root.appendJSON(nil), nil
}

func overlay(n *node, unknown map[string]any) error {
	switch n.kind {
	case kindArray:
		return overlayElements(n, unknown)
	case kindObject:
		return overlayMembers(n, unknown)
	}
	return nil
}

func overlayElements(n *node, unknown map[string]any) error {
	for i := range n.elems {
		if below, ok := unknown["["+strconv.Itoa(i)+"]"].(map[string]any); ok {
			if err := overlay(&n.elems[i], below); err != nil {
				return err
			}
		}
	}
	return nil
}

func overlayMembers(n *node, unknown map[string]any) error {
	present := make(map[string]int, len(n.members))
	for i := range n.members {
		present[fold(n.members[i].Key)] = i
	}
	for _, key := range sortedKeys(unknown) {
		below, deep := unknown[key].(map[string]any)
		i, taken := present[fold(key)]
		switch {
		case taken && deep:
			if err := overlay(&n.members[i].Val, below); err != nil {
				return err
			}
		case taken, deep && isElements(below):
			// Known has its own value, or the array the elements belonged to is gone.
		default:
			val, err := nodeOf(unknown[key])
			if err != nil {
				return fmt.Errorf("lenient: merge the unclaimed key %q: %w", clip(key), err)
			}
			n.members = append(n.members, member{Key: key, Val: *val})
		}
	}
	return nil
}

// isElements tells the map that stands for an array's elements from an object.
func isElements(m map[string]any) bool {
	for key := range m {
		digits, ok := strings.CutPrefix(key, "[")
		if !ok {
			return false
		}
		digits, ok = strings.CutSuffix(digits, "]")
		if _, err := strconv.ParseUint(digits, 10, 31); !ok || err != nil {
			return false
		}
	}
	return len(m) > 0
}

func nodeOf(v any) (*node, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return parse(raw)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
