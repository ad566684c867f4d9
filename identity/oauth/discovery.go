package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity/token"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// openIDConfiguration is OpenID Connect Discovery 1.0 with Microsoft's
// additions.
type openIDConfiguration struct {
	Issuer                      string   `json:"issuer"`
	AuthorizationEndpoint       string   `json:"authorization_endpoint"`
	TokenEndpoint               string   `json:"token_endpoint"`
	DeviceAuthorizationEndpoint string   `json:"device_authorization_endpoint"`
	EndSessionEndpoint          string   `json:"end_session_endpoint"`
	JWKSURI                     string   `json:"jwks_uri"`
	UserinfoEndpoint            string   `json:"userinfo_endpoint,omitempty"`
	TokenEndpointAuthMethods    []string `json:"token_endpoint_auth_methods_supported"`
	ResponseModes               []string `json:"response_modes_supported"`
	ResponseTypes               []string `json:"response_types_supported"`
	SubjectTypes                []string `json:"subject_types_supported"`
	IDTokenSigningAlgs          []string `json:"id_token_signing_alg_values_supported"`
	discoveryLists
}

type discoveryLists struct {
	Scopes               []string `json:"scopes_supported"`
	GrantTypes           []string `json:"grant_types_supported"`
	Claims               []string `json:"claims_supported"`
	CodeChallengeMethods []string `json:"code_challenge_methods_supported"`
	CloudInstanceName    string   `json:"cloud_instance_name"`
	MSGraphHost          string   `json:"msgraph_host,omitempty"`
}

func (s *Service) openIDConfiguration(_ context.Context, r *httpd.Request, _ httpd.None) (openIDConfiguration, error) {
	t, _, err := s.tenant(r.Request)
	if err != nil {
		return openIDConfiguration{}, err
	}
	base := s.Login + "/" + url.PathEscape(r.PathValue("tenant"))
	endpoints := base + "/oauth2"
	if strings.Contains(r.URL.Path, "/v2.0/") {
		endpoints += "/v2.0"
	}
	c := openIDConfiguration{
		Issuer:                      s.Tokens.Issuer(t.ID),
		AuthorizationEndpoint:       endpoints + "/authorize",
		TokenEndpoint:               endpoints + "/token",
		DeviceAuthorizationEndpoint: endpoints + "/devicecode",
		EndSessionEndpoint:          endpoints + "/logout",
		JWKSURI:                     base + "/discovery/v2.0/keys",
		TokenEndpointAuthMethods:    []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		ResponseModes:               []string{"query", "fragment", "form_post"},
		ResponseTypes:               []string{"code"},
		SubjectTypes:                []string{"public"},
		IDTokenSigningAlgs:          []string{s.Tokens.Algorithm()},
		discoveryLists: discoveryLists{
			Scopes:               []string{"openid", "profile", "email", "offline_access"},
			GrantTypes:           []string{grantClientCredentials, grantPassword, grantDeviceCode, grantAuthorizationCode, grantRefreshToken},
			Claims:               []string{"sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "oid", "ver"},
			CodeChallengeMethods: []string{"S256"},
			CloudInstanceName:    hostOf(s.Login),
			MSGraphHost:          hostOf(s.Graph),
		},
	}
	if s.Graph != "" {
		c.UserinfoEndpoint = s.Graph + "/oidc/userinfo"
	}
	return c, nil
}

func hostOf(base string) string {
	_, host, _ := strings.Cut(base, "://")
	return host
}

func (s *Service) keys(_ context.Context, r *httpd.Request, _ httpd.None) (httpd.Reply[token.JWKS], error) {
	if _, _, err := s.tenant(r.Request); err != nil {
		return httpd.Reply[token.JWKS]{}, err
	}
	set, err := s.Tokens.JWKS()
	return httpd.Reply[token.JWKS]{Header: http.Header{"Cache-Control": {"public, max-age=300"}}, Body: set}, err
}

// instanceDiscovery answers clients that ask which hosts are one authority.
type instanceDiscovery struct {
	TenantDiscoveryEndpoint string          `json:"tenant_discovery_endpoint"`
	APIVersion              string          `json:"api-version"`
	Metadata                []instanceAlias `json:"metadata"`
}

type instanceAlias struct {
	PreferredNetwork string   `json:"preferred_network"`
	PreferredCache   string   `json:"preferred_cache"`
	Aliases          []string `json:"aliases"`
}

func (s *Service) instance(_ context.Context, r *httpd.Request, _ httpd.None) (instanceDiscovery, error) {
	asked := r.URL.Query().Get("authorization_endpoint")
	if asked == "" {
		return instanceDiscovery{}, missing("authorization_endpoint")
	}
	u, err := url.Parse(asked)
	if err != nil || !strings.EqualFold(u.Host, hostOf(s.Login)) {
		return instanceDiscovery{}, azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The authorization_endpoint '%s' is not on this cloud's '%s'.", asked, s.Login)
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	host := hostOf(s.Login)
	return instanceDiscovery{
		TenantDiscoveryEndpoint: s.Login + "/" + url.PathEscape(tenant) + "/v2.0/.well-known/openid-configuration", APIVersion: "1.1",
		Metadata: []instanceAlias{{PreferredNetwork: host, PreferredCache: host, Aliases: []string{host}}},
	}, nil
}

// userRealm tells clients that passwords are checked here. It answers the same
// for names that exist and names that do not.
type userRealm struct {
	Ver               string `json:"ver"`
	AccountType       string `json:"account_type"`
	DomainName        string `json:"domain_name"`
	CloudInstanceName string `json:"cloud_instance_name"`
}

func (s *Service) userRealm(_ context.Context, r *httpd.Request, _ httpd.None) (userRealm, error) {
	_, domain, ok := strings.Cut(r.PathValue("upn"), "@")
	if !ok {
		return userRealm{}, azure.Errorf(azure.Invalid, azure.CodeSignInInvalidRequest, "The user name '%s' is not of the form name@domain.", r.PathValue("upn"))
	}
	return userRealm{Ver: "1.0", AccountType: "Managed", DomainName: domain, CloudInstanceName: hostOf(s.Login)}, nil
}
