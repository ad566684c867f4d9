package expr

import (
	"fmt"
	"maps"
	"slices"
)

// Class says what a function needs besides its arguments.
type Class uint8

// The classes.
const (
	Pure    Class = iota // nothing
	Context              // the deployment: parameters(), resourceGroup(), resourceId()
	Runtime              // the resources: reference(), list...()
	Fresh                // a new value each time: newGuid(), utcNow()
	Input                // what a tool hands in beside the parameters: externalInputs()
	User                 // a user function
)

// Class says what the called function needs.
func (n *Call) Class() Class {
	if n.fn == nil {
		return User
	}
	return n.fn.class
}

const seeFunctions = " Please see https://aka.ms/arm-functions for usage details."

// Check reports that n itself, not what is inside, calls an existing function with a right number of arguments. User
// functions are left to the caller.
func Check(n *Call) error {
	if n.Namespace != "" {
		return nil
	}
	if n.fn == nil {
		return errorf("The template function '%s' is not valid."+seeFunctions, n.Name)
	}
	if k := len(n.Args); k < n.fn.min || n.fn.max >= 0 && k > n.fn.max {
		return errorf("Unable to evaluate template language function '%s': function requires %s argument(s) while %d were provided."+seeFunctions,
			n.Name, arity(n.fn.min, n.fn.max), k)
	}
	return nil
}

func arity(least, most int) string {
	switch {
	case most < 0:
		return fmt.Sprintf("at least %d", least)
	case most == least:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// Functions are the names of all functions of the language in lower case, sorted, without the list functions, whose names
// depend on the resource.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

// ClassOf is the class of a function of that name in any case. ok is false when there is none.
func ClassOf(name string) (class Class, ok bool) {
	fn := lookup(name)
	if fn == nil {
		return 0, false
	}
	return fn.class, true
}

// lookup finds a function by its name in any case, or nil. Every name that begins with list is one.
func lookup(name string) *function {
	var room [32]byte // longer than every name
	low := room[:0]
	for i := range min(len(name), len(room)) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low = append(low, c)
	}
	if fn, ok := functions[string(low)]; ok {
		return fn
	}
	if len(low) >= 4 && string(low[:4]) == "list" {
		return &function{min: 2, max: 3, class: Runtime}
	}
	return nil
}
