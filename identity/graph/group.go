package graph

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// groupInput is the body of POST and PATCH /groups.
type groupInput struct {
	DisplayName     *string  `json:"displayName"`
	MailNickname    *string  `json:"mailNickname"`
	MailEnabled     *bool    `json:"mailEnabled"`
	SecurityEnabled *bool    `json:"securityEnabled"`
	GroupTypes      []string `json:"groupTypes"`
	Members         []string `json:"members@odata.bind"`
	Owners          []string `json:"owners@odata.bind"`
}

// groupExtras are the properties of groups that are kept as given.
var groupExtras = []string{"classification", "description", "preferredDataLocation", "preferredLanguage", "theme", "visibility"}

func readGroup(r *httpd.Request) (in groupInput, extra map[string]any, err error) {
	if extra, err = decode(r, "group", &in, groupExtras); err != nil {
		return in, nil, err
	}
	if in.MailEnabled != nil && *in.MailEnabled || in.SecurityEnabled != nil && !*in.SecurityEnabled || len(in.GroupTypes) > 0 {
		return in, nil, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented,
			"Only security groups with members that are named are built in this cloud. Set mailEnabled to false, securityEnabled to true and leave groupTypes empty.").At("groupTypes")
	}
	return in, extra, nil
}

func (in groupInput) apply(g *identity.Group, extra map[string]any) {
	if in.DisplayName != nil {
		g.DisplayName = *in.DisplayName
	}
	if in.MailNickname != nil {
		g.MailNickname = *in.MailNickname
	}
	for _, id := range in.Members {
		g.Members = append(g.Members, idOf(id))
	}
	for _, id := range in.Owners {
		g.Owners = append(g.Owners, idOf(id))
	}
	g.Extra = lay(g.Extra, extra)
}

// idOf is the object id at the end of a reference.
func idOf(ref string) string { return strings.ToLower(ref[strings.LastIndexByte(ref, '/')+1:]) }

// groupEntry is a group in answers and filters.
type groupEntry struct{ identity.Group }

func (e groupEntry) field(name string) (any, bool) {
	switch name {
	case "id":
		return e.ID, true
	case "displayname":
		return e.DisplayName, true
	case "mailnickname":
		return e.MailNickname, true
	case "securityenabled":
		return true, true
	case "mailenabled":
		return false, true
	}
	return nil, false
}

func (e groupEntry) wire() map[string]any {
	m := map[string]any{
		"id": e.ID, "displayName": e.DisplayName, "mailNickname": e.MailNickname, "mailEnabled": false, "securityEnabled": true, "groupTypes": []any{},
		"createdDateTime": stamp(e.Created), "renewedDateTime": stamp(e.Created), "deletedDateTime": nil, "description": nil, "mail": nil, "visibility": nil, "classification": nil,
		"proxyAddresses": []any{}, "creationOptions": []any{}, "resourceBehaviorOptions": []any{}, "resourceProvisioningOptions": []any{}, "isAssignableToRole": nil,
		"membershipRule": nil, "membershipRuleProcessingState": nil, "expirationDateTime": nil, "theme": nil, "preferredLanguage": nil, "preferredDataLocation": nil,
		"onPremisesSyncEnabled": nil, "onPremisesProvisioningErrors": []any{}, "serviceProvisioningErrors": []any{},
	}
	for k, v := range e.Extra {
		m[k] = v
	}
	return m
}

func (s *Service) listGroups(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	var entries []groupEntry
	for _, g := range s.Directory.Groups(r.Principal.TenantID) {
		entries = append(entries, groupEntry{g})
	}
	return list(s, r, "groups", groupEntry{}, entries)
}

func (s *Service) createGroup(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.Reply[map[string]any], error) {
	var none httpd.Reply[map[string]any]
	in, extra, err := readGroup(r)
	if err != nil {
		return none, err
	}
	g := identity.Group{TenantID: r.Principal.TenantID}
	in.apply(&g, extra)
	if len(g.Owners) == 0 {
		g.Owners = []string{r.Principal.ObjectID}
	}
	if g, err = s.Directory.CreateGroup(ctx, g); err != nil {
		return none, err
	}
	body, err := s.one(r, "groups", groupEntry{g})
	return httpd.Reply[map[string]any]{Status: http.StatusCreated, Header: http.Header{"Location": {s.Graph + "/v1.0/groups/" + g.ID}}, Body: body}, err
}

// pathGroup is the group that the path names.
func (s *Service) pathGroup(r *httpd.Request) (identity.Group, error) {
	g, ok := s.Directory.Group(r.Principal.TenantID, r.PathValue("id"))
	if !ok {
		return g, notFound("group", r.PathValue("id"))
	}
	return g, nil
}

func (s *Service) getGroup(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	g, err := s.pathGroup(r)
	if err != nil {
		return nil, err
	}
	return s.one(r, "groups", groupEntry{g})
}

func (s *Service) patchGroup(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	in, extra, err := readGroup(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.UpdateGroup(ctx, r.Principal.TenantID, r.PathValue("id"), func(g *identity.Group) error {
		in.apply(g, extra)
		return nil
	})
}

func (s *Service) deleteGroup(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	return httpd.None{}, s.Directory.DeleteGroup(ctx, r.Principal.TenantID, r.PathValue("id"))
}

// listOfGroup lists members or owners of the group of the path.
func listOfGroup(ids func(*identity.Group) *[]string) func(*Service, context.Context, *httpd.Request, httpd.None) (collection, error) {
	return func(s *Service, _ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
		g, err := s.pathGroup(r)
		if err != nil {
			return collection{}, err
		}
		return list(s, r, "directoryObjects", mapEntry{}, s.objects(g.TenantID, *ids(&g)))
	}
}

func membersOf(g *identity.Group) *[]string { return &g.Members }
func ownersOf(g *identity.Group) *[]string  { return &g.Owners }

// listAllMembers lists the members of the group of the path and of the groups in it.
func (s *Service) listAllMembers(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	g, err := s.pathGroup(r)
	if err != nil {
		return collection{}, err
	}
	found := slices.Clone(g.Members)
	for i := 0; i < len(found); i++ {
		inner, _ := s.Directory.Group(g.TenantID, found[i])
		for _, id := range inner.Members {
			if !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	return list(s, r, "directoryObjects", mapEntry{}, s.objects(g.TenantID, found))
}

func addToGroup(ids func(*identity.Group) *[]string) func(*Service, context.Context, *httpd.Request, refInput) (httpd.None, error) {
	return func(s *Service, ctx context.Context, r *httpd.Request, in refInput) (httpd.None, error) {
		if in.ID == "" {
			return httpd.None{}, badRequest("@odata.id", "The property @odata.id is missing. Write the object as %s/v1.0/directoryObjects/{id}.", s.Graph)
		}
		return httpd.None{}, s.Directory.UpdateGroup(ctx, r.Principal.TenantID, r.PathValue("id"), func(g *identity.Group) error {
			list := ids(g)
			if slices.Contains(*list, idOf(in.ID)) {
				return badRequest("@odata.id", "One or more added object references already exist for the following modified properties: '%s'.", map[bool]string{true: "members", false: "owners"}[list == &g.Members])
			}
			*list = append(*list, idOf(in.ID))
			return nil
		})
	}
}

func removeFromGroup(ids func(*identity.Group) *[]string) func(*Service, context.Context, *httpd.Request, httpd.None) (httpd.None, error) {
	return func(s *Service, ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
		object := strings.ToLower(r.PathValue("object"))
		return httpd.None{}, s.Directory.UpdateGroup(ctx, r.Principal.TenantID, r.PathValue("id"), func(g *identity.Group) error {
			list := ids(g)
			i := slices.Index(*list, object)
			if i < 0 {
				return notFound("member or owner of the group", object)
			}
			*list = slices.Delete(*list, i, i+1)
			return nil
		})
	}
}

// memberGroupsInput is the body of getMemberGroups and checkMemberGroups.
type memberGroupsInput struct {
	SecurityEnabledOnly bool     `json:"securityEnabledOnly"` // all are
	GroupIDs            []string `json:"groupIds"`
}

// memberGroups are the ids of the groups the object of the path is in, itself or by
// another group.
func (s *Service) memberGroups(r *httpd.Request) ([]string, error) {
	id := r.PathValue("id")
	switch {
	case strings.HasPrefix(r.URL.Path, "/v1.0/groups/"):
		g, err := s.pathGroup(r)
		return s.Directory.GroupsOf(g.ID), err
	case strings.HasPrefix(r.URL.Path, "/v1.0/directoryObjects/"):
		if _, ok := s.object(r.Principal.TenantID, id); !ok {
			return nil, notFound("directory object", id)
		}
		return s.Directory.GroupsOf(id), nil
	}
	id, err := s.pathPrincipalID(r)
	return s.Directory.GroupsOf(id), err
}

// stringCollection is a collection of strings.
type stringCollection struct {
	Context string   `json:"@odata.context"`
	Value   []string `json:"value"`
}

func (s *Service) getMemberGroups(_ context.Context, r *httpd.Request, _ memberGroupsInput) (stringCollection, error) {
	ids, err := s.memberGroups(r)
	return stringCollection{s.context("Collection(Edm.String)"), listOf(ids)}, err
}

func (s *Service) checkMemberGroups(_ context.Context, r *httpd.Request, in memberGroupsInput) (stringCollection, error) {
	ids, err := s.memberGroups(r)
	wanted := func(id string) bool {
		return slices.ContainsFunc(in.GroupIDs, func(w string) bool { return strings.EqualFold(w, id) })
	}
	return stringCollection{s.context("Collection(Edm.String)"), listOf(slices.DeleteFunc(ids, func(id string) bool { return !wanted(id) }))}, err
}
