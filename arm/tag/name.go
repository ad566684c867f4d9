package tag

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// predefined is the stored form of a name that a subscription predefines.
type predefined struct {
	Name   string   `json:"name"` // as written
	Values []string `json:"values,omitempty"`
}

// NameView is the name of a tag on the wire.
type NameView struct {
	ID      string      `json:"id"`
	TagName string      `json:"tagName"`
	Count   Count       `json:"count"`
	Values  []ValueView `json:"values"`
}

// ValueView is a value of a tag on the wire.
type ValueView struct {
	ID       string `json:"id"`
	TagValue string `json:"tagValue"`
	Count    Count  `json:"count"`
}

// Count says how many scopes have it. Type is "Total".
type Count struct {
	Type  string `json:"type"`
	Value int    `json:"value"`
}

// nameCalls are those below the subscription itself.
func (s *Service) nameCalls() []arm.Call {
	const (
		all   = "subscriptions/{subscription}/tagNames"
		one   = all + "/{name}"
		value = one + "/tagValues/{value}"
		own   = "Microsoft.Resources/subscriptions/tagNames/"
	)
	return []arm.Call{
		arm.Do(http.MethodGet, all, authz.Control(own+"read"), s.listNames),
		arm.Do(http.MethodPut, one, authz.Control(own+"write"), s.putName),
		arm.Do(http.MethodDelete, one, authz.Control(own+"delete"), s.removeName),
		arm.Do(http.MethodPut, value, authz.Control(own+"tagValues/write"), s.putValue),
		arm.Do(http.MethodDelete, value, authz.Control(own+"tagValues/delete"), s.removeValue),
	}
}

func nameKey(r *arm.CallRequest) store.Key {
	return store.K(strings.ToLower(r.ID.Subscription), strings.ToLower(r.Values["name"]))
}

// listNames shows every name that is predefined or in use, by name.
func (s *Service) listNames(_ context.Context, r *arm.CallRequest, _ httpd.None) (azure.Page[NameView], error) {
	seen := s.used(r.ID)
	for _, item := range s.names.List(store.K(strings.ToLower(r.ID.Subscription)), "", 0) {
		u := seen.name(item.Value.Name)
		for _, v := range item.Value.Values {
			u.values[v] += 0
		}
	}
	views := make([]NameView, 0, len(seen))
	for _, u := range seen {
		views = append(views, u.view(r.ID))
	}
	slices.SortFunc(views, func(a, b NameView) int {
		return strings.Compare(strings.ToLower(a.TagName), strings.ToLower(b.TagName))
	})
	return azure.NewPage(views, ""), nil
}

// putName predefines a name: 201, or 200 when it is already.
func (s *Service) putName(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[NameView], error) {
	reply := httpd.Reply[NameView]{Status: http.StatusOK}
	if err := arm.CheckTags(map[string]string{r.Values["name"]: ""}); err != nil {
		return reply, err
	}
	u := s.used(r.ID).name(r.Values["name"])
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.names.GetTx(tx, nameKey(r))
		if err != nil || ok {
			for _, v := range item.Value.Values {
				u.values[v] += 0
			}
			return err
		}
		reply.Status = http.StatusCreated
		return s.names.Put(tx, nameKey(r), predefined{Name: r.Values["name"]})
	})
	reply.Body = u.view(r.ID)
	return reply, err
}

// removeName ends the predefinition of a name that no resource has: 200, or 204
// when there was none.
func (s *Service) removeName(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[any], error) {
	reply := httpd.Reply[any]{Status: http.StatusNoContent}
	if n := s.used(r.ID).name(r.Values["name"]).count; n > 0 {
		return reply, azure.Errorf(azure.Conflict, azure.CodeTagNameInUse, "The tag name '%s' is in use by %d resources, groups or subscriptions. Remove the tag from them first.", r.Values["name"], n)
	}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.names.GetTx(tx, nameKey(r))
		if err != nil || !ok {
			return err
		}
		if n := len(item.Value.Values); n > 0 {
			return azure.Errorf(azure.Conflict, azure.CodeTagNameHasValues, "The tag name '%s' has %d predefined values. Delete them first.", item.Value.Name, n)
		}
		reply.Status = http.StatusOK
		return s.names.Delete(tx, nameKey(r))
	})
	return reply, err
}

// putValue predefines a value of a predefined name: 201, or 200 when it is already.
func (s *Service) putValue(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[ValueView], error) {
	name, value := r.Values["name"], r.Values["value"]
	reply := httpd.Reply[ValueView]{Status: http.StatusOK}
	if err := arm.CheckTags(map[string]string{name: value}); err != nil {
		return reply, err
	}
	reply.Body = valueView(r.ID, name, value, s.used(r.ID).name(name).values[value])
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.names.GetTx(tx, nameKey(r))
		if err != nil {
			return err
		}
		if !ok {
			return azure.Errorf(azure.NotFound, azure.CodeTagNameNotFound, "The tag name '%s' is not predefined. Create it first: az tag create --name %s", name, name)
		}
		if slices.Contains(item.Value.Values, value) {
			return nil
		}
		reply.Status = http.StatusCreated
		item.Value.Values = append(slices.Clip(item.Value.Values), value)
		return s.names.Put(tx, nameKey(r), item.Value)
	})
	return reply, err
}

// removeValue ends the predefinition of a value: 200, or 204 when there was none.
func (s *Service) removeValue(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[any], error) {
	reply := httpd.Reply[any]{Status: http.StatusNoContent}
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		item, ok, err := s.names.GetTx(tx, nameKey(r))
		if err != nil || !ok || !slices.Contains(item.Value.Values, r.Values["value"]) {
			return err
		}
		reply.Status = http.StatusOK
		item.Value.Values = slices.DeleteFunc(slices.Clone(item.Value.Values), func(v string) bool { return v == r.Values["value"] })
		return s.names.Put(tx, nameKey(r), item.Value)
	})
	return reply, err
}

// usage says how often the names of tags are used, by name in lower case.
type usage map[string]*use

type use struct {
	name   string
	count  int
	values map[string]int
}

// used counts the tags in a subscription.
func (s *Service) used(subscription azure.ResourceID) usage {
	all := usage{}
	s.o.Hall.EachTags(subscription, func(tags map[string]string) {
		for name, value := range tags {
			u := all.name(name)
			u.count++
			u.values[value]++
		}
	})
	return all
}

func (a usage) name(name string) *use {
	key := strings.ToLower(name)
	if a[key] == nil {
		a[key] = &use{name: name, values: map[string]int{}}
	}
	return a[key]
}

func (u *use) view(subscription azure.ResourceID) NameView {
	v := NameView{ID: nameID(subscription, u.name), TagName: u.name, Count: Count{"Total", u.count}, Values: []ValueView{}}
	for value, n := range u.values {
		v.Values = append(v.Values, valueView(subscription, u.name, value, n))
	}
	slices.SortFunc(v.Values, func(a, b ValueView) int { return strings.Compare(a.TagValue, b.TagValue) })
	return v
}

func valueView(subscription azure.ResourceID, name, value string, n int) ValueView {
	return ValueView{ID: nameID(subscription, name) + "/tagValues/" + url.PathEscape(value), TagValue: value, Count: Count{"Total", n}}
}

func nameID(subscription azure.ResourceID, name string) string {
	return "/subscriptions/" + subscription.Subscription + "/tagNames/" + url.PathEscape(name)
}
