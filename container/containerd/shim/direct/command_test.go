//go:build cgo

package direct

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Only what is known to the last word is done here; everything else must be
// started, or an option would be lost.
func TestParse(t *testing.T) {
	const head = "/bin/runc --root /run/r --log /b/log.json --log-format json "
	for line, want := range map[string]string{
		head + "create --bundle /b --pid-file /b/init.pid c1":                  "create c1 /run/r /b/log.json /b /b/init.pid",
		head + "create --bundle /b --pid-file /b/init.pid --no-new-keyring c1": "create c1 /run/r /b/log.json /b /b/init.pid",
		head + "start c1":          "start c1 /run/r /b/log.json",
		head + "kill --all c1 9":   "kill c1 /run/r /b/log.json 9",
		head + "kill c1 15":        "kill c1 /run/r /b/log.json 15",
		head + "delete --force c1": "delete c1 /run/r /b/log.json",
		head + "create --bundle /b --pid-file /b/init.pid --console-socket /s c1": "",
		head + "create --bundle b --pid-file /b/init.pid c1":                      "",
		head + "create --bundle /b c1":                                            "",
		head + "exec --process /p c1":                                             "",
		head + "start c1 c2":                                                      "",
		head + "kill c1":                                                          "",
		head + "delete --all c1":                                                  "",
		"/bin/runc --debug --root /run/r start c1":                                "",
		"/bin/runc --root r start c1":                                             "",
		"/bin/crun --root /run/r --log /b/log.json --log-format json start c1":    "",
		"/bin/runc --root /run/r --systemd-cgroup --log /b/l start c1":            "",
		"/bin/runc": "",
	} {
		words := strings.Fields(line)
		c, ok := parse("/bin/runc", &exec.Cmd{Path: words[0], Args: words})
		got := ""
		if ok {
			got = strings.Join(strings.Fields(strings.Join([]string{c.verb, c.id, c.root, c.log, c.bundle, c.pidFile, c.signal}, " ")), " ")
		}
		if got != want {
			t.Errorf("%s\n got %q\nwant %q", line, got, want)
		}
	}
	words := strings.Fields(head + "create --bundle /b --pid-file /b/init.pid c1")
	if _, ok := parse("/bin/runc", &exec.Cmd{Path: words[0], Args: words, ExtraFiles: []*os.File{os.Stdin}}); ok {
		t.Error("files to pass on were not seen")
	}
}
