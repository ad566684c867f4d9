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
	// CodeStorageFull: the database or the disk has no room for what was offered.
	CodeStorageFull = "InsufficientStorage"
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
	// CodeInvalidAuthenticationToken: the token is malformed or does not verify.
	CodeInvalidAuthenticationToken = "InvalidAuthenticationToken"
	// CodeExpiredAuthenticationToken: the token's time is over.
	CodeExpiredAuthenticationToken = "ExpiredAuthenticationToken"
	// CodeInvalidAuthenticationTokenTenant: the token is of another tenant than the subscription.
	CodeInvalidAuthenticationTokenTenant = "InvalidAuthenticationTokenTenant"
	// CodeLinkedAuthorizationFailed: the request names another resource, on which the caller lacks an action.
	CodeLinkedAuthorizationFailed = "LinkedAuthorizationFailed"
	// CodeFailedIdentityOperation: a resource names a user-assigned identity that does not exist.
	CodeFailedIdentityOperation = "FailedIdentityOperation"
	// CodeAuthorizationFailed: no role assignment allows the action at the scope.
	CodeAuthorizationFailed = "AuthorizationFailed"
	// CodeSubscriptionNotFound: the subscription does not exist in the tenant.
	CodeSubscriptionNotFound = "SubscriptionNotFound"
	// CodeManagementGroupNotFound: the management group, or the subscription in it, does not exist.
	CodeManagementGroupNotFound = "NotFound"
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
	// CodeTagNameInUse: a predefined name of a tag cannot be deleted while a resource has it.
	CodeTagNameInUse = "TagNameInUse"
	// CodeTagNameHasValues: nor while it has predefined values.
	CodeTagNameHasValues = "TagNameHasTagValues"
	// CodeTagNameNotFound: values are predefined for predefined names only.
	CodeTagNameNotFound = "TagNameNotFound"
	// CodeInvalidFilter: the $filter expression is not one the endpoint knows.
	CodeInvalidFilter = "InvalidFilterInQueryString"
	// CodeOperationNotFound: no such asynchronous operation.
	CodeOperationNotFound = "OperationNotFound"
	// CodeOperationNotAllowed: the resource's state forbids the operation.
	CodeOperationNotAllowed = "OperationNotAllowed"
	// CodeLockNotFound: no lock has this name at the scope.
	CodeLockNotFound = "LockNotFound"
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

// Tokens of the identity room, beyond those of the control plane above.
const (
	// CodeInvalidAuthenticationTokenAudience: the token verifies, and was issued for another service.
	CodeInvalidAuthenticationTokenAudience = "InvalidAuthenticationTokenAudience"
)

// Sign-in errors of the token service, in the spelling users find in
// Microsoft's list of AADSTS codes.
const (
	// CodeSignInInvalidRequest: a parameter of the OAuth request is wrong.
	CodeSignInInvalidRequest = "AADSTS90013"
	// CodeSignInMissingParameter: a parameter of the OAuth request is missing.
	CodeSignInMissingParameter = "AADSTS900144"
	// CodeSignInTenantNotFound: the tenant in the path is not one of this cloud.
	CodeSignInTenantNotFound = "AADSTS90002"
	// CodeSignInResourceNotFound: the resource or scope asked for is not one of this cloud.
	CodeSignInResourceNotFound = "AADSTS500011"
	// CodeSignInScopesOfManyResources: the scopes belong to more than one resource.
	CodeSignInScopesOfManyResources = "AADSTS28000"
	// CodeSignInScopeMalformed: a scope is not of the form resource/permission.
	CodeSignInScopeMalformed = "AADSTS70011"
	// CodeSignInUnsupportedGrant: the grant_type is not one the endpoint knows.
	CodeSignInUnsupportedGrant = "AADSTS70003"
	// CodeSignInUnsupportedResponseType: the response_type is not "code".
	CodeSignInUnsupportedResponseType = "AADSTS700054"
	// CodeSignInAssertionKey: a client assertion is signed with a key that is not, or no longer, one of the application's.
	CodeSignInAssertionKey = "AADSTS700027"
	// CodeSignInAssertionMalformed: a client assertion is no token.
	CodeSignInAssertionMalformed = "AADSTS50027"
	// CodeSignInAssertionAudience: a client assertion was made for another service.
	CodeSignInAssertionAudience = "AADSTS700023"
	// CodeSignInAssertionTime: a client assertion is too old, not good yet, or good for too long.
	CodeSignInAssertionTime = "AADSTS700024"
	// CodeSignInAssertionClient: a client assertion was made by another application than client_id says.
	CodeSignInAssertionClient = "AADSTS700021"
	// CodeSignInAssertionType: client_assertion_type is not the one for tokens.
	CodeSignInAssertionType = "AADSTS700022"
	// CodeSignInUnknownApplication: no application has the client id.
	CodeSignInUnknownApplication = "AADSTS700016"
	// CodeSignInNoServicePrincipal: the application has no service principal in the tenant.
	CodeSignInNoServicePrincipal = "AADSTS7000229"
	// CodeSignInApplicationDisabled: the service principal is disabled.
	CodeSignInApplicationDisabled = "AADSTS7000112"
	// CodeSignInWrongSecret: the client secret is not one of the application's.
	CodeSignInWrongSecret = "AADSTS7000215"
	// CodeSignInExpiredSecret: the client secret is right and its time is over.
	CodeSignInExpiredSecret = "AADSTS7000222"
	// CodeSignInSecretRequired: the client is confidential and sent no secret.
	CodeSignInSecretRequired = "AADSTS7000218"
	// CodeSignInSecretForbidden: a public client sent a secret.
	CodeSignInSecretForbidden = "AADSTS700025"
	// CodeSignInPublicClientForbidden: the application may not sign users in with a password or a device code.
	CodeSignInPublicClientForbidden = "AADSTS7000214"
	// CodeSignInUnknownUser: no user has the name.
	CodeSignInUnknownUser = "AADSTS50034"
	// CodeSignInWrongPassword: the user exists, the password is another.
	CodeSignInWrongPassword = "AADSTS50126"
	// CodeSignInUserDisabled: the user is disabled.
	CodeSignInUserDisabled = "AADSTS50057"
	// CodeSignInLocked: too many wrong passwords; wait as Retry-After says.
	CodeSignInLocked = "AADSTS50053"
	// CodeSignInInteractionRequired: prompt=none, and nobody is signed in.
	CodeSignInInteractionRequired = "AADSTS50058"
	// CodeSignInRedirectMismatch: the redirect_uri is not registered for the application.
	CodeSignInRedirectMismatch = "AADSTS50011"
	// CodeSignInGrantRevoked: the grant was revoked, for one because the password changed.
	CodeSignInGrantRevoked = "AADSTS50173"
	// CodeSignInInvalidGrant: the grant does not parse, or belongs to another client.
	CodeSignInInvalidGrant = "AADSTS70000"
	// CodeSignInGrantExpired: the code or refresh token is too old.
	CodeSignInGrantExpired = "AADSTS70008"
	// CodeSignInCodeRedeemed: the authorization code was used before.
	CodeSignInCodeRedeemed = "AADSTS54005"
	// CodeSignInVerifierMismatch: the PKCE code_verifier does not match the challenge.
	CodeSignInVerifierMismatch = "AADSTS501481"
	// CodeSignInVerifierRequired: a public client must use PKCE with S256.
	CodeSignInVerifierRequired = "AADSTS9002325"
	// CodeSignInAuthorizationPending: the user has not finished the device sign-in yet; ask again.
	CodeSignInAuthorizationPending = "AADSTS70016"
	// CodeSignInDeclined: the user declined the device sign-in.
	CodeSignInDeclined = "AADSTS70017"
	// CodeSignInBadDeviceCode: no device sign-in has the code.
	CodeSignInBadDeviceCode = "AADSTS70018"
	// CodeSignInDeviceCodeExpired: the device code is too old.
	CodeSignInDeviceCodeExpired = "AADSTS70019"
	// CodeSignInCrossSite: the sign-in form was posted from another web site.
	CodeSignInCrossSite = "AADSTS90023"
)

// Directory objects (Microsoft Graph).
const (
	// CodeDirectoryNotFound: no object has the id in the tenant.
	CodeDirectoryNotFound = "Request_ResourceNotFound"
	// CodeDirectoryBadRequest: the body or a parameter is wrong.
	CodeDirectoryBadRequest = "Request_BadRequest"
	// CodeDirectoryUnsupportedQuery: the query option is known to OData and not to this cloud.
	CodeDirectoryUnsupportedQuery = "Request_UnsupportedQuery"
	// CodeDirectoryDuplicate: another object has the same unique value.
	CodeDirectoryDuplicate = "Request_MultipleObjectsWithSameKeyValue"
	// CodeDirectoryDenied: the caller may not change the directory.
	CodeDirectoryDenied = "Authorization_RequestDenied"
)

// Container registries: the resource type, and the OCI distribution dialect of
// the data plane. Source of the latter: distribution-spec 1.1, "Error Codes".
const (
	// CodeRegistryNameInUse: another registry of the cloud has the name.
	CodeRegistryNameInUse = "AlreadyInUse"
	// CodeInvalidSKU: the sku is missing or not one of Basic, Standard, Premium.
	CodeInvalidSKU = "InvalidSku"
	// CodeAdminUserDisabled: credentials of a registry whose admin user is off.
	CodeAdminUserDisabled = "UnAuthorizedForCredentialOperations"
	// CodeOCIUnauthorized: no credential, or one that does not verify or ended.
	CodeOCIUnauthorized = "UNAUTHORIZED"
	// CodeOCIDenied: the caller is known and has no role for the operation.
	CodeOCIDenied = "DENIED"
	// CodeOCINameInvalid: a repository name breaks the grammar.
	CodeOCINameInvalid = "NAME_INVALID"
	// CodeOCINameUnknown: the registry has no such repository.
	CodeOCINameUnknown = "NAME_UNKNOWN"
	// CodeOCITagInvalid: a tag breaks the grammar.
	CodeOCITagInvalid = "TAG_INVALID"
	// CodeOCIManifestUnknown: the repository has no such tag or manifest.
	CodeOCIManifestUnknown = "MANIFEST_UNKNOWN"
	// CodeOCIManifestInvalid: a manifest is not what its media type says.
	CodeOCIManifestInvalid = "MANIFEST_INVALID"
	// CodeOCIManifestBlobUnknown: a manifest names content the repository does not hold.
	CodeOCIManifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
	// CodeOCIBlobUnknown: the repository has no such blob.
	CodeOCIBlobUnknown = "BLOB_UNKNOWN"
	// CodeOCIBlobUploadUnknown: no such upload session.
	CodeOCIBlobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
	// CodeOCIBlobUploadInvalid: an upload cannot go on as asked.
	CodeOCIBlobUploadInvalid = "BLOB_UPLOAD_INVALID"
	// CodeOCIDigestInvalid: a digest is malformed, or not that of the content.
	CodeOCIDigestInvalid = "DIGEST_INVALID"
	// CodeOCISizeInvalid: a length is not that of the content.
	CodeOCISizeInvalid = "SIZE_INVALID"
	// CodeOCIRangeInvalid: a range cannot be served, or a chunk is out of order.
	CodeOCIRangeInvalid = "RANGE_INVALID"
	// CodeOCIPaginationInvalid: n is not a number, or last is malformed.
	CodeOCIPaginationInvalid = "PAGINATION_NUMBER_INVALID"
	// CodeOCIUnsupported: the operation exists and this registry does not do it.
	CodeOCIUnsupported = "UNSUPPORTED"
	// CodeOCITooManyRequests: too many failed logins; wait.
	CodeOCITooManyRequests = "TOOMANYREQUESTS"
	// CodeOCIUnknown: anything else, and every error that is ours.
	CodeOCIUnknown = "UNKNOWN"
)

// Key vaults, control plane (Microsoft.KeyVault).
const (
	// CodeVaultNameNotValid: the name is not 3-24 letters, digits and single hyphens.
	CodeVaultNameNotValid = "VaultNameNotValid"
	// CodeVaultAlreadyExists: a vault elsewhere in the cloud has the name.
	CodeVaultAlreadyExists = "VaultAlreadyExists"
	// CodeConflictError: a deleted vault holds the name; recover or purge it.
	CodeConflictError = "ConflictError"
	// CodeDeletedVaultNotFound: no deleted vault has the name in the location.
	CodeDeletedVaultNotFound = "DeletedVaultNotFound"
	// CodeVaultNotFound: no vault answers under the host name.
	CodeVaultNotFound = "VaultNotFound"
	// CodeMethodNotAllowedVault: purge protection forbids purging the deleted vault.
	CodeMethodNotAllowedVault = "MethodNotAllowed"
	// CodeKeyVaultReferenceNotFound: a template names a vault that does not exist.
	CodeKeyVaultReferenceNotFound = "KeyVaultParameterReferenceNotFound"
	// CodeKeyVaultReferenceDenied: the deployer lacks vaults/deploy/action on the vault.
	CodeKeyVaultReferenceDenied = "KeyVaultParameterReferenceAuthorizationFailed"
	// CodeKeyVaultReferenceFailed: the secret is missing, disabled, or the vault is closed to templates.
	CodeKeyVaultReferenceFailed = "KeyVaultParameterReferenceSecretRetrieveFailed"
)

// Key vaults, data plane.
const (
	// CodeUnauthorized: no token, or one the vault does not accept.
	CodeUnauthorized = "Unauthorized"
	// CodeForbidden: known caller, not allowed; innererror says by what.
	CodeForbidden = "Forbidden"
	// CodeBadParameter: the name, body or a query parameter is wrong.
	CodeBadParameter = "BadParameter"
	// CodeSecretNotFound: the vault has no such secret or version.
	CodeSecretNotFound = "SecretNotFound"
	// InnerForbiddenByRbac: no role assignment has the data action.
	InnerForbiddenByRbac = "ForbiddenByRbac"
	// InnerAccessDenied: no access policy has the permission.
	InnerAccessDenied = "AccessDenied"
	// InnerForbiddenByFirewall: the client's address is not in ipRules.
	InnerForbiddenByFirewall = "ForbiddenByFirewall"
	// InnerForbiddenByConnection: publicNetworkAccess is Disabled.
	InnerForbiddenByConnection = "ForbiddenByConnection"
	// InnerForbiddenByPolicy: purge protection forbids the purge.
	InnerForbiddenByPolicy = "ForbiddenByPolicy"
	// InnerSecretDisabled: the secret's attribute enabled is false.
	InnerSecretDisabled = "SecretDisabled"
	// InnerObjectIsDeletedButRecoverable: a deleted secret holds the name.
	InnerObjectIsDeletedButRecoverable = "ObjectIsDeletedButRecoverable"
	// InnerObjectIsBeingDeleted: the secret is being purged.
	InnerObjectIsBeingDeleted = "ObjectIsBeingDeleted"
)

// Container groups (Microsoft.ContainerInstance).
const (
	// CodeInaccessibleImage: an image cannot be pulled; the message says which of name, tag, credential, role or reachability is wrong.
	CodeInaccessibleImage = "InaccessibleImage"
	// CodeRegistryErrorResponse: the registry failed or refuses for now.
	CodeRegistryErrorResponse = "RegistryErrorResponse"
	// CodeOSVersionNotSupported: the image has nothing for the platform of the machines.
	CodeOSVersionNotSupported = "OsVersionNotSupported"
	// CodeInvalidOSType: osType is neither Linux nor Windows.
	CodeInvalidOSType = "InvalidOsType"
	// CodeResourceRequestsNotSpecified: a container's resources have no requests for cpu and memory.
	CodeResourceRequestsNotSpecified = "ResourceRequestsNotSpecified"
	// CodeMissingIPAddressPorts: a public address without ports.
	CodeMissingIPAddressPorts = "MissingIpAddressPorts"
	// CodeDNSNameLabelAlreadyTaken: another group has the label in the region.
	CodeDNSNameLabelAlreadyTaken = "DnsNameLabelAlreadyTaken"
	// CodeInvalidDNSNameLabel: the label breaks the rules.
	CodeInvalidDNSNameLabel = "InvalidDnsNameLabel"
	// CodeInvalidContainerGroup: a property of a container group is wrong; the target says which.
	CodeInvalidContainerGroup = "InvalidContainerGroup"
	// CodeInvalidContainerGroupUpdate: a property that is fixed when the group is made was changed.
	CodeInvalidContainerGroupUpdate = "InvalidContainerGroupUpdate"
	// CodeContainerGroupTransitioning: the group is being made or changed; try again later.
	CodeContainerGroupTransitioning = "ContainerGroupTransitioning"
	// CodeContainerStartFailed: a container's command cannot be started, or an init container failed.
	CodeContainerStartFailed = "ContainerStartFailed"
	// CodeFailedMount: a repository cannot be cloned, or a share cannot be opened with the key given.
	CodeFailedMount = "FailedMount"
	// CodeInaccessibleSecretReference: a secret reference of a container group cannot be read by its identity; the message says why not.
	CodeInaccessibleSecretReference = "InaccessibleSecretReference"
	// CodePublicPortInUse: another process of the machine holds a port of the group's address.
	CodePublicPortInUse = "PublicPortInUse"
	// CodeContainerNotFound: the group has no container of that name.
	CodeContainerNotFound = "ContainerNotFound"
	// CodeContainerNotRunning: exec and attach need a running container.
	CodeContainerNotRunning = "ContainerNotRunning"
	// CodeContainerLogNotAvailable: the container has not written a log yet, or it is gone.
	CodeContainerLogNotAvailable = "ContainerLogNotAvailable"
)

// Cloud Shell (Microsoft.Portal).
const (
	// CodeCloudShellForUsers: a service principal, or a user that is gone, asked for a console.
	CodeCloudShellForUsers = "CloudShellForUsersOnly"
	// CodeCloudShellDisabled: the operator of the cloud has turned Cloud Shell off.
	CodeCloudShellDisabled = "CloudShellDisabled"
	// CodeCloudShellUnavailable: no console or terminal can be had now; the message says why.
	CodeCloudShellUnavailable = "CloudShellUnavailable"
	// CodeConsoleNotFound: the caller has no such console or terminal, or it has ended.
	CodeConsoleNotFound = "ConsoleNotFound"
	// CodeUserSettingsNotFound: the caller has kept no settings of Cloud Shell.
	CodeUserSettingsNotFound = "UserSettingsNotFound"
)

// The template language (Microsoft.Resources/deployments).
const (
	// CodeInvalidTemplate: the template or a parameter is wrong; additionalInfo has line and column.
	CodeInvalidTemplate = "InvalidTemplate"
	// CodeJobSizeExceeded: the template, or what its loops expand to, has more than 4 MB; split it into linked templates.
	CodeJobSizeExceeded = "JobSizeExceeded"
	// CodeDeploymentOutputEvaluationFailed: the resources are there, an output cannot be evaluated; details say why.
	CodeDeploymentOutputEvaluationFailed = "DeploymentOutputEvaluationFailed"
)

// Deployments of templates (Microsoft.Resources/deployments).
const (
	// CodeInvalidTemplateDeployment: the checks before a deployment refused some of its resources; details say which and why.
	CodeInvalidTemplateDeployment = "InvalidTemplateDeployment"
	// CodeDeploymentFailed: a resource of the deployment failed; details have its error.
	CodeDeploymentFailed = "DeploymentFailed"
	// CodeResourceDeploymentFailure: a resource ended in a failed state after it was accepted; details say why.
	CodeResourceDeploymentFailure = "ResourceDeploymentFailure"
	// CodeDeploymentFailedCleanUp: a resource that mode Complete removes could not be deleted.
	CodeDeploymentFailedCleanUp = "DeploymentFailedCleanUp"
	// CodeDeploymentCanceled: the deployment was canceled before it ended.
	CodeDeploymentCanceled = "DeploymentCanceled"
	// CodeDeploymentActive: a deployment of that name is running; wait for it or cancel it.
	CodeDeploymentActive = "DeploymentActive"
	// CodeDeploymentNotActive: only a running deployment can be canceled.
	CodeDeploymentNotActive = "DeploymentCannotBeCancelled"
	// CodeDeploymentNotFound: no deployment has the name at the scope.
	CodeDeploymentNotFound = "DeploymentNotFound"
	// CodeDeploymentOperationNotFound: the deployment has no operation of that id.
	CodeDeploymentOperationNotFound = "DeploymentOperationNotFound"
	// CodeDeploymentNameInvalidCharacters: a deployment's name has others than letters, digits and - . _ ( ).
	CodeDeploymentNameInvalidCharacters = "DeploymentNameInvalidCharacters"
	// CodeDeploymentNameLengthLimitExceeded: a deployment's name has more than 64 characters.
	CodeDeploymentNameLengthLimitExceeded = "DeploymentNameLengthLimitExceeded"
	// CodeInvalidDeployment: the request lacks a property or has one that does not fit its scope.
	CodeInvalidDeployment = "InvalidDeployment"
	// CodeInvalidDeploymentLocation: the deployment of that name was made in another location.
	CodeInvalidDeploymentLocation = "InvalidDeploymentLocation"
	// CodeInvalidContentLink: a linked template or parameter file cannot be fetched.
	CodeInvalidContentLink = "InvalidContentLink"
	// CodeMultipleErrors: several Key Vault references fail; details have one error each.
	CodeMultipleErrors = "MultipleErrorsOccurred"
	// CodeKeyVaultReferenceOtherTenant: a template names a vault of a subscription that is not of this tenant.
	CodeKeyVaultReferenceOtherTenant = "KeyVaultParameterReferenceNotInTheSameTenant"
	// CodeExportCompletedWithErrors: some resources of a group could not be exported; details say which.
	CodeExportCompletedWithErrors = "ExportTemplateCompletedWithErrors"
	// CodeNoRegisteredProvider: a template asks for an api-version that the type does not have.
	CodeNoRegisteredProvider = "NoRegisteredProviderFound"
)
