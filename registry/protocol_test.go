package registry_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

const (
	imageType = "application/vnd.oci.image.manifest.v1+json"
	indexType = "application/vnd.oci.image.index.v1+json"
)

// blob pushes a blob in one request.
func (w *world) blob(reg, auth, repo, data string) digest.Digest {
	w.t.Helper()
	d := digest.FromString(data)
	a := w.at(reg, auth, "POST", "/v2/"+repo+"/blobs/uploads/?digest="+d.String(), data).want(201)
	if a.Get("Location") != "/v2/"+repo+"/blobs/"+d.String() || a.Get("Docker-Content-Digest") != d.String() {
		w.t.Fatalf("push of a blob answered %v", a.Header)
	}
	return d
}

// image pushes a small image and gives its manifest.
func (w *world) image(reg, auth, repo, tag, layer string) string {
	w.t.Helper()
	config := `{"os":"linux","architecture":"amd64","rootfs":{"type":"layers"}}`
	c, l := w.blob(reg, auth, repo, config), w.blob(reg, auth, repo, layer)
	m := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}`,
		imageType, c, len(config), l, len(layer))
	a := w.at(reg, auth, "PUT", "/v2/"+repo+"/manifests/"+tag, m, "Content-Type", imageType).want(201)
	if a.Get("Docker-Content-Digest") != digest.FromString(m).String() {
		w.t.Fatalf("push of a manifest answered %v", a.Header)
	}
	return m
}

func (w *world) remote(user, password string) []remote.Option {
	return []remote.Option{remote.WithTransport(w.transport), remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(w.t.Context())}
}

func TestPushAndPullWithAnOrdinaryClient(t *testing.T) {
	w := start(t)
	admin := w.registry("shop1")
	w.grant("shop1", authz.RoleAcrPull, "puller")
	w.grant("shop1", authz.RoleAcrPush, "pusher")
	img, err := random.Image(64<<10, 3)
	if err != nil {
		t.Fatal(err)
	}
	idx, err := random.Index(1<<10, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.NewTag(w.host("shop1") + "/team/app:v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img, w.remote("puller", "puller-secret")...); err == nil || !strings.Contains(err.Error(), "DENIED") {
		t.Fatalf("a push by one who may pull: %v", err)
	}
	if err := remote.Write(ref, img, w.remote("pusher", "pusher-secret")...); err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref.Context().Tag("multi"), idx, w.remote("shop1", admin[1])...); err != nil {
		t.Fatal(err)
	}
	got, err := remote.Image(ref, w.remote("puller", "puller-secret")...)
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, got, img)
	many, err := remote.Index(ref.Context().Tag("multi"), w.remote("shop1", admin[0])...)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := must(many.Digest()), must(idx.Digest()); a != b {
		t.Fatalf("pulled index %v, pushed %v", a, b)
	}
	tags, err := remote.List(ref.Context(), w.remote("puller", "puller-secret")...)
	if err != nil || strings.Join(tags, " ") != "multi v1" {
		t.Fatalf("tags %v, %v", tags, err)
	}
	if _, err := remote.Image(ref, w.remote("puller", "wrong")...); err == nil || !strings.Contains(err.Error(), "Invalid client secret") {
		t.Fatalf("a pull with a wrong secret: %v", err)
	}
	if _, err := remote.Image(ref, w.remote("shop1", "wrong")...); err == nil || !strings.Contains(err.Error(), "password of the admin user") {
		t.Fatalf("a pull with a wrong password: %v", err)
	}
	if err := remote.Delete(ref.Context().Digest(must(img.Digest()).String()), w.remote("pusher", "pusher-secret")...); err == nil || !strings.Contains(err.Error(), "DENIED") {
		t.Fatalf("a delete by one who may push: %v", err)
	}
	if err := remote.Delete(ref.Context().Digest(must(img.Digest()).String()), w.remote("shop1", admin[0])...); err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Image(ref, w.remote("shop1", admin[0])...); err == nil || !strings.Contains(err.Error(), "MANIFEST_UNKNOWN") {
		t.Fatalf("a pull of what was deleted: %v", err)
	}
	var named []string
	for _, p := range w.pushed {
		if p.Tag != "" {
			named = append(named, p.LoginServer+"/"+p.Repository+":"+p.Tag+"@"+p.Descriptor.Digest.String())
		}
	}
	want := []string{ref.String() + "@" + must(img.Digest()).String(), w.host("shop1") + "/team/app:multi@" + must(idx.Digest()).String()}
	if strings.Join(named, " ") != strings.Join(want, " ") {
		t.Fatalf("told of %v, want %v", named, want)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sameImage(t *testing.T, got, want v1.Image) {
	t.Helper()
	a, b := must(got.Layers()), must(want.Layers())
	if len(a) != len(b) {
		t.Fatalf("%d layers, want %d", len(a), len(b))
	}
	for i := range a {
		x, y := must(io.ReadAll(must(a[i].Compressed()))), must(io.ReadAll(must(b[i].Compressed())))
		if !bytes.Equal(x, y) {
			t.Fatalf("layer %d differs", i)
		}
	}
}

func TestPathTricks(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	w.image("shop1", admin, "app", "v1", "layer")
	zeros := strings.Repeat("0", 64)
	for _, c := range []struct {
		path   string
		status int
		code   string
	}{
		{"/v2/../v2/app/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/app/../app/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/%2e%2e/app/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/app%2f..%2fapp/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/app%00/manifests/v1", 400, "NAME_INVALID"},
		{"/v2//app/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/App/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/app/manifests/..", 404, "MANIFEST_UNKNOWN"},
		{"/v2/app/manifests/-v1", 404, "MANIFEST_UNKNOWN"},
		{"/v2/app/manifests/" + strings.Repeat("a", 129), 404, "MANIFEST_UNKNOWN"},
		{"/v2/" + strings.Repeat("a", 256) + "/manifests/v1", 400, "NAME_INVALID"},
		{"/v2/app/manifests/sha256:../../etc/passwd", 404, "UNSUPPORTED"},
		{"/v2/app/blobs/sha256:" + zeros[:63], 400, "DIGEST_INVALID"},
		{"/v2/app/blobs/sha256:" + strings.ToUpper("abcdef"+zeros[:58]), 400, "DIGEST_INVALID"},
		{"/v2/app/blobs/md5:" + zeros[:32], 400, "DIGEST_INVALID"},
		{"/v2/app/blobs/sha256:" + zeros, 404, "BLOB_UNKNOWN"},
		{"/v2/app/blobs/uploads/../../../x", 404, "UNSUPPORTED"},
		{"/v2/app/blobs/uploads/not-a-uuid", 404, "BLOB_UPLOAD_UNKNOWN"},
		{"/v2/app/tags/list?n=-1", 400, "PAGINATION_NUMBER_INVALID"},
		{"/v2/app/manifests/v2", 404, "MANIFEST_UNKNOWN"},
		{"/v2/nope/manifests/v1", 404, "NAME_UNKNOWN"},
		{"/v2/nope/tags/list", 404, "NAME_UNKNOWN"},
		{"/v1/search", 404, "UNSUPPORTED"},
		{"/v2app/manifests/v1", 404, "UNSUPPORTED"},
		{"/acr/v1/app/_tags/..", 400, "TAG_INVALID"},
		{"/acr/v1/../app", 400, "NAME_INVALID"},
		{"/acr/v1/nope", 404, "NAME_UNKNOWN"},
	} {
		w.at("shop1", admin, "GET", c.path, "").want(c.status, `{"errors":[{"code":"`+c.code+`"`)
		w.at("shop1", "", "GET", c.path, "").want(401, `"UNAUTHORIZED"`) // strangers learn nothing
	}
	if a := w.at("shop1", admin, "POST", "/v2/app/manifests/v1", "").want(405, "UNSUPPORTED"); a.Get("Allow") != "GET, HEAD, PUT, DELETE" {
		t.Fatalf("Allow is %q", a.Get("Allow"))
	}
	w.at("shop1", admin, "GET", "/v2/app/manifests/sha256%3A"+zeros, "").want(404, "MANIFEST_UNKNOWN")
	w.at("shop1", admin, "PUT", "/v2/app/manifests/-v1", "{}").want(400, "TAG_INVALID")
	w.at("other", admin, "GET", "/v2/", "").want(404, "There is no registry")
}

func TestChunkedUpload(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	data := strings.Repeat("0123456789", 30000) // several buffers
	d := digest.FromString(data).String()
	a := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202)
	loc := a.Get("Location")
	if a.Get("Docker-Upload-UUID") == "" || a.Get("Range") != "0-0" || !strings.HasPrefix(loc, "/v2/app/blobs/uploads/") {
		t.Fatalf("start of an upload: %v", a.Header)
	}
	if a := w.at("shop1", admin, "PATCH", loc, data[:100000], "Content-Range", "0-99999").want(202); a.Get("Range") != "0-99999" {
		t.Fatalf("after a chunk: %v", a.Header)
	}
	if a := w.at("shop1", admin, "PATCH", loc, "x", "Content-Range", "5-5").want(416, "RANGE_INVALID"); a.Get("Range") != "0-99999" || a.Get("Location") != loc {
		t.Fatalf("out of order: %v", a.Header)
	}
	w.at("shop1", admin, "PATCH", loc, "xx", "Content-Range", "100000-100000").want(400, "SIZE_INVALID")
	w.at("shop1", admin, "PATCH", strings.Replace(loc, "/app/", "/other/", 1), "x").want(404, "BLOB_UPLOAD_UNKNOWN")
	w.at("shop1", admin, "PATCH", loc, data[100000:200000]).want(202)

	// A restart, and a rest that closes the file, lose nothing.
	w.restart()
	if a := w.at("shop1", admin, "GET", loc, "").want(204); a.Get("Range") != "0-199999" {
		t.Fatalf("after a restart: %v", a.Header)
	}
	w.later(10 * time.Minute)
	if err := w.service.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.at("shop1", admin, "PUT", loc+"?digest=nonsense", "").want(400, "DIGEST_INVALID")
	w.at("shop1", admin, "PUT", loc+"?digest="+d, data[200000:], "Content-Range", "7-99").want(400, "SIZE_INVALID")
	w.at("shop1", admin, "PUT", loc+"?digest="+d, data[200000:], "Content-Range", "200001-300000").want(416, "RANGE_INVALID")
	w.at("shop1", admin, "PUT", loc+"?digest="+d, data[200000:], "Content-Range", "200000-299999").want(201)
	w.at("shop1", admin, "PATCH", loc, "x").want(404, "BLOB_UPLOAD_UNKNOWN")
	if a := w.at("shop1", admin, "GET", "/v2/app/blobs/"+d, "").want(200); a.body != data {
		t.Fatal("the blob came back otherwise")
	}

	loc = w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "PUT", loc+"?digest="+d, "something else").want(400, "DIGEST_INVALID")
	w.at("shop1", admin, "GET", loc, "").want(404, "BLOB_UPLOAD_UNKNOWN")
	loc = w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	w.at("shop1", admin, "DELETE", loc, "").want(204)
	w.at("shop1", admin, "GET", loc, "").want(404, "BLOB_UPLOAD_UNKNOWN")
	w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+d, "something else").want(400, "DIGEST_INVALID")

	sha512 := digest.SHA512.FromString("wide").String()
	w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+sha512, "wide").want(201)
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+sha512, "").want(200, "wide")
	empty := digest.FromString("").String()
	w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/?digest="+empty, "").want(201)
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+empty, "").want(200)
}

func TestRanges(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	d := w.blob("shop1", admin, "app", "0123456789").String()
	for _, c := range []struct {
		header string
		status int
		body   string
		sent   string
	}{
		{"", 200, "0123456789", ""},
		{"bytes=2-4", 206, "234", "bytes 2-4/10"},
		{"bytes=7-", 206, "789", "bytes 7-9/10"},
		{"bytes=-3", 206, "789", "bytes 7-9/10"},
		{"bytes=-30", 206, "0123456789", "bytes 0-9/10"},
		{"bytes=5-500", 206, "56789", "bytes 5-9/10"},
		{"bytes=10-", 416, "", "bytes */10"},
		{"bytes=-0", 416, "", "bytes */10"},
		{"bytes=4-2", 416, "", "bytes */10"},
		{"bytes=0-1,3-4", 200, "0123456789", ""},
		{"lines=1-2", 200, "0123456789", ""},
	} {
		a := w.at("shop1", admin, "GET", "/v2/app/blobs/"+d, "", "Range", c.header)
		if a.status != c.status || c.status != 416 && a.body != c.body || a.Get("Content-Range") != c.sent {
			t.Errorf("%q: %d %q %q", c.header, a.status, a.body, a.Get("Content-Range"))
		}
	}
	a := w.at("shop1", admin, "HEAD", "/v2/app/blobs/"+d, "").want(200)
	if a.Get("Content-Length") != "10" || a.Get("Docker-Content-Digest") != d || a.body != "" {
		t.Fatalf("HEAD: %v %q", a.Header, a.body)
	}
}

func TestManifestsAreChecked(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	m := w.image("shop1", admin, "app", "v1", "layer")
	d := digest.FromString(m)
	missing := digest.FromString("missing").String()
	put := func(ref, body, contentType string) answer {
		return w.at("shop1", admin, "PUT", "/v2/app/manifests/"+ref, body, "Content-Type", contentType)
	}
	put("x", strings.Replace(m, "layers", "x", 1), "text/;").want(400, "MANIFEST_INVALID")
	put("x", "{", imageType).want(400, "MANIFEST_INVALID")
	put("x", m, indexType).want(400, "MANIFEST_INVALID")
	put("x", strings.Replace(m, `"schemaVersion":2`, `"schemaVersion":1`, 1), imageType).want(400, "MANIFEST_INVALID")
	put("x", strings.Replace(m, `"layers"`, `"manifests":[],"layers"`, 1), imageType).want(400, "MANIFEST_INVALID")
	put("x", strings.Replace(m, digest.FromString("layer").String(), missing, 1), imageType).want(400, "MANIFEST_BLOB_UNKNOWN", missing)
	put("x", strings.Replace(m, digest.FromString("layer").String(), "sha256:../..", 1), imageType).want(400, "MANIFEST_INVALID")
	put(missing, m, imageType).want(400, "DIGEST_INVALID")
	put("x", strings.Repeat(" ", 4<<20+1), imageType).want(413, "SIZE_INVALID")
	index := func(child string) string {
		return fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"arm64"}}]}`, imageType, child, len(m))
	}
	put("x", index(missing), indexType).want(400, "MANIFEST_BLOB_UNKNOWN")
	put("x", "anything at all", "application/x-mine").want(201)
	w.at("shop1", admin, "GET", "/v2/app/manifests/x", "").want(200, "anything at all")
	foreign := strings.Replace(strings.Replace(m, digest.FromString("layer").String(), missing, 1), "layer.v1.tar", "layer.nondistributable.v1.tar", 1)
	put("foreign", foreign, imageType).want(201)
	wide := digest.SHA512.FromString(m).String()
	if a := put(wide, m, imageType).want(201); a.Get("Docker-Content-Digest") != wide {
		t.Fatalf("sha512: %v", a.Header)
	}
	put("multi", index(d.String()), indexType).want(201)

	a := w.at("shop1", admin, "HEAD", "/v2/app/manifests/v1", "").want(200)
	if a.Get("Content-Type") != imageType || a.Get("Content-Length") != strconv.Itoa(len(m)) || a.Get("Docker-Content-Digest") != d.String() {
		t.Fatalf("HEAD: %v", a.Header)
	}
	w.at("shop1", admin, "GET", "/acr/v1/app/_manifests/"+d.String(), "").want(200, `"os":"linux"`, `"architecture":"amd64"`, `"tags":["v1"]`, `"imageSize":`)
	w.at("shop1", admin, "GET", "/acr/v1/app/_manifests/"+digest.FromString(index(d.String())).String(), "").want(200, `"references":[{"digest":"`+d.String()+`","architecture":"arm64","os":"linux"}]`)

	w.at("shop1", admin, "DELETE", "/v2/app/manifests/multi", "").want(202)
	w.at("shop1", admin, "DELETE", "/v2/app/manifests/multi", "").want(404, "MANIFEST_UNKNOWN")
	w.at("shop1", admin, "DELETE", "/v2/app/manifests/"+d.String(), "").want(202)
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(404, "MANIFEST_UNKNOWN")
	w.at("shop1", admin, "DELETE", "/v2/app/blobs/"+missing, "").want(404, "BLOB_UNKNOWN")
}

func TestMountAndReferrersAndPages(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	layer := digest.FromString("layer").String()
	m := w.image("shop1", admin, "app", "v1", "layer")
	if a := w.at("shop1", admin, "POST", "/v2/copy/blobs/uploads/?mount="+layer+"&from=app", "").want(201); a.Get("Location") != "/v2/copy/blobs/"+layer {
		t.Fatalf("mount: %v", a.Header)
	}
	w.at("shop1", admin, "GET", "/v2/copy/blobs/"+layer, "").want(200, "layer")
	w.at("shop1", admin, "POST", "/v2/copy/blobs/uploads/?mount="+layer+"&from=nope", "").want(202)
	w.at("shop1", admin, "POST", "/v2/any/blobs/uploads/?mount="+layer, "").want(201)
	w.at("shop1", w.accessToken("shop1", w.refresh("shop1", "owner"), "repository:blind:pull,push"), "POST", "/v2/blind/blobs/uploads/?mount="+layer, "").want(202)
	// A token for the target alone is sent back for one that covers the source.
	narrow := w.accessToken("shop1", w.refresh("shop1", "owner"), "repository:copy:pull,push")
	a := w.at("shop1", narrow, "POST", "/v2/copy/blobs/uploads/?mount="+layer+"&from=app", "").want(401)
	if !strings.HasSuffix(a.Get("WWW-Authenticate"), `,scope="repository:copy:pull,push repository:app:pull"`) {
		t.Fatalf("challenge of a mount: %q", a.Get("WWW-Authenticate"))
	}
	w.at("shop1", admin, "DELETE", "/v2/app/blobs/"+layer, "").want(202)
	w.collect()
	w.at("shop1", admin, "GET", "/v2/copy/blobs/"+layer, "").want(200, "layer")
	w.at("shop1", admin, "GET", "/v2/app/blobs/"+layer, "").want(404, "BLOB_UNKNOWN")

	subject := digest.FromString(m).String()
	w.blob("shop1", admin, "app", "{}")
	for _, typ := range []string{"application/sbom", "application/signature"} {
		ref := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[],"subject":{"mediaType":"%s","digest":"%s","size":%d},"annotations":{"k":"%s"}}`,
			imageType, typ, digest.FromString("{}"), imageType, subject, len(m), typ)
		a = w.at("shop1", admin, "PUT", "/v2/app/manifests/"+digest.FromString(ref).String(), ref, "Content-Type", imageType).want(201)
		if a.Get("OCI-Subject") != subject {
			t.Fatalf("subject: %v", a.Header)
		}
	}
	a = w.at("shop1", admin, "GET", "/v2/app/referrers/"+subject, "").want(200, `"application/sbom"`, `"application/signature"`, `"annotations":{"k":"application/sbom"}`)
	if a.Get("Content-Type") != indexType {
		t.Fatalf("referrers: %v", a.Header)
	}
	a = w.at("shop1", admin, "GET", "/v2/app/referrers/"+subject+"?artifactType=application/sbom", "").want(200, `"application/sbom"`)
	if strings.Contains(a.body, "signature") || a.Get("OCI-Filters-Applied") != "artifactType" {
		t.Fatalf("filtered referrers: %v %s", a.Header, a.body)
	}
	w.at("shop1", admin, "GET", "/v2/app/referrers/"+layer, "").want(200, `"manifests":[]`)

	for _, tag := range []string{"c", "a", "b"} {
		w.at("shop1", admin, "PUT", "/v2/app/manifests/"+tag, "text", "Content-Type", "text/plain").want(201)
	}
	a = w.at("shop1", admin, "GET", "/v2/app/tags/list?n=2", "").want(200, `{"name":"app","tags":["a","b"]}`)
	if a.Get("Link") != `</v2/app/tags/list?last=b&n=2>; rel="next"` {
		t.Fatalf("Link is %q", a.Get("Link"))
	}
	a = w.at("shop1", admin, "GET", "/v2/app/tags/list?last=b&n=2", "").want(200, `"tags":["c","v1"]`)
	if a.Get("Link") != "" {
		t.Fatalf("Link on the last page: %q", a.Get("Link"))
	}
	w.at("shop1", admin, "GET", "/v2/app/tags/list?n=0", "").want(200, `"tags":[]`)
	w.image("shop1", admin, "a/b", "v1", "layer")
	a = w.at("shop1", admin, "GET", "/v2/_catalog?n=1", "").want(200, `{"repositories":["a/b"]}`)
	if a.Get("Link") != `</v2/_catalog?last=a%2Fb&n=1>; rel="next"` {
		t.Fatalf("Link is %q", a.Get("Link"))
	}
	w.at("shop1", admin, "GET", "/v2/_catalog?last=a%2Fb", "").want(200, `{"repositories":["app"]}`)
}

func TestAcrData(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	m := w.image("shop1", admin, "team/app", "v1", "layer")
	w.later(time.Second)
	w.image("shop1", admin, "team/app", "v2", "layer two")
	d := digest.FromString(m).String()
	server := w.host("shop1")
	w.at("shop1", admin, "GET", "/acr/v1/_catalog", "").want(200, `{"repositories":["team/app"]}`)
	w.at("shop1", admin, "GET", "/acr/v1/team%2Fapp", "").want(200, `"registry":"`+server+`"`, `"imageName":"team/app"`, `"manifestCount":2`, `"tagCount":2`, `"writeEnabled":true`)
	a := w.at("shop1", admin, "GET", "/acr/v1/team/app/_tags?orderby=timedesc&n=1", "").want(200, `"name":"v2"`, `"signed":false`)
	if strings.Contains(a.body, `"v1"`) || !strings.Contains(a.Get("Link"), "last=v2") || !strings.Contains(a.Get("Link"), "orderby=timedesc") {
		t.Fatalf("tags by time: %s %q", a.body, a.Get("Link"))
	}
	w.at("shop1", admin, "GET", "/acr/v1/team/app/_tags?orderby=timedesc&n=1&last=v2", "").want(200, `"name":"v1"`)
	if a := w.at("shop1", admin, "GET", "/acr/v1/team/app/_tags?digest="+d, "").want(200, `"name":"v1"`); strings.Contains(a.body, "v2") {
		t.Fatalf("tags of a digest: %s", a.body)
	}
	if a := w.at("shop1", admin, "GET", "/acr/v1/team/app/_tags/v1", ""); !strings.Contains(a.want(200, `"digest":"`+d).body, w.clock.Add(-time.Second).UTC().Format("2006-01-02T15:04:05")) ||
		!strings.HasSuffix(strings.SplitAfter(a.body, `"createdTime":"`)[1][:28], "Z") {
		t.Fatalf("times: %s", a.body)
	}
	w.at("shop1", admin, "GET", "/acr/v1/team/app/_manifests", "").want(200, d, `"configMediaType":"application/vnd.oci.image.config.v1+json"`)
	w.at("shop1", admin, "DELETE", "/acr/v1/team/app/_tags/v1", "").want(202)
	w.at("shop1", admin, "GET", "/v2/team/app/manifests/"+d, "").want(200)
	w.at("shop1", admin, "DELETE", "/acr/v1/team/app/_manifests/"+d, "").want(202)
	w.at("shop1", admin, "DELETE", "/acr/v1/team/app", "").want(202, `"tagsDeleted":["v2"]`, `"manifestsDeleted":["sha256:`)
	w.at("shop1", admin, "GET", "/v2/_catalog", "").want(200, `{"repositories":[]}`)
	w.at("shop1", admin, "DELETE", "/acr/v1/team/app", "").want(404, "NAME_UNKNOWN")
}

// TestBrokenUpload kills the connection in the middle of a chunk: of a small one, of
// one that is written while it is read, and of one whose size nobody told.
func TestBrokenUpload(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	for _, buffers := range []int{3, 30, -5} {
		t.Run(fmt.Sprint(buffers, " buffers"), func(t *testing.T) { brokenUpload(t, w, admin, buffers) })
	}
}

func brokenUpload(t *testing.T, w *world, admin string, buffers int) {
	data := make([]byte, max(buffers, -buffers)*repository.BufferSize+1000)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	loc := w.at("shop1", admin, "POST", "/v2/app/blobs/uploads/", "").want(202).Get("Location")
	body, feed := io.Pipe()
	r, _ := http.NewRequestWithContext(t.Context(), "PATCH", "https://"+w.host("shop1")+loc, body)
	if r.ContentLength = int64(len(data)); buffers < 0 {
		r.ContentLength = -1
	}
	r.Header.Set("Authorization", admin)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := w.client.Do(r); err == nil {
			res.Body.Close()
		}
	}()
	half := len(data) - repository.BufferSize - 995
	if _, err := feed.Write(data[:half]); err != nil {
		t.Fatal(err)
	}
	feed.CloseWithError(net.ErrClosed)
	<-done
	a := w.at("shop1", admin, "GET", loc, "").want(204)
	var stands int
	if _, err := fmt.Sscanf(a.Get("Range"), "0-%d", &stands); err != nil || stands+1 > half || stands == 0 {
		t.Fatalf("after a broken chunk the upload stands at %q", a.Get("Range"))
	}
	d := digest.FromBytes(data).String()
	w.at("shop1", admin, "HEAD", "/v2/app/blobs/"+d, "").want(404)
	w.collect()
	at := stands + 1
	if a.Get("Range") == "0-0" {
		at = 0
	}
	w.at("shop1", admin, "PUT", loc+"?digest="+d, string(data[at:])).want(201)
	if got := w.at("shop1", admin, "GET", "/v2/app/blobs/"+d, "").want(200); got.body != string(data) {
		t.Fatal("the resumed blob differs")
	}
}

func TestConcurrentPushesOfOneBlob(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	data := strings.Repeat("same ", 100000)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() { w.blob("shop1", admin, "app"+strconv.Itoa(i%2), data) })
	}
	group.Wait()
	w.collect()
	for _, repo := range []string{"app0", "app1"} {
		if a := w.at("shop1", admin, "GET", "/v2/"+repo+"/blobs/"+digest.FromString(data).String(), "").want(200); a.body != data {
			t.Fatal("the blob differs")
		}
	}
}
