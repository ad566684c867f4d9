package differential

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// In one configuration directory either program goes on where the other stopped:
// with its clouds, its sign-ins, its tokens and its defaults.
func TestSharedDirectory(t *testing.T) {
	if cloud.Az == "" {
		t.Skip("the real az is only installed on Debian 12 and 13")
	}
	ours := ours(t)
	theirs := &side{env: ours.env, run: func(args []string) result {
		cmd := exec.Command(cloud.Az, args...)
		var out, err bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = slices.Clone(ours.env), &out, &err
		_ = cmd.Run() // the exit code is looked at
		return result{Code: cmd.ProcessState.ExitCode(), Out: out.String(), Err: err.String()}
	}}
	do := func(s *side, line string) string {
		t.Helper()
		got := s.run(ours.words(t, line))
		if got.Code != 0 {
			t.Fatalf("az %s: exit %d\n%s%s", line, got.Code, got.Out, got.Err)
		}
		return strings.TrimSpace(got.Out)
	}
	same := func(line, want string) {
		t.Helper()
		for name, s := range map[string]*side{"the real az": theirs, "ours": ours} {
			if got := do(s, line); got != want {
				t.Errorf("az %s: %s prints %q, want %q", line, name, got, want)
			}
		}
	}
	user := do(ours, "account show --query user.name -o tsv")
	same("account show --query user.name -o tsv", user)
	var one, two struct{ AppID, Password, Tenant string }
	for name, sp := range map[string]any{"sharedone": &one, "sharedtwo": &two} {
		text := do(ours, "ad sp create-for-rbac -n "+name+" --role Reader --scopes /subscriptions/"+do(ours, "account show --query id -o tsv"))
		if err := json.Unmarshal([]byte(text), sp); err != nil {
			t.Fatal(err)
		}
	}
	signIn := "login --service-principal -u " + one.AppID + " -p " + one.Password + " --tenant " + one.Tenant + " -o none"
	do(theirs, signIn)
	same("account show --query user.name -o tsv", one.AppID)
	same("group list --query \"[?name=='none']\" -o tsv", "")
	do(ours, strings.NewReplacer(one.AppID, two.AppID, one.Password, two.Password).Replace(signIn))
	same("account show --query user.name -o tsv", two.AppID)
	same("group list --query \"[?name=='none']\" -o tsv", "")
	do(ours, "configure --defaults location=westus")
	same("configure --list-defaults --query [0].value -o tsv", "westus")
	do(theirs, "configure --defaults location=eastus")
	same("configure --list-defaults --query [0].value -o tsv", "eastus")
	do(ours, "logout")
	for _, s := range []*side{theirs, ours} {
		if got := s.run([]string{"group", "list"}); got.Code != 1 || !strings.Contains(got.Err, "az login") {
			t.Errorf("after logout: exit %d %s", got.Code, got.Err)
		}
	}
}
