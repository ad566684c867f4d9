package msi

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Port is where the endpoint listens, on the group's loopback.
const Port = 42356

// Path is the endpoint's path.
const Path = "/msi/token"

// Identity is one that the group has. ResourceID is empty for the
// system-assigned one.
type Identity struct {
	azure.ManagedIdentity
	ResourceID string
}

// Endpoint serves tokens. All fields are required.
type Endpoint struct {
	// Header is the secret that requests must carry in X-IDENTITY-HEADER: it keeps
	// away who can make a program fetch a URL but not set a header.
	Header azure.Secret
	// Identities are the group's own now; the first is the default.
	Identities func() []Identity
	// Token issues a token for a resource.
	Token func(ctx context.Context, m azure.ManagedIdentity, resource string) (azure.Secret, time.Time, error)
}

// Serve answers on l until the returned function is called, which waits for
// nothing but the listener.
func (e Endpoint) Serve(l net.Listener) (stop func()) {
	server := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	go func() { _ = server.Serve(l) }() // ends with Close
	return func() { _ = server.Close() }
}

type answer struct {
	AccessToken string `json:"access_token"`
	ExpiresOn   string `json:"expires_on"` // seconds since 1970
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
	ClientID    string `json:"client_id"`
}

// ServeHTTP implements [http.Handler].
func (e Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	given := r.Header.Get("X-Identity-Header")
	if given == "" {
		given = r.Header.Get("Secret") // the older form
	}
	switch {
	case r.URL.Path != Path || r.Method != http.MethodGet:
		refuse(w, http.StatusNotFound, "There is only GET "+Path+".")
	case given == "" || subtle.ConstantTimeCompare([]byte(given), []byte(e.Header.Reveal())) != 1:
		refuse(w, http.StatusUnauthorized, "Send the value of IDENTITY_HEADER in the header X-IDENTITY-HEADER.")
	case q.Get("resource") == "":
		refuse(w, http.StatusBadRequest, "The query parameter 'resource' is missing; give what the token is for, such as https://management.azure.com/.")
	default:
		i, ok := e.find(q.Get("client_id"), first(q.Get("principal_id"), q.Get("object_id")), first(q.Get("mi_res_id"), q.Get("msi_res_id")))
		if !ok {
			refuse(w, http.StatusBadRequest, "The container group has no such managed identity.")
			return
		}
		token, expires, err := e.Token(r.Context(), i.ManagedIdentity, q.Get("resource"))
		if err != nil {
			refuse(w, http.StatusBadRequest, azure.AsError(err).Message)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(answer{ // the client may be gone
			AccessToken: token.Reveal(), ExpiresOn: strconv.FormatInt(expires.Unix(), 10), Resource: q.Get("resource"), TokenType: "Bearer", ClientID: i.ClientID,
		})
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// find picks the identity that the parameters name; none of them means the
// default.
func (e Endpoint) find(client, principal, resource string) (Identity, bool) {
	for _, i := range e.Identities() {
		if (client == "" || strings.EqualFold(client, i.ClientID)) && (principal == "" || strings.EqualFold(principal, i.PrincipalID)) &&
			(resource == "" || strings.EqualFold(resource, i.ResourceID)) {
			return i, true
		}
	}
	return Identity{}, false
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "message": message}) // the client may be gone
}
