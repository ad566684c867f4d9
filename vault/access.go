package vault

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// authenticate verifies a data-plane request. A host that is no vault is told
// before the challenge, so that nobody fetches a token for it.
func (s *Service) authenticate(r *http.Request) (authz.Principal, error) {
	host := httpd.HostnameOf(r)
	label, rest, _ := strings.Cut(host, ".")
	if "."+rest != s.domain() { // a.kv1.vault.D is not kv1
		return authz.Principal{}, vaultNotFound(host)
	}
	if _, ok := s.live(label); !ok {
		return authz.Principal{}, vaultNotFound(label)
	}
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeUnauthorized, "AKV10000: Request is missing a Bearer or PoP token.")
	}
	p, err := s.o.Authenticate(r)
	var e *azure.Error
	if errors.As(err, &e) && e.Kind == azure.Unauthenticated {
		return p, azure.Errorf(azure.Unauthenticated, azure.CodeUnauthorized, "The vault does not accept the token: %s Ask for a token whose audience is '%s'.", e.Message, s.resource()).Because(err)
	}
	if err == nil && p.TenantID != "" && !strings.EqualFold(p.TenantID, s.o.TenantID) {
		return authz.Principal{}, azure.Errorf(azure.Unauthenticated, azure.CodeUnauthorized, "AKV10032: Invalid issuer. Expected a token of tenant '%s', found '%s'.", s.o.TenantID, p.Issuer)
	}
	return p, err
}

// challenge is the WWW-Authenticate header that leads clients to the token service.
func (s *Service) challenge(*http.Request) string {
	return `Bearer authorization="` + s.o.LoginURL + "/" + s.o.TenantID + `", resource="` + s.resource() + `"`
}

// resolve sets the scope: the vault, or the secret a path names. It holds the
// caller's address against the vault's network rules.
func (s *Service) resolve(r *httpd.Request) error {
	v, ok := s.live(r.Label())
	if !ok {
		return vaultNotFound(r.Label())
	}
	if r.URL.Query().Get("api-version") == "" {
		return badParameter("api-version must be specified. Add '?api-version=7.6' to the request URI.")
	}
	if err := admit(v, r); err != nil {
		return err
	}
	r.Scope = v.ID
	if name := r.PathValue("name"); name != "" {
		if err := checkSecretName(name); err != nil {
			return err
		}
		r.Scope = v.ID.Child("secrets", name)
	}
	return nil
}

// admit is the vault's firewall.
func admit(v *vaultRecord, r *httpd.Request) error {
	set := &v.Settings
	if set.NoPublicAccess {
		return azure.Errorf(azure.Forbidden, azure.CodeForbidden, "Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: %s\r\nVault: %s", caller(r.Principal), v.place()).
			WithInner(azure.InnerForbiddenByConnection)
	}
	if set.Network == nil || !set.Network.Deny {
		return nil
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		for _, ip := range set.Network.IPs {
			if p, ok := prefixOf(ip); ok && p.Contains(addr.Unmap()) {
				return nil
			}
		}
	}
	return azure.Errorf(azure.Forbidden, azure.CodeForbidden, "Client address is not authorized and caller is not a trusted service.\r\nClient address: %s\r\nCaller: %s\r\nVault: %s", host, caller(r.Principal), v.place()).
		WithInner(azure.InnerForbiddenByFirewall)
}

// authorize decides on a row's data action: by role assignments, or by the
// vault's access policies.
func (s *Service) authorize(r *httpd.Request, a authz.Action) error {
	v, ok := s.live(r.Label())
	if !ok {
		return vaultNotFound(r.Label())
	}
	if v.Settings.RBAC {
		if s.o.Checker.Allowed(r.Principal, a, r.Scope) {
			return nil
		}
		return azure.Errorf(azure.Forbidden, azure.CodeForbidden, "%s", strings.Join([]string{
			"Caller is not authorized to perform action on resource.",
			"If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
			"Caller: " + caller(r.Principal), "Action: '" + a.Name + "'", "Resource: '" + r.Scope.Key() + "'",
			"Assignment: (not found)", "DenyAssignmentId: null", "DecisionReason: 'DeniedWithNoValidRBAC'", "Vault: " + v.place(), ""}, "\r\n")).
			WithInner(azure.InnerForbiddenByRbac)
	}
	word := policyWord(r.Pattern, a)
	if word != "" && v.grants(r.Principal, s.groupsOf(r.Principal), word) {
		return nil
	}
	return azure.Errorf(azure.Forbidden, azure.CodeForbidden,
		"The user, group or application '%s' does not have secrets %s permission on key vault '%s'. Grant it with 'az keyvault set-policy --name %s --object-id %s --secret-permissions %s'.",
		caller(r.Principal), word, v.place(), v.name(), r.Principal.ObjectID, word).WithInner(azure.InnerAccessDenied)
}

// caller is how Key Vault's refusals name who asked.
func caller(p authz.Principal) string {
	return "appid=" + p.AppID + ";oid=" + p.ObjectID + ";iss=" + p.Issuer
}

// groupsOf are the ids of the groups the principal is in.
func (s *Service) groupsOf(p authz.Principal) []string {
	if s.o.Groups == nil || p.IsZero() {
		return nil
	}
	return s.o.Groups(p.ObjectID)
}

// grants reports whether an access policy gives the principal the secret permission.
// groups are those the principal is in.
func (v *vaultRecord) grants(p authz.Principal, groups []string, word string) bool {
	if p.IsZero() {
		return false
	}
	for i := range v.Settings.Policies {
		e := &v.Settings.Policies[i]
		if (strings.EqualFold(e.ObjectID, p.ObjectID) || slices.Contains(groups, strings.ToLower(e.ObjectID))) && (e.ApplicationID == "" || strings.EqualFold(e.ApplicationID, p.AppID)) &&
			(containsFold(e.Secrets, word) || containsFold(e.Secrets, "all")) {
			return true
		}
	}
	return false
}
