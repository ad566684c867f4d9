package vault

import (
	"context"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
)

// Secret reads a secret for a template deployment of caller, as a parameter's
// Key Vault reference asks; no version means the current one. The caller needs
// Microsoft.KeyVault/vaults/deploy/action on the vault and no secret permission;
// the vault must be enabledForTemplateDeployment and let trusted services pass
// its firewall. Errors: CodeKeyVaultReferenceDenied, CodeKeyVaultReferenceNotFound,
// CodeKeyVaultReferenceFailed.
func (s *Service) Secret(ctx context.Context, vault azure.ResourceID, name, version string, caller authz.Principal) (azure.Secret, error) {
	if !s.o.Checker.Allowed(caller, authz.Control(typeVault+"/deploy/action"), vault) {
		return azure.Secret{}, azure.Errorf(azure.Forbidden, azure.CodeKeyVaultReferenceDenied,
			"The client '%s' with object id '%s' does not have permission to perform action 'MICROSOFT.KEYVAULT/VAULTS/DEPLOY/ACTION' on the specified KeyVault resource '%s'. Ask its owner for a role with that action.",
			caller.AppID, caller.ObjectID, vault)
	}
	v, ok := s.live(vault.Name())
	if !ok || !v.ID.Equal(vault) {
		return azure.Secret{}, azure.Errorf(azure.Invalid, azure.CodeKeyVaultReferenceNotFound, "The specified KeyVault '%s' could not be found. Check the id in the parameter's reference.", vault)
	}
	f := v.Settings.Network
	closed := v.Settings.NoPublicAccess || f != nil && f.Deny
	switch {
	case !v.Settings.ForTemplates:
		return azure.Secret{}, retrieveFailed(name, "Forbidden", "Access denied to first party service. The vault '"+v.name()+"' is not enabled for template deployment; run: az keyvault update --name "+v.name()+" --enabled-for-template-deployment true")
	case closed && f != nil && strings.EqualFold(f.Bypass, "None"):
		return azure.Secret{}, retrieveFailed(name, "Forbidden", "The network rules of vault '"+v.name()+"' do not let trusted services pass; set networkAcls.bypass to AzureServices.")
	}
	rec, ver, err := s.find(v, name, version)
	if err != nil {
		return azure.Secret{}, retrieveFailed(name, "NotFound", azure.AsError(err).Message)
	}
	value, err := s.reveal(ctx, v, rec, ver)
	if e := azure.AsError(err); e != nil && e.Kind == azure.Forbidden {
		return azure.Secret{}, retrieveFailed(name, "Forbidden", e.Message)
	}
	return value, err
}

func retrieveFailed(name, status, message string) error {
	return azure.Errorf(azure.Invalid, azure.CodeKeyVaultReferenceFailed, "The secret '%s' of the KeyVault parameter cannot be retrieved. Http status code: '%s'. Error message: '%s'.", name, status, message)
}
