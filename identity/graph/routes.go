package graph

import (
	"context"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// routes of Microsoft Graph. Reads are open to every principal of the tenant
// (AnyCaller): handlers look only in the caller's own tenant.
var routes = []httpd.Route[*Service]{
	{Pattern: "GET /v1.0/applications", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listApplications)},
	{Pattern: "POST /v1.0/applications", Action: mayCreateApps, Serve: httpd.JSON((*Service).createApplication)},
	{Pattern: "GET /v1.0/applications/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getApplication)},
	{Pattern: "PATCH /v1.0/applications/{id}", Action: mayUpdateApps, Serve: httpd.JSON((*Service).patchApplication)},
	{Pattern: "DELETE /v1.0/applications/{id}", Action: mayUpdateApps, Serve: httpd.JSON((*Service).deleteApplication)},
	{Pattern: "POST /v1.0/applications/{id}/addPassword", Action: maySecretApps, Serve: httpd.JSON((*Service).addApplicationPassword)},
	{Pattern: "POST /v1.0/applications/{id}/removePassword", Action: maySecretApps, Serve: httpd.JSON((*Service).removeApplicationPassword)},
	{Pattern: "GET /v1.0/applications/{id}/owners", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listApplicationOwners)},
	{Pattern: "POST /v1.0/applications/{id}/owners/$ref", Action: mayUpdateApps, Serve: httpd.JSON((*Service).addApplicationOwner)},
	{Pattern: "DELETE /v1.0/applications/{id}/owners/{owner}/$ref", Action: mayUpdateApps, Serve: httpd.JSON((*Service).removeApplicationOwner)},
	{Pattern: "GET /v1.0/applications/{id}/federatedIdentityCredentials", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).noneOfApplication)},

	{Pattern: "GET /v1.0/servicePrincipals", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listServicePrincipals)},
	{Pattern: "POST /v1.0/servicePrincipals", Action: mayCreateSPs, Serve: httpd.JSON((*Service).createServicePrincipal)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getServicePrincipal)},
	{Pattern: "PATCH /v1.0/servicePrincipals/{id}", Action: mayUpdateSPs, Serve: httpd.JSON((*Service).patchServicePrincipal)},
	{Pattern: "DELETE /v1.0/servicePrincipals/{id}", Action: mayUpdateSPs, Serve: httpd.JSON((*Service).deleteServicePrincipal)},
	{Pattern: "POST /v1.0/servicePrincipals/{id}/addPassword", Action: maySecretSPs, Serve: httpd.JSON((*Service).addServicePrincipalPassword)},
	{Pattern: "POST /v1.0/servicePrincipals/{id}/removePassword", Action: maySecretSPs, Serve: httpd.JSON((*Service).removeServicePrincipalPassword)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/owners", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listServicePrincipalOwners)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/ownedObjects", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listOwnedObjects)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/appRoleAssignments", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).noneOfPrincipal)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).noneOfPrincipal)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/oauth2PermissionGrants", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).noneOfPrincipal)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/memberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},
	{Pattern: "GET /v1.0/servicePrincipals/{id}/transitiveMemberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},

	{Pattern: "GET /v1.0/users", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listUsers)},
	{Pattern: "POST /v1.0/users", Action: mayCreateUsers, Serve: httpd.JSON((*Service).createUser)},
	{Pattern: "GET /v1.0/users/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getUser)},
	{Pattern: "PATCH /v1.0/users/{id}", Action: mayUpdateUsers, Serve: httpd.JSON((*Service).patchUser)},
	{Pattern: "DELETE /v1.0/users/{id}", Action: mayDeleteUsers, Serve: httpd.JSON((*Service).deleteUser)},
	{Pattern: "POST /v1.0/users/{id}/revokeSignInSessions", Action: mayUpdateUsers, Serve: httpd.JSON((*Service).revokeSessions)},
	{Pattern: "GET /v1.0/users/{id}/ownedObjects", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listOwnedObjects)},
	{Pattern: "GET /v1.0/users/{id}/memberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},
	{Pattern: "GET /v1.0/users/{id}/transitiveMemberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},
	{Pattern: "POST /v1.0/users/{id}/getMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getMemberGroups)},
	{Pattern: "POST /v1.0/users/{id}/checkMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).checkMemberGroups)},
	{Pattern: "POST /v1.0/me/getMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getMemberGroups)},
	{Pattern: "POST /v1.0/servicePrincipals/{id}/getMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getMemberGroups)},

	// Of the caller: the handlers act on nobody else.
	{Pattern: "GET /v1.0/me", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).me)},
	{Pattern: "GET /oidc/userinfo", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).userInfo)},
	{Pattern: "POST /v1.0/me/changePassword", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).changePassword)},
	{Pattern: "POST /v1.0/me/revokeSignInSessions", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).revokeSessions)},
	{Pattern: "GET /v1.0/me/ownedObjects", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listOwnedObjects)},
	{Pattern: "GET /v1.0/me/memberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},

	{Pattern: "GET /v1.0/directoryObjects/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getObject)},
	{Pattern: "POST /v1.0/directoryObjects/getByIds", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getByIDs)},
	{Pattern: "GET /v1.0/organization", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listOrganizations)},
	{Pattern: "GET /v1.0/organization/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getOrganization)},
	{Pattern: "GET /v1.0/domains", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listDomains)},
	{Pattern: "GET /v1.0/domains/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getDomain)},

	{Pattern: "GET /v1.0/groups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listGroups)},
	{Pattern: "POST /v1.0/groups", Action: mayCreateGroups, Serve: httpd.JSON((*Service).createGroup)},
	{Pattern: "GET /v1.0/groups/{id}", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getGroup)},
	{Pattern: "PATCH /v1.0/groups/{id}", Action: mayUpdateGroups, Serve: httpd.JSON((*Service).patchGroup)},
	{Pattern: "DELETE /v1.0/groups/{id}", Action: mayUpdateGroups, Serve: httpd.JSON((*Service).deleteGroup)},
	{Pattern: "GET /v1.0/groups/{id}/members", Action: httpd.AnyCaller, Serve: httpd.JSON(listOfGroup(membersOf))},
	{Pattern: "GET /v1.0/groups/{id}/transitiveMembers", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listAllMembers)},
	{Pattern: "POST /v1.0/groups/{id}/members/$ref", Action: mayUpdateGroups, Serve: httpd.JSON(addToGroup(membersOf))},
	{Pattern: "DELETE /v1.0/groups/{id}/members/{object}/$ref", Action: mayUpdateGroups, Serve: httpd.JSON(removeFromGroup(membersOf))},
	{Pattern: "GET /v1.0/groups/{id}/owners", Action: httpd.AnyCaller, Serve: httpd.JSON(listOfGroup(ownersOf))},
	{Pattern: "POST /v1.0/groups/{id}/owners/$ref", Action: mayUpdateGroups, Serve: httpd.JSON(addToGroup(ownersOf))},
	{Pattern: "DELETE /v1.0/groups/{id}/owners/{object}/$ref", Action: mayUpdateGroups, Serve: httpd.JSON(removeFromGroup(ownersOf))},
	{Pattern: "GET /v1.0/groups/{id}/memberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},
	{Pattern: "GET /v1.0/groups/{id}/transitiveMemberOf", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).listMemberOf)},
	{Pattern: "POST /v1.0/groups/{id}/getMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getMemberGroups)},
	{Pattern: "POST /v1.0/groups/{id}/checkMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).checkMemberGroups)},
	{Pattern: "POST /v1.0/directoryObjects/{id}/getMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).getMemberGroups)},
	{Pattern: "POST /v1.0/directoryObjects/{id}/checkMemberGroups", Action: httpd.AnyCaller, Serve: httpd.JSON((*Service).checkMemberGroups)},

	// Known and not built: a clear answer instead of a 404.
	{Pattern: "GET /v1.0/directoryRoles", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Directory roles"))},
	{Pattern: "POST /v1.0/invitations", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Guest users"))},
	{Pattern: "POST /v1.0/$batch", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Batches of requests"))},
	{Pattern: "POST /v1.0/applications/{id}/addKey", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Proofs of possession of keys"))},
	{Pattern: "POST /v1.0/applications/{id}/federatedIdentityCredentials", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Federated credentials"))},
	{Pattern: "POST /v1.0/oauth2PermissionGrants", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("Permission grants"))},
	{Pattern: "POST /v1.0/servicePrincipals/{id}/appRoleAssignments", Action: httpd.AnyCaller, Serve: httpd.JSON(unbuilt("App role assignments"))},
}

// unbuilt is a handler that says what is missing.
func unbuilt(what string) func(*Service, context.Context, *httpd.Request, httpd.None) (httpd.None, error) {
	return func(_ *Service, _ context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
		return httpd.None{}, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "%s are not built in this cloud: %s %s. docs/compat.md lists what is.", what, r.Method, r.URL.Path)
	}
}
