package azure

// The error codes of the wire, in Azure's spelling. Each comment says when the
// code is used; the status follows from the error's [Kind]. No code is written
// anywhere else.
const (
	// CodeInternal: the server failed; the request id leads to the log.
	CodeInternal = "InternalServerError"
	// CodeInvalidResourceID: an id or scope does not parse.
	CodeInvalidResourceID = "InvalidResourceId"
	// CodeInvalidRequestContent: the body is not JSON or has a wrong type somewhere.
	CodeInvalidRequestContent = "InvalidRequestContent"
	// CodeBadRequest: a query parameter or header is wrong.
	CodeBadRequest = "BadRequest"
	// CodeRequestTooLarge: the body is over the limit of the endpoint.
	CodeRequestTooLarge = "RequestEntityTooLarge"
	// CodeMethodNotAllowed: the path exists, the method on it does not.
	CodeMethodNotAllowed = "HttpMethodNotSupported"
	// CodePathNotFound: no endpoint has this path.
	CodePathNotFound = "NotFound"
	// CodeHostNotFound: no service answers under this host name.
	CodeHostNotFound = "HostNotFound"
	// CodeUnimplemented: the feature is known and not built; see docs/compat.md.
	CodeUnimplemented = "NotImplemented"
	// CodeConflict: the state changed under the request too often; try again.
	CodeConflict = "Conflict"
	// CodePreconditionFailed: If-Match or If-None-Match did not hold.
	CodePreconditionFailed = "PreconditionFailed"
	// CodeServiceUnavailable: a part of the cloud is starting or stopping.
	CodeServiceUnavailable = "ServiceUnavailable"
)

// Control plane.
const (
	// CodeMissingAPIVersion: the query has no api-version.
	CodeMissingAPIVersion = "MissingApiVersionParameter"
	// CodeInvalidAPIVersion: the api-version is not a date with optional suffix.
	CodeInvalidAPIVersion = "InvalidApiVersionParameter"
	// CodeAuthenticationFailed: no Authorization header.
	CodeAuthenticationFailed = "AuthenticationFailed"
	// CodeInvalidAuthenticationToken: the token does not verify, or is for another audience.
	CodeInvalidAuthenticationToken = "InvalidAuthenticationToken"
	// CodeExpiredAuthenticationToken: the token's time is over.
	CodeExpiredAuthenticationToken = "ExpiredAuthenticationToken"
	// CodeInvalidAuthenticationTokenTenant: the token is of another tenant than the subscription.
	CodeInvalidAuthenticationTokenTenant = "InvalidAuthenticationTokenTenant"
	// CodeAuthorizationFailed: no role assignment allows the action at the scope.
	CodeAuthorizationFailed = "AuthorizationFailed"
	// CodeSubscriptionNotFound: the subscription does not exist in the tenant.
	CodeSubscriptionNotFound = "SubscriptionNotFound"
	// CodeResourceGroupNotFound: the group does not exist.
	CodeResourceGroupNotFound = "ResourceGroupNotFound"
	// CodeResourceGroupBeingDeleted: the group is going away; nothing can be made in it.
	CodeResourceGroupBeingDeleted = "ResourceGroupBeingDeleted"
	// CodeInvalidResourceGroupName: the group's name breaks the rules.
	CodeInvalidResourceGroupName = "InvalidResourceGroupName"
	// CodeInvalidResourceGroupLocation: the group exists in another location.
	CodeInvalidResourceGroupLocation = "InvalidResourceGroupLocation"
	// CodeResourceNotFound: the resource does not exist in its group.
	CodeResourceNotFound = "ResourceNotFound"
	// CodeParentResourceNotFound: the parent of a child resource does not exist.
	CodeParentResourceNotFound = "ParentResourceNotFound"
	// CodeInvalidResourceType: the namespace has no such type.
	CodeInvalidResourceType = "InvalidResourceType"
	// CodeInvalidResourceNamespace: no provider has this namespace.
	CodeInvalidResourceNamespace = "InvalidResourceNamespace"
	// CodeInvalidResourceName: a name breaks the rules of its type.
	CodeInvalidResourceName = "InvalidResourceName"
	// CodeLocationRequired: the body has no location.
	CodeLocationRequired = "LocationRequired"
	// CodeLocationNotAvailable: the location is not a region of the cloud.
	CodeLocationNotAvailable = "LocationNotAvailableForResourceType"
	// CodeInvalidResourceLocation: the resource exists in another location.
	CodeInvalidResourceLocation = "InvalidResourceLocation"
	// CodeInvalidTagName: a tag's name is empty, too long or has a forbidden character.
	CodeInvalidTagName = "InvalidTagNameCharacters"
	// CodeInvalidFilter: the $filter expression is not one the endpoint knows.
	CodeInvalidFilter = "InvalidFilterInQueryString"
	// CodeOperationNotFound: no such asynchronous operation.
	CodeOperationNotFound = "OperationNotFound"
	// CodeOperationNotAllowed: the resource's state forbids the operation.
	CodeOperationNotAllowed = "OperationNotAllowed"
	// CodeScopeLocked: a lock forbids the write or delete.
	CodeScopeLocked = "ScopeLocked"
	// CodeResourceBeingDeleted: the resource is going away; wait, then try again.
	CodeResourceBeingDeleted = "ResourceBeingDeleted"
	// CodeTooManyResources: a limit on count was reached.
	CodeTooManyResources = "ResourceQuotaExceeded"
)

// Role definitions and assignments (Microsoft.Authorization).
const (
	// CodeRoleAssignmentExists: the principal has the role at the scope already.
	CodeRoleAssignmentExists = "RoleAssignmentExists"
	// CodeRoleAssignmentNotFound: no assignment has this name at the scope.
	CodeRoleAssignmentNotFound = "RoleAssignmentNotFound"
	// CodeRoleAssignmentUpdateNotPermitted: principal, role and scope of an assignment cannot change.
	CodeRoleAssignmentUpdateNotPermitted = "RoleAssignmentUpdateNotPermitted"
	// CodeInvalidRoleAssignmentID: the assignment's name is not a GUID.
	CodeInvalidRoleAssignmentID = "InvalidRoleAssignmentId"
	// CodeInvalidRoleDefinitionID: the definition's name is not a GUID.
	CodeInvalidRoleDefinitionID = "InvalidRoleDefinitionId"
	// CodeRoleDefinitionDoesNotExist: no role has this id.
	CodeRoleDefinitionDoesNotExist = "RoleDefinitionDoesNotExist"
	// CodeRoleDefinitionWithSameNameExists: another custom role has this name.
	CodeRoleDefinitionWithSameNameExists = "RoleDefinitionWithSameNameExists"
	// CodeRoleDefinitionHasAssignments: a role in use cannot be deleted.
	CodeRoleDefinitionHasAssignments = "RoleDefinitionHasAssignments"
	// CodeRoleDefinitionBuiltIn: built-in roles cannot be changed or deleted.
	CodeRoleDefinitionBuiltIn = "RoleDefinitionCannotBeModified"
	// CodeInvalidRoleDefinition: the definition's permissions or scopes are wrong.
	CodeInvalidRoleDefinition = "InvalidRoleDefinition"
	// CodePrincipalNotFound: no user, group or service principal has this object id.
	CodePrincipalNotFound = "PrincipalNotFound"
	// CodeUnmatchedPrincipalType: the principal is of another type than the request says.
	CodeUnmatchedPrincipalType = "UnmatchedPrincipalType"
)
