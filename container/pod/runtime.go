package pod

import (
	"fmt"
	"regexp"
)

// Runtime is all that a runtime does. Consumers ask for the part they need.
type Runtime interface {
	Sandboxes
	Containers
	Images
	Streams
	Inside
}

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// MaxIDLength bounds a sandbox's ID: runtimes build their own names from it.
const MaxIDLength = 48

// MaxNameLength bounds a container's name (Azure: 63).
const MaxNameLength = 63

// ValidID returns an error that says what is wrong with a sandbox's ID.
func ValidID(id string) error { return valid("sandbox id", id, MaxIDLength) }

// ValidName returns an error that says what is wrong with a container's name.
func ValidName(name string) error { return valid("container name", name, MaxNameLength) }

func valid(what, s string, limit int) error {
	if len(s) > limit || !label.MatchString(s) {
		return fmt.Errorf("%w: %s %q must be 1 to %d lower-case letters, digits and hyphens, with a letter or digit at both ends",
			ErrInvalid, what, s, limit)
	}
	return nil
}
