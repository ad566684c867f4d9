package container_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/container/wire"
)

func exitWith(code int) fake.Program { return func(fake.Process) int { return code } }

func (w *world) app(name string) *wire.ContainerPropertiesInstanceView {
	w.t.Helper()
	return w.get(name).Properties.Containers[0].Properties.InstanceView
}

func TestRestartPolicies(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"ok": exitWith(0), "bad": exitWith(3)}})
	for _, c := range []struct{ name, image, policy, state, detail string }{
		{"never-ok", "ok", "Never", "Succeeded", "Completed"},
		{"never-bad", "bad", "Never", "Failed", "Error"},
		{"onfailure-ok", "ok", "OnFailure", "Succeeded", "Completed"},
	} {
		w.up(c.name, body(c.image, "", `"restartPolicy":"`+c.policy+`"`))
		w.eventually(c.name+" is "+c.state, func() bool { return w.get(c.name).Properties.InstanceView.State == c.state })
		v := w.app(c.name)
		if v.RestartCount != 0 || v.CurrentState.State != "Terminated" || v.CurrentState.DetailStatus != c.detail || v.CurrentState.FinishTime == nil {
			t.Errorf("%s: %+v %+v", c.name, v, v.CurrentState)
		}
	}
	if waits := w.clock.waits(); len(waits) != 0 {
		t.Errorf("nothing was to be restarted, but timers ran: %v", waits)
	}
}

func TestBackoff(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"crash": func(fake.Process) int { time.Sleep(2 * time.Millisecond); return 7 }}})
	w.clock.frozen = true
	w.up("g", body("crash", "", ""))
	w.eventually("it waits for its second restart", func() bool { return w.app("g").CurrentState.DetailStatus == "CrashLoopBackOff" })
	v := w.app("g")
	if v.RestartCount != 1 || v.CurrentState.State != "Waiting" || v.PreviousState.State != "Terminated" || *v.PreviousState.ExitCode != 7 {
		t.Errorf("%+v %+v %+v", v, v.CurrentState, v.PreviousState)
	}
	if last := v.Events[len(v.Events)-1]; last.Name != "BackOff" || last.Message != "Back-off restarting failed container" || last.Type != "Warning" {
		t.Errorf("%+v", v.Events)
	}
	if w.get("g").Properties.InstanceView.State != "Pending" {
		t.Error("a group of which nothing runs is not Running")
	}
	w.clock.mu.Lock()
	w.clock.frozen, w.clock.waited = false, nil
	w.clock.now = w.clock.now.Add(10 * time.Second)
	w.clock.mu.Unlock()
	w.eventually("it was restarted eight times", func() bool { return w.app("g").RestartCount >= 10 })
	want := []time.Duration{20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 300 * time.Second, 300 * time.Second}
	got := w.clock.waits()
	for got[0] == 10*time.Second { // it may have begun to wait only now
		got = got[1:]
	}
	if !slices.Equal(got[:len(want)], want) {
		t.Errorf("waits %v, want %v", got, want)
	}
	w.must("POST", groupPath("g")+"/stop", "", 204)
	if w.get("g").Properties.InstanceView.State != "Stopped" {
		t.Error("not stopped")
	}
}

func TestBackoffEndsAfterALongRun(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.clock.frozen = true
	w.up("g", body("app", "", ""))
	exit := func(restarts int) {
		t.Helper()
		if err := w.runtime.Exit(w.sandbox(), "app", 1, false); err != nil {
			t.Fatal(err)
		}
		w.eventually("restart", func() bool { v := w.app("g"); return v.RestartCount == restarts && v.CurrentState.State == "Running" })
	}
	exit(1)
	w.clock.mu.Lock()
	w.clock.now = w.clock.now.Add(11 * time.Minute)
	w.clock.mu.Unlock()
	exit(2) // at once again
	if len(w.clock.waits()) != 0 {
		t.Errorf("waits %v", w.clock.waits())
	}
}

func TestOOM(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.up("g", body("app", "", `"restartPolicy":"Never"`))
	if err := w.runtime.Exit(w.sandbox(), "app", 137, true); err != nil {
		t.Fatal(err)
	}
	w.eventually("OOM is shown", func() bool { return w.app("g").CurrentState.DetailStatus == "OOMKilled" })
	if code := *w.app("g").CurrentState.ExitCode; code != 137 {
		t.Error(code)
	}
}

func TestBadCommand(t *testing.T) {
	w := newWorld(t, fake.Options{Commands: func(word string) bool { return word == "/bin/good" }})
	op := w.create("g", body("app", `"command":["/bin/missing"]`, ""))
	if op.Status != azure.Failed || op.Error.Code != "ContainerStartFailed" || !strings.Contains(op.Error.Message, "/bin/missing") || !strings.Contains(op.Error.Message, "container 'app' in container group 'g'") {
		t.Fatalf("%+v %+v", op, op.Error)
	}
	v := w.app("g")
	if v.CurrentState.State != "Terminated" || v.CurrentState.DetailStatus != "StartError" || v.Events[len(v.Events)-1].Name != "Failed" {
		t.Errorf("%+v %+v", v.CurrentState, v.Events)
	}
	w.up("g", body("app", `"command":["/bin/good"]`, ""))
}

func TestStopStartRestart(t *testing.T) {
	w := newWorld(t, fake.Options{})
	v := w.up("g", body("app", "", `"ipAddress":{"ports":[{"port":8084}]}`))
	url := "http://" + v.Properties.IPAddress.IP + ":8084/"
	before := w.statuses()[0]
	w.must("POST", groupPath("g")+"/restart", "", 204)
	if now := w.statuses()[0]; now.PID == before.PID || now.State != pod.Running {
		t.Errorf("restart: %+v", now)
	}
	w.must("GET", url, "", 200)
	w.must("POST", groupPath("g")+"/stop", "", 204)
	w.must("POST", groupPath("g")+"/stop", "", 204)
	if st := w.statuses()[0]; st.State != pod.Exited {
		t.Errorf("stop: %+v", st)
	}
	v = w.get("g")
	app := v.Properties.Containers[0].Properties.InstanceView
	if v.Properties.InstanceView.State != "Stopped" || app.CurrentState.State != "Terminated" || app.Events[len(app.Events)-1].Name != "Killing" {
		t.Errorf("%+v %+v", v.Properties.InstanceView, app)
	}
	w.reopen()
	if st := w.statuses()[0]; st.State != pod.Exited {
		t.Errorf("a stopped group runs after a restart: %+v", st)
	}
	w.must("POST", groupPath("g")+"/start", "", 204)
	w.must("POST", groupPath("g")+"/start", "", 204)
	w.must("GET", url, "", 200)
	w.images.refuse["app"] = pod.ImageUnknownTag
	if a := w.do("POST", groupPath("g")+"/restart", ""); a.status != 400 || !strings.Contains(a.body, "InaccessibleImage") {
		t.Errorf("%+v", a)
	}
}

func TestCrashBetweenIntentAndEnsure(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.images.gate = make(chan struct{})
	put := w.must("PUT", groupPath("g"), body("app", "", `"ipAddress":{"ports":[{"port":8085}],"dnsNameLabel":"crash-test"}`), 201)
	operation := put.header.Get("Azure-AsyncOperation")
	w.reopen()
	if a := w.must("GET", groupPath("g"), "", 200); !strings.Contains(a.body, `"provisioningState":"Pending"`) {
		t.Error(a.body)
	}
	close(w.images.gate)
	_, path, _ := strings.Cut(operation, "/subscriptions/")
	w.eventually("the operation of the first process succeeds", func() bool {
		return strings.Contains(w.must("GET", "/subscriptions/"+path, "", 200).body, `"Succeeded"`)
	})
	if v := w.get("g"); v.Properties.ProvisioningState != "Succeeded" || v.Properties.InstanceView.State != "Running" {
		t.Errorf("%+v", v.Properties)
	}
}

func TestResume(t *testing.T) {
	w := newWorld(t, fake.Options{})
	group := func(policy string, port string) string {
		return body("app", "", `"restartPolicy":"`+policy+`","ipAddress":{"ports":[{"port":`+port+`}]}`)
	}
	v := w.up("stays", group("Always", "8086"))
	stays := w.statuses()[0]
	staysIn := w.sandbox()
	w.up("ends", group("Never", "8086"))
	w.up("fails", group("OnFailure", "8086"))
	w.up("lost", group("Always", "8086"))
	w.up("deleted", group("Always", "8086"))
	in := map[string]string{}
	list, _ := w.runtime.ListSandboxes(t.Context())
	for _, sb := range list {
		id, err := azure.ParseID(sb.Labels["group"])
		if err != nil {
			t.Fatal(err)
		}
		in[id.Name()] = sb.ID
	}
	w.close()
	w.runtime.Restart()
	for name, code := range map[string]int{"ends": 4, "fails": 5} { // while nobody watches
		if err := w.runtime.Exit(in[name], "app", code, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.runtime.RemoveSandbox(t.Context(), in["lost"]); err != nil { // what a reboot does
		t.Fatal(err)
	}
	if _, err := w.runtime.EnsureSandbox(t.Context(), pod.SandboxSpec{ID: "nobodys"}); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.eventually("everything is as its policy wants it", func() bool {
		return w.get("ends").Properties.InstanceView.State == "Failed" && w.app("fails").RestartCount == 1 && w.app("lost").RestartCount == 1 &&
			w.app("lost").CurrentState.State == "Running" && w.get("stays").Properties.InstanceView.State == "Running"
	})
	if *w.app("ends").CurrentState.ExitCode != 4 || *w.app("fails").PreviousState.ExitCode != 5 || *w.app("lost").PreviousState.ExitCode != pod.LostExitCode {
		t.Error("exit codes")
	}
	if now, err := w.runtime.Statuses(t.Context(), staysIn); err != nil || now[0].PID != stays.PID || now[0].Attempt != 0 {
		t.Errorf("a surviving container was restarted: %+v", now)
	}
	w.eventually("its port is open again", func() bool {
		p, err := new(net.Dialer).DialContext(t.Context(), "tcp", v.Properties.IPAddress.IP+":8086")
		if err == nil {
			_ = p.Close()
		}
		return err == nil
	})
	list, _ = w.runtime.ListSandboxes(t.Context())
	if slices.ContainsFunc(list, func(sb pod.SandboxStatus) bool { return sb.ID == "nobodys" }) {
		t.Error("a sandbox without a group is left")
	}
}

func TestInitContainers(t *testing.T) {
	tries := 0
	programs := map[string]fake.Program{
		"flaky":   func(fake.Process) int { tries++; return map[bool]int{true: 0, false: 1}[tries > 2] },
		"hopeful": exitWith(0),
		"doomed":  func(p fake.Process) int { _, _ = p.Stderr.Write([]byte("no config\n")); return 9 },
	}
	w := newWorld(t, fake.Options{Programs: programs})
	group := func(image, policy string) string {
		return body("app", "", `"restartPolicy":"`+policy+`","initContainers":[{"name":"before","properties":{"image":"`+image+`"}},{"name":"then","properties":{"image":"hopeful"}}]`)
	}
	v := w.up("g", group("flaky", "Always"))
	if first := v.Properties.InitContainers[0].Properties.InstanceView; first.RestartCount != 2 || first.CurrentState.State != "Terminated" || *first.CurrentState.ExitCode != 0 {
		t.Errorf("%+v", first)
	}
	if v.Properties.InstanceView.State != "Running" {
		t.Errorf("%+v", v.Properties.InstanceView)
	}
	op := w.create("bad", group("doomed", "Never"))
	if op.Status != azure.Failed || !strings.Contains(op.Error.Message, "The init container 'before' in container group 'bad' ended with exit code 9") || !strings.Contains(op.Error.Message, "no config") {
		t.Errorf("%+v", op.Error)
	}
}

func TestDeleteWhileRunningUp(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"slow": func(p fake.Process) int { <-p.Signals; return 0 }}})
	w.up("g", body("slow", `"ports":[{"port":9999}]`, "")) // never listens: ready after Timing.Ready
	w.must("DELETE", rg, "", 202)
	w.eventually("the group's sandbox goes with its resource group", func() bool {
		list, err := w.runtime.ListSandboxes(t.Context())
		return err == nil && len(list) == 0
	})
}

func TestIngress(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.up("web", body("app", "", `"ipAddress":{"ports":[{"port":80},{"port":8087}],"dnsNameLabel":"web-label"}`))
	w.up("odd", body("app", "", `"ipAddress":{"ports":[{"port":8088}],"dnsNameLabel":"odd-label"}`))
	w.up("off", body("app", "", `"ipAddress":{"ports":[{"port":80}],"dnsNameLabel":"off-label"}`))
	w.must("POST", groupPath("off")+"/stop", "", 204)
	if _, ok := w.room.Route("off-label.eastus.azurecontainer.lazuli.localhost", 80); ok {
		t.Error("a stopped group has a route")
	}
	h := w.room.Ingress()
	const suffix = ".eastus.azurecontainer.lazuli.localhost"
	for _, c := range []struct {
		url    string
		status int
		text   string
	}{
		{"http://web-label" + suffix + "/", 200, "app"},
		{"http://WEB-label" + suffix + ":8087/", 200, "app"},
		{"http://web-label" + suffix + ":9/", 502, "opens 80/TCP, 8087/TCP"},
		{"http://odd-label" + suffix + "/", 502, "opens 8088/TCP"},
		{"http://odd-label" + suffix + ":8088/", 200, "app"},
		{"http://off-label" + suffix + "/", 503, "'Stopped'"},
		{"http://none-label" + suffix + "/", 404, "none-label"},
		{"http://web-label.westus.azurecontainer.lazuli.localhost/", 404, ""},
		{"http://other.example/", 404, ""},
		{"https://web-label" + suffix + "/", 200, "app"},
	} {
		status, text := fetch(t, h, c.url)
		if status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s: %d %s", c.url, status, text)
		}
	}
	r := httptest.NewRequest("GET", "http://none-label"+suffix+"/", nil)
	r.Header.Set("Accept", "text/html")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if !strings.Contains(rec.Body.String(), "<h1") {
		t.Error("browsers get a page")
	}
}

// A visitor of a group that is starting gets its page, not a refusal.
func TestIngressAwaitsTheStart(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.images.gate = make(chan struct{}) // the pull takes as long as we want
	w.must("PUT", groupPath("awaited"), body("app", "", `"ipAddress":{"ports":[{"port":8091}],"dnsNameLabel":"awaited"}`), 201)
	const host = "awaited.eastus.azurecontainer.lazuli.localhost"
	if _, ok := w.room.Route(host, 8091); ok {
		t.Error("a route before there is anything")
	}
	answer := make(chan string, 1)
	go func() {
		status, text := fetch(t, w.room.Ingress(), "http://"+host+":8091/")
		answer <- fmt.Sprint(status, " ", text)
	}()
	select {
	case got := <-answer:
		t.Errorf("answered before the group ran: %s", got)
	case <-time.After(50 * time.Millisecond):
	}
	close(w.images.gate)
	if got := <-answer; !strings.HasPrefix(got, "200 ") {
		t.Errorf("%s", got)
	}
}

func TestDeleteWhilePulling(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.images.gate = make(chan struct{}) // the pull never ends
	put := w.must("PUT", groupPath("g"), body("app", "", `"ipAddress":{"ports":[{"port":8089}],"dnsNameLabel":"short-lived"}`), 201)
	w.must("DELETE", groupPath("g"), "", 200)
	w.must("GET", groupPath("g"), "", 404)
	if op := w.follow(put); op.Status != azure.Failed || op.Error.Code != "ResourceBeingDeleted" {
		t.Errorf("%+v", op)
	}
	if list, err := w.runtime.ListSandboxes(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	close(w.images.gate)
	w.up("h", body("app", "", `"ipAddress":{"ports":[{"port":8089}],"dnsNameLabel":"short-lived"}`))
}

func TestCrashBeforeReady(t *testing.T) {
	w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"mute": func(p fake.Process) int { <-p.Signals; return 0 }}})
	w.timing.Ready = time.Hour // its port never answers
	w.reopen()
	w.must("PUT", groupPath("g"), body("mute", "", `"ipAddress":{"ports":[{"port":8090}]}`), 201)
	w.eventually("its process runs", func() bool { return w.app("g").CurrentState.State == "Running" })
	before := w.statuses()[0]
	w.timing.Ready = 50 * time.Millisecond
	w.reopen()
	w.eventually("it is provisioned", func() bool { return w.get("g").Properties.ProvisioningState == "Succeeded" })
	if now := w.statuses()[0]; now.PID != before.PID {
		t.Error("the next process started it again")
	}
}

func TestProvisioningGivesUp(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.images.gate = make(chan struct{}) // the pull never ends
	w.timing.Provision = 50 * time.Millisecond
	w.reopen()
	op := w.create("g", body("app", "", ""))
	if op.Status != azure.Failed || op.Error.Code != "ServiceUnavailable" || !strings.Contains(op.Error.Message, "'g' did not start within 50ms") {
		t.Errorf("%+v", op.Error)
	}
	close(w.images.gate)
	w.must("POST", groupPath("g")+"/start", "", 204)
	if v := w.get("g"); v.Properties.InstanceView.State != "Running" {
		t.Errorf("%+v", v.Properties.InstanceView)
	}
}

func TestPool(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.pool = "127.92.0.0/30" // .1 and .2
	w.reopen()
	group := body("app", "", `"ipAddress":{"ports":[{"port":8091}]}`)
	for _, ip := range []string{"127.92.0.1", "127.92.0.2"} {
		taken, err := net.Listen("tcp", ip+":8091")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
	}
	op := w.create("one", group)
	if op.Status != azure.Failed || op.Error.Code != "PublicPortInUse" || !strings.Contains(op.Error.Message, "'one'") {
		t.Errorf("%+v", op.Error)
	}
	other := strings.Replace(group, "8091", "8092", 1)
	a, b := w.up("one", other), w.up("two", other)
	if a.Properties.IPAddress.IP == b.Properties.IPAddress.IP {
		t.Error("two groups have one address")
	}
	if full := w.do("PUT", groupPath("three"), other); full.status != 409 || !strings.Contains(full.body, "no free public address in the pool 127.92.0.0/30: 2 are in use") {
		t.Errorf("%+v", full)
	}
	w.must("DELETE", groupPath("one"), "", 200)
	if c := w.up("three", other); c.Properties.IPAddress.IP != a.Properties.IPAddress.IP {
		t.Errorf("a freed address is not used: %s", c.Properties.IPAddress.IP)
	}
}

func TestRuntimeFaults(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.faults.Store(2)
	w.up("g", body("app", "", ""))
	w.faults.Store(3)
	op := w.create("h", body("app", "", ""))
	if op.Status != azure.Failed || op.Error.Code != "InternalServerError" || !strings.Contains(op.Error.Message, "The container group 'h' could not be started") || strings.Contains(op.Error.Message, "hiccups") {
		t.Errorf("%+v", op.Error)
	}
	w.must("POST", groupPath("h")+"/start", "", 204)
}
