package client_test

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/cloud/cloudtest"
)

// The cloud's errors come back whole: kind, code and words.
func TestErrorsHoldOverTheWire(t *testing.T) {
	c := cloudtest.New(t)
	hc, err := client.NewHTTP(c.Status)
	if err != nil {
		t.Fatal(err)
	}
	defer hc.CloseIdleConnections()
	arm := c.Status.Endpoints["resourceManager"]
	owner := &client.Cloud{HTTP: hc, ResourceManager: arm, Token: c.As("owner").Token(arm)}
	const version = "?api-version=2024-11-01"
	var group struct{ Name string }
	if err := owner.Do(t.Context(), "PUT", c.Group("rg")+version, map[string]string{"location": "eastus"}, &group); err != nil || group.Name != "rg" {
		t.Errorf("PUT: %v %+v", err, group)
	}
	for _, one := range []struct {
		cloud  *client.Cloud
		method string
		path   string
		kind   azure.Kind
		code   string
	}{
		{owner, "GET", c.Group("missing") + version, azure.NotFound, azure.CodeResourceGroupNotFound},
		{owner, "GET", c.Group("rg"), azure.Invalid, azure.CodeMissingAPIVersion},
		{&client.Cloud{HTTP: hc, ResourceManager: arm}, "GET", c.Group("rg") + version, azure.Unauthenticated, azure.CodeAuthenticationFailed},
		{&client.Cloud{HTTP: hc, ResourceManager: arm, Token: c.As("stranger").Token(arm)}, "DELETE", c.Group("rg") + version, azure.Forbidden, azure.CodeAuthorizationFailed},
	} {
		err := one.cloud.Do(t.Context(), one.method, one.path, nil, nil)
		var e *azure.Error
		if !errors.As(err, &e) || e.Kind != one.kind || e.Code != one.code || e.Message == "" {
			t.Errorf("%s %s: %v", one.method, one.path, err)
		}
	}
}

// A sign-in to a registry that is not there, or not ours to use, says so.
func TestRegistryLogin(t *testing.T) {
	c := cloudtest.New(t)
	hc, err := client.NewHTTP(c.Status)
	if err != nil {
		t.Fatal(err)
	}
	defer hc.CloseIdleConnections()
	owner, stranger := c.As("owner"), c.As("stranger")
	owner.Do("PUT", c.Group("rg"), `{"location":"eastus"}`, 201)
	owner.Do("PUT", c.Group("rg")+"/providers/Microsoft.ContainerRegistry/registries/myregistry", `{"location":"eastus","sku":{"name":"Basic"}}`, 201)
	arm := c.Status.Endpoints["resourceManager"]
	mine, missing := strings.TrimPrefix(c.Origin("myregistry.azurecr"), "https://"), strings.TrimPrefix(c.Origin("missing.azurecr"), "https://")
	if password, err := client.RegistryLogin(t.Context(), hc, mine, c.Status.TenantID, owner.Token(arm)); err != nil || password == "" {
		t.Errorf("owner: %v", err)
	}
	for server, want := range map[string]string{mine: "401", missing: "404"} {
		_, err := client.RegistryLogin(t.Context(), hc, server, c.Status.TenantID, stranger.Token(arm))
		if err == nil || !strings.Contains(err.Error(), "the registry "+server+" refused the sign-in ("+want) {
			t.Errorf("%s: %v", server, err)
		}
	}
}

// No socket, and a socket that nobody listens on, both mean that no cloud runs.
func TestNoCloudRuns(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	for _, socket := range []string{filepath.Join(dir, "none.sock"), stale} {
		if _, err := (client.Admin{Socket: socket}).Status(t.Context()); !errors.Is(err, client.ErrNotRunning) || !strings.Contains(err.Error(), socket) {
			t.Errorf("%s: %v", socket, err)
		}
	}
	if _, err := client.NewHTTP(client.Status{CA: filepath.Join(dir, "none.pem")}); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("no authority: %v", err)
	}
}
