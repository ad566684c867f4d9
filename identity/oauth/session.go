package oauth

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/identity"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

const (
	sessionCookie   = "lazuli-session"
	sessionLifetime = 12 * time.Hour
)

// session is the content of the cookie of a browser that signed in.
type session struct {
	UserID   string    `json:"u"`
	TenantID string    `json:"t"`
	Since    time.Time `json:"s"`
}

func (s *Service) setSession(w http.ResponseWriter, u identity.User) error {
	data, err := json.Marshal(session{UserID: u.ID, TenantID: u.TenantID, Since: s.Now()})
	if err != nil {
		return err
	}
	b64 := base64.RawURLEncoding.EncodeToString
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: b64(data) + "." + b64(s.Directory.MAC("session", data)), Path: "/",
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, MaxAge: int(sessionLifetime.Seconds()),
	})
	return nil
}

func clearSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// sessionUser gives the user of the browser's session, if it is good.
func (s *Service) sessionUser(r *http.Request) (identity.User, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return identity.User{}, false
	}
	enc, encMAC, _ := strings.Cut(c.Value, ".")
	data, err1 := base64.RawURLEncoding.DecodeString(enc)
	mac, err2 := base64.RawURLEncoding.DecodeString(encMAC)
	if err1 != nil || err2 != nil || !hmac.Equal(mac, s.Directory.MAC("session", data)) {
		return identity.User{}, false
	}
	var v session
	if json.Unmarshal(data, &v) != nil || s.Now().Sub(v.Since) > sessionLifetime {
		return identity.User{}, false
	}
	u, ok := s.Directory.User(v.TenantID, v.UserID)
	return u, ok && !u.Disabled && !v.Since.Before(u.SessionsFrom)
}

// sameSite refuses forms that another web site made the browser post.
func (s *Service) sameSite(r *httpd.Request) error {
	if err := s.forms.Check(r.Request); err != nil {
		return azure.Errorf(azure.Forbidden, azure.CodeSignInCrossSite, "The form was posted from another web site. Open the sign-in page itself.").Because(err)
	}
	return nil
}
