package container_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

// patient serves port 80 with a status that tests set, wants the header X-Probe,
// and runs the commands "check" (exit code by test) and anything else (0).
type patient struct {
	status atomic.Int32
	check  atomic.Int32
	asked  atomic.Int32
}

func (p *patient) program(x fake.Process) int {
	if len(x.Args) > 0 && x.Args[0] == "check" {
		p.asked.Add(1)
		if code := int(p.check.Load()); code != 0 {
			fmt.Fprintln(x.Stdout, "cat: can't open '/tmp/healthy': No such file or directory")
			return code
		}
		return 0
	}
	l, err := x.Listen(80)
	if err != nil {
		return 1
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" && (r.Header.Get("X-Probe") != "yes" || r.Host != "app.test") {
			w.WriteHeader(400)
			return
		}
		w.WriteHeader(int(p.status.Load()))
		fmt.Fprintln(w, "page")
	})}
	go func() { _ = server.Serve(l) }()
	defer server.Close()
	for range x.Signals {
		return 0
	}
	return 137
}

func eventNamed(v *wire.ContainerPropertiesInstanceView, name string) *wire.Event {
	for i := range v.Events {
		if v.Events[i].Name == name {
			return &v.Events[i]
		}
	}
	return nil
}

const (
	execProbe = `"livenessProbe":{"exec":{"command":["check"]},"periodSeconds":2,"failureThreshold":3}`
	httpProbe = `"readinessProbe":{"httpGet":{"path":"/healthz","port":80,"scheme":"HTTP","httpHeaders":[{"name":"X-Probe","value":"yes"},{"name":"Host","value":"app.test"}]},"periodSeconds":1,"failureThreshold":2,"successThreshold":2}`
)

func TestLivenessRestarts(t *testing.T) {
	var p patient
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"app": p.program}})
	w.up("g", body("app", execProbe, ""))
	w.eventually("it is probed", func() bool { return p.asked.Load() > 4 })
	if v := w.app("g"); v.RestartCount != 0 || eventNamed(v, "Unhealthy") != nil {
		t.Fatalf("a healthy container: %+v", v)
	}
	p.check.Store(1)
	w.eventually("it is restarted", func() bool { return w.app("g").RestartCount >= 1 })
	p.check.Store(0)
	v := w.app("g")
	sick, kill := eventNamed(v, "Unhealthy"), eventNamed(v, "Killing")
	if sick == nil || sick.Count < 3 || sick.Type != "Warning" || sick.Message != "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory" {
		t.Errorf("%+v", v.Events)
	}
	if kill == nil || kill.Message != "Container app failed liveness probe, will be killed and recreated" {
		t.Errorf("%+v", v.Events)
	}
	w.eventually("it runs", func() bool { return w.app("g").CurrentState.State == "Running" })
	before, asked := w.app("g").RestartCount, p.asked.Load()
	w.eventually("the new one is probed", func() bool { return p.asked.Load() > asked+5 })
	if now := w.app("g").RestartCount; now != before {
		t.Errorf("restarted %d times, then %d", before, now)
	}
	w.must("POST", groupPath("g")+"/stop", "", 204)
	asked = p.asked.Load()
	time.Sleep(50 * time.Millisecond)
	if now := p.asked.Load(); now > asked+1 {
		t.Errorf("a stopped container was asked %d times", now-asked)
	}
}

func TestLivenessWithPolicyNever(t *testing.T) {
	var p patient
	p.check.Store(1)
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"app": p.program}})
	w.up("g", body("app", execProbe, `"restartPolicy":"Never"`))
	w.eventually("it ends for good", func() bool { s := w.get("g").Properties.InstanceView.State; return s == "Succeeded" || s == "Failed" })
	if v := w.app("g"); v.RestartCount != 0 || eventNamed(v, "Killing") == nil {
		t.Errorf("%+v", v)
	}
}

func TestReadinessGatesPorts(t *testing.T) {
	var p patient
	p.status.Store(503)
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"app": p.program}})
	v := w.up("g", body("app", `"ports":[{"port":80}],`+httpProbe, `"ipAddress":{"type":"Public","ports":[{"port":80}],"dnsNameLabel":"probed"}`))
	address, url := v.Properties.IPAddress.IP+":80", "http://"+v.Properties.IPAddress.FQDN+"/"
	open := func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	if open() {
		t.Error("the port is open before the container is ready")
	}
	if code, text := fetch(t, w.room.Ingress(), url); code != 503 || !strings.Contains(text, "not ready") {
		t.Errorf("%d %s", code, text)
	}
	if _, ok := w.room.Route(v.Properties.IPAddress.FQDN, 80); ok {
		t.Error("routed before it is ready")
	}
	// An earlier probe may have met a program that did not listen yet.
	w.eventually("the program's refusal shows", func() bool {
		for _, e := range w.app("g").Events {
			if e.Name == "Unhealthy" && e.Message == "Readiness probe failed: HTTP probe failed with statuscode: 503" {
				return true
			}
		}
		return false
	})
	p.status.Store(204)
	w.eventually("the port opens", open)
	if code, text := fetch(t, w.room.Ingress(), url); code != 204 {
		t.Errorf("%d %s", code, text)
	}
	w.reopen()
	w.eventually("the port opens again after a restart of the daemon", open)
	p.status.Store(500)
	w.eventually("the port closes", func() bool { return !open() })
	if s := w.app("g"); s.RestartCount != 0 || s.CurrentState.State != "Running" {
		t.Errorf("a container that is not ready goes on: %+v", s)
	}
}

func TestProbeIsShownAndChecked(t *testing.T) {
	w := newWorld(t, fake.Options{})
	v := w.up("g", body("app", `"livenessProbe":{"httpGet":{"path":"x","port":8080},"initialDelaySeconds":30}`, ""))
	l := v.Properties.Containers[0].Properties.LivenessProbe
	if l == nil || l.HTTPGet.Path != "/x" || l.HTTPGet.Scheme != "http" || *l.InitialDelaySeconds != 30 || *l.PeriodSeconds != 10 || *l.TimeoutSeconds != 1 || *l.FailureThreshold != 3 || *l.SuccessThreshold != 1 {
		t.Errorf("%+v", l)
	}
	for probe, want := range map[string]string{
		`{}`: "needs one of exec and httpGet",
		`{"exec":{"command":["a"]},"httpGet":{"port":1}}`:                   "both exec and httpGet",
		`{"exec":{"command":[]}}`:                                           "command is empty",
		`{"httpGet":{"port":0}}`:                                            "port 0",
		`{"httpGet":{"port":80,"scheme":"ftp"}}`:                            "scheme 'ftp'",
		`{"httpGet":{"port":80,"httpHeaders":[{"name":"a b","value":""}]}}`: "header 'a b'",
		`{"exec":{"command":["a"]},"periodSeconds":-1}`:                     "periodSeconds is -1",
		`{"exec":{"command":["a"]},"timeoutSeconds":1000000}`:               "timeoutSeconds is 1000000",
	} {
		a := w.do("PUT", groupPath("bad"), body("app", `"readinessProbe":`+probe, ""))
		if a.status != 400 || !strings.Contains(a.body, want) || !strings.Contains(a.body, "readinessProbe") {
			t.Errorf("%s: %d %s", probe, a.status, a.body)
		}
	}
}
