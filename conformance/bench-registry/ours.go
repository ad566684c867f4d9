package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/client"
)

const (
	ours         = "lazuli"
	registryName = "benchregistry"
	azureCLI     = "04b07795-8ddb-461a-bbee-02f9e1bf7b46" // the client of the first user
)

// startLimit is how long a server may take to answer.
const startLimit = 20 * time.Second

// The repositories of a run.
const (
	bigRepository   = "bench/big"
	smallRepository = "bench/small"
)

// cloud is a cloud that runs, over TLS or not.
type cloud struct {
	client.Status
	SignIn       client.SignIn `json:"signIn"`
	addr, scheme string
	hc           *http.Client
}

// startOurs starts a cloud, makes a registry in it, and gets the token that all requests carry.
func startOurs(ctx context.Context, s settings, transport string) (*server, error) {
	data := filepath.Join(s.data(), "lazuli-"+transport)
	srv := &server{name: ours, tls: transport == secure}
	c := &cloud{scheme: transport}
	start := c.up
	if transport == plain {
		start = c.plain
	}
	if err := start(ctx, s, srv, data); err != nil {
		return nil, err
	}
	c.addr, srv.addr = c.Addresses["https"], c.Addresses["https"]
	c.hc = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // one check a connection is not what is measured
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, c.addr)
		}}}
	defer c.hc.CloseIdleConnections()
	err := c.furnish(ctx, srv)
	if err != nil {
		err = errors.Join(err, srv.stop(context.WithoutCancel(ctx)))
	}
	return srv, err
}

// up starts `lazuli up`, in this session: kernels that share processors by session would favour one that is detached.
func (c *cloud) up(ctx context.Context, s settings, srv *server, data string) (err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, "config.json"), []byte(`{"logLevel":"warn"}`), 0o600); err != nil {
		return err
	}
	srv.cmd = exec.Command(s.bin, "up", "--data", data)
	srv.cmd.Stderr = os.Stderr
	if err := srv.cmd.Start(); err != nil {
		return err
	}
	srv.pid, srv.stop = srv.cmd.Process.Pid, srv.end
	admin := client.Admin{Socket: filepath.Join(data, "run", "admin.sock")}
	for deadline := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		if c.Status, err = admin.Status(ctx); err == nil && c.Healthy {
			c.SignIn, err = admin.SignIn(ctx)
			return err
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return errors.Join(fmt.Errorf("the cloud is not healthy: %w", err), srv.end(ctx))
		}
	}
}

// plain starts the cloud without TLS.
func (c *cloud) plain(_ context.Context, s settings, srv *server, data string) error {
	srv.cmd = exec.Command(s.plain, "-data", data, "-listen", "127.0.0.1:80")
	if s.pprof != "" {
		srv.cmd.Args = append(srv.cmd.Args, "-pprof", profileAddr)
	}
	srv.cmd.Stderr = os.Stderr
	out, err := srv.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := srv.cmd.Start(); err != nil {
		return err
	}
	srv.pid, srv.stop = srv.cmd.Process.Pid, srv.end
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("the cloud without TLS did not start: %w", err), srv.end(context.Background()))
	}
	return json.Unmarshal(line, c)
}

// furnish makes the registry and signs in to it.
func (c *cloud) furnish(ctx context.Context, srv *server) error {
	management := strings.Replace(c.Endpoints["resourceManager"], "https:", c.scheme+":", 1)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err := c.post(ctx, strings.Replace(c.Endpoints["login"], "https:", c.scheme+":", 1)+"/"+c.TenantID+"/oauth2/v2.0/token", url.Values{"grant_type": {"password"},
		"client_id": {azureCLI}, "username": {c.SignIn.User}, "password": {c.SignIn.Password}, "scope": {c.Endpoints["resourceManager"] + "/.default"}}, &token)
	if err != nil {
		return err
	}
	arm := client.Cloud{HTTP: c.hc, ResourceManager: management, Token: token.AccessToken}
	group := "/subscriptions/" + c.SubscriptionID + "/resourceGroups/bench"
	if err := arm.Do(ctx, http.MethodPut, group+"?api-version=2021-04-01", map[string]any{"location": "eastus"}, nil); err != nil {
		return err
	}
	path := group + "/providers/Microsoft.ContainerRegistry/registries/" + registryName + "?api-version=2023-07-01"
	var registry struct {
		Properties struct{ LoginServer, ProvisioningState string }
	}
	if err := arm.Do(ctx, http.MethodPut, path, map[string]any{"location": "eastus", "sku": map[string]any{"name": "Premium"}}, nil); err != nil {
		return err
	}
	for registry.Properties.ProvisioningState != "Succeeded" {
		if err := arm.Do(ctx, http.MethodGet, path, nil, &registry); err != nil {
			return err
		}
	}
	srv.host = registry.Properties.LoginServer
	return c.login(ctx, srv, token.AccessToken)
}

// login does what az acr login and docker do: a refresh token for the user's token, then an access token for the repositories.
// The token stands for the user, so that the user's roles are asked at each request.
func (c *cloud) login(ctx context.Context, srv *server, user string) error {
	var refresh struct {
		RefreshToken string `json:"refresh_token"`
	}
	var access struct {
		AccessToken string `json:"access_token"`
	}
	base := c.scheme + "://" + srv.host + "/oauth2/"
	err := c.post(ctx, base+"exchange", url.Values{"grant_type": {"access_token"}, "service": {srv.host}, "tenant": {c.TenantID}, "access_token": {user}}, &refresh)
	if err != nil {
		return err
	}
	err = c.post(ctx, base+"token", url.Values{"grant_type": {"refresh_token"}, "service": {srv.host}, "refresh_token": {refresh.RefreshToken},
		"scope": {"repository:" + bigRepository + ":pull,push repository:" + smallRepository + ":pull,push"}}, &access)
	if err != nil {
		return err
	}
	srv.auth = "Bearer " + access.AccessToken
	return c.guarded(ctx, srv)
}

// guarded makes sure that what is measured is guarded: without the token, and with a broken one, nothing is answered.
func (c *cloud) guarded(ctx context.Context, srv *server) error {
	for _, auth := range []string{"", srv.auth[:len(srv.auth)-8] + "AAAAAAAA"} {
		other := *srv
		other.auth = auth
		conn, err := other.dial(ctx)
		if err != nil {
			return err
		}
		_, err = conn.simple(http.MethodGet, "/v2/"+smallRepository+"/manifests/v1", http.StatusUnauthorized, nil)
		if err := errors.Join(err, conn.Close()); err != nil {
			return err
		}
	}
	return nil
}

// post sends a form and reads the answer.
func (c *cloud) post(ctx context.Context, to string, form url.Values, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s: %s: %.500s", to, res.Status, text)
	}
	return json.Unmarshal(text, out)
}
