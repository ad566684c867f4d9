package graph

import (
	"context"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// globalAdministrator is Azure's id of that directory role, the same in every tenant.
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10"

// listMemberOf lists what the principal of the path is a member of: groups, and Azure's
// directory role of administrators, where [Options].MayAdminister says so. It is
// how a client asks beforehand whether the caller may change the directory.
func (s *Service) listMemberOf(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	id, err := s.pathPrincipalID(r)
	if err != nil {
		return collection{}, err
	}
	var roles []mapEntry
	if strings.HasSuffix(r.URL.Path, "/transitiveMemberOf") {
		roles = s.objects(r.Principal.TenantID, s.Directory.GroupsOf(id))
	} else {
		for _, g := range s.Directory.MemberOf(id) {
			roles = append(roles, s.objects(g.TenantID, []string{g.ID})...)
		}
	}
	if s.MayAdminister(authz.Principal{TenantID: r.Principal.TenantID, ObjectID: id}) {
		roles = append(roles, mapEntry{
			"@odata.type": "#microsoft.graph.directoryRole", "id": globalAdministrator, "roleTemplateId": globalAdministrator, "displayName": "Global Administrator",
			"description": "Can manage all aspects of the directory: whoever is Owner at the tenant or the subscription.",
		})
	}
	return list(s, r, "directoryObjects", mapEntry{}, roles)
}
