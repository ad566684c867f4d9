package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/webhook"
)

// hookRow is the row of a webhook, by registry and name. Address and headers
// often carry credentials, so they are sealed.
type hookRow struct {
	Sealed   []byte    `json:"sealed"`
	Disabled bool      `json:"disabled,omitempty"`
	Scope    string    `json:"scope,omitempty"`
	Actions  []string  `json:"actions"`
	Created  time.Time `json:"created"`
}

// hookActions are what a webhook can be told of. Azure has quarantine,
// chart_push and chart_delete, too.
var hookActions = []string{webhook.Push, webhook.Delete}

// hookName is the grammar of names of webhooks.
var hookName = regexp.MustCompile(`^[A-Za-z0-9]{5,50}$`)

func checkHookName(name string) error {
	if hookName.MatchString(name) {
		return nil
	}
	return azure.Errorf(azure.Invalid, azure.CodeInvalidResourceName, "The webhook name '%s' is invalid. It has 5 to 50 letters and digits, nothing else.", name)
}

func (s *Service) webhookType() arm.Type {
	t := arm.Resource("registries/webhooks", arm.Handlers[WebhookProperties]{Put: s.putWebhook, Get: s.getWebhook, Delete: s.removeWebhook})
	t.Versions, t.CheckName = versions, checkHookName
	t.Calls = []arm.Call{
		arm.Do(http.MethodPost, "ping", authz.Control(Type+"/webhooks/ping/action"), s.pingWebhook),
		arm.Do(http.MethodPost, "listEvents", authz.Control(Type+"/webhooks/listEvents/action"), s.listEvents),
		arm.Do(http.MethodPost, "getCallbackConfig", authz.Control(Type+"/webhooks/getCallbackConfig/action"), s.getCallbackConfig),
	}
	return t
}

func hookSeal(id azure.ResourceID) string { return "registry/webhook" + id.Key() }

// callback opens what is sealed of a webhook.
func (s *Service) callback(id azure.ResourceID, row hookRow) (c CallbackConfig, err error) {
	text, err := s.o.Seal.Unseal(hookSeal(id), row.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, fmt.Errorf("cannot open the address of the webhook %s: %w", id, err)
	}
	return c, nil
}

func (s *Service) putWebhook(_ context.Context, tx *store.Tx, r *arm.Put[WebhookProperties]) error {
	it, ok, err := s.webhooks.GetTx(tx, childKey(r.ID))
	if err != nil {
		return err
	}
	row, p := it.Value, r.Properties
	c := CallbackConfig{ServiceURI: p.ServiceURI, CustomHeaders: p.CustomHeaders}
	switch {
	case !ok:
		row.Created = s.o.Now().UTC()
	case r.Patch: // what is not shown cannot be merged by the hall
		old, err := s.callback(r.ID, row)
		if err != nil {
			return err
		}
		if c.ServiceURI == "" {
			c.ServiceURI = old.ServiceURI
		}
		if c.CustomHeaders == nil {
			c.CustomHeaders = old.CustomHeaders
		}
	}
	if err := checkWebhook(p, c); err != nil {
		return err
	}
	row.Disabled, row.Scope, row.Actions = strings.EqualFold(p.Status, policyOff), p.Scope, p.Actions
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if row.Sealed, err = s.o.Seal.Seal(hookSeal(r.ID), text); err != nil {
		return err
	}
	return s.webhooks.Put(tx, childKey(r.ID), row)
}

func checkWebhook(p WebhookProperties, c CallbackConfig) error {
	bad := func(target, format string, args ...any) error {
		return azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, format, args...).At("properties." + target)
	}
	u, err := url.Parse(c.ServiceURI)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return bad("serviceUri", "The serviceUri of the webhook is not an http or https address.")
	}
	if len(p.Actions) == 0 {
		return bad("actions", "The webhook has no actions. Give 'push', 'delete' or both.")
	}
	for _, a := range p.Actions {
		if !slices.Contains(hookActions, a) {
			return bad("actions", "The action '%s' of the webhook is not one of 'push' and 'delete'.", a)
		}
	}
	if s := p.Status; s != "" && !strings.EqualFold(s, policyOn) && !strings.EqualFold(s, policyOff) {
		return bad("status", "The status '%s' of the webhook is invalid. It is 'enabled' or 'disabled'.", s)
	}
	for k, v := range c.CustomHeaders {
		if k == "" || strings.ContainsAny(k, " :\r\n\t") || strings.ContainsAny(v, "\r\n") || strings.EqualFold(k, "Host") || strings.EqualFold(k, "Content-Length") {
			return bad("customHeaders", "The header '%s' of the webhook is not one that can be sent.", k)
		}
	}
	if name, _, _ := strings.Cut(p.Scope, ":"); p.Scope != "" && !oci.ValidName(name) {
		return bad("scope", "The scope '%s' of the webhook is invalid. It is a repository, or a repository, ':' and a tag or '*'.", p.Scope)
	}
	return nil
}

func (s *Service) getWebhook(_ context.Context, e *arm.Envelope, _ bool) (WebhookProperties, error) {
	it, ok := s.webhooks.Get(childKey(e.ID))
	if !ok {
		return WebhookProperties{}, childMissing(e.ID)
	}
	return WebhookProperties{Status: onOff(!it.Value.Disabled), Scope: it.Value.Scope, Actions: it.Value.Actions}, nil
}

func (s *Service) removeWebhook(_ context.Context, tx *store.Tx, e *arm.Envelope) error {
	s.sender.Forget(e.ID.Key())
	return s.webhooks.Delete(tx, childKey(e.ID))
}

// hookOf gives a webhook of a call.
func (s *Service) hookOf(id azure.ResourceID) (webhook.Hook, CallbackConfig, error) {
	it, ok := s.webhooks.Get(childKey(id))
	if !ok {
		return webhook.Hook{}, CallbackConfig{}, childMissing(id)
	}
	c, err := s.callback(id, it.Value)
	return webhook.Hook{ID: id.Key(), URI: c.ServiceURI, Headers: c.CustomHeaders}, c, err
}

// findHook implements webhook.Options.Find. A registry that is being deleted has
// no webhooks any more.
func (s *Service) findHook(id string) (webhook.Hook, error) {
	parsed, err := azure.ParseID(id)
	if err != nil {
		return webhook.Hook{}, err
	}
	h, _, err := s.hookOf(parsed)
	return h, err
}

func (s *Service) pingWebhook(ctx context.Context, r *arm.CallRequest, _ httpd.None) (EventInfo, error) {
	h, _, err := s.hookOf(r.ID)
	if err != nil {
		return EventInfo{}, err
	}
	return EventInfo{ID: s.sender.Send(ctx, h, webhook.EventContent{Action: webhook.Ping})}, nil
}

func (s *Service) listEvents(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[webhook.Event], error) {
	return azure.NewPage(s.sender.Events(r.ID.Key()), ""), nil
}

func (s *Service) getCallbackConfig(_ context.Context, r *arm.CallRequest, _ httpd.None) (CallbackConfig, error) {
	_, c, err := s.hookOf(r.ID)
	return c, err
}

// happened tells the runtime and the webhooks of a change. It does not block.
func (s *Service) happened(ctx context.Context, e oci.Event) {
	action := webhook.Delete
	if e.Deleted && e.Tag == "" {
		s.o.OnDelete(ctx)
	}
	if !e.Deleted {
		action = webhook.Push
		if s.o.OnPush != nil {
			s.o.OnPush(ctx, e.Pushed)
		}
	}
	var reg azure.ResourceID
	for _, it := range s.webhooks.List(store.K(strings.ToLower(e.Registry)), "", 0) {
		row := it.Value
		if row.Disabled || !slices.Contains(row.Actions, action) || !webhook.Matches(row.Scope, e.Repository, e.Tag) {
			continue
		}
		if reg.Subscription == "" {
			rec, ok := s.registries.Get(nameKey(e.Registry))
			if !ok {
				return
			}
			reg = rec.Value.ID
		}
		h, _, err := s.hookOf(reg.Child("webhooks", it.Key.Parts()[1]))
		if err != nil {
			s.o.Log.Error("cannot tell a webhook", "error", err)
			continue
		}
		d := e.Descriptor
		s.sender.Send(ctx, h, webhook.EventContent{Action: action,
			Target:  &webhook.Target{MediaType: d.MediaType, Size: d.Size, Length: d.Size, Digest: string(d.Digest), Repository: e.Repository, Tag: e.Tag},
			Request: &webhook.Source{ID: e.Request.ID, Host: e.LoginServer, Method: e.Request.Method, UserAgent: e.Request.UserAgent}})
	}
}
