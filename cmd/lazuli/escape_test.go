package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// A container that looks for ways out of its group finds none: not to this machine,
// the cloud's own doors, its state, another group, nor what another group's
// identity can get.
func TestGroupsAreShutIn(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	put := func(name, command, inGroup, identity string) {
		t.Helper()
		p.do("PUT", "management", p.containerGroupPath(name), strings.Replace(groupOf(image, credentials, command, inGroup), `{"location"`, `{`+identity+`"location"`, 1))
	}
	const identity = `"identity":{"type":"SystemAssigned"},`
	put("public", `"serve","80","public"`, `"ipAddress":{"type":"Public","ports":[{"port":80}]},`, identity)
	put("private", `"serve","80","private"`, `"ipAddress":{"type":"Private","ports":[{"port":80}]},`, identity)
	for _, name := range []string{"public", "private"} {
		p.eventually(name, "up", func(g containerGroup) bool { return succeeded(g) && g.Properties.InstanceView.State == "Running" })
	}
	inside := p.containerGroup("private").Properties.IPAddress.IP
	words := []string{"+" + inside + ":80", "+" + inside + ":42356", "+" + p.containerGroup("public").Properties.IPAddress.IP + ":80", "+169.254.169.254:80",
		"+" + filepath.Join(p.dir, "run", "admin.sock"), "+" + filepath.Join(p.dir, "runtime", "run", "containerd.sock")}
	for i, word := range p.flags {
		if i > 0 && (p.flags[i-1] == "--listen" || p.flags[i-1] == "--http" || p.flags[i-1] == "--proxy" || p.flags[i-1] == "--dns") {
			_, port, err := net.SplitHostPort(word)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, "+127.0.0.1:"+port, "+10.201.0.1:"+port)
		}
	}
	put("thief", `"escape","`+strings.Join(words, `","`)+`"`, `"restartPolicy":"Never",`, "")
	p.eventually("thief", "done", func(g containerGroup) bool { return exitCode(g) == 0 })
	log := p.do("GET", "management", p.containerGroupPath("thief")+"/containers/app/logs", "")
	if !strings.Contains(log, "tried ") || strings.Contains(log, "OPEN:") {
		t.Errorf("ways out: %s", log)
	}
	fetch(t, p, "public", "public") // they were there
	if out := p.run("private", "/program get 80"); !strings.Contains(out, "private") {
		t.Errorf("the private group answers itself with %q", out)
	}
}
