package arm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
)

// Answer is what the hall answered to [Hall.Do].
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Err is the error the answer tells; nil for a status below 400.
func (a Answer) Err() error {
	if a.Status < http.StatusBadRequest {
		return nil
	}
	var body azure.ErrorBody
	if err := json.Unmarshal(a.Body, &body); err != nil || body.Error.Code == "" {
		return fmt.Errorf("the control plane answered %d without saying why", a.Status)
	}
	return body.Error.ErrorOf(a.Status)
}

// Do makes a request as p from inside the process: it is routed, authorized, held against locks, decoded and audited as one
// that came over the network; only that p calls is taken as known. target is path and query. Values of ctx reach the
// handlers.
func (h *Hall) Do(ctx context.Context, p authz.Principal, method, target string, body []byte) Answer {
	out := &httpd.Recorder{}
	r, err := http.NewRequestWithContext(ctx, method, h.o.Endpoints.ResourceManager+target, bytes.NewReader(body))
	if err != nil {
		e := azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "The address '%s' is not valid: %v.", target, err)
		data, _ := json.Marshal(azure.ErrorBody{Error: e.Detail()}) // strings only
		return Answer{Status: e.Kind.Status(), Header: out.Header(), Body: data}
	}
	r.RemoteAddr = "deployment" // as the audit log names where it came from
	front := h.o.Front
	front.Authenticate = func(*http.Request) (authz.Principal, error) { return p, nil }
	h.serve(&front, out, r)
	return Answer{Status: out.Status, Header: out.Header(), Body: out.Body.Bytes()}
}

// Check tells what a request of p would be refused for before its body is looked at: an unknown namespace, type, api-version
// or subscription, a bad name, a role that is missing, a lock. Unlike the door itself it knows which api-versions a type has.
func (h *Hall) Check(p authz.Principal, method, target string) error {
	r, err := http.NewRequest(method, h.o.Endpoints.ResourceManager+target, nil)
	if err != nil {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceID, "The address '%s' is not valid: %v.", target, err)
	}
	f, err := h.find(r)
	if err != nil {
		return err
	}
	if err := h.knowsVersion(f, apiVersion(r.URL.Query())); err != nil {
		return err
	}
	if f.plain && f.typ != nil && method == http.MethodPut {
		if err := h.checkNew(f.typ, f.id); err != nil {
			return err
		}
	}
	return h.authorize(p, f, r.URL.Query())
}

// firstVersion is older than every api-version of every type.
const firstVersion = "2014-01-01"

// knowsVersion wants a version that the type lists, or one from the time between those: types list their main versions, and
// each is served the same way.
func (h *Hall) knowsVersion(f *found, version string) error {
	first, last := firstVersion, h.o.Now().UTC().Format(time.DateOnly)
	name := f.id.Type()
	var listed []string
	if f.typ != nil && len(f.typ.Versions) > 0 {
		listed = f.typ.Versions
		first = listed[0]
	}
	for _, v := range listed {
		if v == version {
			return nil
		}
		first, last = min(first, v), max(last, v)
	}
	date := version[:min(len(version), len(time.DateOnly))]
	if _, err := time.Parse(time.DateOnly, date); err == nil && versionPattern.MatchString(version) && date >= first[:len(time.DateOnly)] && date <= last {
		return nil
	}
	if listed == nil {
		listed = []string{first + " or later"}
	}
	return azure.Errorf(azure.Invalid, azure.CodeNoRegisteredProvider,
		"No registered resource provider found for API version '%s' for type '%s'. The supported api-versions are '%s'.", version, name, strings.Join(listed, ", "))
}

// Add adds a call whose path is written from the root, such as
// subscriptions/{subscription}/resourcegroups/{group}/exportTemplate. Its action is checked at that subscription or group.
func (h *Hall) Add(calls ...Call) {
	for _, c := range calls {
		h.core = append(h.core, coreCall{c, atScope})
	}
}

// LatestVersion is the newest api-version the type of a resource lists, or "".
func (h *Hall) LatestVersion(id azure.ResourceID) string {
	t, err := h.typeOf(id)
	if err != nil || len(t.Versions) == 0 {
		return ""
	}
	return t.Versions[0]
}
