package container

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/tail"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// intend changes what is wanted of a group and waits for the outcome, but no
// longer than Timing.Wait. Azure: these calls are refused while a group is in
// transition.
func (s *Service) intend(ctx context.Context, id azure.ResourceID, change func(*group)) error {
	key := groupKey(id)
	var run int64
	var same bool
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.groups.GetTx(tx, key)
		if err != nil {
			return err
		}
		if !ok || item.Value.Leaving {
			return azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The container group '%s' was not found, or is being deleted.", id.Name())
		}
		g := item.Value
		if o := s.seen(key); o.Run != g.Run || !o.settled() || g.Stopped != o.Halted {
			return transitioning(id)
		}
		was := [2]any{g.Run, g.Stopped}
		change(&g)
		run = g.Run
		if same = was == [2]any{g.Run, g.Stopped}; same {
			return nil
		}
		return s.groups.Put(tx, key, g)
	})
	if err != nil || same {
		return err
	}
	r := s.runner(key)
	if r == nil {
		return errGone
	}
	r.poke(true)
	limited, cancel := context.WithTimeout(ctx, s.o.Timing.Wait)
	defer cancel()
	o, err := r.await(limited, func(o *observed) bool {
		item, ok := s.groups.Get(key)
		return !ok || o.Run > run || o.Run == run && o.settled() && item.Value.Stopped == o.Halted
	})
	switch {
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil // it goes on; the instance view tells how
	case err != nil:
		return err
	case o.Run == run && o.Failure != nil:
		return o.Failure.err()
	}
	return nil
}

func (s *Service) stopGroup(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	return httpd.None{}, s.intend(ctx, r.ID, func(g *group) { g.Stopped = true })
}

// startGroup starts a group that does not run; one that does is left alone.
func (s *Service) startGroup(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	o := s.seen(groupKey(r.ID))
	return httpd.None{}, s.intend(ctx, r.ID, func(g *group) {
		if g.Stopped || o.State != stateRunning && o.State != statePending {
			g.Run++
		}
		g.Stopped = false
	})
}

func (s *Service) restartGroup(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.None, error) {
	return httpd.None{}, s.intend(ctx, r.ID, func(g *group) { g.Run, g.Stopped = g.Run+1, false })
}

// containerOf finds the group and the container a call names.
func (s *Service) containerOf(r *arm.CallRequest) (*group, *containerSpec, error) {
	item, ok := s.groups.Get(groupKey(r.ID))
	if !ok {
		return nil, nil, azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The container group '%s' was not found.", r.ID)
	}
	g := item.Value
	name := r.Values["container"]
	c := g.Spec.container(strings.ToLower(name))
	if c == nil {
		names := make([]string, 0, len(g.Spec.Containers))
		for _, c := range g.Spec.all() {
			names = append(names, c.Name)
		}
		return nil, nil, azure.Errorf(azure.NotFound, azure.CodeContainerNotFound, "The container '%s' is not in container group '%s'. It has: %s.", name, r.ID.Name(), strings.Join(names, ", "))
	}
	return &g, c, nil
}

func (s *Service) logs(ctx context.Context, r *arm.CallRequest, _ httpd.None) (wire.Logs, error) {
	g, c, err := s.containerOf(r)
	if err != nil {
		return wire.Logs{}, err
	}
	var o pod.LogOptions
	q := r.URL.Query()
	if t := q.Get("tail"); t != "" {
		if o.Tail, err = strconv.Atoi(t); err != nil || o.Tail < 0 {
			return wire.Logs{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter 'tail' is '%s'; give a number of lines.", t)
		}
	}
	if t := q.Get("timestamps"); t != "" {
		if o.Timestamps, err = strconv.ParseBool(t); err != nil {
			return wire.Logs{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "The query parameter 'timestamps' is '%s'; give true or false.", t)
		}
	}
	text, err := tail.Read(ctx, s.o.Runtime.Streams, g.Sandbox, c.Name, o)
	switch {
	case errors.Is(err, pod.ErrNoContainer), errors.Is(err, pod.ErrNoSandbox):
		return wire.Logs{}, noLog(g, c.Name, s.seen(groupKey(r.ID)))
	case errors.Is(err, pod.ErrUnsupported):
		return wire.Logs{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "This cloud's container runtime keeps no timestamps of log lines. Leave out 'timestamps'.")
	case err != nil:
		return wire.Logs{}, err
	}
	return wire.Logs{Content: text}, nil
}

func noLog(g *group, name string, o *observed) error {
	why := "It has not been started yet. Try again later."
	switch {
	case o.Failure != nil:
		why = "The group was not started: " + o.Failure.Message
	case g.Stopped:
		why = "The group is stopped. Start it first."
	}
	return azure.Errorf(azure.NotFound, azure.CodeContainerLogNotAvailable, "The log of container '%s' in container group '%s' is not available. %s", name, g.ID.Name(), why)
}

// lastWords are the end of a container's log, for an error's text.
func (r *runner) lastWords(ctx context.Context, g *group, name string) string {
	text, err := tail.Read(ctx, r.s.o.Runtime.Streams, g.Sandbox, name, pod.LogOptions{Tail: 5})
	if text = strings.TrimSpace(text); err != nil || text == "" {
		return "(nothing)"
	}
	return text[max(0, len(text)-500):]
}

// outbound: groups have no virtual network, so nothing has to be opened for them.
func (s *Service) outbound(context.Context, *arm.CallRequest, httpd.None) ([]string, error) {
	return []string{}, nil
}

func location(r *arm.CallRequest) (azure.Location, error) {
	l, known := azure.ParseLocation(r.Values["location"])
	if !known {
		return l, azure.Errorf(azure.Invalid, azure.CodeLocationNotAvailable, "The location '%s' is not a region of this cloud. List the regions with 'az account list-locations'.", r.Values["location"])
	}
	return l, nil
}

// usages counts the subscription's groups and requested cores in a region, and says
// how many it may have.
func (s *Service) usages(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[wire.Usage], error) {
	l, err := location(r)
	if err != nil {
		return azure.Page[wire.Usage]{}, err
	}
	cores := 0.0
	list := s.there(limit.Place{Subscription: strings.ToLower(r.ID.Subscription), Region: l})
	for _, g := range list {
		cores += g.Cores
	}
	id := r.ID.String() + "/providers/Microsoft.ContainerInstance/locations/" + string(l) + "/usages/"
	return azure.NewPage([]wire.Usage{
		{ID: id + "ContainerGroups", Unit: "Count", CurrentValue: len(list), Limit: s.o.Limits.Groups, Name: wire.UsageName{Value: "ContainerGroups", LocalizedValue: "Container Groups"}},
		{ID: id + "StandardCores", Unit: "Count", CurrentValue: int(cores), Limit: int(s.o.Limits.Cores), Name: wire.UsageName{Value: "StandardCores", LocalizedValue: "Standard Cores"}},
	}, ""), nil
}

func (s *Service) capabilities(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[wire.Capabilities], error) {
	l, err := location(r)
	if err != nil {
		return azure.Page[wire.Capabilities]{}, err
	}
	var list []wire.Capabilities
	for _, kind := range []string{"Public", "Private"} {
		list = append(list, wire.Capabilities{
			ResourceType: "containerGroups", OSType: "Linux", Location: string(l), IPAddressType: kind, GPU: "None",
			Capabilities: wire.CapabilitiesCapabilities{MaxMemoryInGB: s.o.Limits.MemoryInGB, MaxCPU: s.o.Limits.CPU},
		})
	}
	return azure.NewPage(list, ""), nil
}

// cachedImages lists the images that start without a pull.
func (s *Service) cachedImages(ctx context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[wire.CachedImages], error) {
	if _, err := location(r); err != nil {
		return azure.Page[wire.CachedImages]{}, err
	}
	names, err := s.o.Images.Cached(ctx)
	var list []wire.CachedImages
	for _, name := range names {
		list = append(list, wire.CachedImages{OSType: "Linux", Image: name})
	}
	return azure.NewPage(list, ""), err
}
