package pod

import "encoding/json"

// Security changes how a container is confined. The zero value, and nil, mean the
// runtime's default: docker's capabilities, no new privileges, its seccomp
// profile, masked and read-only paths. It is stored.
type Security struct {
	// Privileged gives every capability and takes every other confinement away.
	Privileged bool `json:",omitempty"`
	// Escalate lets set-user-ID programs and file capabilities work.
	Escalate bool `json:",omitempty"`
	// Drop, then Add, change the default capabilities: "CAP_..." or "ALL".
	Add  []string `json:",omitempty"`
	Drop []string `json:",omitempty"`
	// User and Group replace the image's; nil keeps them.
	User  *uint32 `json:",omitempty"`
	Group *uint32 `json:",omitempty"`
	// Seccomp is a profile in the OCI runtime's JSON. It makes the default profile
	// stricter, never looser, unless the container is Privileged.
	Seccomp json.RawMessage `json:",omitempty"`
}
