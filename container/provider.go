package container

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
	"github.com/lazuli-cloud/lazuli/container/wire"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// actions are under Microsoft.ContainerInstance, as in Azure's list of resource
// provider operations.
func action(name string) authz.Action { return authz.Control("Microsoft.ContainerInstance/" + name) }

// Provider is the room's table for the hall.
func (s *Service) Provider() arm.Provider {
	groups := arm.Resource("containerGroups", arm.Handlers[wire.ContainerGroupProperties]{
		Put: s.putGroup, Get: s.getGroup, Delete: s.deleteGroup, Ensure: s.Ensure, Release: s.release,
	})
	groups.Versions = []string{"2025-09-01", "2023-05-01", "2022-09-01", "2021-10-01", "2021-09-01", "2021-07-01", "2021-03-01", "2020-11-01", "2019-12-01", "2018-10-01"}
	groups.Pending = "Pending"
	groups.DeleteShows = true
	groups.CheckName = checkGroupName
	groups.Calls = []arm.Call{
		arm.Do("POST", "stop", action("containerGroups/stop/action"), s.stopGroup),
		arm.Do("POST", "start", action("containerGroups/start/action"), s.startGroup),
		arm.Do("POST", "restart", action("containerGroups/restart/action"), s.restartGroup),
		arm.Do("GET", "containers/{container}/logs", action("containerGroups/containers/logs/read"), s.logs),
		arm.Do("POST", "containers/{container}/exec", action("containerGroups/containers/exec/action"), s.exec),
		arm.Do("POST", "containers/{container}/attach", action("containerGroups/containers/attach/action"), s.attach),
		arm.Do("GET", "outboundNetworkDependenciesEndpoints", action("containerGroups/outboundNetworkDependenciesEndpoints/read"), s.outbound),
	}
	return arm.Provider{Namespace: "Microsoft.ContainerInstance", Types: []arm.Type{groups}, Calls: []arm.Call{
		arm.Do("GET", "locations/{location}/usages", action("locations/usages/read"), s.usages),
		arm.Do("GET", "locations/{location}/capabilities", action("locations/capabilities/read"), s.capabilities),
		arm.Do("GET", "locations/{location}/cachedImages", action("locations/cachedImages/read"), s.cachedImages),
	}}
}

// checkGroupName: Azure's rule is lower case; reads come in any case.
func checkGroupName(name string) error {
	if len(name) <= 63 && nameRule.MatchString(strings.ToLower(name)) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The container group name '%s' is invalid. It must be 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.", name)
}

// putGroup writes the intent of a PUT, or the tags of a PATCH.
func (s *Service) putGroup(ctx context.Context, tx *store.Tx, r *arm.Put[wire.ContainerGroupProperties]) error {
	key := groupKey(r.ID)
	old, exists, err := s.groups.GetTx(tx, key)
	if err != nil {
		return err
	}
	if r.Patch && exists {
		return s.patchGroup(ctx, r)
	}
	if err := s.checkEnvelope(r, exists); err != nil {
		return err
	}
	want, err := s.readSpec(r.ID.Name(), &r.Properties)
	if err != nil {
		return err
	}
	was := old.Value.Spec.clone()
	if err := s.unseal(r.ID, &was); err != nil {
		return err
	}
	if want.Identity, err = s.identify(tx, r, was.Identity); err != nil {
		return err
	}
	if err := errors.Join(want.checkPulls(r.ID.Name()), want.checkReferences(r.ID.Name())); err != nil {
		return err
	}
	next := group{ID: r.ID, Location: r.Location, Sandbox: "g-" + strings.ReplaceAll(uuid.NewString(), "-", ""), Run: 1}
	if exists {
		if next, err = s.changed(key, old.Value, was, want); err != nil {
			return err
		}
	} else if r.ID.Name() != strings.ToLower(r.ID.Name()) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The container group name '%s' is invalid. Use lower-case letters: '%s'.", r.ID.Name(), strings.ToLower(r.ID.Name()))
	}
	next.Spec = want
	next.Spec.IP.hash(r.Principal.TenantID, &next)
	if err := s.claim(tx, key, old.Value, &next); err != nil {
		return err
	}
	if err := s.seal(r.ID, &next.Spec); err != nil {
		return err
	}
	if !exists && !r.Rehearsal { // last: what was admitted counts
		g := limit.Group{Key: r.ID.Key(), Cores: next.Spec.total().CPU}
		if err := s.quota.Admit(s.o.Limits, next.place(), g, s.there, s.o.Now()); err != nil {
			return err
		}
	}
	return s.groups.Put(tx, key, next)
}

// checkEnvelope refuses what the envelope has and the room has not.
func (s *Service) checkEnvelope(r *arm.Put[wire.ContainerGroupProperties], exists bool) error {
	if exists && r.Old != nil && r.Old.State == "Pending" {
		return transitioning(r.ID)
	}
	return nil
}

func transitioning(id azure.ResourceID) error {
	return azure.Errorf(azure.Conflict, azure.CodeContainerGroupTransitioning, "The container group '%s' is still transitioning, please retry later. 'az container show' tells when its provisioning state is no longer 'Pending'.", id.Name())
}

// patchGroup lets tags through and nothing else.
func (s *Service) patchGroup(ctx context.Context, r *arm.Put[wire.ContainerGroupProperties]) error {
	now, err := s.getGroup(ctx, &r.Envelope, false)
	if err != nil {
		return err
	}
	plain := func(p wire.ContainerGroupProperties) []byte {
		p.InstanceView, p.ProvisioningState = nil, ""
		p.Containers = append([]wire.Container(nil), p.Containers...)
		for i := range p.Containers {
			p.Containers[i].Properties.InstanceView = nil
		}
		p.InitContainers = append([]wire.InitContainerDefinition(nil), p.InitContainers...)
		for i := range p.InitContainers {
			p.InitContainers[i].Properties.InstanceView = nil
		}
		data, _ := json.Marshal(p) // of plain fields: cannot fail
		return data
	}
	if !bytes.Equal(plain(now), plain(r.Properties)) || !bytes.Equal(r.Identity, r.Old.Identity) {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidContainerGroupUpdate, "The updates on container group '%s' are invalid. PATCH changes tags only; send the whole group with PUT to change its properties.", r.ID.Name())
	}
	return nil
}

// changed is the old group with the run that the new specification needs.
func (s *Service) changed(key store.Key, old group, was, want spec) (group, error) {
	if was.RestartPolicy != want.RestartPolicy || was.total() != want.total() {
		return old, azure.Errorf(azure.Invalid, azure.CodeInvalidContainerGroupUpdate, "The updates on container group '%s' are invalid. If you are going to update the os type, restart policy, network profile, CPU, memory or GPU resources for a container group, you must delete it first and then create a new one.", old.ID.Name())
	}
	if was.IP != nil && want.IP != nil {
		want.IP.Address = was.IP.Address
	}
	o := s.seen(key)
	alive := o.Run == old.Run && o.Ready && (o.State == stateRunning || o.State == statePending)
	if !alive || old.Stopped || old.Leaving || !runsAlike(was, want) {
		old.Run++
	}
	old.Stopped, old.Leaving = false, false
	return old, nil
}

// claim takes the label and the address the group needs and gives back those it
// no longer needs.
func (s *Service) claim(tx *store.Tx, key store.Key, old group, g *group) error {
	mine := claim{Group: key.Parts()[0]}
	had, want := old.Spec.IP.public(), g.Spec.IP.public()
	if had != nil && had.Label != "" && (want == nil || want.name() != had.name()) {
		if err := s.labels.Delete(tx, labelKey(g.Location, had.name())); err != nil {
			return err
		}
	}
	if had != nil && want == nil {
		return s.addresses.Delete(tx, addressKey(had.Address))
	}
	if want == nil {
		return nil
	}
	if want.Label != "" {
		held, taken, err := s.labels.GetTx(tx, labelKey(g.Location, want.name()))
		if err != nil {
			return err
		}
		if taken && held.Value != mine {
			return azure.Errorf(azure.Conflict, azure.CodeDNSNameLabelAlreadyTaken, "The DNS name label '%s' in container group '%s' is not available. Try using a different label.", want.Label, g.ID.Name()).At("properties.ipAddress.dnsNameLabel")
		}
		if err := s.labels.Put(tx, labelKey(g.Location, want.name()), mine); err != nil {
			return err
		}
	}
	if had != nil {
		want.Address = had.Address
		return nil
	}
	a, err := s.allot(tx, g.Sandbox)
	if err != nil {
		return err
	}
	want.Address = a
	return s.addresses.Put(tx, addressKey(a), mine)
}

// deleteGroup removes every record of the group.
func (s *Service) deleteGroup(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	key := groupKey(e.ID)
	item, ok, err := s.groups.GetTx(tx, key)
	if err != nil || !ok {
		return err
	}
	s.quota.Forget(e.ID.Key())
	errs := []error{s.groups.Delete(tx, key), s.observed.Delete(tx, key), s.o.Identities.Forget(tx, e.ID)}
	if ip := item.Value.Spec.IP.public(); ip != nil {
		errs = append(errs, s.addresses.Delete(tx, addressKey(ip.Address)))
		if ip.Label != "" {
			errs = append(errs, s.labels.Delete(tx, labelKey(item.Value.Location, ip.name())))
		}
	}
	return errors.Join(errs...)
}

// release kills and removes what runs for the group.
func (s *Service) release(ctx context.Context, e *arm.Envelope) error {
	key := groupKey(e.ID)
	var g group
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.groups.GetTx(tx, key)
		if g = item.Value; err != nil || !ok || g.Leaving {
			return err
		}
		g.Leaving = true
		return s.groups.Put(tx, key, g)
	})
	if err != nil || g.Sandbox == "" {
		return err
	}
	s.dismiss(key)
	if err := s.o.Runtime.Sandboxes.RemoveSandbox(ctx, g.Sandbox); err != nil {
		return err
	}
	return s.removeVolumes(g.Sandbox)
}

// sandboxLabels say whose a sandbox is, for people who look at the runtime.
func sandboxLabels(g *group) map[string]string { return map[string]string{"group": g.ID.String()} }
