package oci

import (
	"encoding/json"
	"net/http"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// wireErrors is OCI's error body.
type wireErrors struct {
	Errors []wireError `json:"errors"`
}

type wireError struct {
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Detail  []wireDetail `json:"detail,omitempty"`
}

// wireDetail says which access was missing. Azure: with these names.
type wireDetail struct {
	Type   string        `json:"Type"`
	Name   string        `json:"Name"`
	Action access.Action `json:"Action"`
}

// codes maps codes of the hall, which also stand behind errors here, to OCI's.
var codes = map[string]string{
	azure.CodeInternal:              azure.CodeOCIUnknown,
	azure.CodeServiceUnavailable:    azure.CodeOCIUnknown,
	azure.CodeConflict:              azure.CodeOCIUnknown,
	azure.CodeStorageFull:           azure.CodeOCIUnknown,
	azure.CodeInvalidRequestContent: azure.CodeOCIUnsupported,
	azure.CodeBadRequest:            azure.CodeOCIUnsupported,
	azure.CodeRequestTooLarge:       azure.CodeOCISizeInvalid,
	azure.CodeMethodNotAllowed:      azure.CodeOCIUnsupported,
	azure.CodeUnimplemented:         azure.CodeOCIUnsupported,
	azure.CodePathNotFound:          azure.CodeOCIUnsupported,
	azure.CodeHostNotFound:          azure.CodeOCINameUnknown,
}

// WriteError writes err in the dialect of the OCI distribution specification.
// need says which access the request needed; it is the detail of a refusal.
func WriteError(w http.ResponseWriter, r *http.Request, err *azure.Error, need access.Access) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Del("Content-Length")
	httpd.SetRetryAfter(h, err.RetryAfter)
	w.WriteHeader(err.Kind.Status())
	if r.Method == http.MethodHead {
		return
	}
	e := wireError{Code: err.Code, Message: err.Message}
	if code, ok := codes[err.Code]; ok {
		e.Code = code
	}
	if err.Kind == azure.Unauthenticated || err.Kind == azure.Forbidden {
		for _, a := range need.Actions {
			e.Detail = append(e.Detail, wireDetail{need.Type, need.Name, a})
		}
	}
	// Only strings, so it always marshals; a broken connection has nobody to tell.
	data, _ := json.Marshal(wireErrors{[]wireError{e}})
	_, _ = w.Write(data)
}

// Scheme is the scheme the client used.
func Scheme(r *http.Request) string {
	if r.TLS == nil {
		return "http"
	}
	return "https"
}

// Challenge is the WWW-Authenticate header: where to get a token, and for what.
// It has no blank after its commas. Azure: az cuts the header at blanks, the SDK
// for Go at '",'.
func Challenge(r *http.Request, scope string, insufficient bool) string {
	c := `Bearer realm="` + Scheme(r) + "://" + r.Host + `/oauth2/token",service="` + r.Host + `"`
	if scope != "" {
		c += `,scope="` + scope + `"`
	}
	if insufficient {
		c += `,error="insufficient_scope"`
	}
	return c
}
