package directory

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
)

// userMembers are what create and update of a user set.
var userMembers = members{
	{"account_enabled", "accountEnabled"}, {"display_name", "displayName"}, {"mail_nickname", "mailNickname"}, {"user_principal_name", "userPrincipalName"},
	{"immutable_id", "onPremisesImmutableId"}, {"password", "passwordProfile.password"}, {"force_change_password_next_sign_in", "passwordProfile.forceChangePasswordNextSignIn"},
}

func createUser(c *command.Call) (any, error) {
	body, err := userMembers.body(c)
	if err != nil {
		return nil, err
	}
	body.Set("accountEnabled", true)
	if !body.Has("mailNickname") {
		name, _, _ := strings.Cut(c.Text("user_principal_name"), "@")
		body.Set("mailNickname", name)
	}
	return principal.Do(c, http.MethodPost, "/users", body)
}

func listUsers(c *command.Call) (any, error) {
	return list(c, "users", "upn", "userPrincipalName eq ?", "display_name", "startswith(displayName,?)")
}

func userPath(c *command.Call) string { return "/users/" + url.PathEscape(c.Text("upn_or_object_id")) }

func showUser(c *command.Call) (any, error) {
	return principal.Do(c, http.MethodGet, userPath(c), nil)
}

func updateUser(c *command.Call) (any, error) {
	body, err := userMembers.body(c)
	if err != nil {
		return nil, err
	}
	_, err = principal.Do(c, http.MethodPatch, userPath(c), body)
	return nil, err
}

func deleteUser(c *command.Call) (any, error) {
	_, err := principal.Do(c, http.MethodDelete, userPath(c), nil)
	return nil, err
}
