package registry_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

func TestRetentionOfUntaggedManifests(t *testing.T) {
	w := start(t)
	admin := basic("shop1", w.registry("shop1")[0])
	const imageType, indexType = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
	push := func(reference, body, mediaType string) string {
		t.Helper()
		if reference == "" {
			reference = digest.FromString(body).String()
		}
		w.at("shop1", admin, "PUT", "/v2/app/manifests/"+reference, body, "Content-Type", mediaType).want(201)
		return digest.FromString(body).String()
	}
	with := func(image, key, value string) string { return strings.Replace(image, "{", `{"`+key+`":`+value+",", 1) }
	before := w.image("shop1", admin, "app", "before", "layer")
	w.at("shop1", admin, "DELETE", "/v2/app/manifests/before", "").want(202)
	w.later(time.Hour)

	policy := func(tier, text string, status int, texts ...string) {
		t.Helper()
		w.arm("owner", "PATCH", prov+"shop1", `{"sku":{"name":"`+tier+`"},"properties":{"policies":{"retentionPolicy":`+text+`}}}`, status, texts...)
	}
	policy("Standard", `{"status":"enabled","days":3}`, 400, "Premium")
	policy("Premium", `{"status":"enabled","days":366}`, 400, "0 to 365")
	policy("Premium", `{"status":"sometimes"}`, 400, "'enabled' or 'disabled'")
	policy("Premium", `{"status":"enabled","days":3}`, 200, `"retentionPolicy":{"days":3,"lastUpdatedTime":"`, `"status":"enabled"`)

	tagged := push("v1", with(before, "annotations", `{"a":"tagged"}`), imageType)
	untagged := push("v2", with(before, "annotations", `{"a":"untagged"}`), imageType)
	child := push("", with(before, "annotations", `{"a":"child"}`), imageType)
	locked := push("", with(before, "annotations", `{"a":"locked"}`), imageType)
	w.at("shop1", admin, "PATCH", "/acr/v1/app/_manifests/"+locked, `{"deleteEnabled":false}`).want(200)
	push("list", fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, indexType, imageType, child,
		len(with(before, "annotations", `{"a":"child"}`))), indexType)
	sbom := func(subject string) string {
		return push("", with(before, "subject", fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":10}`, imageType, subject)), imageType)
	}
	sbomKept, sbomOrphan := sbom(tagged), sbom(untagged)
	here := func(when string, want map[string]bool) {
		t.Helper()
		w.sweep()
		for d, there := range want {
			status := map[bool]int{true: 200, false: 404}[there]
			if a := w.at("shop1", admin, "HEAD", "/v2/app/manifests/"+d, ""); a.status != status {
				t.Errorf("%s: %s answers %d, want %d", when, d, a.status, status)
			}
		}
	}
	w.later(4 * 24 * time.Hour)
	w.at("shop1", admin, "PUT", "/v2/app/manifests/v2", with(before, "annotations", `{"a":"next"}`), "Content-Type", imageType).want(201) // the tag moves
	all := map[string]bool{digest.FromString(before).String(): true, tagged: true, untagged: true, child: true, locked: true, sbomKept: true, sbomOrphan: true}
	here("just untagged", all)
	w.later(4 * 24 * time.Hour)
	all[untagged] = false
	here("after the days", all)
	all[sbomOrphan] = false
	here("after its subject", all)
	policy("Premium", `{"status":"disabled"}`, 200, `"status":"disabled"`)
}
