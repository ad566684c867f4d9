package oci

import (
	"net/http"
	"strings"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
)

// route is one row: a method on a noun, the control-plane action behind it, the
// token actions of which one is needed, what a challenge asks for, who serves.
type route struct {
	noun    Noun
	methods string
	path    string // for documents and tests
	action  authz.Action
	need    []access.Action
	ask     []access.Action // nil: as need
	serve   func(*Handler, *exchange) error
}

// routes is the table; the table is the security review.
var routes = []route{
	// Any valid credential: clients learn here whether their login works.
	{Root, "GET HEAD", "/v2/", httpd.AnyCaller, nil, nil, (*Handler).root},
	{CatalogList, "GET HEAD", "/v2/_catalog", authz.Control(access.ActionPull), []access.Action{access.Everything}, nil, (*Handler).catalog},
	{TagList, "GET HEAD", "/v2/{name}/tags/list", authz.Control(access.ActionPull), []access.Action{access.Pull, access.MetadataRead}, []access.Action{access.Pull}, (*Handler).tags},
	{Referrers, "GET HEAD", "/v2/{name}/referrers/{digest}", authz.Control(access.ActionPull), []access.Action{access.Pull}, nil, (*Handler).referrers},
	{Manifest, "GET HEAD", "/v2/{name}/manifests/{reference}", authz.Control(access.ActionPull), []access.Action{access.Pull}, nil, (*Handler).getManifest},
	{Manifest, "PUT", "/v2/{name}/manifests/{reference}", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).putManifest},
	{Manifest, "DELETE", "/v2/{name}/manifests/{reference}", authz.Control(access.ActionDelete), []access.Action{access.Delete}, nil, (*Handler).deleteManifest},
	{Blob, "GET HEAD", "/v2/{name}/blobs/{digest}", authz.Control(access.ActionPull), []access.Action{access.Pull}, nil, (*Handler).getBlob},
	{Blob, "DELETE", "/v2/{name}/blobs/{digest}", authz.Control(access.ActionDelete), []access.Action{access.Delete}, nil, (*Handler).deleteBlob},
	{Uploads, "POST", "/v2/{name}/blobs/uploads/", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).startUpload},
	{Upload, "GET HEAD", "/v2/{name}/blobs/uploads/{id}", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).uploadStatus},
	{Upload, "PATCH", "/v2/{name}/blobs/uploads/{id}", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).patchUpload},
	{Upload, "PUT", "/v2/{name}/blobs/uploads/{id}", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).finishUpload},
	{Upload, "DELETE", "/v2/{name}/blobs/uploads/{id}", authz.Control(access.ActionPush), []access.Action{access.Push}, pullPush, (*Handler).cancelUpload},
}

// pullPush is what clients need to push: they look first.
var pullPush = []access.Action{access.Pull, access.Push}

// Table lists the rows for tests and documents.
func Table() []httpd.Row {
	var rows []httpd.Row
	for _, rt := range routes {
		for _, method := range strings.Fields(rt.methods) {
			rows = append(rows, httpd.Row{Method: method, Path: rt.path, Action: rt.action})
		}
	}
	return rows
}

// routeOf finds the row of a parsed request.
func routeOf(method string, n Noun) (route, bool) {
	for _, rt := range routes {
		if rt.noun == n && strings.Contains(" "+rt.methods+" ", " "+method+" ") && method != "" {
			return rt, true
		}
	}
	return route{}, false
}

// access is what the request needs, and what a challenge asks for: with a mount
// also the repository to mount from.
func (rt route) access(r Request) (need access.Access, ask []access.Access) {
	switch r.Noun {
	case Root:
		return access.Access{}, nil
	case CatalogList:
		return access.Catalog, []access.Access{access.Catalog}
	}
	need = access.Repository(r.Repository, rt.need...)
	ask = []access.Access{need}
	if rt.ask != nil {
		ask[0].Actions = rt.ask
	}
	if r.From != "" && r.From != r.Repository {
		ask = append(ask, access.Repository(r.From, access.Pull))
	}
	return need, ask
}

// allow is the Allow header of a noun.
func allow(n Noun) string {
	var methods []string
	for _, rt := range routes {
		if rt.noun == n {
			methods = append(methods, strings.Fields(rt.methods)...)
		}
	}
	return strings.Join(methods, ", ")
}

// isHead reports whether only headers are wanted.
func isHead(r *http.Request) bool { return r.Method == http.MethodHead }
