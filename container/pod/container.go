package pod

import (
	"context"
	"time"
)

// Containers starts and stops the containers of a sandbox.
// Safe for concurrent use; calls for one sandbox are serialised by the runtime.
type Containers interface {
	// StartContainer runs a container and returns once its process has been
	// started. If a container of that name is already running with the same
	// Attempt, its status is returned unchanged; one that ended, or runs with
	// another Attempt, is killed and replaced. Its log is continued unless
	// Attempt is 0.
	// [ErrNoSandbox] without the sandbox, [ErrNoImage] when the image was not
	// ensured or prepared, [ErrStart] when the process cannot be started (its
	// text is the reason a user needs: no such file, not executable).
	StartContainer(ctx context.Context, sandbox string, spec ContainerSpec) (ContainerStatus, error)
	// StopContainer asks the container to end by the image's stop signal
	// (SIGTERM if it names none), kills it after grace, and returns when it has
	// ended. Its status and log remain. Unknown or ended ones are no error.
	StopContainer(ctx context.Context, sandbox, name string, grace time.Duration) error
	// RemoveContainer kills and forgets a container with its log. An unknown one
	// is no error.
	RemoveContainer(ctx context.Context, sandbox, name string) error
	// Statuses lists the containers of a sandbox ordered by name. An unknown
	// sandbox has none.
	Statuses(ctx context.Context, sandbox string) ([]ContainerStatus, error)
	// Events reports what happens from now on until ctx ends, when the channel
	// is closed. A consumer that does not read loses the oldest events, never
	// the newest: what counts is Statuses, events only say when to look.
	Events(ctx context.Context) <-chan Event
}

// ContainerSpec is what the room wants of one container.
type ContainerSpec struct {
	// Name is unique in the sandbox: 1 to 63 of [a-z0-9-], as for an ID.
	Name string
	// Image is a name given back by EnsureImage or PrepareImage.
	Image string
	// Command replaces the image's ENTRYPOINT and CMD together, unparsed by any
	// shell (Azure: properties.command). Empty means the image's own.
	Command []string
	// Env is added to the image's environment in order; the last value wins.
	Env []EnvVar
	// WorkingDir and User replace the image's; empty means the image's own.
	// User is "user", "uid", "user:group" or "uid:gid".
	WorkingDir string
	User       string
	// Limits are enforced by the kernel.
	Limits Limits
	// Security changes the confinement; nil means the default.
	Security *Security
	// Mounts are bound into the container in order.
	Mounts []Mount
	// Attempt counts the starts of this container, from 0. It tells a repeated
	// call (same attempt) from a restart (next attempt).
	Attempt int
	// Labels are kept with the container and given back in its status.
	Labels map[string]string
}

// EnvVar is one variable of the environment.
type EnvVar struct{ Name, Value string }

// Limits bounds what a container may use. Zero means: CPU and memory unbounded,
// PIDs the runtime's default (4096).
type Limits struct {
	CPU         float64 // cores, e.g. 0.5
	MemoryBytes int64   // swap included
	PIDs        int64
}

// Mount binds a directory or file of this machine into a container. The room
// owns the source: the runtime neither makes nor removes it.
type Mount struct {
	Source   string // absolute path on this machine
	Target   string // absolute path in the container
	ReadOnly bool
}

// State is where in its life a container is.
type State string

// The states of a container.
const (
	Created State = "Created" // made, its process not started yet
	Running State = "Running"
	Exited  State = "Exited"
)

// ContainerStatus is what the runtime sees of a container.
type ContainerStatus struct {
	Name    string
	State   State
	Attempt int
	PID     int // on this machine; 0 unless Running
	// StartedAt and FinishedAt are zero when it has not happened.
	StartedAt  time.Time
	FinishedAt time.Time
	// ExitCode is meaningful when State is Exited: 0 to 255, 128+n when ended by
	// signal n. [LostExitCode] when the code is not known, because the machine
	// was restarted under the container.
	ExitCode int
	// Lost says that nobody saw the end: then ExitCode is [LostExitCode], which a
	// program may also end with by itself.
	Lost bool
	// OOMKilled says the kernel killed a process of it for want of memory.
	OOMKilled bool
	// Image and ImageDigest are the name it was started from and its manifest's
	// (or index's) digest at that time.
	Image       string
	ImageDigest string
	Labels      map[string]string
}

// LostExitCode is reported for a container whose exit nobody saw. It is 255,
// as in containerd.
const LostExitCode = 255

// EventType says what an [Event] reports.
type EventType string

// The types of events.
const (
	EventStarted EventType = "Started"
	EventExited  EventType = "Exited" // ExitCode, and OOMKilled when known by then
	EventOOM     EventType = "OOM"    // may come before or after EventExited
)

// Event is one thing that happened to a container. The order of events of one
// container is that of their happening, except for EventOOM.
type Event struct {
	Type      EventType
	Sandbox   string
	Container string
	Attempt   int
	Time      time.Time
	ExitCode  int
	OOMKilled bool
}
