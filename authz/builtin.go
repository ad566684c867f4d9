package authz

// The ids of the built-in roles that code elsewhere names.
const (
	RoleOwner                 = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	RoleContributor           = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	RoleReader                = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	RoleKeyVaultAdministrator = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	RoleAcrPull               = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
	RoleAcrPush               = "8311e382-0749-4cb8-b61a-304f252e45ec"

	RoleUserAccessAdministrator    = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	RoleManagementGroupContributor = "5d58bcaf-24a5-4b20-bdb6-eed9f69fbe4c"
)

const (
	cr = "Microsoft.ContainerRegistry/registries/"
	kv = "Microsoft.KeyVault/vaults/"
	mi = "Microsoft.ManagedIdentity/userAssignedIdentities/"
	au = "Microsoft.Authorization/"
	mg = "Microsoft.Management/managementGroups/"
)

// common are the actions most service roles carry beside their own.
func common(actions ...string) []string {
	return append([]string{"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*", "Microsoft.Resources/deployments/*",
		"Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.Support/*"}, actions...)
}

// vaultRead are the management reads of the Key Vault data roles.
func vaultRead() []string {
	return common("Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/deletedVaults/read", "Microsoft.KeyVault/locations/*/read",
		"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read")
}

func builtIn(id, name, description string, p ...Permission) Role {
	return Role{ID: id, Name: name, Description: description, AssignableScopes: []string{"/"}, Permissions: p}
}

func control(actions ...string) Permission { return Permission{Actions: actions} }

func data(actions ...string) Permission { return Permission{DataActions: actions} }

// BuiltIn is the table of built-in roles. Ids and actions are those of
// Microsoft's reference of Azure built-in roles.
var BuiltIn = []Role{
	builtIn(RoleOwner, "Owner", "Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.", control("*")),
	builtIn(RoleContributor, "Contributor", "Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC.",
		Permission{Actions: []string{"*"}, NotActions: []string{au + "*/Delete", au + "*/Write", au + "elevateAccess/Action",
			"Microsoft.Blueprint/blueprintAssignments/write", "Microsoft.Blueprint/blueprintAssignments/delete", "Microsoft.Compute/galleries/share/action",
			"Microsoft.Purview/consents/write", "Microsoft.Purview/consents/delete", "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
			"Microsoft.Subscription/cancel/action", "Microsoft.Subscription/enable/action"}}),
	builtIn(RoleReader, "Reader", "View all resources, but does not allow you to make any changes.", control("*/read")),
	builtIn(RoleUserAccessAdministrator, "User Access Administrator", "Lets you manage user access to Azure resources.",
		control("*/read", au+"*", "Microsoft.Support/*")),
	builtIn("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", "Manage access to Azure resources by assigning roles using Azure RBAC.",
		control(au+"roleAssignments/write", au+"roleAssignments/delete", "*/read", "Microsoft.Support/*")),
	builtIn(RoleManagementGroupContributor, "Management Group Contributor", "Management Group Contributor Role",
		control(mg+"delete", mg+"read", mg+"subscriptions/delete", mg+"subscriptions/write", mg+"write", mg+"subscriptions/read", au+"*/read")),
	builtIn("ac63b705-f282-497d-ac71-919bf39d939d", "Management Group Reader", "Management Group Reader Role", control(mg+"read", mg+"subscriptions/read", au+"*/read")),
	builtIn(RoleAcrPull, "AcrPull", "acr pull", control(cr+"pull/read")),
	builtIn(RoleAcrPush, "AcrPush", "acr push", control(cr+"pull/read", cr+"push/write")),
	builtIn("c2f4ef07-c644-48eb-af81-4b1b4947fb11", "AcrDelete", "acr delete", control(cr+"artifacts/delete")),
	builtIn("6cef56e8-d556-48e5-a04f-b8e64114680f", "AcrImageSigner", "acr image signer",
		Permission{Actions: []string{cr + "sign/write"}, DataActions: []string{cr + "trustedCollections/write"}}),
	builtIn("cdda3590-29a3-44f6-95f2-9f980659eb04", "AcrQuarantineReader", "acr quarantine data reader",
		Permission{Actions: []string{cr + "quarantine/read"}, DataActions: []string{cr + "quarantinedArtifacts/read"}}),
	builtIn("c8d4ff99-41c3-41a8-9f60-21dfdad59608", "AcrQuarantineWriter", "acr quarantine data writer",
		Permission{Actions: []string{cr + "quarantine/read", cr + "quarantine/write"}, DataActions: []string{cr + "quarantinedArtifacts/read", cr + "quarantinedArtifacts/write"}}),
	builtIn("b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader", "Allows for read access to Azure Container Registry repositories, but excluding catalog listing.",
		data(cr+"repositories/metadata/read", cr+"repositories/content/read")),
	builtIn("2a1e307c-b015-4ebd-883e-5b7698a07328", "Container Registry Repository Writer", "Allows for read and write access to Azure Container Registry repositories, but excluding catalog listing.",
		data(cr+"repositories/metadata/read", cr+"repositories/content/read", cr+"repositories/metadata/write", cr+"repositories/content/write")),
	builtIn("2efddaa5-3f1f-4df3-97df-af3f13818f4c", "Container Registry Repository Contributor", "Allows for read, write, and delete access to Azure Container Registry repositories, but excluding catalog listing.",
		data(cr+"repositories/metadata/read", cr+"repositories/content/read", cr+"repositories/metadata/write", cr+"repositories/content/write",
			cr+"repositories/metadata/delete", cr+"repositories/content/delete")),
	builtIn("bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", "Container Registry Repository Catalog Lister", "Allows for listing all repositories in an Azure Container Registry.",
		data(cr+"catalog/read")),
	builtIn("5d977122-f97e-4b4d-a52f-6b43003ddb4d", "Azure Container Instances Contributor Role", "Grants read/write access to container groups provided by Azure Container Instances",
		control("Microsoft.ContainerInstance/containerGroups/*", "Microsoft.Resources/deployments/*", au+"*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read")),
	builtIn("e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor", "Create, Read, Update, and Delete User Assigned Identity",
		control(common(mi+"read", mi+"write", mi+"delete", mi+"federatedIdentityCredentials/read", mi+"federatedIdentityCredentials/write",
			mi+"federatedIdentityCredentials/delete", mi+"revokeTokens/action")...)),
	builtIn("f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", "Read and Assign User Assigned Identity",
		control(common(mi+"*/read", mi+"*/assign/action")...)),
	builtIn("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", "Lets you manage key vaults, but not access to them.",
		Permission{Actions: common("Microsoft.KeyVault/*"), NotActions: []string{"Microsoft.KeyVault/locations/deletedVaults/purge/action",
			"Microsoft.KeyVault/hsmPools/*", "Microsoft.KeyVault/managedHsms/*"}}),
	builtIn(RoleKeyVaultAdministrator, "Key Vault Administrator", "Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets. Cannot manage key vault resources or manage role assignments.",
		Permission{Actions: vaultRead(), DataActions: []string{kv + "*"}}),
	builtIn("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", "Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive values such as secret contents or key material.",
		Permission{Actions: vaultRead(), DataActions: []string{kv + "*/read", kv + "secrets/readMetadata/action"}}),
	builtIn("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", "Perform any action on the secrets of a key vault, except manage permissions.",
		Permission{Actions: vaultRead(), DataActions: []string{kv + "secrets/*"}}),
	builtIn("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", "Read secret contents.",
		data(kv+"secrets/getSecret/action", kv+"secrets/readMetadata/action")),
	builtIn("a68e7c17-0ab2-4c09-9a58-125dae29748c", "Key Vault Purge Operator", "Allows permanent deletion of soft-deleted vaults.",
		control("Microsoft.KeyVault/locations/deletedVaults/read", "Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/locations/operationResults/read")),
	builtIn("a4417e6f-fecd-4de8-b567-7b0420556985", "Key Vault Certificates Officer", "Perform any action on the certificates of a key vault, except manage permissions.",
		Permission{Actions: vaultRead(), DataActions: []string{kv + "certificatecas/*", kv + "certificates/*", kv + "certificatecontacts/write"}}),
	builtIn("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", "Read certificate contents.",
		data(kv+"certificates/read", kv+"secrets/getSecret/action", kv+"secrets/readMetadata/action", kv+"keys/read")),
	builtIn("14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "Key Vault Crypto Officer", "Perform any action on the keys of a key vault, except manage permissions.",
		Permission{Actions: vaultRead(), DataActions: []string{kv + "keys/*", kv + "keyrotationpolicies/*"}}),
	builtIn("12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User", "Perform cryptographic operations using keys.",
		data(kv+"keys/read", kv+"keys/update/action", kv+"keys/backup/action", kv+"keys/encrypt/action", kv+"keys/decrypt/action",
			kv+"keys/wrap/action", kv+"keys/unwrap/action", kv+"keys/sign/action", kv+"keys/verify/action")),
	builtIn("e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User", "Read metadata of keys and perform wrap/unwrap operations.",
		Permission{Actions: []string{"Microsoft.EventGrid/eventSubscriptions/write", "Microsoft.EventGrid/eventSubscriptions/read", "Microsoft.EventGrid/eventSubscriptions/delete"},
			DataActions: []string{kv + "keys/read", kv + "keys/wrap/action", kv + "keys/unwrap/action"}}),
	builtIn("8b54135c-b56d-4d72-a534-26097cfdc8d8", "Key Vault Data Access Administrator", "Manage access to Azure Key Vault by adding or removing role assignments for the Key Vault data roles.",
		control(common("Microsoft.KeyVault/vaults/*/read")...),
		Permission{Actions: []string{au + "roleAssignments/write", au + "roleAssignments/delete"}, OnlyRoles: []string{
			RoleKeyVaultAdministrator, "a4417e6f-fecd-4de8-b567-7b0420556985", "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "e147488a-f6f5-4113-8e2d-b22465e65bf6",
			"12338af0-0e69-4776-bea7-57ae8d297424", "21090545-7ca7-4776-b22c-e363652d74d2", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "4633458b-17de-408a-b874-0445c86b69e6"}}),
}
