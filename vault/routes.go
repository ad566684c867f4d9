package vault

import (
	"net/http"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// The data actions on secrets.
const (
	setAction          = typeVault + "/secrets/setSecret/action"
	getAction          = typeVault + "/secrets/getSecret/action"
	readMetadataAction = typeVault + "/secrets/readMetadata/action"
	updateAction       = typeVault + "/secrets/update/action"
	deleteAction       = typeVault + "/secrets/delete"
	purgeAction        = typeVault + "/secrets/purge/action"
	recoverAction      = typeVault + "/secrets/recover/action"
	backupAction       = typeVault + "/secrets/backup/action"
	restoreAction      = typeVault + "/secrets/restore/action"
)

// routes are the data plane of a vault, on the host {vault}.vault.D.
var routes = []httpd.Route[*Service]{
	{Pattern: "PUT /secrets/{name}", Action: authz.Data(setAction), Serve: httpd.JSON((*Service).setSecret)},
	{Pattern: "GET /secrets/{name}", Action: authz.Data(getAction), Serve: httpd.JSON((*Service).getSecret)},
	{Pattern: "GET /secrets/{name}/{version}", Action: authz.Data(getAction), Serve: httpd.JSON((*Service).getSecret)},
	{Pattern: "PATCH /secrets/{name}", Action: authz.Data(updateAction), Serve: httpd.JSON((*Service).updateSecret)},
	{Pattern: "PATCH /secrets/{name}/{version}", Action: authz.Data(updateAction), Serve: httpd.JSON((*Service).updateSecret)},
	{Pattern: "DELETE /secrets/{name}", Action: authz.Data(deleteAction), Serve: httpd.JSON((*Service).deleteSecret)},
	{Pattern: "GET /secrets", Action: authz.Data(readMetadataAction), Serve: httpd.JSON((*Service).listSecrets)},
	{Pattern: "GET /secrets/{name}/versions", Action: authz.Data(readMetadataAction), Serve: httpd.JSON((*Service).listVersions)},
	{Pattern: "POST /secrets/{name}/backup", Action: authz.Data(backupAction), Serve: httpd.JSON((*Service).backupSecret)},
	{Pattern: "POST /secrets/restore", Action: authz.Data(restoreAction), Serve: httpd.JSON((*Service).restoreSecret)},
	{Pattern: "GET /deletedsecrets", Action: authz.Data(readMetadataAction), Serve: httpd.JSON((*Service).listDeletedSecrets)},
	{Pattern: "GET /deletedsecrets/{name}", Action: authz.Data(readMetadataAction), Serve: httpd.JSON((*Service).getDeletedSecret)},
	{Pattern: "DELETE /deletedsecrets/{name}", Action: authz.Data(purgeAction), Serve: httpd.JSON((*Service).purgeDeletedSecret)},
	{Pattern: "POST /deletedsecrets/{name}/recover", Action: authz.Data(recoverAction), Serve: httpd.JSON((*Service).recoverDeletedSecret)},
}

// unbuilt are the collections of Key Vault that this cloud does not have.
var unbuilt = []string{"keys", "deletedkeys", "certificates", "deletedcertificates", "storage", "deletedstorage", "rng"}

// policyWords are the words by which access policies grant the actions.
var policyWords = map[string]string{
	setAction: "set", getAction: "get", readMetadataAction: "list", updateAction: "set", deleteAction: "delete",
	purgeAction: "purge", recoverAction: "recover", backupAction: "backup", restoreAction: "restore",
}

// policyWord is the access-policy permission of a row. Azure: showing one deleted
// secret needs get, though by role it is the reading of metadata.
func policyWord(pattern string, a authz.Action) string {
	if pattern == "GET /deletedsecrets/{name}" {
		return "get"
	}
	return policyWords[a.Name]
}

// maxBody bounds a request: a backup blob is the largest.
const maxBody = 8 << 20

// Plane is the data plane of all vaults.
func (s *Service) Plane() *httpd.Plane[*Service] {
	return &httpd.Plane[*Service]{
		Front: httpd.Front{Authenticate: s.authenticate, Challenge: s.challenge, Errors: writeError,
			Audit: s.o.Audit, MaxBody: maxBody, Log: s.o.Log, Now: s.o.Now},
		Service:   s,
		Routes:    append(unbuiltRoutes(), routes...),
		Resolve:   s.resolve,
		Authorize: s.authorize,
	}
}

// unbuiltRoutes answer for the unbuilt collections that they are not built. They
// show nothing of the vault, so any caller may have the answer.
func unbuiltRoutes() []httpd.Route[*Service] {
	var rows []httpd.Route[*Service]
	for _, c := range unbuilt {
		refuse := func(*Service, http.ResponseWriter, *httpd.Request) error {
			return azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "The '%s' of key vaults are not built in this cloud; secrets are. See docs/compat.md.", c)
		}
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete} {
			rows = append(rows, httpd.Route[*Service]{Pattern: method + " /" + c, Action: httpd.AnyCaller, Serve: refuse},
				httpd.Route[*Service]{Pattern: method + " /" + c + "/{rest...}", Action: httpd.AnyCaller, Serve: refuse})
		}
	}
	return rows
}

// writeError is the common dialect with the data plane's one code for bad input.
func writeError(w http.ResponseWriter, r *http.Request, err *azure.Error) {
	if err.Code == azure.CodeInvalidRequestContent {
		c := *err
		c.Code = azure.CodeBadParameter
		err = &c
	}
	httpd.WriteError(w, r, err)
}
