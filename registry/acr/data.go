package acr

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/registry/access"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// noun is what a path below /acr/v1 names.
type noun uint8

const (
	catalog      noun = iota + 1 // /acr/v1/_catalog
	repo                         // /acr/v1/N
	tags                         // /acr/v1/N/_tags
	tag                          // /acr/v1/N/_tags/T
	manifests                    // /acr/v1/N/_manifests
	manifestNoun                 // /acr/v1/N/_manifests/D
)

// target is a parsed path.
type target struct {
	noun       noun
	repository string
	item       string // tag or digest
}

// parse reads a path below /acr/v1. Names may come with their slashes escaped;
// u.Path has them decoded, and the grammar of names refuses every trick.
func parse(u *url.URL) (target, error) {
	rest, ok := strings.CutPrefix(u.Path, "/acr/v1/")
	rest = strings.TrimSuffix(rest, "/")
	if !ok || rest == "" {
		return target{}, noPath(u)
	}
	if rest == "_catalog" {
		return target{noun: catalog}, nil
	}
	t := target{noun: repo, repository: rest}
	parts := strings.Split(rest, "/")
	n := len(parts)
	switch {
	case n >= 2 && parts[n-1] == "_tags":
		t = target{tags, strings.Join(parts[:n-1], "/"), ""}
	case n >= 2 && parts[n-1] == "_manifests":
		t = target{manifests, strings.Join(parts[:n-1], "/"), ""}
	case n >= 3 && parts[n-2] == "_tags":
		t = target{tag, strings.Join(parts[:n-2], "/"), parts[n-1]}
		if !oci.ValidTag(t.item) {
			return t, azure.Errorf(azure.Invalid, azure.CodeOCITagInvalid, "'%s' is not a tag.", t.item)
		}
	case n >= 3 && parts[n-2] == "_manifests":
		t = target{manifestNoun, strings.Join(parts[:n-2], "/"), parts[n-1]}
		if digest.Digest(t.item).Validate() != nil {
			return t, azure.Errorf(azure.Invalid, azure.CodeOCIDigestInvalid, "'%s' is not a digest.", t.item)
		}
	}
	if !oci.ValidName(t.repository) {
		return t, azure.Errorf(azure.Invalid, azure.CodeOCINameInvalid, "'%s' is not a repository name.", t.repository)
	}
	return t, nil
}

// dataRequest is one request to /acr/v1.
type dataRequest struct {
	w        http.ResponseWriter
	r        *httpd.Request
	registry access.Registry
	t        target
	name     repository.Name
	page     oci.Page
}

// dataRoute is a row of the table of /acr/v1.
type dataRoute struct {
	noun   noun
	method string
	path   string
	action authz.Action
	need   []access.Action
	serve  func(*Handler, *dataRequest) error
}

var (
	readMetadata  = []access.Action{access.MetadataRead, access.Pull}
	writeMetadata = []access.Action{access.MetadataWrite}
	remove        = []access.Action{access.Delete}
)

// dataRoutes is the table; the table is the security review.
var dataRoutes = []dataRoute{
	{catalog, "GET", "/acr/v1/_catalog", authz.Control(access.ActionPull), []access.Action{access.Everything}, (*Handler).catalog},
	{repo, "GET", "/acr/v1/{name}", authz.Control(access.ActionPull), readMetadata, (*Handler).getRepository},
	{repo, "DELETE", "/acr/v1/{name}", authz.Control(access.ActionDelete), remove, (*Handler).deleteRepository},
	{repo, "PATCH", "/acr/v1/{name}", authz.Control(access.ActionPush), writeMetadata, (*Handler).patchRepository},
	{tags, "GET", "/acr/v1/{name}/_tags", authz.Control(access.ActionPull), readMetadata, (*Handler).listTags},
	{tag, "GET", "/acr/v1/{name}/_tags/{tag}", authz.Control(access.ActionPull), readMetadata, (*Handler).getTag},
	{tag, "DELETE", "/acr/v1/{name}/_tags/{tag}", authz.Control(access.ActionDelete), remove, (*Handler).deleteTag},
	{tag, "PATCH", "/acr/v1/{name}/_tags/{tag}", authz.Control(access.ActionPush), writeMetadata, (*Handler).patchTag},
	{manifests, "GET", "/acr/v1/{name}/_manifests", authz.Control(access.ActionPull), readMetadata, (*Handler).listManifests},
	{manifestNoun, "GET", "/acr/v1/{name}/_manifests/{digest}", authz.Control(access.ActionPull), readMetadata, (*Handler).getManifest},
	{manifestNoun, "DELETE", "/acr/v1/{name}/_manifests/{digest}", authz.Control(access.ActionDelete), remove, (*Handler).deleteManifest},
	{manifestNoun, "PATCH", "/acr/v1/{name}/_manifests/{digest}", authz.Control(access.ActionPush), writeMetadata, (*Handler).patchManifest},
}

// Table lists the rows of the package for tests and documents. The token
// service's are public: they are where credentials are checked.
func Table() []httpd.Row {
	var rows []httpd.Row
	for _, rt := range dataRoutes {
		rows = append(rows, httpd.Row{Method: rt.method, Path: rt.path, Action: rt.action})
	}
	for _, rt := range tokenRoutes {
		rows = append(rows, httpd.Row{Method: rt.method, Path: rt.path, Action: httpd.Public})
	}
	return rows
}

func dataRouteOf(method string, n noun) (dataRoute, bool) {
	for _, rt := range dataRoutes {
		if rt.noun == n && (rt.method == method || rt.method == http.MethodGet && method == http.MethodHead) {
			return rt, true
		}
	}
	return dataRoute{}, false
}

// ServeData answers a request below /acr/v1/.
func (h *Handler) ServeData(w http.ResponseWriter, hr *http.Request, reg access.Registry) {
	t, bad := parse(hr.URL)
	rt, ok := dataRouteOf(hr.Method, t.noun)
	if bad == nil && !ok {
		bad = azure.Errorf(azure.Unsupported, azure.CodeOCIUnsupported, "The method %s is not supported at '%s'.", hr.Method, hr.URL.Path)
	}
	gate := oci.Gate{Front: h.Front, Guard: h.Guard, Registry: reg, Action: rt.action, Refuse: bad}
	switch {
	case bad != nil:
		gate.Action = httpd.AnyCaller
	case t.noun == catalog:
		gate.Need, gate.Ask = access.Catalog, []access.Access{access.Catalog}
	default:
		gate.Need = access.Repository(t.repository, rt.need...)
		gate.Ask = []access.Access{access.Repository(t.repository, rt.need[0])}
	}
	gate.Handle(w, hr, func(w http.ResponseWriter, r *httpd.Request, _ access.Caller) error {
		p, err := oci.ParsePage(r.URL.Query())
		if err != nil {
			return err
		}
		return rt.serve(h, &dataRequest{w, r, reg, t, repository.Name{Registry: reg.UID, Repository: t.repository}, p})
	})
}

func (h *Handler) catalog(x *dataRequest) error {
	return oci.WriteCatalog(x.w, h.Content, x.registry.UID, "/acr/v1/_catalog", x.page)
}

func (h *Handler) getRepository(x *dataRequest) error {
	r, err := h.Content.Repository(x.name)
	if err != nil {
		return err
	}
	return httpd.WriteValue(x.w, repositoryProperties{Registry: x.registry.LoginServer, ImageName: x.t.repository,
		CreatedTime: r.Created.Format(stamp), LastUpdateTime: r.Updated.Format(stamp), ManifestCount: r.Manifests,
		TagCount: len(h.Content.Tags(x.name, "")), ChangeableAttributes: showLocks(r.Locks)})
}

// deleted tells of what is gone.
func (h *Handler) deleted(x *dataRequest, d, tag string) {
	if h.OnEvent == nil {
		return
	}
	e := oci.NewEvent(x.r, x.registry, x.t.repository)
	e.Deleted, e.Tag, e.Descriptor.Digest = true, tag, digest.Digest(d)
	h.OnEvent(x.r.Context(), e)
}

func (h *Handler) deleteRepository(x *dataRequest) error {
	d, err := h.Content.Delete(x.r.Context(), x.name)
	if err != nil {
		return err
	}
	for _, m := range d.Manifests {
		h.deleted(x, m, "")
	}
	return httpd.WriteValue(x.w, httpd.Reply[deleted]{Status: http.StatusAccepted, Body: deleted{d.Manifests, d.Tags}})
}

func (h *Handler) listTags(x *dataRequest) error {
	if _, err := h.Content.Repository(x.name); err != nil {
		return err
	}
	q := x.r.URL.Query()
	rows := slices.DeleteFunc(h.Content.Tags(x.name, ""), func(t repository.Named[repository.Tag]) bool { return t.Value.Locks.NoList })
	if d := q.Get("digest"); d != "" {
		rows = slices.DeleteFunc(rows, func(t repository.Named[repository.Tag]) bool { return t.Value.Digest.String() != d })
	}
	slices.SortStableFunc(rows, func(a, b repository.Named[repository.Tag]) int {
		return byTime(q.Get("orderby"), a.Value.Updated, b.Value.Updated)
	})
	out := tagList{x.registry.LoginServer, x.t.repository, []tagAttributes{}}
	for _, t := range page(x.w, x.r.Request, x.page, rows, func(t repository.Named[repository.Tag]) string { return t.Name }) {
		out.Tags = append(out.Tags, showTag(t))
	}
	return httpd.WriteValue(x.w, out)
}

func (h *Handler) getTag(x *dataRequest) error {
	t, err := h.Content.Tag(x.name, x.t.item)
	if err != nil {
		return err
	}
	return httpd.WriteValue(x.w, tagProperties{x.registry.LoginServer, x.t.repository, showTag(repository.Named[repository.Tag]{Name: x.t.item, Value: t})})
}

func (h *Handler) deleteTag(x *dataRequest) error {
	if err := h.Content.DeleteTag(x.r.Context(), x.name, x.t.item); err != nil {
		return err
	}
	h.deleted(x, "", x.t.item)
	x.w.WriteHeader(http.StatusAccepted)
	return nil
}

func (h *Handler) listManifests(x *dataRequest) error {
	if _, err := h.Content.Repository(x.name); err != nil {
		return err
	}
	rows := slices.DeleteFunc(h.Content.Manifests(x.name), func(m repository.Named[repository.Manifest]) bool { return m.Value.Locks.NoList })
	slices.SortStableFunc(rows, func(a, b repository.Named[repository.Manifest]) int {
		return byTime(x.r.URL.Query().Get("orderby"), a.Value.Updated, b.Value.Updated)
	})
	out := manifestList{x.registry.LoginServer, x.t.repository, []manifestAttributes{}}
	for _, m := range page(x.w, x.r.Request, x.page, rows, func(m repository.Named[repository.Manifest]) string { return m.Name }) {
		out.Manifests = append(out.Manifests, h.showManifest(x, m))
	}
	return httpd.WriteValue(x.w, out)
}

func (h *Handler) getManifest(x *dataRequest) error {
	_, m, err := h.Content.Resolve(x.name, x.t.item)
	if err != nil {
		return err
	}
	row := repository.Named[repository.Manifest]{Name: x.t.item, Value: m}
	return httpd.WriteValue(x.w, manifestProperties{x.registry.LoginServer, x.t.repository, h.showManifest(x, row)})
}

func (h *Handler) deleteManifest(x *dataRequest) error {
	if err := h.Content.DeleteManifest(x.r.Context(), x.name, digest.Digest(x.t.item)); err != nil {
		return err
	}
	h.deleted(x, x.t.item, "")
	x.w.WriteHeader(http.StatusAccepted)
	return nil
}

// change serves PATCH of a repository, tag or manifest: the answer is what GET
// gives then.
func (h *Handler) change(show func(*Handler, *dataRequest) error) func(*dataRequest) error {
	return func(x *dataRequest) error {
		a, err := readAttributes(x.r)
		if err != nil {
			return err
		}
		if err := h.Content.Lock(x.r.Context(), x.name, x.t.item, a.apply); err != nil {
			return err
		}
		return show(h, x)
	}
}

func (h *Handler) patchRepository(x *dataRequest) error {
	return h.change((*Handler).getRepository)(x)
}

func (h *Handler) patchTag(x *dataRequest) error { return h.change((*Handler).getTag)(x) }

func (h *Handler) patchManifest(x *dataRequest) error { return h.change((*Handler).getManifest)(x) }
