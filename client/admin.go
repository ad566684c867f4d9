package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Status is what a running cloud says of itself.
type Status struct {
	Healthy        bool              `json:"healthy"`
	Version        string            `json:"version"`
	PID            int               `json:"pid"`
	Started        time.Time         `json:"started"`
	StartupSeconds float64           `json:"startupSeconds"`
	Data           string            `json:"data"`
	Domain         string            `json:"domain"`
	TenantID       string            `json:"tenantId"`
	SubscriptionID string            `json:"subscriptionId"`
	User           string            `json:"user"` // the first user's principal name
	Endpoints      map[string]string `json:"endpoints"`
	Addresses      map[string]string `json:"addresses"` // https, http, proxy, dns
	CA             string            `json:"ca"`        // PEM file with the cloud's own authority
	CABundle       string            `json:"caBundle"`  // and with those of the system, too
	Groups         int               `json:"groups"`    // container groups
	Sandboxes      int               `json:"sandboxes"` // of them with live namespaces
	// Unpacks are the images that were pushed and are not unpacked yet, and the
	// last that ended, newest first.
	Unpacks []Unpack `json:"unpacks"`
	// Password is the first user's password, present only in the answer to the
	// process that started the cloud for the first time.
	Password string `json:"password,omitempty"`
}

// Unpack says how far an image is that was pushed and is unpacked in the
// background, so that container groups start from it at once.
type Unpack struct {
	Image string    `json:"image"` // LOGINSERVER/REPOSITORY@DIGEST
	State string    `json:"state"` // Waiting, Unpacking, Ready, Failed, Canceled, Skipped
	Since time.Time `json:"since"`
	Error string    `json:"error,omitempty"` // when it failed
}

// SignIn is a way to sign in as the first user that works once.
type SignIn struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// TokenRequest asks the admin socket for a token of the first user.
type TokenRequest struct {
	Resource string `json:"resource"`
}

// TokenResponse is the token.
type TokenResponse struct {
	AccessToken string `json:"accessToken"`
}

// DownRequest stops the cloud.
type DownRequest struct {
	StopGroups bool `json:"stopGroups"`
}

// ErrNotRunning is returned when no cloud listens on the admin socket.
var ErrNotRunning = errors.New("no cloud is running")

// Admin speaks to the admin socket of a cloud on this machine. Whoever may open
// the socket (mode 0600) is the cloud's operator.
type Admin struct {
	Socket string // path of the unix socket
}

// Status asks how the cloud is. ErrNotRunning when it is not there.
func (a Admin) Status(ctx context.Context) (Status, error) {
	var s Status
	return s, a.call(ctx, http.MethodGet, "/status", nil, &s)
}

// Down stops the cloud; container groups keep running unless stopGroups. It
// returns when the cloud has let go of its data directory.
func (a Admin) Down(ctx context.Context, stopGroups bool) error {
	if err := a.call(ctx, http.MethodPost, "/down", DownRequest{stopGroups}, nil); err != nil {
		return err
	}
	for {
		if _, err := a.Status(ctx); errors.Is(err, ErrNotRunning) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// SignIn makes a password for the first user that works once, within a minute.
func (a Admin) SignIn(ctx context.Context) (SignIn, error) {
	var s SignIn
	return s, a.call(ctx, http.MethodPost, "/signin", struct{}{}, &s)
}

// Token gives an access token of the first user for a resource, such as
// https://management.lazuli.localhost.
func (a Admin) Token(ctx context.Context, resource string) (string, error) {
	var t TokenResponse
	return t.AccessToken, a.call(ctx, http.MethodPost, "/token", TokenRequest{resource}, &t)
}

func (a Admin) call(ctx context.Context, method, path string, in, out any) error {
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", a.Socket)
	}}}
	err := roundTrip(ctx, c, method, "http://admin"+path, "", in, out)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w (no answer on %s)", ErrNotRunning, a.Socket)
	}
	return err
}

// roundTrip sends in as JSON and reads out from JSON; any status from 400 on is
// an *azure.Error.
func roundTrip(ctx context.Context, c *http.Client, method, url, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 400 {
		return errorOf(res, data)
	}
	if out == nil || len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, out)
}

// errorOf rebuilds the error of an answer.
func errorOf(res *http.Response, data []byte) error {
	var body azure.ErrorBody
	if json.Unmarshal(data, &body) == nil && body.Error.Code != "" {
		return body.Error.ErrorOf(res.StatusCode)
	}
	return azure.Errorf(azure.KindOfStatus(res.StatusCode), res.Status, "%.500s", data)
}
