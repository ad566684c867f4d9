package oauth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// errorWords maps codes to the words of RFC 6749 and RFC 8628. Codes that are
// not here are invalid_request below status 500 and server_error from there on.
var errorWords = map[string]string{
	azure.CodeSignInResourceNotFound:        "invalid_resource",
	azure.CodeSignInScopesOfManyResources:   "invalid_scope",
	azure.CodeSignInScopeMalformed:          "invalid_scope",
	azure.CodeSignInUnsupportedGrant:        "unsupported_grant_type",
	azure.CodeSignInUnsupportedResponseType: "unsupported_response_type",
	azure.CodeSignInAssertionKey:            "invalid_client",
	azure.CodeSignInAssertionMalformed:      "invalid_client",
	azure.CodeSignInAssertionAudience:       "invalid_client",
	azure.CodeSignInAssertionTime:           "invalid_client",
	azure.CodeSignInAssertionClient:         "invalid_client",
	azure.CodeSignInAssertionType:           "invalid_request",
	azure.CodeSignInUnknownApplication:      "unauthorized_client",
	azure.CodeSignInNoServicePrincipal:      "unauthorized_client",
	azure.CodeSignInApplicationDisabled:     "unauthorized_client",
	azure.CodeSignInWrongSecret:             "invalid_client",
	azure.CodeSignInExpiredSecret:           "invalid_client",
	azure.CodeSignInSecretRequired:          "invalid_client",
	azure.CodeSignInSecretForbidden:         "invalid_client",
	azure.CodeSignInPublicClientForbidden:   "unauthorized_client",
	azure.CodeSignInUnknownUser:             "invalid_grant",
	azure.CodeSignInWrongPassword:           "invalid_grant",
	azure.CodeSignInUserDisabled:            "invalid_grant",
	azure.CodeSignInLocked:                  "invalid_grant",
	azure.CodeSignInInteractionRequired:     "login_required",
	azure.CodeSignInGrantRevoked:            "invalid_grant",
	azure.CodeSignInInvalidGrant:            "invalid_grant",
	azure.CodeSignInGrantExpired:            "invalid_grant",
	azure.CodeSignInCodeRedeemed:            "invalid_grant",
	azure.CodeSignInVerifierMismatch:        "invalid_grant",
	azure.CodeSignInAuthorizationPending:    "authorization_pending",
	azure.CodeSignInDeclined:                "authorization_declined",
	azure.CodeSignInBadDeviceCode:           "bad_verification_code",
	azure.CodeSignInDeviceCodeExpired:       "expired_token",
	azure.CodeServiceUnavailable:            "temporarily_unavailable",
}

// word is the RFC's word for err.
func word(err *azure.Error) string {
	if w := errorWords[err.Code]; w != "" {
		return w
	}
	if err.Kind.Status() >= http.StatusInternalServerError {
		return "server_error"
	}
	return "invalid_request"
}

// errorBody is the OAuth error of Microsoft's identity platform.
type errorBody struct {
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
	ErrorCodes       []int  `json:"error_codes"`
	Timestamp        string `json:"timestamp"`
	TraceID          string `json:"trace_id"`
	CorrelationID    string `json:"correlation_id"`
	ErrorURI         string `json:"error_uri,omitempty"`
}

// writeError writes err in the dialect of OAuth, or as a page to a browser that
// asked for one. Of the Unauthenticated errors only invalid_client is a 401
// (RFC 6749, 5.2); the others are 400.
func (s *Service) writeError(w http.ResponseWriter, r *http.Request, err *azure.Error) {
	status, name := err.Kind.Status(), word(err)
	if status == http.StatusUnauthorized && name != "invalid_client" {
		status = http.StatusBadRequest
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	httpd.SetRetryAfter(h, err.RetryAfter)
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.renderTo(w, status, page{Title: "Sign-in did not work", Error: err.Code + ": " + err.Message})
		return
	}
	if status == http.StatusUnauthorized && r.Header.Get("Authorization") != "" {
		h.Set("WWW-Authenticate", `Basic realm="`+s.Login+`"`)
	}
	body := errorBody{Error: name, Timestamp: s.Now().UTC().Format("2006-01-02 15:04:05Z"), TraceID: httpd.RequestID(r.Context()), CorrelationID: r.Header.Get("client-request-id")}
	if body.CorrelationID == "" || len(body.CorrelationID) > 64 {
		body.CorrelationID = body.TraceID
	}
	body.ErrorDescription = fmt.Sprintf("%s: %s Trace ID: %s Correlation ID: %s Timestamp: %s", err.Code, err.Message, body.TraceID, body.CorrelationID, body.Timestamp)
	body.ErrorCodes = []int{}
	if number, ok := strings.CutPrefix(err.Code, "AADSTS"); ok {
		n, _ := strconv.Atoi(number) // our own constants
		body.ErrorCodes = append(body.ErrorCodes, n)
		body.ErrorURI = s.Login + "/error?code=" + number
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	data, _ := json.Marshal(body) // only strings and numbers: it always marshals
	_, _ = w.Write(data)
}

func missing(parameter string) *azure.Error {
	return azure.Errorf(azure.Invalid, azure.CodeSignInMissingParameter, "The request body must contain the following parameter: '%s'.", parameter).At(parameter)
}
