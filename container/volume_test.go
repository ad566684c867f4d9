package container_test

import (
	"crypto/rand"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/fake"
)

// mounted gives the files below the only mount at target, as the container got it.
func mounted(t *testing.T, w *world, target string) (source string, files map[string]string, readOnly bool) {
	t.Helper()
	for _, m := range w.runtime.Mounts(w.sandbox(), "app") {
		if m.Target != target {
			continue
		}
		files = map[string]string{}
		err := filepath.WalkDir(m.Source, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.Contains(path, "/.git/") {
				return err
			}
			data, err := os.ReadFile(path)
			files[strings.TrimPrefix(path, m.Source+"/")] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return m.Source, files, m.ReadOnly
	}
	t.Fatalf("nothing is mounted at %s", target)
	return "", nil, false
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository serves a repository of two commits and a branch by git's own HTTP
// server, to who knows the password. More is what the second commit has besides.
func repository(t *testing.T, more ...byte) (url, first string) {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "site.git")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q")
	commit := func(text string) string {
		if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		git(t, dir, "add", ".")
		git(t, dir, "commit", "-qm", text)
		return git(t, dir, "rev-parse", "HEAD")
	}
	first = commit("one")
	git(t, dir, "branch", "old")
	if err := os.WriteFile(filepath.Join(dir, "more"), more, 0o644); err != nil {
		t.Fatal(err)
	}
	commit("two")
	backend := filepath.Join(git(t, dir, "--exec-path"), "git-http-backend")
	server := httptest.NewServer(&cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=me"}})
	t.Cleanup(server.Close)
	return server.URL + "/site.git", first
}

func volumes(list string) string {
	return body("app", `"volumeMounts":[{"name":"v","mountPath":"/v"}]`, `"volumes":[{"name":"v",`+list+`}]`)
}

func TestGitVolume(t *testing.T) {
	url, first := repository(t)
	for name, c := range map[string]struct{ repo, file, text string }{
		"plain":     {`"repository":"` + url + `"`, "site/index.html", "two"},
		"whole":     {`"repository":"` + url + `","directory":"."`, "index.html", "two"},
		"directory": {`"repository":"` + url + `","directory":"a/b"`, "a/b/index.html", "two"},
		"commit":    {`"repository":"` + url + `","revision":"` + first + `"`, "site/index.html", "one"},
		"branch":    {`"repository":"` + url + `","revision":"old"`, "site/index.html", "one"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fake.Options{})
			w.up("g", volumes(`"gitRepo":{`+c.repo+`}`))
			if _, files, _ := mounted(t, w, "/v"); files[c.file] != c.text {
				t.Errorf("%v", files)
			}
		})
	}
}

// A repository that is too large is given up while it is fetched, and leaves nothing.
func TestGitVolumeIsBounded(t *testing.T) {
	url, _ := repository(t)
	w := newWorld(t, fake.Options{})
	w.limits.CloneMB = 1
	w.reopen()
	w.up("small", volumes(`"gitRepo":{"repository":"`+url+`"}`))
	more := make([]byte, 2<<20) // which git cannot make smaller
	_, _ = rand.Read(more)
	large, _ := repository(t, more...)
	op := w.create("large", volumes(`"gitRepo":{"repository":"`+large+`"}`))
	if op.Status != azure.Failed || op.Error.Code != "FailedMount" || !strings.Contains(op.Error.Message, "it is larger than the 1 MB that a volume may hold: use a smaller repository, or have the cloud's operator raise 'limits.cloneMB'") {
		t.Errorf("%+v %+v", op, op.Error)
	}
	if left, err := filepath.Glob(w.dir + "/volumes/*/*/.clone-*"); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestGitVolumeFails(t *testing.T) {
	url, _ := repository(t)
	w := newWorld(t, fake.Options{})
	withPassword := strings.Replace(url, "http://", "http://me:s3cret-token@", 1)
	for what, repo := range map[string]string{
		"revision": `"repository":"` + withPassword + `","revision":"nowhere"`,
		"clone":    `"repository":"` + withPassword + `x"`,
	} {
		op := w.create("g", volumes(`"gitRepo":{`+repo+`}`))
		if op.Status != azure.Failed || op.Error.Code != "FailedMount" || !strings.Contains(op.Error.Message, "volume 'v'") || strings.Contains(op.Error.Message, "s3cret") {
			t.Errorf("%s: %+v %+v", what, op, op.Error)
		}
		if v := w.get("g"); len(v.Properties.InstanceView.Events) == 0 || v.Properties.InstanceView.Events[0].Name != "FailedMount" {
			t.Errorf("%s: %+v", what, v.Properties.InstanceView)
		}
	}
	if shown := w.must("GET", groupPath("g"), "", 200).body; strings.Contains(shown, "s3cret") || !strings.Contains(shown, "//me@127.0.0.1") {
		t.Error(shown)
	}
	if found := w.onDisk("s3cret-token"); len(found) > 0 {
		t.Error("the store shows the repository's token")
	}
	w.strict = true
	w.reopen()
	op := w.create("other", volumes(`"gitRepo":{"repository":"`+url+`"}`))
	if op.Status != azure.Failed || !strings.Contains(op.Error.Message, "address of this machine") {
		t.Errorf("%+v", op.Error)
	}
}

func TestShareVolume(t *testing.T) {
	w := newWorld(t, fake.Options{})
	share := func(account, name, key, more string) string {
		return volumes(`"azureFile":{"storageAccountName":"` + account + `","shareName":"` + name + `","storageAccountKey":"` + key + `"` + more + `}`)
	}
	if err := os.MkdirAll(w.dir+"/shares/acct1/data", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ account, share, key, want string }{
		{"nobody", "data", "c2hhcmUta2V5", "account 'nobody' does not exist"},
		{"acct1", "data", "c2hhcmUta2V5", "has no key"},
	} {
		if op := w.create("g", share(c.account, c.share, c.key, "")); op.Status != azure.Failed || op.Error.Code != "FailedMount" || !strings.Contains(op.Error.Message, c.want) {
			t.Errorf("%+v %+v", op, op.Error)
		}
	}
	for path, text := range map[string]string{"acct1/.key": "c2hhcmUta2V5\n", "acct1/data/file": "kept"} {
		if err := os.WriteFile(w.dir+"/shares/"+path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ account, share, key, want string }{
		{"acct1", "data", "d3Jvbmc=", "not that of the storage account"},
		{"acct1", "gone", "c2hhcmUta2V5", "no share 'gone'"},
	} {
		if op := w.create("g", share(c.account, c.share, c.key, "")); op.Status != azure.Failed || !strings.Contains(op.Error.Message, c.want) {
			t.Errorf("%+v %+v", op, op.Error)
		}
	}
	w.up("g", share("acct1", "data", "c2hhcmUta2V5", ""))
	source, files, readOnly := mounted(t, w, "/v")
	if source != w.dir+"/shares/acct1/data" || files["file"] != "kept" || readOnly {
		t.Errorf("%s %v %v", source, files, readOnly)
	}
	shown := w.must("GET", groupPath("g"), "", 200).body
	if strings.Contains(shown, "c2hhcmUta2V5") || strings.Contains(shown, "REDACTED") || !strings.Contains(shown, `"storageAccountName":"acct1"`) {
		t.Error(shown)
	}
	w.up("g", share("acct1", "data", "c2hhcmUta2V5", `,"readOnly":true`))
	if _, _, readOnly := mounted(t, w, "/v"); !readOnly {
		t.Error("a read-only share is mounted writable")
	}
	byName := func(text string) string {
		text = strings.Replace(text, `"properties":{`, `"properties":{"secretReferences":[{"name":"key","identity":"`+userIdentity+`","secretReferenceUri":"https://kv.vault.test/secrets/key"}],`, 1)
		return strings.Replace(text, `{"location"`, `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"`+userIdentity+`":{}}},"location"`, 1)
	}
	referred := strings.Replace(byName(share("acct1", "data", "key", "")), `"storageAccountKey"`, `"storageAccountKeyReference"`, 1)
	if op := w.create("g", referred); op.Status != azure.Failed || !strings.Contains(op.Error.Message, "not that of the storage account") {
		t.Errorf("%+v %+v", op, op.Error)
	}
	if err := os.WriteFile(w.dir+"/shares/acct1/.key", []byte("secret 2 of key for user\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.up("g", referred)
	if source, _, _ := mounted(t, w, "/v"); source != w.dir+"/shares/acct1/data" {
		t.Error(source)
	}
	w.must("DELETE", groupPath("g"), "", 200)
	if data, err := os.ReadFile(w.dir + "/shares/acct1/data/file"); err != nil || string(data) != "kept" {
		t.Errorf("the share does not outlive the group: %q %v", data, err)
	}
}

func TestConfigMap(t *testing.T) {
	w := newWorld(t, fake.Options{})
	v := w.up("g", body("app", `"configMap":{"keyValuePairs":{"level":"debug","a.b":"c"}}`, ""))
	if m := v.Properties.Containers[0].Properties.ConfigMap; m == nil || m.KeyValuePairs["level"] != "debug" {
		t.Errorf("%+v", m)
	}
	if _, files, readOnly := mounted(t, w, "/mnt/configmap/app"); files["level"] != "debug" || files["a.b"] != "c" || !readOnly {
		t.Errorf("%v %v", files, readOnly)
	}
	// It changes under the container, which runs on; one that comes or goes is a new mount.
	pid := w.statuses()[0].PID
	w.up("g", body("app", `"configMap":{"keyValuePairs":{"level":"info","new":"x"}}`, ""))
	if _, files, _ := mounted(t, w, "/mnt/configmap/app"); len(files) != 2 || files["level"] != "info" || files["new"] != "x" {
		t.Errorf("after an update: %v", files)
	}
	if now := w.statuses()[0].PID; now != pid {
		t.Error("a change of the config map restarted the container")
	}
	w.up("g", body("app", "", ""))
	if now := w.statuses()[0].PID; now == pid {
		t.Error("the config map is gone, and the container runs on with it")
	}
}

func TestNameScopes(t *testing.T) {
	w := newWorld(t, fake.Options{})
	fqdn := func(name, scope string) string {
		v := w.up(name, body("app", "", `"ipAddress":{"type":"Public","ports":[{"port":8083}],"dnsNameLabel":"label","autoGeneratedDomainNameLabelScope":"`+scope+`"}`))
		if got := v.Properties.IPAddress.AutoGeneratedDomainNameLabelScope; !strings.EqualFold(got, scope) {
			t.Errorf("scope %s is shown as %s", scope, got)
		}
		name = v.Properties.IPAddress.FQDN
		if _, ok := w.room.Lookup(name); !ok {
			t.Errorf("%s is not found", name)
		}
		if code, _ := fetch(t, w.room.Ingress(), "http://"+name+":8083/"); code != 200 {
			t.Errorf("%s answers %d", name, code)
		}
		return name
	}
	seen := map[string]string{}
	for i, scope := range []string{"unsecure", "TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "Noreuse"} {
		name := fqdn("g"+string(rune('0'+i)), scope)
		labels := strings.Split(strings.TrimSuffix(name, ".eastus.azurecontainer.lazuli.localhost"), ".")
		if labels[0] != "label" || (len(labels) == 2) == (i == 0) || len(labels) > 2 || seen[name] != "" {
			t.Errorf("%s: %s", scope, name)
		}
		seen[name] = scope
	}
	before := w.get("g1").Properties.IPAddress.FQDN
	w.must("DELETE", groupPath("g1"), "", 200)
	if again := fqdn("again", "TenantReuse"); again != before {
		t.Errorf("the tenant's name is %s, was %s", again, before)
	}
	before = w.get("g4").Properties.IPAddress.FQDN
	w.must("DELETE", groupPath("g4"), "", 200)
	if again := fqdn("g4", "Noreuse"); again == before {
		t.Error("a name that is not to be reused was")
	}
	if a := w.do("PUT", groupPath("thief"), body("app", "", `"ipAddress":{"type":"Public","ports":[{"port":80}],"dnsNameLabel":"label","autoGeneratedDomainNameLabelScope":"TenantReuse"}`)); a.status != 409 {
		t.Errorf("%+v", a)
	}
}

func TestPrivateAddress(t *testing.T) {
	w := newWorld(t, fake.Options{})
	v := w.up("g", body("app", "", `"ipAddress":{"type":"Private","ports":[{"port":80}]}`))
	if ip := v.Properties.IPAddress; ip == nil || ip.Type != "Private" || ip.FQDN != "" || len(ip.Ports) != 1 {
		t.Fatalf("%+v", ip)
	}
	list, err := w.runtime.ListSandboxes(t.Context())
	if err != nil || list[0].Address.IsValid() || len(list[0].Ports) > 0 {
		t.Errorf("a private group is forwarded: %+v %v", list, err)
	}
	w.up("g", body("app", "", `"ipAddress":{"type":"Public","ports":[{"port":8085}]}`))
	w.up("g", body("app", "", `"ipAddress":{"type":"Private","ports":[{"port":80}]}`))
	w.must("DELETE", groupPath("g"), "", 200)
}
