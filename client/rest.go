package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// A TokenSource gives a bearer token for a resource, such as the address of the
// control plane. It may keep tokens and hand them out again.
type TokenSource func(ctx context.Context, resource string) (string, error)

// REST speaks to the services of any Azure-compatible cloud, wherever its
// endpoints are. Safe for concurrent use.
type REST struct {
	HTTP  *http.Client
	Token TokenSource // nil: requests go out without Authorization
	// Header is added to each request, such as User-Agent.
	Header http.Header
	// Trace is told of each request and answer; nil for nobody.
	Trace func(format string, args ...any)
	// Sleep waits between polls; nil is the real clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// A Request is one exchange. Body goes out as it is, as JSON unless Header says
// otherwise.
type Request struct {
	Method   string
	URL      string
	Resource string // what the token is for; empty: none is sent
	Body     []byte
	Header   http.Header
}

// A Response is a whole answer of a status below 400.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// A StatusError is an answer of 400 or more. It wraps an *azure.Error where the
// body was one of Azure's shapes.
type StatusError struct {
	Status int
	Reason string // the text of the status, such as "Not Found"
	Header http.Header
	Body   []byte
	Azure  *azure.Error // nil when the body has none of Azure's shapes
}

// Error gives code and message as Azure's clients do.
func (e *StatusError) Error() string {
	if e.Azure != nil {
		return "(" + e.Azure.Code + ") " + e.Azure.Message
	}
	text := fmt.Sprintf("Operation returned an invalid status '%s'", e.Reason)
	if body := strings.TrimSpace(string(e.Body)); body != "" {
		text += "\nContent: " + body
	}
	return text
}

// Unwrap gives the *azure.Error, if there is one.
func (e *StatusError) Unwrap() error {
	if e.Azure == nil {
		return nil
	}
	return e.Azure
}

// Do sends one request. Errors: *[StatusError] for a status from 400 on;
// otherwise what the token source or the transport says.
func (c *REST) Do(ctx context.Context, r Request) (*Response, error) {
	res, err := c.Open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s broke off: %w", r.URL, err)
	}
	c.trace("response: %s\n%s", res.Status, data)
	if res.StatusCode >= 400 {
		return nil, statusError(res, data)
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: data}, nil
}

// Open sends one request and hands over the answer, whatever its status; the
// caller closes its body.
func (c *REST) Open(ctx context.Context, r Request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	for _, h := range []http.Header{c.Header, r.Header} {
		for name, values := range h {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	if len(r.Body) > 0 && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if r.Resource != "" && c.Token != nil {
		token, err := c.Token(ctx, r.Resource)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	c.trace("request: %s %s\n%s", r.Method, r.URL, r.Body)
	return c.HTTP.Do(req)
}

func (c *REST) trace(format string, args ...any) {
	if c.Trace != nil {
		c.Trace(format, args...)
	}
}

// statusError reads an answer that says no.
func statusError(res *http.Response, data []byte) *StatusError {
	e := &StatusError{Status: res.StatusCode, Header: res.Header, Body: data}
	_, e.Reason, _ = strings.Cut(res.Status, " ")
	e.Azure = errorIn(data, res.StatusCode)
	return e
}

// errorIn finds Azure's error in a body: ARM's, Graph's and the vault's
// envelope, or the registry's list.
func errorIn(data []byte, status int) *azure.Error {
	var body azure.ErrorBody
	if json.Unmarshal(data, &body) == nil && body.Error.Code != "" {
		return body.Error.ErrorOf(status)
	}
	var bare azure.ErrorDetail // some services leave the envelope out
	if json.Unmarshal(data, &bare) == nil && bare.Code != "" && bare.Message != "" {
		return bare.ErrorOf(status)
	}
	return nil
}

// Long sends a request that may start long work and waits until that has ended:
// by Azure-AsyncOperation, by Location, or by the resource's own
// provisioningState. The answer is the final one: the resource for PUT and
// PATCH, else what the operation's end carries. Started is called once when
// there is something to wait for; nil for nobody.
//
// Azure: the delays are those of retry-after-ms, then Retry-After, else a second.
func (c *REST) Long(ctx context.Context, r Request, started func()) (*Response, error) {
	res, err := c.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	operation, location := res.Header.Get("Azure-AsyncOperation"), res.Header.Get("Location")
	write := r.Method == http.MethodPut || r.Method == http.MethodPatch
	switch {
	case operation != "":
		return c.byOperation(ctx, r, operation, location, started)
	case location != "" && res.Status == http.StatusAccepted:
		return c.byLocation(ctx, r, location, started)
	case write && !ended(provisioningState(res.Body)):
		return c.byState(ctx, r, res, started)
	}
	return res, nil
}

// byOperation polls an operation's own address.
func (c *REST) byOperation(ctx context.Context, r Request, operation, location string, started func()) (*Response, error) {
	if started != nil {
		started()
	}
	var res *Response
	for wait := time.Duration(0); ; wait = delay(res.Header) {
		if err := c.sleep(ctx, wait); err != nil {
			return nil, err
		}
		var err error
		if res, err = c.Do(ctx, Request{Method: http.MethodGet, URL: absolute(r.URL, operation), Resource: r.Resource}); err != nil {
			return nil, err
		}
		var body struct {
			Status string             `json:"status"`
			Error  *azure.ErrorDetail `json:"error"`
		}
		if err := json.Unmarshal(res.Body, &body); err != nil {
			return nil, fmt.Errorf("the operation at %s answered no JSON: %w", operation, err)
		}
		if ended(body.Status) {
			if !strings.EqualFold(body.Status, "Succeeded") {
				return nil, operationError(body.Status, body.Error, res.Body)
			}
			break
		}
	}
	switch {
	case r.Method == http.MethodPut || r.Method == http.MethodPatch:
		return c.Do(ctx, Request{Method: http.MethodGet, URL: r.URL, Resource: r.Resource})
	case r.Method == http.MethodPost && location != "":
		return c.Do(ctx, Request{Method: http.MethodGet, URL: absolute(r.URL, location), Resource: r.Resource})
	}
	return res, nil
}

// byLocation asks the address until it answers something else than 202.
func (c *REST) byLocation(ctx context.Context, r Request, location string, started func()) (*Response, error) {
	if started != nil {
		started()
	}
	wait := time.Duration(0)
	for {
		if err := c.sleep(ctx, wait); err != nil {
			return nil, err
		}
		res, err := c.Do(ctx, Request{Method: http.MethodGet, URL: absolute(r.URL, location), Resource: r.Resource})
		if err != nil {
			return nil, err
		}
		if res.Status != http.StatusAccepted {
			return res, nil
		}
		if next := res.Header.Get("Location"); next != "" {
			location = next
		}
		wait = delay(res.Header)
	}
}

// byState asks the resource itself.
func (c *REST) byState(ctx context.Context, r Request, res *Response, started func()) (*Response, error) {
	if started != nil {
		started()
	}
	for {
		if err := c.sleep(ctx, delay(res.Header)); err != nil {
			return nil, err
		}
		var err error
		if res, err = c.Do(ctx, Request{Method: http.MethodGet, URL: r.URL, Resource: r.Resource}); err != nil {
			return nil, err
		}
		if state := provisioningState(res.Body); ended(state) {
			if state != "" && !strings.EqualFold(state, "Succeeded") {
				return nil, operationError(state, nil, res.Body)
			}
			return res, nil
		}
	}
}

// operationError is how an operation ended that did not succeed.
func operationError(status string, detail *azure.ErrorDetail, body []byte) error {
	e := &StatusError{Status: http.StatusOK, Reason: status, Body: body}
	if detail != nil && detail.Code != "" {
		e.Azure = detail.ErrorOf(http.StatusBadRequest)
	}
	return e
}

func provisioningState(body []byte) string {
	var r struct {
		Properties struct {
			ProvisioningState string `json:"provisioningState"`
		} `json:"properties"`
	}
	if json.Unmarshal(body, &r) != nil {
		return ""
	}
	return r.Properties.ProvisioningState
}

// ended reports whether a state is one that stays; an empty one counts as done.
func ended(state string) bool {
	switch strings.ToLower(state) {
	case "", "succeeded", "failed", "canceled", "cancelled":
		return true
	}
	return false
}

// absolute resolves an operation's address against the request's.
func absolute(from, to string) string {
	base, err := url.Parse(from)
	if err != nil {
		return to
	}
	u, err := base.Parse(to)
	if err != nil {
		return to
	}
	return u.String()
}

// delay is how long an answer asks to wait.
func delay(h http.Header) time.Duration {
	for _, name := range []string{"retry-after-ms", "x-ms-retry-after-ms"} {
		if ms, err := strconv.Atoi(h.Get(name)); err == nil && ms >= 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * time.Second
	}
	return time.Second
}

func (c *REST) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Pages reads a list to its end: value and nextLink (or @odata.nextLink) of each
// page. The items come as they stood on the wire.
func (c *REST) Pages(ctx context.Context, r Request) ([]json.RawMessage, error) {
	items := []json.RawMessage{}
	for r.URL != "" {
		res, err := c.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		var page struct {
			Value     []json.RawMessage `json:"value"`
			NextLink  string            `json:"nextLink"`
			ODataNext string            `json:"@odata.nextLink"`
		}
		if err := json.Unmarshal(res.Body, &page); err != nil {
			return nil, fmt.Errorf("%s answered no list: %w", r.URL, err)
		}
		items = append(items, page.Value...)
		next := page.NextLink
		if next == "" {
			next = page.ODataNext
		}
		if next == r.URL {
			return nil, errors.New("the list at " + r.URL + " names itself as its next page")
		}
		r.URL = next
	}
	return items, nil
}

// IsStatus reports whether err is an answer of the status.
func IsStatus(err error, status int) bool {
	var e *StatusError
	return errors.As(err, &e) && e.Status == status
}
