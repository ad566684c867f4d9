package console

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// tokenPath is Azure's.
const tokenPath = "/oauth2/token"

// answer is what programs read. Azure: numbers are text.
type answer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"` // always empty: the endpoint is asked again
	ExpiresIn    string `json:"expires_in"`
	ExpiresOn    string `json:"expires_on"` // seconds since 1970
	NotBefore    string `json:"not_before"`
	Resource     string `json:"resource"`
	TokenType    string `json:"token_type"`
}

// serveTokens answers with tokens of the console's user on its own loopback.
func (c *console) serveTokens(l net.Listener) (stop func()) {
	server := &http.Server{Handler: http.HandlerFunc(c.token), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { _ = server.Serve(l) }() // ends with Close
	return func() { _ = server.Close() }
}

// token gives a token for the resource that query or form name. The header keeps
// away who can make a program fetch a URL but not set one.
func (c *console) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	resource := r.FormValue("resource")
	switch {
	case r.URL.Path != tokenPath || r.Method != http.MethodGet && r.Method != http.MethodPost:
		refuse(w, http.StatusNotFound, "There is only GET and POST "+tokenPath+".")
	case r.Header.Get("Metadata") != "true":
		refuse(w, http.StatusBadRequest, "Required metadata header not specified: send 'Metadata: true'.")
	case resource == "":
		refuse(w, http.StatusBadRequest, "The parameter 'resource' is missing; give what the token is for, such as https://management.azure.com/.")
	default:
		p := c.principal()
		now := c.s.o.Front.Now()
		if !now.Before(p.Expires) {
			refuse(w, http.StatusUnauthorized, "The sign-in that this Cloud Shell acts for has ended. Open the portal, sign in again and reconnect.")
			return
		}
		token, expires, err := c.s.o.Token(r.Context(), p, resource)
		if err != nil {
			refuse(w, http.StatusBadRequest, azure.AsError(err).Message)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(answer{ // the client may be gone
			AccessToken: token.Reveal(), ExpiresIn: strconv.Itoa(int(expires.Sub(now) / time.Second)), ExpiresOn: strconv.FormatInt(expires.Unix(), 10),
			NotBefore: strconv.FormatInt(now.Unix(), 10), Resource: resource, TokenType: "Bearer",
		})
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": http.StatusText(status), "message": message}}) // the client may be gone
}
