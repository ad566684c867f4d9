package vault_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestSetAndGet(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	set := w.data("owner", "kv1", "PUT", "/secrets/My-Secret", `{"value":"one","contentType":"text/plain","tags":{"file-encoding":"utf-8"},"attributes":{"exp":1900000000,"nbf":1700000000}}`).
		want(200, `"value":"one"`, `"contentType":"text/plain"`, `"file-encoding":"utf-8"`, `"enabled":true`, `"exp":1900000000`, `"nbf":1700000000`,
			`"created":1795435200`, `"updated":1795435200`, `"recoveryLevel":"Recoverable+Purgeable"`, `"recoverableDays":90`)
	first := set.str("id")
	if !regexp.MustCompile(`^https://kv1\.vault\.test:8443/secrets/My-Secret/[0-9a-f]{32}$`).MatchString(first) {
		t.Fatalf("id %q", first)
	}
	w.advance(time.Minute)
	second := w.data("owner", "kv1", "PUT", "/secrets/my-secret", `{"value":"two"}`).want(200, "!text/plain", "!tags", "My-Secret").str("id")
	path := func(id string) string { return strings.TrimPrefix(id, "https://kv1.vault.test:8443") }
	for p, want := range map[string]string{"/secrets/MY-SECRET": "two", "/secrets/my-secret/": "two", path(second): "two", path(first): "one",
		strings.ToUpper(path(first)[9:]): ""} {
		if want != "" {
			w.data("owner", "kv1", "GET", p, "").want(200, `"value":"`+want+`"`, `"id":"https://kv1.vault.test:8443/secrets/My-Secret/`)
		}
	}
	w.data("owner", "kv1", "GET", "/secrets/my-secret/"+strings.Repeat("0", 32), "").want(404, "SecretNotFound", strings.Repeat("0", 32))
	w.data("owner", "kv1", "GET", "/secrets/my-secret/../x", "")
	w.data("owner", "kv1", "GET", "/secrets/none", "").want(404, "SecretNotFound", "A secret with (name/id) none was not found in this key vault.")
	w.data("owner", "KV1", "GET", "/secrets/my-secret", "").want(200)

	w.data("owner", "kv1", "PATCH", path(first), `{"tags":{"a":"b"},"attributes":{"enabled":false}}`).want(200, "!value", `"a":"b"`, `"enabled":false`, `"updated":1795435260`, `"contentType":"text/plain"`)
	w.data("owner", "kv1", "GET", path(first), "").want(403, "Operation get is not allowed on a disabled secret.", `"innererror":{"code":"SecretDisabled"}`)
	w.data("owner", "kv1", "GET", "/secrets/my-secret", "").want(200, "two")
	w.data("owner", "kv1", "PATCH", "/secrets/my-secret/", `{"contentType":"new"}`).want(200, "new", path(second))
	w.data("owner", "kv1", "PATCH", "/secrets/my-secret/"+strings.Repeat("0", 32), `{}`).want(404)
	w.data("owner", "kv1", "GET", "/secrets/my-secret/versions", "").want(200, path(first), path(second), "!value\":\"one")
	w.data("owner", "kv1", "GET", "/secrets/none/versions", "").want(200, `{"value":[]}`)
	w.data("owner", "kv1", "PUT", "/secrets/empty", `{"value":""}`).want(200, `"value":""`)
	w.data("owner", "kv1", "PUT", "/secrets/unicode", `{"value":"\u0000 \"ü\" 漢"}`).want(200)
	if got := w.data("owner", "kv1", "GET", "/secrets/unicode", "").str("value"); got != "\x00 \"ü\" 漢" {
		t.Errorf("unicode came back as %q", got)
	}
}

func TestBadInput(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	tags := make([]string, 16)
	for i := range tags {
		tags[i] = fmt.Sprintf(`"t%d":"v"`, i)
	}
	for body, want := range map[string]string{
		``:                              "'value' is required",
		`{}`:                            "'value' is required",
		`{"value":null}`:                "'value' is required",
		`{"value":5}`:                   "value",
		`{"value":"x"`:                  "line 1",
		`["value"]`:                     "BadParameter",
		`{"value":"x","tags":{"":"v"}}`: "tag",
		`{"value":"x","tags":["a"]}`:    "tags",
		`{"value":"x","tags":{` + strings.Join(tags, ",") + `}}`:         "at most 15 tags",
		`{"value":"x","contentType":"` + strings.Repeat("c", 256) + `"}`: "contentType",
		`{"value":"x","attributes":{"exp":"soon"}}`:                      "exp",
		`{"value":"x","attributes":{"nbf":-1}}`:                          "negative",
		`{"value":"` + strings.Repeat("v", 25<<10+1) + `"}`:              "at most 25600",
	} {
		w.data("owner", "kv1", "PUT", "/secrets/pw", body).want(400, `"code":"BadParameter"`, want)
	}
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"`+strings.Repeat("v", 25<<10)+`"}`).want(200)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"`+strings.Repeat("v", 9<<20)+`"}`).want(413, "RequestEntityTooLarge")
	for _, name := range []string{"a_b", "a.b", "a%20b", "%C3%BC", strings.Repeat("n", 128), "a%2Fb"} {
		w.data("owner", "kv1", "PUT", "/secrets/"+name, `{"value":"x"}`).want(400, "BadParameter", "invalid name")
	}
	w.data("owner", "kv1", "PUT", "/secrets/"+strings.Repeat("n", 127), `{"value":"x"}`).want(200)
	for _, q := range []string{"maxresults=0", "maxresults=26", "maxresults=x", "$skiptoken=%21"} {
		w.data("owner", "kv1", "GET", "/secrets?"+q, "").want(400, "BadParameter")
	}
}

func TestPaging(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	for i := range 28 {
		w.data("owner", "kv1", "PUT", fmt.Sprintf("/secrets/s%02d", i), `{"value":"x"}`).want(200)
	}
	w.data("owner", "kv1", "DELETE", "/secrets/s05", "").want(200)
	follow := func(path string) (ids []string, pages int) {
		for path != "" {
			r := w.data("owner", "kv1", "GET", path, "").want(200, "!\"value\":\"x\"")
			items, _ := r.get("value").([]any)
			for _, it := range items {
				id, _ := it.(map[string]any)["id"].(string)
				ids = append(ids, id[strings.LastIndex(id, "/")+1:])
			}
			pages++
			path = ""
			if next := r.str("nextLink"); next != "" {
				u, err := url.Parse(next)
				if err != nil || u.Host != "kv1.vault.test:8443" || u.Query().Get("api-version") == "" {
					t.Fatalf("nextLink %q", next)
				}
				path = u.RequestURI()
			}
		}
		return ids, pages
	}
	for path, want := range map[string]int{"/secrets": 2, "/secrets?maxresults=27": 0, "/secrets?maxresults=10": 3, "/secrets?maxresults=9": 3, "/secrets?maxresults=25": 2} {
		if want == 0 {
			continue
		}
		ids, pages := follow(path)
		if len(ids) != 27 || pages != want || ids[0] != "s00" || ids[26] != "s27" || ids[5] != "s06" {
			t.Errorf("%s: %d in %d pages: %v", path, len(ids), pages, ids)
		}
	}
	if ids, _ := follow("/deletedsecrets"); len(ids) != 1 || ids[0] != "s05" {
		t.Errorf("deleted: %v", ids)
	}
	for range 6 {
		w.data("owner", "kv1", "PUT", "/secrets/s00", `{"value":"x"}`).want(200)
	}
	if ids, pages := follow("/secrets/s00/versions?maxresults=3"); len(ids) != 7 || pages != 3 {
		t.Errorf("versions: %d in %d pages", len(ids), pages)
	}
}

func TestDeleteRecoverPurge(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"softDeleteRetentionInDays":7`)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"one"}`).want(200, `"recoveryLevel":"CustomizedRecoverable+Purgeable"`, `"recoverableDays":7`)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"two"}`).want(200)
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200, `"recoveryId":"https://kv1.vault.test:8443/deletedsecrets/pw"`, `"deletedDate":1795435200`,
		`"scheduledPurgeDate":1796040000`, "!\"value\"", "https://kv1.vault.test:8443/secrets/pw/")
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(404)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(404)
	w.data("owner", "kv1", "GET", "/secrets/pw/versions", "").want(200, `{"value":[]}`)
	w.data("owner", "kv1", "PATCH", "/secrets/pw", "{}").want(404)
	w.data("owner", "kv1", "POST", "/secrets/pw/backup", "").want(404)
	w.data("owner", "kv1", "PUT", "/secrets/PW", `{"value":"x"}`).want(409, `"code":"Conflict"`, "deleted but recoverable state", `"innererror":{"code":"ObjectIsDeletedButRecoverable"}`)
	w.data("owner", "kv1", "GET", "/deletedsecrets/pw", "").want(200, "recoveryId")
	w.data("owner", "kv1", "GET", "/deletedsecrets/none", "").want(404, "A deleted secret with (name/id) none")
	w.data("owner", "kv1", "POST", "/deletedsecrets/pw/recover", "").want(200, "!recoveryId", "!\"value\"")
	w.data("owner", "kv1", "POST", "/deletedsecrets/pw/recover", "").want(404)
	w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(404)
	w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, "two")

	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
	w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(204)
	w.data("owner", "kv1", "GET", "/deletedsecrets/pw", "").want(404)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"new"}`).want(200)
	versions, _ := w.data("owner", "kv1", "GET", "/secrets/pw/versions", "").want(200).get("value").([]any)
	if len(versions) != 1 {
		t.Errorf("%d versions after a purge, want 1", len(versions))
	}

	w.arm("owner", "PATCH", vaults+"kv1", `{"properties":{"enablePurgeProtection":true}}`).want(200)
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200, `"recoveryLevel":"CustomizedRecoverable"`)
	w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(403, "purge protection is enabled")
	w.data("owner", "kv1", "PUT", "/secrets/stays", `{"value":"x"}`).want(200)
	w.advance(7*24*time.Hour - time.Second)
	w.sweep()
	w.data("owner", "kv1", "GET", "/deletedsecrets/pw", "").want(200)
	w.advance(time.Second)
	w.sweep()
	w.data("owner", "kv1", "GET", "/deletedsecrets/pw", "").want(404)
	w.data("owner", "kv1", "GET", "/secrets/stays", "").want(200)
}

// Purges that meet each other and a new secret of the name lose nothing of it.
func TestPurgesAndReuseTogether(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", `,"softDeleteRetentionInDays":7`)
	for round := range 5 {
		for range 3 {
			w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"old"}`).want(200)
		}
		w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
		w.advance(8 * 24 * time.Hour)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "") })
			wg.Go(func() { w.sweep() })
		}
		new := fmt.Sprintf(`{"value":"new%d"}`, round)
		for w.data("owner", "kv1", "PUT", "/secrets/pw", new).status != 200 {
		}
		wg.Wait()
		w.data("owner", "kv1", "GET", "/secrets/pw", "").want(200, fmt.Sprintf("new%d", round))
		w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
		w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(204)
	}
}

func TestParallelSets(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			r := w.data("owner", "kv1", "PUT", "/secrets/pw", fmt.Sprintf(`{"value":"v%d"}`, i))
			if r.status != 200 {
				t.Errorf("%d: %d %s", i, r.status, r.body)
				return
			}
			id := strings.TrimPrefix(r.str("id"), "https://kv1.vault.test:8443")
			if got := w.data("owner", "kv1", "GET", id, "").str("value"); got != fmt.Sprintf("v%d", i) {
				t.Errorf("version of v%d holds %q", i, got)
			}
		})
	}
	wg.Wait()
	versions, _ := w.data("owner", "kv1", "GET", "/secrets/pw/versions", "").get("value").([]any)
	if len(versions) != 16 {
		t.Errorf("%d versions, want 16", len(versions))
	}
}

func TestBackupAndRestore(t *testing.T) {
	w := newWorld(t)
	w.create("kv1", "")
	w.create("kv2", "")
	elsewhere := sub2 + "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv3"
	w.arm("owner", "PUT", elsewhere, vaultBody("")).want(201)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"first-value","tags":{"a":"b"},"attributes":{"enabled":false}}`).want(200)
	first := w.data("owner", "kv1", "GET", "/secrets/pw/versions", "").get("value").([]any)[0].(map[string]any)["id"].(string)
	w.advance(time.Hour)
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"second-value","contentType":"t"}`).want(200)
	blob := w.data("owner", "kv1", "POST", "/secrets/pw/backup", "").want(200, "!second-value", "!=").str("value")
	raw, err := base64.RawURLEncoding.DecodeString(blob)
	if err != nil || strings.Contains(string(raw), "value") || strings.Contains(string(raw), "pw") {
		t.Fatalf("the blob shows its content, or is not base64url: %v", err)
	}
	restore := func(name, blob string) reply {
		return w.data("owner", name, "POST", "/secrets/restore", `{"value":"`+blob+`"}`)
	}
	restore("kv1", blob).want(409, "already exists")
	w.data("owner", "kv1", "DELETE", "/secrets/pw", "").want(200)
	restore("kv1", blob).want(409, "ObjectIsDeletedButRecoverable")
	restore("kv3", blob).want(400, "BadParameter", "same subscription")
	for _, bad := range []string{"", "A", "!!!", blob[:len(blob)-8], blob[:40] + "AAAA" + blob[44:], strings.ToUpper(blob)} {
		restore("kv2", bad).want(400, "BadParameter", "backup blob is not valid")
	}
	w.data("reader", "kv2", "POST", "/secrets/restore", `{"value":"`+blob+`"}`).want(403)
	w.advance(time.Hour)
	restore("kv2", blob+"==").want(200, "https://kv2.vault.test:8443/secrets/pw/", "!value", `"contentType":"t"`, `"created":1795438800`)
	w.data("owner", "kv2", "GET", "/secrets/pw", "").want(200, "second-value")
	old := "/secrets/pw/" + first[len(first)-32:]
	w.data("owner", "kv2", "GET", old, "").want(403, "SecretDisabled")
	w.data("owner", "kv2", "PATCH", old, `{"attributes":{"enabled":true}}`).want(200, `"a":"b"`, `"created":1795435200`)
	w.data("owner", "kv2", "GET", old, "").want(200, "first-value")
	w.data("owner", "kv1", "DELETE", "/deletedsecrets/pw", "").want(204)
	restore("kv1", blob).want(200)
}

// FuzzRestore: no blob but the one that was given out restores anything.
func FuzzRestore(f *testing.F) {
	w := newWorld(f)
	w.create("kv1", "")
	w.create("kv2", "")
	w.data("owner", "kv1", "PUT", "/secrets/pw", `{"value":"x"}`).want(200)
	good := w.data("owner", "kv1", "POST", "/secrets/pw/backup", "").want(200).str("value")
	f.Add([]byte(good[:len(good)-1]))
	f.Add([]byte(good[1:]))
	f.Add([]byte(`"},"value":"x`))
	f.Add([]byte{0xff, 0})
	h := w.vaults.Plane().Handler()
	same := strings.NewReplacer("\r", "", "\n", "") // base64 skips them
	f.Fuzz(func(t *testing.T, blob []byte) {
		if same.Replace(strings.TrimRight(string(blob), "=")) == good {
			return
		}
		body, err := json.Marshal(map[string]string{"value": string(blob)})
		if err != nil {
			t.Fatal(err)
		}
		rec := serve(h, http.MethodPost, "/secrets/restore", string(body))
		if rec.Code != 400 || !strings.Contains(rec.Body.String(), "BadParameter") {
			t.Fatalf("status %d: %s", rec.Code, rec.Body)
		}
	})
}
