package container

import (
	"slices"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// The states of a group, as Azure shows them.
const (
	statePending   = "Pending"
	stateRunning   = "Running"
	stateSucceeded = "Succeeded"
	stateFailed    = "Failed"
	stateStopped   = "Stopped"
)

// observed is what was seen of a group in one run. A value is never changed:
// runners replace it, readers may keep it.
type observed struct {
	Run   int64
	State string
	// Ready: the run came up once. Halted: a stop was carried out. Failure: the
	// run could not be made; nothing runs and nothing is tried again.
	Ready   bool         `json:",omitempty"`
	Halted  bool         `json:",omitempty"`
	Failure *failure     `json:",omitempty"`
	Events  []wire.Event `json:",omitempty"`
	// Inside is the sandbox's own address, if it has one that is known.
	Inside string `json:",omitempty"`
	// Answers are the TCP ports that were seen to answer while the run came up.
	Answers    []uint16  `json:"-"`
	Containers []watched // in the order of spec.all
}

// failure is the error of a run, for Ensure and for calls that waited.
type failure struct {
	Kind    azure.Kind
	Code    string
	Message string
}

func (f *failure) err() error { return azure.Errorf(f.Kind, f.Code, "%s", f.Message) }

// watched is what was seen of one container.
type watched struct {
	Name   string
	Image  string `json:",omitempty"` // the runtime's name; empty until resolved
	Digest string `json:",omitempty"`
	// Attempt is the number of starts in this run less one; -1 before the first.
	Attempt int
	// ReadyAs is Attempt+1 when that start's readiness probe has succeeded.
	ReadyAs int `json:",omitempty"`
	// Crashes counts ends in a row that were followed by a restart.
	Crashes   int          `json:",omitempty"`
	RestartAt time.Time    `json:",omitzero"` // when the restart is due, if one is
	Current   episode      `json:",omitzero"`
	Previous  episode      `json:",omitzero"`
	Waiting   string       `json:",omitempty"` // why it does not run, when Current does not say
	Events    []wire.Event `json:",omitempty"`
}

// episode is one life of a container. Zero: there was none.
type episode struct {
	Attempt  int
	Started  time.Time `json:",omitzero"`
	Ended    bool      `json:",omitempty"`
	Finished time.Time `json:",omitzero"`
	ExitCode int       `json:",omitempty"`
	Detail   string    `json:",omitempty"`
}

func (e episode) zero() bool    { return e.Started.IsZero() && !e.Ended }
func (e episode) running() bool { return !e.zero() && !e.Ended }

// newObserved is the beginning of a run.
func newObserved(g *group) *observed {
	o := &observed{Run: g.Run, State: statePending}
	for _, c := range g.Spec.all() {
		o.Containers = append(o.Containers, watched{Name: c.Name, Attempt: -1, Waiting: "Creating"})
	}
	return o
}

func (o *observed) clone() *observed {
	c := *o
	c.Events = slices.Clone(o.Events)
	c.Answers = slices.Clone(o.Answers)
	c.Containers = slices.Clone(o.Containers)
	for i := range c.Containers {
		c.Containers[i].Events = slices.Clone(c.Containers[i].Events)
	}
	return &c
}

// container gives the entry of name, or nil.
func (o *observed) container(name string) *watched {
	for i := range o.Containers {
		if o.Containers[i].Name == name {
			return &o.Containers[i]
		}
	}
	return nil
}

// settled reports that the run came up, failed or was stopped.
func (o *observed) settled() bool { return o.Ready || o.Halted || o.Failure != nil }

// startedAs records that the runtime started the container.
func (w *watched) startedAs(st pod.ContainerStatus, now time.Time) {
	if w.Current.Ended {
		w.Previous = w.Current
	}
	at := st.StartedAt
	if at.IsZero() {
		at = now
	}
	w.Attempt = st.Attempt
	w.Current = episode{Attempt: st.Attempt, Started: at.UTC()}
	w.Waiting, w.RestartAt = "", time.Time{}
	w.Events = event.Add(w.Events, now, false, "Started", "Started container")
}

// ended records the end of the current episode.
func (w *watched) ended(st pod.ContainerStatus, now time.Time) {
	w.Current.Ended = true
	w.Current.ExitCode = st.ExitCode
	w.Current.Finished = st.FinishedAt.UTC()
	if st.FinishedAt.IsZero() {
		w.Current.Finished = now.UTC()
	}
	w.Current.Detail = detail(st.ExitCode, st.OOMKilled)
	if st.Lost {
		w.Current.Detail = "Unknown"
		w.Events = event.Add(w.Events, now, true, "Failed", "The machine was restarted under the container; its exit code is not known")
	}
}

func detail(code int, oom bool) string {
	switch {
	case oom:
		return "OOMKilled"
	case code == 0:
		return "Completed"
	}
	return "Error"
}

// backoff is the delay before the restart after so many crashes in a row: none
// for the first, then base, doubling up to limit (as Kubernetes does).
func backoff(crashes int, base, limit time.Duration) time.Duration {
	if crashes <= 0 {
		return 0
	}
	d := base
	for range crashes - 1 {
		if d *= 2; d >= limit {
			return limit
		}
	}
	return min(d, limit)
}

// restarts reports whether the policy wants a container that ended so again.
func (p restartPolicy) restarts(exitCode int) bool {
	return p == always || p == onFailure && exitCode != 0
}

// schedule plans the restart of a container that just ended, if the policy wants
// one, and says so.
func (w *watched) schedule(p restartPolicy, t Timing, now time.Time) {
	if !p.restarts(w.Current.ExitCode) {
		return
	}
	if w.Current.Finished.Sub(w.Current.Started) >= t.BackoffFree {
		w.Crashes = 0
	}
	delay := backoff(w.Crashes, t.BackoffBase, t.BackoffMax)
	w.Crashes++
	w.RestartAt = now.Add(delay)
	if delay > 0 {
		w.Waiting = "CrashLoopBackOff"
		w.Events = event.Add(w.Events, now, true, "BackOff", "Back-off restarting failed container")
	}
}

// stateOf derives the group's state from its containers.
func stateOf(g *group, o *observed) string {
	switch {
	case o.Halted:
		return stateStopped
	case o.Failure != nil:
		return stateFailed
	case !o.Ready:
		return statePending
	}
	done, failed := true, false
	for i := range g.Spec.Containers {
		w := o.container(g.Spec.Containers[i].Name)
		if w == nil || w.Current.zero() {
			return statePending
		}
		if w.Current.running() {
			return stateRunning
		}
		if g.Spec.RestartPolicy.restarts(w.Current.ExitCode) {
			done = false
		}
		failed = failed || w.Current.ExitCode != 0
	}
	switch {
	case !done:
		return statePending // every container waits for its restart
	case failed:
		return stateFailed
	}
	return stateSucceeded
}
