package azure

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind classifies an error. It alone decides the HTTP status, in [Kind.Status].
type Kind uint8

// The kinds. Internal is the zero value: an error nobody classified is ours.
const (
	Internal        Kind = iota // 500: our fault; the caller sees a fixed text
	Invalid                     // 400: the request is wrong and stays wrong
	Unauthenticated             // 401: no credential, or one that does not verify
	Forbidden                   // 403: known caller, not allowed
	NotFound                    // 404: the thing named does not exist
	Unsupported                 // 405: the thing exists, this method on it does not
	Conflict                    // 409: the state of the thing forbids it now
	Precondition                // 412: If-Match or If-None-Match did not hold
	TooLarge                    // 413: the body is over the limit
	Throttled                   // 429: too many requests, see RetryAfter
	Unavailable                 // 503: temporarily not possible, see RetryAfter
	RangeInvalid                // 416: the range asked for cannot be served
	Unimplemented               // 501: not built yet, listed in docs/compat.md
	StorageFull                 // 507: no space left for the bytes offered
)

var statuses = map[Kind]int{
	Internal:        http.StatusInternalServerError,
	Invalid:         http.StatusBadRequest,
	Unauthenticated: http.StatusUnauthorized,
	Forbidden:       http.StatusForbidden,
	NotFound:        http.StatusNotFound,
	Unsupported:     http.StatusMethodNotAllowed,
	Conflict:        http.StatusConflict,
	Precondition:    http.StatusPreconditionFailed,
	TooLarge:        http.StatusRequestEntityTooLarge,
	Throttled:       http.StatusTooManyRequests,
	Unavailable:     http.StatusServiceUnavailable,
	RangeInvalid:    http.StatusRequestedRangeNotSatisfiable,
	Unimplemented:   http.StatusNotImplemented,
	StorageFull:     http.StatusInsufficientStorage,
}

// Status is the HTTP status of the kind.
func (k Kind) Status() int { return statuses[k] }

// KindOfStatus is the inverse of [Kind.Status] for clients; a status no kind
// has maps to Invalid below 500 and to Internal from 500 on.
func KindOfStatus(status int) Kind {
	for k, s := range statuses {
		if s == status {
			return k
		}
	}
	if status >= 500 {
		return Internal
	}
	return Invalid
}

// Error is the one error type that crosses the wire. Message is a full sentence
// for the caller that names the resource and the next step; the cause stays in
// the log. Code is one of the constants of codes.go.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Target     string           // what was wrong: a property path or a resource id; may be empty
	Details    []*Error         // inner errors, each with its own code
	Additional []AdditionalInfo // ARM additionalInfo
	Inner      string           // Key Vault innererror.code; empty when there is none
	RetryAfter time.Duration    // when to try again; zero when not said
	cause      error
}

// AdditionalInfo is ARM's error.additionalInfo entry.
type AdditionalInfo struct {
	Type string `json:"type"`
	Info any    `json:"info"`
}

// Errorf makes an error of kind and code; format and args make the message.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e that carries cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// At returns a copy of e with the target set.
func (e *Error) At(target string) *Error {
	c := *e
	c.Target = target
	return &c
}

// WithInner returns a copy of e with Key Vault's innererror code.
func (e *Error) WithInner(code string) *Error {
	c := *e
	c.Inner = code
	return &c
}

// WithDetails returns a copy of e with details appended.
func (e *Error) WithDetails(details ...*Error) *Error {
	c := *e
	c.Details = append(append([]*Error(nil), e.Details...), details...)
	return &c
}

// Error gives code and message, and the cause for the log.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.cause)
	}
	return e.Code + ": " + e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports that target is an *Error of the same code, so that
// errors.Is(err, &azure.Error{Code: azure.CodeX}) holds, also over the wire.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// AsError finds the *Error in err. It returns nil when err is nil, and an
// Internal error with a fixed text that wraps err when there is none inside.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Errorf(Internal, CodeInternal, "The server met an unexpected error. Try again; if it stays, look for the request id in the server's log.").Because(err)
}

// HasCode reports whether err is or wraps an *Error with the code.
func HasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// ErrorBody is the wire envelope of ARM, Microsoft Graph and Key Vault:
// {"error":{"code","message","target","details","additionalInfo","innererror"}}.
type ErrorBody struct {
	Error ErrorDetail `json:"error"`
}

// ErrorDetail is the inside of [ErrorBody].
type ErrorDetail struct {
	Code           string           `json:"code"`
	Message        string           `json:"message"`
	Target         string           `json:"target,omitempty"`
	Details        []ErrorDetail    `json:"details,omitempty"`
	AdditionalInfo []AdditionalInfo `json:"additionalInfo,omitempty"`
	InnerError     *InnerError      `json:"innererror,omitempty"`
}

// InnerError is Key Vault's innererror object.
type InnerError struct {
	Code string `json:"code"`
}

// Detail is e as it stands on the wire.
func (e *Error) Detail() ErrorDetail {
	d := ErrorDetail{Code: e.Code, Message: e.Message, Target: e.Target, AdditionalInfo: e.Additional}
	if e.Inner != "" {
		d.InnerError = &InnerError{Code: e.Inner}
	}
	for _, inner := range e.Details {
		d.Details = append(d.Details, inner.Detail())
	}
	return d
}

// ErrorOf rebuilds the error from its wire form and the HTTP status.
func (d ErrorDetail) ErrorOf(status int) *Error {
	e := &Error{Kind: KindOfStatus(status), Code: d.Code, Message: d.Message, Target: d.Target, Additional: d.AdditionalInfo}
	if d.InnerError != nil {
		e.Inner = d.InnerError.Code
	}
	for _, inner := range d.Details {
		e.Details = append(e.Details, inner.ErrorOf(status))
	}
	return e
}
