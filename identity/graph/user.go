package graph

import (
	"context"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// userInput is the body of POST and PATCH /users.
type userInput struct {
	UserPrincipalName *string          `json:"userPrincipalName"`
	DisplayName       *string          `json:"displayName"`
	AccountEnabled    *bool            `json:"accountEnabled"`
	PasswordProfile   *passwordProfile `json:"passwordProfile"`
}

type passwordProfile struct {
	Password                             azure.Secret `json:"password"`
	ForceChangePasswordNextSignIn        bool         `json:"forceChangePasswordNextSignIn"`
	ForceChangePasswordNextSignInWithMFA bool         `json:"forceChangePasswordNextSignInWithMfa"`
}

// userExtras are the properties of users that are kept as given.
var userExtras = []string{"aboutMe", "ageGroup", "businessPhones", "city", "companyName", "country", "department", "employeeId", "employeeType", "faxNumber",
	"givenName", "jobTitle", "mail", "mailNickname", "mobilePhone", "officeLocation", "onPremisesImmutableId", "otherMails", "passwordPolicies", "postalCode",
	"preferredLanguage", "state", "streetAddress", "surname", "usageLocation", "userType"}

// readUser reads the body. The domain of a new name must be the tenant's.
func (s *Service) readUser(r *httpd.Request) (in userInput, extra map[string]any, err error) {
	if extra, err = decode(r, "user", &in, userExtras); err != nil {
		return in, nil, err
	}
	if pp := in.PasswordProfile; pp != nil {
		if pp.ForceChangePasswordNextSignIn || pp.ForceChangePasswordNextSignInWithMFA {
			return in, nil, azure.Errorf(azure.Unimplemented, azure.CodeUnimplemented, "A forced change of password at the next sign-in is not built in this cloud. Leave forceChangePasswordNextSignIn out or false.").At("passwordProfile")
		}
		if err := identity.CheckPassword(pp.Password); err != nil {
			return in, nil, err
		}
	}
	if in.UserPrincipalName != nil {
		t, _ := s.Directory.Tenant(r.Principal.TenantID)
		if _, domain, _ := strings.Cut(*in.UserPrincipalName, "@"); !strings.EqualFold(domain, t.Domain) {
			return in, nil, badRequest("userPrincipalName", "The domain portion of the userPrincipalName property is invalid. You must use the domain of the tenant: name@%s.", t.Domain)
		}
	}
	return in, extra, nil
}

func (in userInput) apply(u *identity.User, extra map[string]any) {
	if in.UserPrincipalName != nil {
		u.UPN = *in.UserPrincipalName
	}
	if in.DisplayName != nil {
		u.DisplayName = *in.DisplayName
	}
	if in.AccountEnabled != nil {
		u.Disabled = !*in.AccountEnabled
	}
	u.Extra = lay(u.Extra, extra)
}

// userEntry is a user in answers and filters.
type userEntry struct{ identity.User }

func (e userEntry) field(name string) (any, bool) {
	switch name {
	case "id":
		return e.ID, true
	case "userprincipalname":
		return e.UPN, true
	case "displayname":
		return e.DisplayName, true
	case "accountenabled":
		return !e.Disabled, true
	}
	for _, key := range userExtras {
		if strings.EqualFold(key, name) {
			return e.wire()[key], true
		}
	}
	return nil, false
}

func (e userEntry) wire() map[string]any {
	m := map[string]any{
		"id": e.ID, "userPrincipalName": e.UPN, "displayName": e.DisplayName, "accountEnabled": !e.Disabled, "createdDateTime": stamp(e.Created),
		"signInSessionsValidFromDateTime": stamp(e.SessionsFrom), "businessPhones": []any{}, "givenName": nil, "surname": nil, "mail": nil, "jobTitle": nil,
		"mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil, "userType": "Member",
	}
	m["mailNickname"], _, _ = strings.Cut(e.UPN, "@")
	for k, v := range e.Extra {
		m[k] = v
	}
	return m
}

func (s *Service) listUsers(_ context.Context, r *httpd.Request, _ httpd.None) (collection, error) {
	var entries []userEntry
	for _, u := range s.Directory.Users(r.Principal.TenantID) {
		entries = append(entries, userEntry{u})
	}
	return list(s, r, "users", userEntry{}, entries)
}

func (s *Service) createUser(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.Reply[map[string]any], error) {
	var none httpd.Reply[map[string]any]
	in, extra, err := s.readUser(r)
	if err != nil {
		return none, err
	}
	if in.PasswordProfile == nil {
		return none, badRequest("passwordProfile", "The property passwordProfile is missing. Give the user a password.")
	}
	u := identity.User{TenantID: r.Principal.TenantID}
	in.apply(&u, extra)
	if u, err = s.Directory.CreateUser(ctx, u, in.PasswordProfile.Password); err != nil {
		return none, err
	}
	body, err := s.one(r, "users", userEntry{u})
	return httpd.Reply[map[string]any]{Status: http.StatusCreated, Header: http.Header{"Location": {s.Graph + "/v1.0/users/" + u.ID}}, Body: body}, err
}

// pathUser is the user that the path names, or the caller on paths of /me.
func (s *Service) pathUser(r *httpd.Request) (identity.User, error) {
	id := r.PathValue("id")
	if id == "" {
		if r.Principal.Type != authz.User {
			return identity.User{}, azure.Errorf(azure.Invalid, azure.CodeBadRequest, "/me request is only valid with delegated authentication flow: the caller '%s' is an application, not a user.", r.Principal.AppID)
		}
		id = r.Principal.ObjectID
	}
	u, ok := s.Directory.User(r.Principal.TenantID, id)
	if !ok {
		return u, notFound("user", id)
	}
	return u, nil
}

func (s *Service) getUser(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return nil, err
	}
	return s.one(r, "users", userEntry{u})
}

func (s *Service) me(ctx context.Context, r *httpd.Request, in httpd.None) (map[string]any, error) {
	return s.getUser(ctx, r, in)
}

// userInfo is OpenID Connect's userinfo.
func (s *Service) userInfo(_ context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"sub": u.ID, "name": u.DisplayName, "preferred_username": u.UPN, "given_name": u.Extra["givenName"], "family_name": u.Extra["surname"], "email": u.Extra["mail"]}, nil
}

func (s *Service) patchUser(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return httpd.None{}, err
	}
	in, extra, err := s.readUser(r)
	if err != nil {
		return httpd.None{}, err
	}
	if in.AccountEnabled != nil && !*in.AccountEnabled && u.ID == r.Principal.ObjectID {
		return httpd.None{}, badRequest("accountEnabled", "You cannot disable yourself. Ask another administrator.")
	}
	err = s.Directory.UpdateUser(ctx, u.TenantID, u.ID, func(u *identity.User) error {
		in.apply(u, extra)
		return nil
	})
	if err != nil || in.PasswordProfile == nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.SetPassword(ctx, u.TenantID, u.ID, in.PasswordProfile.Password)
}

func (s *Service) deleteUser(ctx context.Context, r *httpd.Request, _ httpd.None) (httpd.None, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return httpd.None{}, err
	}
	return httpd.None{}, s.Directory.DeleteUser(ctx, u.TenantID, u.ID)
}

func (s *Service) revokeSessions(ctx context.Context, r *httpd.Request, _ httpd.None) (map[string]any, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return nil, err
	}
	return map[string]any{"value": true}, s.Directory.RevokeSessions(ctx, u.TenantID, u.ID)
}

// changeInput is the body of /me/changePassword.
type changeInput struct {
	CurrentPassword azure.Secret `json:"currentPassword"`
	NewPassword     azure.Secret `json:"newPassword"`
}

func (s *Service) changePassword(ctx context.Context, r *httpd.Request, in changeInput) (httpd.None, error) {
	u, err := s.pathUser(r)
	if err != nil {
		return httpd.None{}, err
	}
	if _, err := s.Directory.VerifyPassword(ctx, u.TenantID, u.UPN, in.CurrentPassword); err != nil {
		if azure.HasCode(err, azure.CodeSignInLocked) {
			return httpd.None{}, err
		}
		return httpd.None{}, badRequest("currentPassword", "The current password is wrong. Give the one you sign in with.").Because(err)
	}
	return httpd.None{}, s.Directory.SetPassword(ctx, u.TenantID, u.ID, in.NewPassword)
}
