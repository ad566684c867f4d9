// Package graph is Microsoft Graph, https://graph.D, as far as the directory of
// this cloud goes. /v1.0 and /beta are the same.
//
// It owns: the wire form of users, applications and service principals, the
// query options ($filter, $select, $orderby, $top, $count and paging by
// @odata.nextLink), and the decision who may change the directory.
//
// Who may what. Every signed-in principal reads its own tenant, as in Azure by
// default, and other tenants do not exist for it. Writing needs
// Options.MayAdminister, which stands for Azure's directory roles: the first
// user, and whoever is Owner at the tenant or the subscription. The owners of an
// application or service principal (who made it is one) and the application
// itself may also add and remove its passwords; the owners may change and delete
// it too. Everybody may change their own password. memberOf tells beforehand: who
// may administer has the directory role Global Administrator there.
//
// Objects are named as in Azure: /applications/{id}, /applications(appId='x'),
// /users/{id} and /users/{userPrincipalName}.
//
// A query option or filter that is not understood is an error, never ignored.
// Groups hold members that are named; what is granted to one binds them, also those of
// groups in it, at their next request, for which tokens need no claim of groups. Groups
// with mail or a rule, giving directory roles, devices, proofs of possession (addKey) and
// $batch are not built and say so. Lists that can only be empty for that reason, such as
// appRoleAssignments, are empty lists.
//
// Azure: properties of applications that only describe (api, appRoles, info,
// requiredResourceAccess, tags, web.*, ...) are kept and given back.
//
// It does not know: roles, tokens, or how passwords are checked.
package graph
