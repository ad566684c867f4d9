package registry_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry/outbound"
)

func TestImportWithinTheCloud(t *testing.T) {
	w := start(t)
	from, to := basic("shop1", w.registry("shop1")[0]), basic("shop2", w.registry("shop2")[0])
	image := w.image("shop1", from, "team/app", "v1", "layer")
	d := digest.FromString(image).String()
	byID := fmt.Sprintf(`"resourceId":%q`, prov+"shop1")
	run := func(who, source, more string, status int, texts ...string) {
		t.Helper()
		w.arm(who, "POST", prov+"shop2/importImage", `{"source":{`+source+`,"sourceImage":"team/app:v1"}`+more+`}`, status, texts...)
	}
	before := w.files()
	run("owner", byID, `,"targetTags":["copy:a","copy:b"],"untaggedTargetRepositories":["bare"]`, 200)
	if after := w.files(); after != before {
		t.Errorf("an import within the cloud made %d files", after-before)
	}
	for _, path := range []string{"copy/manifests/a", "copy/manifests/b", "bare/manifests/" + d} {
		w.at("shop2", to, "GET", "/v2/"+path, "").want(200, image)
	}
	w.at("shop2", to, "GET", "/v2/copy/blobs/"+digest.FromString("layer").String(), "").want(200, "layer")
	w.at("shop2", to, "GET", "/v2/bare/tags/list", "").want(200, `"tags":[]`)
	run("owner", byID, `,"targetTags":["copy:a"]`, 409, "already exists")
	run("owner", byID, `,"targetTags":["copy:a"],"mode":"Force"`, 200)
	if len(w.pushed) == 0 || w.pushed[len(w.pushed)-1].Repository != "copy" {
		t.Errorf("the runtime was not told: %+v", w.pushed)
	}
	// The copy stands on its own.
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
	w.sweep()
	w.collect()
	w.at("shop2", to, "GET", "/v2/copy/blobs/"+digest.FromString("layer").String(), "").want(200, "layer")
}

func TestImportAsksForTheRightToTheSource(t *testing.T) {
	w := start(t)
	passwords := w.registry("shop1")
	w.registry("shop2")
	w.image("shop1", basic("shop1", passwords[0]), "app", "v1", "layer")
	// One who owns the target only.
	p := people["stranger"]
	target, err := azure.ParseID(prov + "shop2")
	if err != nil {
		t.Fatal(err)
	}
	w.assign("00000000-0000-4000-8000-000000000077", authz.RoleContributor, "stranger", target)
	run := func(who, source string, status int, texts ...string) {
		t.Helper()
		w.arm(who, "POST", prov+"shop2/importImage", `{"mode":"Force","source":{`+source+`}}`, status, texts...)
	}
	byID := fmt.Sprintf(`"resourceId":%q,"sourceImage":"app:v1"`, prov+"shop1")
	byHost := fmt.Sprintf(`"registryUri":%q,"sourceImage":"app:v1"`, w.host("shop1"))
	run("reader", byID, 403)
	run("stranger", byID, 403, "source registry refused", p.Name)
	run("stranger", byHost, 403, "source registry refused")
	run("stranger", byHost+`,"credentials":{"username":"shop1","password":"wrong"}`, 403, "password")
	run("stranger", byHost+fmt.Sprintf(`,"credentials":{"username":"shop1","password":%q}`, passwords[1]), 200)
	w.arm("owner", "PATCH", prov+"shop1", `{"sku":{"name":"Standard"},"properties":{"anonymousPullEnabled":true}}`, 200)
	run("stranger", byID, 200)
	run("owner", fmt.Sprintf(`"resourceId":%q,"sourceImage":"app:none"`, prov+"shop1"), 404)
	run("owner", fmt.Sprintf(`"resourceId":%q,"sourceImage":"../etc:v1"`, prov+"shop1"), 400)
	run("owner", fmt.Sprintf(`"resourceId":%q,"sourceImage":"app:v1"`, prov+"shop9"), 404)
	run("owner", `"sourceImage":"app:v1"`, 400, "registryUri")
}

func TestImportFromElsewhere(t *testing.T) {
	s := httptest.NewServer(ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "http://")
	index, err := random.Index(2000, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(host + "/far/away:v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index); err != nil {
		t.Fatal(err)
	}
	want, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	source := fmt.Sprintf(`{"source":{"registryUri":%q,"sourceImage":"far/away:v1"}}`, host)
	w := startWith(t, outbound.New(outbound.Options{AllowLocal: true}), nil)
	admin := basic("shop1", w.registry("shop1")[0])
	w.arm("owner", "POST", prov+"shop1/importImage", source, 200)
	w.at("shop1", admin, "GET", "/v2/far/away/manifests/"+want.String(), "").want(200)
	pulled, err := name.ParseReference(w.host("shop1") + "/far/away:v1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Index(pulled, w.remote("shop1", strings.TrimSpace(w.passwords("shop1")[0]))...)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := got.Digest(); err != nil || d != want {
		t.Fatalf("pulled %s, %v; want %s", d, err, want)
	}
	w.arm("owner", "POST", prov+"shop1/importImage", strings.Replace(source, "away:v1", "away:none", 1), 404, "has no 'none'")

	guarded := start(t)
	guarded.registry("shop1")
	guarded.arm("owner", "POST", prov+"shop1/importImage", source, 400, "cannot be imported from", "must not be")
}

// What takes longer than a moment goes on behind a 202, and its end is told.
func TestSlowImport(t *testing.T) {
	t.Parallel()
	inner, hold := ggcr.New(ggcr.Logger(log.New(io.Discard, "", 0))), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" && strings.Contains(r.URL.Path, "/manifests/") {
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	host := strings.TrimPrefix(s.URL, "http://")
	ref, err := name.ParseReference(host + "/slow:v1")
	if err != nil {
		t.Fatal(err)
	}
	image, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, image); err != nil {
		t.Fatal(err)
	}
	w := startWith(t, outbound.New(outbound.Options{AllowLocal: true}), nil)
	admin := basic("shop1", w.registry("shop1")[0])
	w.registry("shop2")
	begin := func(image string) string {
		t.Helper()
		a := w.arm("owner", "POST", prov+"shop1/importImage", fmt.Sprintf(`{"source":{"registryUri":%q,"sourceImage":%q}}`, host, image), 202)
		u, err := url.Parse(a.Get("Location"))
		if err != nil || a.Get("Retry-After") == "" || u.Query().Get("api-version") == "" {
			t.Fatalf("%v: %v", err, a.Header)
		}
		return u.Path
	}
	good, bad := begin("slow:v1"), begin("slow:none")
	// A stop interrupts both; the next start goes on with them.
	stop := w.run()
	stop()
	w.restart()
	w.arm("owner", "GET", good, "", 202)
	stop = w.run()
	w.arm("owner", "GET", good, "", 202)
	w.arm("stranger", "GET", good, "", 403)
	w.arm("owner", "GET", strings.Replace(good, "/shop1/", "/shop2/", 1), "", 404)
	w.at("shop1", admin, "GET", "/v2/slow/manifests/v1", "").want(404)
	close(hold)
	ends := func(path string) answer {
		t.Helper()
		for range 500 {
			r := w.request("GET", "https://management.lazuli.localhost"+path+"?api-version=2023-07-01", "")
			r.Header.Set("Authorization", "Bearer owner")
			if a := w.send(r); a.status != 202 {
				return a
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("it does not end")
		return answer{}
	}
	ends(good).want(200)
	ends(bad).want(404, "has no 'none'")
	w.at("shop1", admin, "GET", "/v2/slow/manifests/v1", "").want(200)
	stop()
	w.restart()
	w.arm("owner", "GET", good, "", 200)
	w.arm("owner", "GET", bad, "", 404, "has no 'none'")
	w.later(2 * time.Hour)
	w.sweep()
	w.arm("owner", "GET", good, "", 404, "ended long ago")
}
