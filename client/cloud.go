package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Cloud speaks to the public addresses of a cloud as any client would.
type Cloud struct {
	HTTP            *http.Client
	ResourceManager string // base URL of the control plane
	Token           string // bearer token for it
}

// NewHTTP makes an HTTP client that reaches every host name of the cloud at its
// listener, without DNS, and trusts the bundle.
func NewHTTP(s Status) (*http.Client, error) {
	pem, err := os.ReadFile(s.CABundle)
	if err != nil {
		return nil, fmt.Errorf("cannot read the cloud's certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificates in %s", s.CABundle)
	}
	dialer := &net.Dialer{}
	suffix := "." + s.Domain
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 32,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(host, suffix) {
				addr = s.Addresses["https"]
			}
			return dialer.DialContext(ctx, network, addr)
		},
	}}, nil
}

// Do calls the control plane: path from the root with its query, in as JSON, out
// from JSON. Errors are *azure.Error.
func (c *Cloud) Do(ctx context.Context, method, path string, in, out any) error {
	return roundTrip(ctx, c.HTTP, method, c.ResourceManager+path, c.Token, in, out)
}

// RegistryUser is the user name that says "the password is a refresh token".
const RegistryUser = "00000000-0000-0000-0000-000000000000"

// RegistryLogin exchanges a token of the control plane for a registry refresh
// token, the password of [RegistryUser]. Source: ACR /oauth2/exchange.
func RegistryLogin(ctx context.Context, hc *http.Client, loginServer, tenant, token string) (string, error) {
	form := url.Values{"grant_type": {"access_token"}, "service": {loginServer}, "tenant": {tenant}, "access_token": {token}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+loginServer+"/oauth2/exchange", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := hc.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the registry %s refused the sign-in (%s): %.300s", loginServer, res.Status, data)
	}
	var out struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return "", fmt.Errorf("the registry %s answered the sign-in with no JSON: %w", loginServer, err)
	}
	return out.RefreshToken, nil
}
