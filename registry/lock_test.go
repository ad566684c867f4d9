package registry_test

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/registry"
)

// Locks bind on the OCI side and on /acr/v1, and are shown where they are set.
func TestLocks(t *testing.T) {
	w := start(t)
	pass := w.registry("shop1")[0]
	admin := basic("shop1", pass)
	image := w.image("shop1", admin, "app", "v1", "layer")
	other := w.image("shop1", admin, "app", "v2", "other layer")
	d := digest.FromString(image).String()
	patch := func(path, body string, texts ...string) {
		t.Helper()
		w.at("shop1", admin, "PATCH", "/acr/v1/app"+path, body).want(200, texts...)
	}
	denied := func(method, path, body string) {
		t.Helper()
		w.at("shop1", admin, method, path, body, "Content-Type", "application/vnd.oci.image.manifest.v1+json").want(405, "DENIED", "is locked against")
	}

	patch("/_tags/v1", `{"writeEnabled":false}`, `"name":"v1"`, `"deleteEnabled":true,"writeEnabled":false`)
	denied("PUT", "/v2/app/manifests/v1", other)
	denied("DELETE", "/v2/app/manifests/v1", "")
	denied("DELETE", "/acr/v1/app/_tags/v1", "")
	denied("DELETE", "/v2/app/manifests/"+d, "") // would take the tag along
	denied("DELETE", "/acr/v1/app", "")
	w.at("shop1", admin, "GET", "/v2/app/manifests/v1", "").want(200, image)
	w.at("shop1", admin, "PUT", "/v2/app/manifests/v3", other, "Content-Type", "application/vnd.oci.image.manifest.v1+json").want(201)
	w.restart()
	denied("DELETE", "/acr/v1/app/_tags/v1", "")
	patch("/_tags/v1", `{"writeEnabled":true,"deleteEnabled":false}`)
	w.at("shop1", admin, "PUT", "/v2/app/manifests/v1", other, "Content-Type", "application/vnd.oci.image.manifest.v1+json").want(201)
	denied("DELETE", "/acr/v1/app/_tags/v1", "")
	patch("/_tags/v1", `{"deleteEnabled":true}`)

	patch("/_manifests/"+d, `{"readEnabled":false,"listEnabled":false}`, `"readEnabled":false`)
	denied("GET", "/v2/app/manifests/"+d, "")
	if a := w.at("shop1", admin, "GET", "/acr/v1/app/_manifests", "").want(200); strings.Contains(a.body, d) {
		t.Errorf("a manifest that is not to be listed: %s", a.body)
	}
	w.at("shop1", admin, "GET", "/acr/v1/app/_manifests/"+d, "").want(200, d)
	patch("/_tags/v2", `{"listEnabled":false,"readEnabled":false}`)
	if a := w.at("shop1", admin, "GET", "/v2/app/tags/list", "").want(200, "v1"); strings.Contains(a.body, "v2") {
		t.Errorf("a tag that is not to be listed: %s", a.body)
	}
	denied("GET", "/v2/app/manifests/v2", "")
	if _, err := w.service.Authorize(t.Context(), registry.Pull{Host: w.host("shop1"), Repository: "app", Reference: "v2", Username: "shop1", Password: azure.NewSecret(pass)}); !azure.HasCode(err, azure.CodeOCIDenied) {
		t.Errorf("a container group pulls a locked image: %v", err)
	}

	blob := w.blob("shop1", admin, "app", "mountable").String()
	patch("", `{"readEnabled":false,"listEnabled":false,"writeEnabled":false}`, `"imageName":"app"`, `"deleteEnabled":true,"writeEnabled":false,"readEnabled":false,"listEnabled":false`)
	w.at("shop1", admin, "GET", "/v2/_catalog", "").want(200, `{"repositories":[]}`)
	denied("GET", "/v2/app/blobs/"+blob, "")
	denied("POST", "/v2/app/blobs/uploads/", "")
	denied("PUT", "/v2/app/manifests/v9", other)
	w.at("shop1", admin, "POST", "/v2/thief/blobs/uploads/?mount="+blob+"&from=app", "").want(202)
	denied("DELETE", "/acr/v1/app", "")
	denied("DELETE", "/v2/app/blobs/"+blob, "")

	w.at("shop1", admin, "PATCH", "/acr/v1/app", `{"writeEnabled":"no"}`).want(400, "deleteEnabled, writeEnabled")
	w.at("shop1", admin, "PATCH", "/acr/v1/none", `{"writeEnabled":false}`).want(404, "NAME_UNKNOWN")
	w.at("shop1", admin, "PATCH", "/acr/v1/app/_tags/none", `{"writeEnabled":false}`).want(404, "MANIFEST_UNKNOWN")
	// A registry goes with everything that is locked in it.
	w.arm("owner", "DELETE", prov+"shop1", "", 200)
}
