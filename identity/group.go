package identity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Group is a set of users, service principals and groups: what is granted to it is
// granted to them. Values handed out are shared: read them only.
type Group struct {
	ID           string         `json:"id"` // object id
	TenantID     string         `json:"tenantId"`
	DisplayName  string         `json:"displayName"`
	MailNickname string         `json:"mailNickname"`
	Members      []string       `json:"members,omitempty"` // object ids
	Owners       []string       `json:"owners,omitempty"`  // object ids
	Created      time.Time      `json:"created"`
	Extra        map[string]any `json:"extra,omitempty"` // descriptive properties, as given
}

// maxMembers bounds the members of one group.
const maxMembers = 10000

// Groups lists the groups of a tenant.
func (d *Directory) Groups(tenantID string) []Group { return values(d.groups.By("tenant", tenantID)) }

// Group finds a group of the tenant by object id.
func (d *Directory) Group(tenantID, id string) (Group, bool) {
	it, ok := d.groups.Get(store.K(strings.ToLower(id)))
	return it.Value, ok && it.Value.TenantID == tenantID
}

// MemberOf lists, from memory, the groups the object is a member of itself.
func (d *Directory) MemberOf(objectID string) []Group {
	return values(d.groups.By("member", strings.ToLower(objectID)))
}

// GroupsOf lists, from memory, the ids of the groups the object is a member of, also
// by being in a group that is.
func (d *Directory) GroupsOf(objectID string) []string {
	var found []string
	for ahead := []string{strings.ToLower(objectID)}; len(ahead) > 0; ahead = ahead[1:] {
		for _, it := range d.groups.By("member", ahead[0]) {
			if !slices.Contains(found, it.Value.ID) { // circles end here
				found = append(found, it.Value.ID)
				ahead = append(ahead, it.Value.ID)
			}
		}
	}
	return found
}

// CreateGroup makes a group in g.TenantID. ID and time are set here. The error is
// CodeDirectoryBadRequest.
func (d *Directory) CreateGroup(ctx context.Context, g Group) (Group, error) {
	var err error
	if g.ID, err = d.newID(); err != nil {
		return Group{}, err
	}
	g.Created = d.Now()
	if err := d.checkGroup(&g, Group{}); err != nil {
		return Group{}, err
	}
	return g, d.Store.Update(ctx, func(tx *store.Tx) error { return d.groups.Insert(tx, store.K(g.ID), g) })
}

// checkGroup refuses what no group may be, and puts the ids of members and owners
// in order. Those who were there before are not looked at again.
func (d *Directory) checkGroup(g *Group, before Group) error {
	bad := func(target, format string, args ...any) error {
		return azure.Errorf(azure.Invalid, azure.CodeDirectoryBadRequest, format, args...).At(target)
	}
	switch {
	case strings.TrimSpace(g.DisplayName) == "" || len(g.DisplayName) > 256:
		return bad("displayName", "The property displayName must have 1 to 256 characters.")
	case g.MailNickname == "" || len(g.MailNickname) > 64 || strings.ContainsFunc(g.MailNickname, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`@()\[]";:<>,`, r) }):
		return bad("mailNickname", `Invalid value specified for property 'mailNickname' of resource 'Group': 1 to 64 characters of ASCII, without blanks and @()\[]";:<>, are needed.`)
	case len(g.Members) > maxMembers:
		return bad("members", "The group would have %d members, more than the %d it can have. Put some into a group of their own.", len(g.Members), maxMembers)
	}
	for _, list := range []struct {
		name      string
		ids, have []string
	}{{"members", g.Members, before.Members}, {"owners", g.Owners, before.Owners}} {
		for i, id := range list.ids {
			id = strings.ToLower(id)
			list.ids[i] = id
			switch {
			case slices.Contains(list.have, id):
			case slices.Contains(list.ids[:i], id):
				return bad(list.name, "One or more added object references already exist for the following modified properties: '%s'.", list.name)
			case id == g.ID:
				return bad(list.name, "The group cannot be one of its own %s.", list.name)
			case !d.inTenant(g.TenantID, id, list.name == "members"):
				return bad(list.name, "'%s' names no object of this tenant that can be among the %s of a group.", id, list.name)
			}
		}
	}
	return nil
}

// inTenant reports whether an id is that of a user or service principal of the
// tenant, or where groups count, of a group.
func (d *Directory) inTenant(tenantID, id string, groups bool) bool {
	if it, ok := d.users.Get(store.K(id)); ok {
		return it.Value.TenantID == tenantID
	}
	if it, ok := d.principals.Get(store.K(id)); ok {
		return it.Value.TenantID == tenantID
	}
	_, ok := d.Group(tenantID, id)
	return ok && groups
}

// UpdateGroup changes a group. change may run several times, on lists of its own;
// its error is returned as it is. Errors: CodeDirectoryNotFound,
// CodeDirectoryBadRequest.
func (d *Directory) UpdateGroup(ctx context.Context, tenantID, id string, change func(*Group) error) error {
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := d.groups.GetTx(tx, store.K(strings.ToLower(id)))
		if err != nil {
			return err
		}
		if !ok || it.Value.TenantID != tenantID {
			return notFound("group", id)
		}
		before := it.Value
		it.Value.Members, it.Value.Owners = slices.Clone(before.Members), slices.Clone(before.Owners)
		if err := change(&it.Value); err != nil {
			return err
		}
		if err := d.checkGroup(&it.Value, before); err != nil {
			return err
		}
		return d.groups.Put(tx, it.Key, it.Value)
	})
}

// DeleteGroup removes a group: what was granted to it binds its members no more.
func (d *Directory) DeleteGroup(ctx context.Context, tenantID, id string) error {
	return d.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := d.groups.GetTx(tx, store.K(strings.ToLower(id)))
		if err != nil {
			return err
		}
		if !ok || it.Value.TenantID != tenantID {
			return notFound("group", id)
		}
		return d.groups.Delete(tx, it.Key)
	})
}
