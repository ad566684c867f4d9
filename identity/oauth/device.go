package oauth

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

const (
	deviceLifetime = 15 * time.Minute
	deviceInterval = 1 // seconds between polls
)

// deviceGrant is a sign-in on another device (RFC 8628). Its row is
// identity/deviceCodes, under the hash of the device code.
type deviceGrant struct {
	UserCode string    `json:"userCode"`
	ClientID string    `json:"clientId"`
	TenantID string    `json:"tenantId"`
	Open     bool      `json:"open,omitempty"` // users of any tenant
	Target   target    `json:"target"`
	Expires  time.Time `json:"expires"`
	State    string    `json:"state"`
	UserID   string    `json:"userId,omitempty"` // once approved
	UserOf   string    `json:"userOf,omitempty"` // the user's tenant
}

// The states of a deviceGrant: pending -> approved -> redeemed, or declined.
const (
	devicePending  = "pending"
	deviceApproved = "approved"
	deviceDeclined = "declined"
	deviceRedeemed = "redeemed"
)

// deviceResponse is RFC 8628, 3.2, with Microsoft's message.
type deviceResponse struct {
	UserCode                string `json:"user_code"`
	DeviceCode              string `json:"device_code"`
	VerificationURI         string `json:"verification_uri"`
	VerificationURL         string `json:"verification_url"` // version 1's name
	VerificationURIComplete string `json:"verification_uri_complete"`
	ExpiresIn               int    `json:"expires_in"`
	Interval                int    `json:"interval"`
	Message                 string `json:"message"`
}

// deviceCode starts a sign-in on another device.
func (s *Service) deviceCode(ctx context.Context, r *httpd.Request, form url.Values) (deviceResponse, error) {
	var none deviceResponse
	t, open, err := s.tenant(r.Request)
	if err != nil {
		return none, err
	}
	id := form.Get("client_id")
	if id == "" {
		return none, missing("client_id")
	}
	c, err := s.find(t.ID, id)
	if err != nil {
		return none, err
	}
	if !c.public() && len(c.app.Credentials) == 0 {
		return none, c.mayActForUsers()
	}
	g := deviceGrant{ClientID: c.ID, TenantID: t.ID, Open: open, State: devicePending, Expires: s.Now().Add(deviceLifetime)}
	if g.Target, err = parseTarget(form); err != nil {
		return none, err
	}
	check := g.Target
	if err := s.resolve(t.ID, &check); err != nil {
		return none, err
	}
	secret, err := s.random(32)
	if err != nil {
		return none, err
	}
	if g.UserCode, err = s.userCode(); err != nil {
		return none, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		return s.devices.PutTTL(tx, store.K(identity.HashToken(secret)), g, 2*deviceLifetime)
	})
	page := s.Login + "/device"
	return deviceResponse{
		UserCode: g.UserCode, DeviceCode: secret, VerificationURI: page, VerificationURL: page,
		VerificationURIComplete: page + "?user_code=" + g.UserCode, ExpiresIn: int(deviceLifetime.Seconds()), Interval: deviceInterval,
		Message: fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", page, g.UserCode),
	}, err
}

// userCode makes nine characters that are not mistaken for each other and spell
// no words: 44 bits.
func (s *Service) userCode() (string, error) {
	const alphabet = "BCDFGHJKLMNPQRSTVWXZ23456789BCDF" // 32, so that no byte is favoured
	b := make([]byte, 9)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return "", fmt.Errorf("make a user code: %w", err)
	}
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	return string(b), nil
}

// redeemDevice answers the polls of the device.
func (s *Service) redeemDevice(ctx context.Context, req tokenRequest) (granted, error) {
	if err := req.caller.mayActForUsers(); err != nil {
		return granted{}, err
	}
	secret := req.form.Get("device_code")
	if secret == "" {
		secret = req.form.Get("code") // version 1
	}
	if secret == "" {
		return granted{}, missing("device_code")
	}
	key := store.K(identity.HashToken(secret))
	if it, ok := s.devices.Get(key); ok && it.Value.State == devicePending {
		if err := deviceState(it.Value, req, s.Now()); err != nil {
			return granted{}, err // the usual poll: no transaction
		}
	}
	var g deviceGrant
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.devices.GetTx(tx, key)
		if err != nil {
			return err
		}
		if !ok {
			return azure.Errorf(azure.Unauthenticated, azure.CodeSignInBadDeviceCode, "The device code is not one of this cloud, or it is long past. Start the sign-in again.")
		}
		g = it.Value
		if err := deviceState(g, req, s.Now()); err != nil {
			return err
		}
		it.Value.State = deviceRedeemed
		return s.devices.PutTTL(tx, key, it.Value, deviceLifetime)
	})
	if err != nil {
		return granted{}, err
	}
	u, ok := s.Directory.User(g.UserOf, g.UserID)
	if !ok || u.Disabled {
		return granted{}, azure.Errorf(azure.Unauthenticated, azure.CodeSignInUserDisabled, "The user who approved the sign-in was deleted or disabled meanwhile.")
	}
	t := req.target
	if t.Resource == "" {
		t = g.Target
	}
	return s.grantUser(ctx, u, req.caller, t, "")
}

// deviceState is nil for a grant that may be redeemed now.
func deviceState(g deviceGrant, req tokenRequest, now time.Time) error {
	switch {
	case g.ClientID != req.caller.ID || g.TenantID != req.tenant.ID:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInBadDeviceCode, "The device code was issued to another client or in another tenant.")
	case g.State == deviceRedeemed:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInCodeRedeemed, "The device code was already redeemed. Start the sign-in again.")
	case g.State == deviceDeclined:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInDeclined, "The user declined the sign-in.")
	case !now.Before(g.Expires):
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInDeviceCodeExpired, "The device code expired at %s. Start the sign-in again.", g.Expires.UTC().Format(time.RFC3339))
	case g.State == devicePending:
		return azure.Errorf(azure.Unauthenticated, azure.CodeSignInAuthorizationPending, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
	}
	return nil
}

// showDevice is the page on which the code is typed.
func (s *Service) showDevice(w http.ResponseWriter, r *httpd.Request) error {
	return s.render(w, http.StatusOK, page{Title: "Sign in on another device", Device: true, UserCode: r.URL.Query().Get("user_code"), Form: true})
}

// postDevice approves or declines: form fields user_code, username, password,
// and decline if it is not to be.
func (s *Service) postDevice(w http.ResponseWriter, r *httpd.Request) error {
	if err := s.sameSite(r); err != nil {
		return err
	}
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p := page{Title: "Sign in on another device", Device: true, UserCode: normalCode(form.Get("user_code")), Username: form.Get("username"), Form: true}
	name, err := s.decide(r, form, p.UserCode)
	if err != nil {
		e := azure.AsError(err)
		if e.Kind == azure.Internal {
			return err
		}
		p.Error = e.Message
		httpd.SetRetryAfter(w.Header(), e.RetryAfter)
		return s.render(w, e.Kind.Status(), p)
	}
	done := page{Title: "You are signed in", Message: "You have signed in to " + name + " on your device. You may now close this window."}
	if form.Get("decline") != "" {
		done = page{Title: "Declined", Message: name + " was not signed in. You may now close this window."}
	}
	return s.render(w, http.StatusOK, done)
}

func normalCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// decide sets the state of the pending grant with the user code, and gives the
// client's name. Declining needs the password too: knowing a code is no right.
func (s *Service) decide(r *httpd.Request, form url.Values, userCode string) (string, error) {
	ctx := r.Context()
	var key store.Key
	var g deviceGrant
	for _, it := range s.devices.By("userCode", userCode) {
		if it.Value.State == devicePending && s.Now().Before(it.Value.Expires) {
			key, g = it.Key, it.Value
		}
	}
	if key == "" {
		return "", azure.Errorf(azure.Invalid, azure.CodeSignInBadDeviceCode, "The code is wrong or too old. Check what your device shows.")
	}
	c, err := s.find(g.TenantID, g.ClientID)
	if err != nil {
		return "", err
	}
	u, err := s.checkPassword(ctx, identity.Tenant{ID: g.TenantID}, g.Open, form.Get("username"), form.Get("password"))
	if err != nil {
		return "", err
	}
	r.Principal = principalOf(subjectOf(u), c.ID)
	return c.Name, s.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.devices.GetTx(tx, key)
		if err != nil {
			return err
		}
		if !ok || it.Value.State != devicePending {
			return azure.Errorf(azure.Invalid, azure.CodeSignInBadDeviceCode, "The code was used meanwhile. Start the sign-in again on your device.")
		}
		it.Value.State, it.Value.UserID, it.Value.UserOf = deviceApproved, u.ID, u.TenantID
		if form.Get("decline") != "" {
			it.Value.State = deviceDeclined
		}
		return s.devices.PutTTL(tx, key, it.Value, 2*deviceLifetime)
	})
}
