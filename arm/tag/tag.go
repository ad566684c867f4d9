package tag

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/arm"
	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Options are what the service needs from outside.
type Options struct {
	Hall  *arm.Hall
	Store *store.Store
}

// Service answers the calls about tags. Safe for concurrent use.
type Service struct {
	o     Options
	names *store.Table[predefined] // by subscription and name in lower case
}

// New makes the service and its table, and adds to the hall the calls whose paths
// name no provider. Register its [Service.Provider] too.
func New(o Options) *Service {
	s := &Service{o: o, names: store.NewTable[predefined](o.Store, "arm.tagNames")}
	o.Hall.Add(s.nameCalls()...)
	return s
}

// Provider is the table of tags/default, at any scope.
func (s *Service) Provider() arm.Provider {
	const own, path = "Microsoft.Resources/tags/", "tags/default"
	calls := []arm.Call{
		arm.Do(http.MethodGet, path, authz.Control(own+"read"), s.get),
		arm.Do(http.MethodPut, path, authz.Control(own+"write"), s.put),
		arm.Do(http.MethodPatch, path, authz.Control(own+"write"), s.patch),
		arm.Do(http.MethodDelete, path, authz.Control(own+"delete"), s.remove),
	}
	for i := range calls {
		calls[i] = calls[i].At(arm.AtAnyScope)
	}
	return arm.Provider{Namespace: "Microsoft.Resources", Calls: calls}
}

// The operations of a PATCH: Merge adds tags and replaces the values of those that
// are there, Replace leaves no others, Delete removes those with the name and the
// value given, or any value where "" is given.
const (
	Merge   = "Merge"
	Replace = "Replace"
	Delete  = "Delete"
)

// Body is what a PUT sends, and with Operation a PATCH.
type Body struct {
	Operation  string     `json:"operation,omitempty"`
	Properties Properties `json:"properties"`
}

// Properties are the tags: at most 50, names of 512 and values of 256 characters.
type Properties struct {
	Tags map[string]string `json:"tags"`
}

// View is the tags of a scope on the wire.
type View struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Properties Properties `json:"properties"`
}

func view(id azure.ResourceID, tags map[string]string) View {
	if tags == nil {
		tags = map[string]string{}
	}
	return View{ID: id.String() + "/providers/Microsoft.Resources/tags/default", Name: "default", Type: "Microsoft.Resources/tags", Properties: Properties{tags}}
}

func (s *Service) get(_ context.Context, r *arm.CallRequest, _ httpd.None) (View, error) {
	tags, err := s.o.Hall.Tags(r.ID)
	return view(r.ID, tags), err
}

func (s *Service) put(ctx context.Context, r *arm.CallRequest, in Body) (View, error) {
	tags, err := s.o.Hall.SetTags(ctx, r.Principal, r.ID, func(map[string]string) map[string]string { return in.Properties.Tags })
	return view(r.ID, tags), err
}

func (s *Service) patch(ctx context.Context, r *arm.CallRequest, in Body) (View, error) {
	change, ok := changes[strings.ToLower(in.Operation)]
	if !ok {
		return View{}, azure.Errorf(azure.Invalid, azure.CodeInvalidRequestContent, "The operation '%s' on tags is not valid. Give Merge, Replace or Delete.", in.Operation).At("operation")
	}
	if err := arm.CheckTags(in.Properties.Tags); err != nil {
		return View{}, err
	}
	tags, err := s.o.Hall.SetTags(ctx, r.Principal, r.ID, func(old map[string]string) map[string]string { return change(old, in.Properties.Tags) })
	return view(r.ID, tags), err
}

// remove answers 200 without a body, also where there were none.
func (s *Service) remove(ctx context.Context, r *arm.CallRequest, _ httpd.None) (httpd.Reply[any], error) {
	_, err := s.o.Hall.SetTags(ctx, r.Principal, r.ID, func(map[string]string) map[string]string { return nil })
	return httpd.Reply[any]{Status: http.StatusOK}, err
}

var changes = map[string]func(old, given map[string]string) map[string]string{
	strings.ToLower(Replace): func(_, given map[string]string) map[string]string { return given },
	strings.ToLower(Merge): func(old, given map[string]string) map[string]string {
		out := without(old, func(name, _ string) bool { _, ok := find(given, name); return ok })
		maps.Copy(out, given)
		return out
	},
	strings.ToLower(Delete): func(old, given map[string]string) map[string]string {
		return without(old, func(name, value string) bool { v, ok := find(given, name); return ok && (v == "" || v == value) })
	},
}

// without is a copy of tags but for those that are dropped.
func without(tags map[string]string, drop func(name, value string) bool) map[string]string {
	out := make(map[string]string, len(tags))
	for k, v := range tags {
		if !drop(k, v) {
			out[k] = v
		}
	}
	return out
}

// find gives a tag's value; names match in any case.
func find(tags map[string]string, name string) (string, bool) {
	for k, v := range tags {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}
