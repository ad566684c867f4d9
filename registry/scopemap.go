package registry

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/oci"
)

// scopeMap is the row of a scope map, by registry and name.
type scopeMap struct {
	Description string    `json:"description,omitempty"`
	Actions     []string  `json:"actions"`
	Created     time.Time `json:"created"`
}

// systemMaps are in every registry. Azure: with these names and actions.
var systemMaps = []struct {
	name, description string
	actions           []string
}{
	{"_repositories_admin", "Can perform all read, write and delete operations on the registry", []string{"repositories/*/metadata/read", "repositories/*/metadata/write", "repositories/*/content/read", "repositories/*/content/write", "repositories/*/content/delete"}},
	{"_repositories_pull", "Can pull any repository of the registry", []string{"repositories/*/content/read"}},
	{"_repositories_pull_metadata_read", "Can perform all read operations on the registry", []string{"repositories/*/content/read", "repositories/*/metadata/read"}},
	{"_repositories_push", "Can push to any repository of the registry", []string{"repositories/*/content/read", "repositories/*/content/write"}},
	{"_repositories_push_metadata_write", "Can perform all read and write operations on the registry", []string{"repositories/*/metadata/read", "repositories/*/metadata/write", "repositories/*/content/read", "repositories/*/content/write"}},
}

// childName is the grammar of the names of scope maps, tokens and webhooks.
var childName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{4,49}$`)

func checkChildName(name string) error {
	if childName.MatchString(name) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The name '%s' is invalid. It has 5 to 50 letters, digits, '-' and '_', and begins with a letter or digit.", name)
}

// childKey is the key of the rows of a registry's children.
func childKey(id azure.ResourceID) store.Key {
	return store.K(strings.ToLower(id.Parent().Name()), strings.ToLower(id.Name()))
}

func (s *Service) scopeMapType() arm.Type {
	t := arm.Resource("registries/scopeMaps", arm.Handlers[ScopeMapProperties]{Put: s.putScopeMap, Get: s.getScopeMap, Delete: s.removeScopeMap})
	t.Versions, t.Proxy, t.CheckName = versions, true, checkChildName
	t.Builtin = func(parent azure.ResourceID) (all []*arm.Envelope) {
		for _, m := range systemMaps {
			all = append(all, &arm.Envelope{ID: parent.Child("scopeMaps", m.name), State: "Succeeded"})
		}
		return all
	}
	return t
}

func (s *Service) putScopeMap(_ context.Context, tx *store.Tx, r *arm.Put[ScopeMapProperties]) error {
	for _, a := range r.Properties.Actions {
		if err := checkMapAction(a); err != nil {
			return err
		}
	}
	it, ok, err := s.scopeMaps.GetTx(tx, childKey(r.ID))
	if err != nil {
		return err
	}
	m := it.Value
	if !ok {
		m.Created = s.o.Now().UTC()
	}
	m.Description = r.Properties.Description
	m.Actions = slices.Compact(slices.Sorted(slices.Values(r.Properties.Actions)))
	return s.scopeMaps.Put(tx, childKey(r.ID), m)
}

func checkMapAction(a string) error {
	name, _, ok := access.ParseMapAction(a)
	if prefix, wild := strings.CutSuffix(name, "*"); ok && wild {
		prefix, below := strings.CutSuffix(prefix, "/")
		if prefix == "" && !below || below && oci.ValidName(prefix) {
			return nil
		}
	} else if ok && oci.ValidName(name) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The action '%s' of the scope map is invalid. It is written like repositories/NAME/content/read; the last part is content/read, content/write, content/delete, metadata/read or metadata/write, and NAME may be '*' or end in '/*'.", a).At("properties.actions")
}

func (s *Service) getScopeMap(_ context.Context, e *arm.Envelope, _ bool) (ScopeMapProperties, error) {
	for _, m := range systemMaps {
		if strings.EqualFold(m.name, e.ID.Name()) {
			rec, err := s.recordOf(e.ID.Parent())
			return ScopeMapProperties{Type: "SystemDefined", Description: m.description, CreationDate: wireTime(rec.Created), Actions: m.actions}, err
		}
	}
	it, ok := s.scopeMaps.Get(childKey(e.ID))
	if !ok {
		return ScopeMapProperties{}, childMissing(e.ID)
	}
	return ScopeMapProperties{Type: "UserDefined", Description: it.Value.Description, CreationDate: wireTime(it.Value.Created), Actions: it.Value.Actions}, nil
}

// removeScopeMap takes a scope map away: its tokens may then do nothing.
func (s *Service) removeScopeMap(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	return s.scopeMaps.Delete(tx, childKey(e.ID))
}

// mapActions gives the actions of a scope map of the registry, by its name.
func (s *Service) mapActions(registry, name string) ([]string, bool) {
	for _, m := range systemMaps {
		if strings.EqualFold(m.name, name) {
			return m.actions, true
		}
	}
	it, ok := s.scopeMaps.Get(store.K(strings.ToLower(registry), strings.ToLower(name)))
	return it.Value.Actions, ok
}

func childMissing(id azure.ResourceID) error {
	return azure.Errorf(azure.NotFound, azure.CodeResourceNotFound, "The registry '%s' has no %s '%s'.", id.Parent().Name(), id.RelativeType()[strings.Index(id.RelativeType(), "/")+1:], id.Name())
}

// wireTime is how the control plane writes times. A time that never was is empty.
func wireTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.0000000Z")
}
