package httpd

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// WriteError writes err in the dialect of ARM, Microsoft Graph and Key Vault:
// {"error":{"code","message",...}}, with x-ms-error-code and Retry-After.
func WriteError(w http.ResponseWriter, r *http.Request, err *azure.Error) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("x-ms-error-code", err.Code)
	SetRetryAfter(h, err.RetryAfter)
	w.WriteHeader(err.Kind.Status())
	if r.Method == http.MethodHead {
		return
	}
	// The envelope holds only strings, so it always marshals; a broken
	// connection has nobody left to tell.
	data, _ := json.Marshal(azure.ErrorBody{Error: err.Detail()})
	_, _ = w.Write(data)
}

// SetRetryAfter sets Retry-After in whole seconds, at least one; zero sets none.
func SetRetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))))
	}
}
