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
	"sync"
)

// Cloud speaks to the public addresses of a cloud as any client would.
type Cloud struct {
	HTTP            *http.Client
	ResourceManager string // base URL of the control plane
	Token           string // bearer token for it
}

// NewHTTP makes an HTTP client that reaches every host name of the cloud at its
// listener, without DNS, and trusts the cloud's authority for these and the
// whole bundle for all others.
func NewHTTP(s Status) (*http.Client, error) {
	inside, err := transport(s.CA)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{}
	inside.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, s.Addresses["https"])
	}
	return &http.Client{Transport: &byHost{
		suffix: "." + s.Domain, inside: inside, outside: sync.OnceValues(func() (*http.Transport, error) { return transport(s.CABundle) }),
	}}, nil
}

// transport trusts the authorities in a PEM file.
func transport(file string) (*http.Transport, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the cloud's certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificates in %s", file)
	}
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 32}, nil
}

// byHost sends requests for the cloud's host names to the cloud. The bundle,
// which takes milliseconds to read, is read when another host is asked.
type byHost struct {
	suffix  string
	inside  *http.Transport
	outside func() (*http.Transport, error)
}

// RoundTrip implements [http.RoundTripper].
func (t *byHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Hostname(), t.suffix) {
		return t.inside.RoundTrip(r)
	}
	outside, err := t.outside()
	if err != nil {
		return nil, err
	}
	return outside.RoundTrip(r)
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] calls. Those to
// other hosts end by themselves.
func (t *byHost) CloseIdleConnections() { t.inside.CloseIdleConnections() }

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
		text := fmt.Sprintf("the registry %s refused the sign-in (%s): %.300s", loginServer, res.Status, data)
		return "", &registryError{text, &StatusError{Status: res.StatusCode, Reason: http.StatusText(res.StatusCode), Header: res.Header, Body: data}}
	}
	var out struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return "", fmt.Errorf("the registry %s answered the sign-in with no JSON: %w", loginServer, err)
	}
	return out.RefreshToken, nil
}

// registryError is a refused sign-in in words of its own, with the answer behind it.
type registryError struct {
	text   string
	status *StatusError
}

// Error is what was refused where.
func (e *registryError) Error() string { return e.text }

// Unwrap gives the *StatusError.
func (e *registryError) Unwrap() error { return e.status }
