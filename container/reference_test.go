package container_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/pod"
)

// referring is a group that has the reference "db" and uses it in each way that
// there is.
func referring(more string) string {
	return `{"location":"eastus","identity":{"type":"UserAssigned","userAssignedIdentities":{"` + userIdentity + `":{}}},"properties":{
 "secretReferences":[{"name":"db","identity":"` + userIdentity + `","secretReferenceUri":"https://kv.vault.test/secrets/one"},
  {"name":"unused","identity":"` + userIdentity + `","secretReferenceUri":"https://elsewhere.test/secrets/none"}],
 "imageRegistryCredentials":[{"server":"r.azurecr.io","username":"puller","passwordReference":"DB"}],
 "volumes":[{"name":"keys","secretReference":{"key.pem":"db"}}],
 "containers":[{"name":"app","properties":{"image":"r.azurecr.io/app:v1","environmentVariables":[{"name":"TOKEN","secureValueReference":"db"}],
  "volumeMounts":[{"name":"keys","mountPath":"/keys"}]}}]` + more + `}}`
}

// env is what the container's variable TOKEN is now.
func (w *world) env() string {
	w.t.Helper()
	var out strings.Builder
	if _, err := w.runtime.Exec(w.t.Context(), w.sandbox(), "app", pod.ExecSpec{Command: []string{"env"}, Stdout: io.Writer(&out)}); err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

// tells is a program that prints TOKEN when it is asked by exec, and ends by a signal.
func tells(p fake.Process) int {
	if len(p.Args) > 0 && p.Args[0] == "env" {
		_, _ = io.WriteString(p.Stdout, p.Getenv("TOKEN"))
		return 0
	}
	<-p.Signals
	return 1
}

// Secrets that a group refers to are read at each start, with the rights of the
// identity that the reference names, and are neither stored nor shown.
func TestSecretReferences(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"r.azurecr.io/app:v1": tells}})
	w.up("g", referring(""))
	if got := w.env(); got != "secret 1 of one for user" {
		t.Errorf("the variable is %q", got)
	}
	if c := w.images.asked[0].Credentials; c == nil || c.Username != "puller" || c.Password.Reveal() != "secret 1 of one for user" {
		t.Errorf("the pull's credentials: %+v", c)
	}
	source, files, _ := mounted(t, w, "/keys")
	if files["key.pem"] != "secret 1 of one for user" {
		t.Errorf("the volume: %v", files)
	}
	shown := w.must("GET", groupPath("g"), "", 200).body
	for _, want := range []string{`"secretReferenceUri":"https://kv.vault.test/secrets/one"`, `"name":"TOKEN","secureValueReference":"db"`, `"passwordReference":"DB"`, `"secretReference":{"key.pem":"db"}`} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is not shown: %s", want, shown)
		}
	}
	if strings.Contains(shown, "of one for user") || len(w.onDisk("of one for user")) > 0 {
		t.Error("the secret is shown or stored")
	}
	// An unchanged PUT restarts nothing; each start reads again.
	pid := w.statuses()[0].PID
	w.up("g", referring(""))
	if w.statuses()[0].PID != pid {
		t.Error("an unchanged PUT restarted the container")
	}
	w.must("POST", groupPath("g")+"/restart", "", 204)
	if got := w.env(); got != "secret 2 of one for user" {
		t.Errorf("after a restart the variable is %q", got)
	}
	restarted := func(want string) {
		t.Helper()
		if err := w.runtime.StopContainer(t.Context(), w.sandbox(), "app", 0); err != nil {
			t.Fatal(err)
		}
		w.eventually("the policy restarts it with "+want, func() bool { return w.statuses()[0].State == pod.Running && w.env() == want })
	}
	restarted("secret 3 of one for user")
	// What was in memory alone is written again after a restart of the machine.
	w.close()
	if err := os.RemoveAll(filepath.Dir(filepath.Dir(source))); err != nil {
		t.Fatal(err)
	}
	w.runtime.Restart()
	w.open()
	w.eventually("the volume is filled again", func() bool {
		found, err := filepath.Glob(w.dir + "/volumes/*/*/0/key.pem")
		return err == nil && len(found) == 1
	})
}

// Who may not read the secret is told so: at the start, and as an event when a
// restart is due, which is tried again.
func TestSecretReferencesThatFail(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"r.azurecr.io/app:v1": tells}})
	w.identities.lock(true)
	op := w.create("g", referring(""))
	const want = "The secret reference 'db' of container group 'g' cannot be read from 'https://kv.vault.test/secrets/one': Caller is not authorized to perform action on resource. Vault: kv Give the identity with the principal id 'user' the role 'Key Vault Secrets User' on the vault"
	if op.Status != azure.Failed || op.Error.Code != "InaccessibleSecretReference" || !strings.HasPrefix(op.Error.Message, want) {
		t.Fatalf("%+v %+v", op, op.Error)
	}
	w.identities.lock(false)
	w.up("g", referring(""))
	w.identities.lock(true)
	if err := w.runtime.StopContainer(t.Context(), w.sandbox(), "app", 0); err != nil {
		t.Fatal(err)
	}
	w.eventually("the event", func() bool {
		return strings.Contains(w.must("GET", groupPath("g"), "", 200).body, "Failed to read the secret reference 'db'")
	})
	w.identities.lock(false)
	w.eventually("it runs again", func() bool { return w.get("g").Properties.InstanceView.State == "Running" })

	for _, c := range []struct{ body, says string }{
		{strings.Replace(referring(""), `"name":"unused"`, `"name":"DB"`, 1), "two secret references with the name 'DB'"},
		{strings.Replace(referring(""), `/userAssignedIdentities/puller","secretReferenceUri"`, `/userAssignedIdentities/other","secretReferenceUri"`, 1), "which reads the secret reference 'db', is not among its own"},
		{strings.Replace(referring(""), "https://kv.vault.test/secrets/one", "http://kv.vault.test/secrets/one", 1), "is not the https address of a secret"},
		{strings.Replace(referring(""), "https://kv.vault.test/secrets/one", "https://kv.vault.test/keys/one", 1), "does not end in '/secrets/NAME'"},
		{strings.Replace(referring(""), `"secureValueReference":"db"`, `"secureValueReference":"nope"`, 1), "refers to the secret 'nope', which the group does not have. Add it to 'secretReferences'."},
		{strings.Replace(referring(""), `"secureValueReference":"db"`, `"secureValueReference":"db","value":"x"`, 1), "more than one of value, secureValue and secureValueReference"},
		{strings.Replace(referring(""), `"passwordReference":"DB"`, `"passwordReference":"DB","password":"p"`, 1), "needs both username and password"},
		{strings.Replace(referring(""), `"key.pem":"db"`, `"../key.pem":"db"`, 1), "the file name '../key.pem'"},
		{strings.Replace(referring(""), `"secretReference":{`, `"emptyDir":{},"secretReference":{`, 1), "more than one kind"},
	} {
		if a := w.do("PUT", groupPath("bad"), c.body); a.status != 400 || !strings.Contains(a.body, `"InvalidContainerGroup"`) || !strings.Contains(a.body, c.says) {
			t.Errorf("want 400 %q, got %d %s", c.says, a.status, a.body)
		}
	}
}
