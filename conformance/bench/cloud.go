package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// The names of what the bench creates.
const (
	benchGroup     = "bench"
	benchRegistry  = "benchregistry"
	benchVault     = "benchvault"
	benchContainer = "bench-sample"
	benchSecret    = "bench-secret"
)

// The built-in roles the bench's service principal gets.
const (
	roleAcrPull        = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
	roleSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
)

// Versions of Azure's APIs that the bench speaks.
const (
	apiGroups     = "2021-04-01"
	apiRegistry   = "2023-07-01"
	apiVault      = "2023-07-01"
	apiRoles      = "2022-04-01"
	apiContainers = "2023-05-01"
	apiSecrets    = "7.4"
)

// cloud is a running cloud, and the runner of container groups in it.
type cloud struct {
	bin, data string
	startup   time.Duration // of `lazuli up --detach`
	admin     client.Admin
	status    client.Status
	arm       client.Cloud
	hc        *http.Client // for pages: a connection each
	server    string       // the registry's host name
	vault     string       // the vault's base URL
	sp        principal
}

// principal is the service principal that pulls, reads and writes.
type principal struct{ appID, secret string }

// newCloud starts a cloud in the directory of that name and waits until it says it is healthy.
func newCloud(ctx context.Context, s settings, name string) (*cloud, error) {
	c := &cloud{bin: s.bin, data: filepath.Join(s.dir, name)}
	begin := time.Now()
	if err := measure.Command(ctx, c.bin, "up", "--detach", "--data", c.data); err != nil {
		return nil, err
	}
	c.startup = time.Since(begin)
	c.admin = client.Admin{Socket: filepath.Join(c.data, "run", "admin.sock")}
	var err error
	if c.status, err = c.admin.Status(ctx); err != nil {
		return nil, err
	}
	if !c.status.Healthy {
		return nil, errors.New("lazuli up --detach returned and the cloud is not healthy")
	}
	return c, nil
}

func (c *cloud) stop(ctx context.Context) error {
	return measure.Command(ctx, c.bin, "down", "--stop-groups", "--data", c.data)
}

// furnish makes what the measurements need: a registry, a vault, and a service principal with a role in each.
func (c *cloud) furnish(ctx context.Context) error {
	hc, err := client.NewHTTP(c.status)
	if err != nil {
		return err
	}
	token, err := c.admin.Token(ctx, c.status.Endpoints["resourceManager"])
	if err != nil {
		return err
	}
	c.arm = client.Cloud{HTTP: hc, ResourceManager: c.status.Endpoints["resourceManager"], Token: token}
	c.hc = fresh()
	c.hc.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, c.status.Addresses["http"])
	}
	if err := c.put(ctx, "", apiGroups, map[string]any{"location": "eastus"}, nil); err != nil {
		return err
	}
	var registry struct{ Properties struct{ LoginServer string } }
	err = c.put(ctx, c.registryID(), apiRegistry, map[string]any{"location": "eastus", "sku": map[string]any{"name": "Basic"}}, &registry)
	if err != nil {
		return err
	}
	c.server = registry.Properties.LoginServer
	var vault struct{ Properties struct{ VaultURI string } }
	err = c.put(ctx, c.vaultID(), apiVault, map[string]any{"location": "eastus", "properties": map[string]any{
		"tenantId": c.status.TenantID, "sku": map[string]any{"family": "A", "name": "standard"}, "enableRbacAuthorization": true}}, &vault)
	if err != nil {
		return err
	}
	c.vault = strings.TrimSuffix(vault.Properties.VaultURI, "/")
	return c.hire(ctx)
}

func (c *cloud) groupID() string {
	return "/subscriptions/" + c.status.SubscriptionID + "/resourceGroups/" + benchGroup
}
func (c *cloud) registryID() string {
	return "/providers/Microsoft.ContainerRegistry/registries/" + benchRegistry
}
func (c *cloud) vaultID() string { return "/providers/Microsoft.KeyVault/vaults/" + benchVault }

// put puts a resource of the bench's group and waits until it is there.
func (c *cloud) put(ctx context.Context, id, version string, in, out any) error {
	path := c.groupID() + id + "?api-version=" + version
	if err := c.arm.Do(ctx, http.MethodPut, path, in, nil); err != nil {
		return fmt.Errorf("PUT %s: %w", path, err)
	}
	for {
		var raw json.RawMessage
		if err := c.arm.Do(ctx, http.MethodGet, path, nil, &raw); err != nil {
			return fmt.Errorf("GET %s: %w", path, err)
		}
		var state struct {
			Properties struct{ ProvisioningState string }
		}
		if err := json.Unmarshal(raw, &state); err != nil {
			return err
		}
		switch state.Properties.ProvisioningState {
		case "", "Succeeded":
			if out == nil {
				return nil
			}
			return json.Unmarshal(raw, out)
		case "Failed", "Canceled":
			return fmt.Errorf("%s: %s", path, raw)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hire makes the service principal by Microsoft Graph and gives it its roles.
func (c *cloud) hire(ctx context.Context) error {
	token, err := c.admin.Token(ctx, c.status.Endpoints["graph"])
	if err != nil {
		return err
	}
	graph := client.Cloud{HTTP: c.arm.HTTP, ResourceManager: c.status.Endpoints["graph"], Token: token}
	var app, sp struct{ ID, AppID string }
	var password struct{ SecretText string }
	for _, call := range []struct {
		path    func() string
		in, out any
	}{
		{func() string { return "/v1.0/applications" }, map[string]any{"displayName": "bench"}, &app},
		{func() string { return "/v1.0/applications/" + app.ID + "/addPassword" }, map[string]any{}, &password},
	} {
		if err := graph.Do(ctx, http.MethodPost, call.path(), call.in, call.out); err != nil {
			return fmt.Errorf("POST %s: %w", call.path(), err)
		}
	}
	if err := graph.Do(ctx, http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": app.AppID}, &sp); err != nil {
		return fmt.Errorf("POST /v1.0/servicePrincipals: %w", err)
	}
	c.sp = principal{app.AppID, password.SecretText}
	roles := c.groupID() + "%s/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000000%d?api-version=" + apiRoles
	for i, at := range []struct{ scope, role string }{{c.registryID(), roleAcrPull}, {c.vaultID(), roleSecretsOfficer}} {
		path := fmt.Sprintf(roles, at.scope, i+1)
		in := map[string]any{"properties": map[string]any{"principalId": sp.ID, "principalType": "ServicePrincipal",
			"roleDefinitionId": "/subscriptions/" + c.status.SubscriptionID + "/providers/Microsoft.Authorization/roleDefinitions/" + at.role}}
		if err := c.arm.Do(ctx, http.MethodPut, path, in, nil); err != nil {
			return fmt.Errorf("PUT %s: %w", path, err)
		}
	}
	return nil
}

// grant is the form of a token request of the service principal, for a scope.
func (c *cloud) grant(scope string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {c.sp.appID}, "client_secret": {c.sp.secret}, "scope": {scope}}
}

// tokenURL is where tokens are given out.
func (c *cloud) tokenURL() string {
	return c.status.Endpoints["login"] + "/" + c.status.TenantID + "/oauth2/v2.0/token"
}

// vaultScope is the scope of tokens for vaults.
func (c *cloud) vaultScope() string {
	_, suffix, _ := strings.Cut(c.vault, ".")
	return "https://" + suffix + "/.default"
}

// token signs the service principal in.
func (c *cloud) token(ctx context.Context, scope string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.tokenURL(), strings.NewReader(c.grant(scope).Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.arm.HTTP.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var t struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(text, &t); err != nil || t.AccessToken == "" {
		return "", fmt.Errorf("POST %s: %s: %.500s", c.tokenURL(), res.Status, text)
	}
	return t.AccessToken, nil
}

// repository is where a round's image is pushed: its name without the registry that the archive names.
func (c *cloud) repository(name string) string {
	_, rest, _ := strings.Cut(name, "/")
	return c.server + "/" + rest
}

func (c *cloud) load(ctx context.Context, archive, name string) error {
	return measure.Command(ctx, c.bin, "push", archive, c.repository(name), "--data", c.data)
}

// groupPath is the container group.
func (c *cloud) groupPath() string {
	return c.groupID() + "/providers/Microsoft.ContainerInstance/containerGroups/" + benchContainer + "?api-version=" + apiContainers
}

// run puts the group on a connection of its own, as a first caller does; the pull needs the service principal's password.
func (c *cloud) run(ctx context.Context, name string) error {
	hc, err := client.NewHTTP(c.status)
	if err != nil {
		return err
	}
	defer hc.CloseIdleConnections()
	arm := c.arm
	arm.HTTP = hc
	in := map[string]any{"location": "eastus", "properties": map[string]any{
		"osType": "Linux", "restartPolicy": "Always",
		"containers": []any{map[string]any{"name": "app", "properties": map[string]any{
			"image": c.repository(name), "ports": []any{map[string]any{"port": 80}},
			"resources": map[string]any{"requests": map[string]any{"cpu": 1, "memoryInGB": 0.5}}}}},
		"imageRegistryCredentials": []any{map[string]any{"server": c.server, "username": c.sp.appID, "password": c.sp.secret}},
		"ipAddress":                map[string]any{"type": "Public", "dnsNameLabel": benchContainer, "ports": []any{map[string]any{"port": 80, "protocol": "TCP"}}},
	}}
	return arm.Do(ctx, http.MethodPut, c.groupPath(), in, nil)
}

func (c *cloud) page(ctx context.Context) error {
	return get(ctx, c.hc, "http://"+benchContainer+".eastus.azurecontainer."+c.status.Domain+"/")
}

func (c *cloud) remove(ctx context.Context) error {
	if err := c.arm.Do(ctx, http.MethodDelete, c.groupPath(), nil, nil); err != nil {
		return err
	}
	for {
		err := c.arm.Do(ctx, http.MethodGet, c.groupPath(), nil, nil)
		var e *azure.Error
		if errors.As(err, &e) && e.Kind == azure.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// forget keeps the image: all of them go with the directory.
func (c *cloud) forget(context.Context, string) error { return nil }

// target is one of the cloud's services under load.
func (c *cloud) target(rawURL, want string, requests func(int) [][]byte) (measure.Target, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return measure.Target{}, err
	}
	pem, err := os.ReadFile(c.status.CABundle)
	if err != nil {
		return measure.Target{}, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return measure.Target{}, fmt.Errorf("no certificates in %s", c.status.CABundle)
	}
	conf := &tls.Config{RootCAs: pool, ServerName: u.Hostname(), MinVersion: tls.VersionTLS13}
	return measure.Target{Addr: c.status.Addresses["https"], TLS: conf, Requests: requests, Want: []byte(want)}, nil
}
