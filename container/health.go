package container

import (
	"context"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lazuli-cloud/lazuli/container/event"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/probe"
)

// health is the probing of a group's containers. The map is of the runner's
// goroutine alone.
type health struct {
	life    context.Context // the runner's
	probers map[string]*prober
	wait    sync.WaitGroup
}

// prober is the probes of one start of one container.
type prober struct {
	run     int64
	attempt int
	cancel  context.CancelFunc
}

// probe makes the probes that run be those of the containers that run.
func (r *runner) probe(g *group) {
	o := r.seen.Load()
	for name, p := range r.health.probers {
		if w := o.container(name); w == nil || p.run != g.Run || !w.Current.running() || w.Current.Attempt != p.attempt {
			p.cancel()
			delete(r.health.probers, name)
		}
	}
	for i := range g.Spec.Containers {
		c := &g.Spec.Containers[i]
		w := o.container(c.Name)
		if r.health.probers[c.Name] != nil || c.Liveness == nil && c.Readiness == nil || w == nil || !w.Current.running() {
			continue
		}
		ctx, cancel := context.WithCancel(r.health.life)
		p := &prober{run: g.Run, attempt: w.Current.Attempt, cancel: cancel}
		r.health.probers[c.Name] = p
		sandbox := g.Sandbox
		target := probe.Target{
			Exec: func(ctx context.Context, command []string, out io.Writer) (int, error) {
				return r.s.o.Runtime.Streams.Exec(ctx, sandbox, c.Name, pod.ExecSpec{Command: command, Stdout: out, Stderr: out})
			},
			Dial: func(ctx context.Context, port uint16) (net.Conn, error) {
				return r.s.o.Runtime.Inside.DialInside(ctx, sandbox, port)
			},
		}
		watch := func(s *probe.Spec, report func(probe.Outcome) bool) {
			if s != nil {
				r.health.wait.Go(func() { s.Watch(ctx, r.s.o.Timing.ProbeSecond, target, report) })
			}
		}
		watch(c.Liveness, func(x probe.Outcome) bool { return r.alive(ctx, g, c.Name, p, x) })
		watch(c.Readiness, func(x probe.Outcome) bool { return r.ready(g, c.Name, p, x) })
	}
}

// endProbes ends all probes; those of running containers can begin again.
func (r *runner) endProbes() {
	for name, p := range r.health.probers {
		p.cancel()
		delete(r.health.probers, name)
	}
}

// judge changes what was seen of the container, if it is still the one that was
// probed.
func (r *runner) judge(g *group, name string, p *prober, f func(w *watched, now time.Time)) (same bool) {
	r.change(g, func(o *observed) {
		w := o.container(name)
		if same = o.Run == p.run && w != nil && w.Current.running() && w.Current.Attempt == p.attempt; same {
			f(w, r.s.o.Now())
		}
	})
	return same
}

// alive is told of liveness checks. Too many failures stop the container; its
// restart is the policy's.
func (r *runner) alive(ctx context.Context, g *group, name string, p *prober, x probe.Outcome) bool {
	if x.Err == nil {
		return true
	}
	same := r.judge(g, name, p, func(w *watched, now time.Time) {
		w.Events = event.Add(w.Events, now, true, "Unhealthy", "Liveness probe failed: "+x.Err.Error())
		if x.Changed {
			w.Events = event.Add(w.Events, now, false, "Killing", "Container "+name+" failed liveness probe, will be killed and recreated")
		}
	})
	if !same || !x.Changed {
		return same
	}
	if err := r.s.o.Runtime.Containers.StopContainer(ctx, g.Sandbox, name, r.s.o.Timing.Grace); err != nil && ctx.Err() == nil {
		r.s.o.Log.Warn("cannot stop a container that failed its liveness probe", "group", g.ID.String(), "container", name, "error", err)
		return true // asked again, and stopped when it fails again
	}
	r.poke(false)
	return false
}

// ready is told of readiness checks, which open and close the group's ports.
func (r *runner) ready(g *group, name string, p *prober, x probe.Outcome) bool {
	if x.Err == nil && !x.Changed {
		return true
	}
	same := r.judge(g, name, p, func(w *watched, now time.Time) {
		if x.Err != nil {
			w.Events = event.Add(w.Events, now, true, "Unhealthy", "Readiness probe failed: "+x.Err.Error())
		}
		switch {
		case x.Changed && x.Err == nil:
			w.ReadyAs = p.attempt + 1
		case x.Changed:
			w.ReadyAs = 0
		}
	})
	if x.Changed {
		r.poke(false)
	}
	return same
}

// isReady reports that a container without readiness probe has started, or one
// with it succeeded.
func (c *containerSpec) isReady(o *observed) bool {
	if c.Readiness == nil {
		return true
	}
	w := o.container(c.Name)
	return w != nil && w.Current.running() && w.ReadyAs == w.Current.Attempt+1
}

// readyPorts are the public ports that may be used now: a port waits for the
// containers that declare it, or for all when none does. Azure: a group gets no
// traffic before its containers are ready.
func (g *group) readyPorts(o *observed) []pod.Port {
	if g.Spec.IP == nil || g.Spec.IP.Private {
		return nil
	}
	var list []pod.Port
	for _, port := range g.Spec.IP.Ports {
		declared, ready, all := false, true, true
		for i := range g.Spec.Containers {
			c := &g.Spec.Containers[i]
			is := c.isReady(o)
			all = all && is
			if slices.Contains(c.Ports, port) {
				declared, ready = true, ready && is
			}
		}
		if declared && ready || !declared && all {
			list = append(list, port)
		}
	}
	return list
}

// openReady forwards the ports that are ready and no others.
func (r *runner) openReady(ctx context.Context, g *group) error {
	if slices.Equal(r.open, g.readyPorts(r.seen.Load())) {
		return nil
	}
	return r.ensureSandbox(ctx, g, true)
}

// awaitReady waits until every declared TCP port answers and every readiness
// probe succeeded, or a container ended, or Timing.Ready is over: a service may
// be slow, or not listen at all, and still be what the user wants.
func (r *runner) awaitReady(ctx context.Context, g *group) error {
	limited, cancel := context.WithTimeout(ctx, r.s.o.Timing.Ready)
	defer cancel()
	stop := sync.OnceFunc(cancel)
	until := func(done func() bool) func() error {
		return func() error {
			// Each pause is a quarter of the waiting so far: what is ready after 4 ms is
			// not seen after 8.
			for waited := time.Duration(0); limited.Err() == nil && !done(); {
				pause := min(max(waited/4, time.Millisecond), 50*time.Millisecond)
				waited += pause
				if r.someEnded(limited, g) {
					stop()
				}
				_ = sleep(limited, pause) // the loop's condition looks at the same context
			}
			return nil
		}
	}
	var work errgroup.Group
	for _, port := range g.Spec.tcpPorts() {
		work.Go(until(func() bool {
			if !r.answers(limited, g, port) {
				return false
			}
			r.change(g, func(o *observed) { o.Answers = append(o.Answers, port) })
			return true
		}))
	}
	for i := range g.Spec.Containers {
		if c := &g.Spec.Containers[i]; c.Readiness != nil {
			work.Go(until(func() bool { return c.isReady(r.seen.Load()) }))
		}
	}
	_ = work.Wait() // its functions return no errors
	return ctx.Err()
}

func (r *runner) answers(ctx context.Context, g *group, port uint16) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c, err := r.s.o.Runtime.Inside.DialInside(ctx, g.Sandbox, port)
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was written
	return true
}

// public is where the group is reached; zero means nowhere.
func (p *spec) public() netip.Addr {
	if p.IP == nil || p.IP.Private {
		return netip.Addr{}
	}
	return p.IP.Address
}

func (r *runner) someEnded(ctx context.Context, g *group) bool {
	list, err := r.s.o.Runtime.Containers.Statuses(ctx, g.Sandbox)
	if err != nil {
		return false
	}
	for i := range g.Spec.Containers {
		for _, st := range list {
			if st.Name == g.Spec.Containers[i].Name && st.State == pod.Exited {
				return true
			}
		}
	}
	return false
}
