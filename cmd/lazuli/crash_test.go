package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// acknowledged is what the cloud has said is done: the body each path must
// contain, or "" when it must be gone.
type acknowledged struct {
	mu   sync.Mutex
	want map[[2]string]string // by host and path
}

func (a *acknowledged) put(host, path, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.want[[2]string{host, path}] = text
}

// forget drops what is about to be changed: until the answer, both are right.
func (a *acknowledged) forget(host, path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.want, [2]string{host, path})
}

func (a *acknowledged) len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.want)
}

// writeGroups makes resource groups with a role assignment at each and deletes
// every fourth, until the cloud is gone.
func (a *acknowledged) writeGroups(ctx context.Context, p *process, round int, me string) error {
	for i := 0; ; i++ {
		group := p.group(fmt.Sprintf("g-%d-%d", round, i))
		if err := a.write(ctx, p, "PUT", "management", group, `{"location":"eastus"}`, `"provisioningState":"Succeeded"`); err != nil {
			return err
		}
		assignment := group + "/providers/Microsoft.Authorization/roleAssignments/" + uuid.NewString()
		body := `{"properties":{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"` + me + `"}}`
		if err := a.write(ctx, p, "PUT", "management", assignment, body, me); err != nil {
			return err
		}
		if i%4 == 3 {
			a.forget("management", group)
			if err := a.write(ctx, p, "DELETE", "management", assignment, "", ""); err != nil {
				return err
			}
		}
	}
}

// writeSecrets sets new and old secrets and deletes every fifth.
func (a *acknowledged) writeSecrets(ctx context.Context, p *process, round int) error {
	for i := 0; ; i++ {
		path := fmt.Sprintf("/secrets/s-%d-%d", round, i)
		for version := range 2 {
			value := fmt.Sprintf("value-%d-%d-%d", round, i, version)
			if err := a.write(ctx, p, "PUT", "crashvault.vault", path, `{"value":"`+value+`"}`, value); err != nil {
				return err
			}
		}
		if i%5 == 4 {
			if err := a.write(ctx, p, "DELETE", "crashvault.vault", path, "", ""); err != nil {
				return err
			}
		}
	}
}

// errKilled ends a writer: there is no cloud any more.
var errKilled = errors.New("the cloud is gone")

// write sends one write and remembers what a read must show from now on.
func (a *acknowledged) write(ctx context.Context, p *process, method, host, path, body, text string) error {
	a.forget(host, path)
	status, answer, err := p.try(ctx, method, host, path, body)
	if err != nil {
		return errKilled
	}
	if status >= 300 {
		return fmt.Errorf("%s %s%s: %d %s", method, host, path, status, answer)
	}
	a.put(host, path, text)
	return nil
}

// check reads everything that was acknowledged.
func (a *acknowledged) check(p *process) {
	p.t.Helper()
	for at, text := range a.want {
		status, answer, err := p.try(p.t.Context(), "GET", at[0], at[1], "")
		switch {
		case err != nil:
			p.t.Fatalf("GET %s%s: %v\n%s", at[0], at[1], err, p.log)
		case text == "" && status != 404:
			p.t.Errorf("deleted, and there again: %s%s: %d %s", at[0], at[1], status, answer)
		case text != "" && (status != 200 || !strings.Contains(answer, text)):
			p.t.Errorf("acknowledged, and lost: %s%s: want %s, got %d %s", at[0], at[1], text, status, answer)
		}
	}
}

// Whatever was acknowledged before a kill -9 is there after the next start, and
// nothing that the dead process left keeps the next from starting.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	p.do("PUT", "management", p.group("rg")+"/providers/Microsoft.KeyVault/vaults/crashvault",
		`{"location":"eastus","properties":{"tenantId":"`+p.status.TenantID+`","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true}}`)
	var me struct{ ID string }
	unmarshal(t, p.do("GET", "graph", "/v1.0/me", ""), &me)
	a := &acknowledged{want: map[[2]string]string{}}
	for round := range 4 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		var writers sync.WaitGroup
		for _, write := range []func() error{
			func() error { return a.writeGroups(ctx, p, round, me.ID) },
			func() error { return a.writeSecrets(ctx, p, round) },
		} {
			writers.Go(func() {
				if err := write(); !errors.Is(err, errKilled) {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Duration(150+rand.IntN(400)) * time.Millisecond)
		if round == 0 {
			secondProcess(p)
		}
		p.kill()
		cancel()
		writers.Wait()
		p.start()
		a.check(p)
	}
	if a.len() < 40 {
		t.Errorf("only %d writes were acknowledged in four rounds: too few to tell", a.len())
	}
	t.Logf("%d acknowledged", a.len())
}

// A first start that is killed anywhere is made good by the next: one
// subscription, one first user, who is its owner and can sign in.
func TestKillDuringTheFirstStart(t *testing.T) {
	p := newProcess(t)
	for range 8 {
		p.launch()
		time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.ended
		p.noRaces()
	}
	p.start()
	var subscriptions, users struct{ Value []struct{ ID string } }
	unmarshal(t, p.do("GET", "management", "/subscriptions", ""), &subscriptions)
	unmarshal(t, p.do("GET", "graph", "/v1.0/users", ""), &users)
	if len(subscriptions.Value) != 1 || len(users.Value) != 1 {
		t.Errorf("%d subscriptions, %d users", len(subscriptions.Value), len(users.Value))
	}
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	once, err := p.admin().SignIn(t.Context())
	if err != nil || once.Password == "" {
		t.Errorf("sign-in: %v", err)
	}
}

// secondProcess wants the refusal of a second cloud in the directory, by the
// first one's socket and, without it, by the lock of the store.
func secondProcess(p *process) {
	p.t.Helper()
	socket := filepath.Join(p.dir, "run", "admin.sock")
	refused := func(want string) {
		p.t.Helper()
		out, err := exec.Command("lazuli", "up", "--data", p.dir, "--listen", freeAddress(p.t), "--http", "off", "--proxy", "off", "--dns", "off").CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			p.t.Errorf("a second process: %v, want %q in: %s", err, want, out)
		}
	}
	refused(fmt.Sprintf("error: a cloud runs in %s already (pid %d)\nhint: ", p.dir, p.status.PID))
	if err := os.Rename(socket, socket+".away"); err != nil {
		p.t.Fatal(err)
	}
	refused(fmt.Sprintf("is in use by process %d", p.status.PID))
	if err := os.Rename(socket+".away", socket); err != nil {
		p.t.Fatal(err)
	}
}

// containerGroup is what the tests read of one.
type containerGroup struct {
	Properties struct {
		ProvisioningState string
		IPAddress         struct{ IP string }
		InstanceView      struct{ State string }
		Containers        []struct {
			Properties struct {
				InstanceView struct {
					RestartCount int
					CurrentState struct {
						State, DetailStatus string
						ExitCode            *int
					}
				}
			}
		}
	}
}

func (p *process) containerGroup(name string) (g containerGroup) {
	p.t.Helper()
	unmarshal(p.t, p.do("GET", "management", p.containerGroupPath(name), ""), &g)
	return g
}

func (p *process) containerGroupPath(name string) string {
	return p.group("rg") + "/providers/Microsoft.ContainerInstance/containerGroups/" + name
}

// eventually waits for the group to be as f wants.
func (p *process) eventually(name, what string, f func(containerGroup) bool) containerGroup {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		g := p.containerGroup(name)
		if f(g) {
			return g
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s is never %s: %+v\n%s", name, what, g, p.log)
		}
	}
}

func succeeded(g containerGroup) bool { return g.Properties.ProvisioningState == "Succeeded" }

// exitCode is that of the group's only container, or -1 while it has none.
func exitCode(g containerGroup) int {
	if len(g.Properties.Containers) == 1 {
		if code := g.Properties.Containers[0].Properties.InstanceView.CurrentState.ExitCode; code != nil {
			return *code
		}
	}
	return -1
}

// programs maps the words each running container of the suite's program was
// started with to its process id and start time.
func programs() map[string][2]string {
	found := map[string][2]string{}
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		data, err := os.ReadFile(filepath.Join(path, "cmdline"))
		words := strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
		if err != nil || words[0] != "/program" {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(path, "stat"))
		if fields := strings.Fields(string(stat)); err == nil && len(fields) > 21 && fields[2] != "Z" {
			found[strings.Join(words[1:], " ")] = [2]string{filepath.Base(path), fields[21]}
		}
	}
	return found
}

// Containers outlive the cloud that started them and are taken up by the next;
// how those ended that ended in between is told.
func TestContainersOutliveAKilledCloud(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	put := func(name, command, properties string) {
		t.Helper()
		p.do("PUT", "management", p.containerGroupPath(name), `{"location":"eastus","properties":{`+properties+`,"osType":"Linux","imageRegistryCredentials":`+credentials+
			`,"containers":[{"name":"app","properties":{"image":"`+image+`","command":["/program",`+command+`],"ports":[{"port":80}],"resources":{"requests":{"cpu":0.5,"memoryInGB":0.5}}}}]}}`)
	}
	put("web", `"serve","80","hello"`, `"ipAddress":{"type":"Public","ports":[{"port":80}]}`)
	put("asked", `"stay","asked"`, `"restartPolicy":"Never"`)
	put("killed", `"stay","killed"`, `"restartPolicy":"Never"`)
	put("again", `"stay","again"`, `"restartPolicy":"Always"`)
	for _, name := range []string{"web", "asked", "killed", "again"} {
		p.eventually(name, "up", func(g containerGroup) bool { return succeeded(g) && g.Properties.InstanceView.State == "Running" })
	}
	before := programs()
	if len(before) != 4 {
		t.Fatalf("running: %v", before)
	}

	p.kill()
	if now := programs(); !maps.Equal(now, before) {
		t.Fatalf("killed with the cloud: before %v, after %v", before, now)
	}
	end(t, before["stay asked"][0], syscall.SIGTERM)
	end(t, before["stay killed"][0], syscall.SIGKILL)
	end(t, before["stay again"][0], syscall.SIGKILL)
	p.start()

	if g := p.containerGroup("web"); g.Properties.Containers[0].Properties.InstanceView.RestartCount != 0 {
		t.Errorf("web was started again: %+v", g)
	}
	if now := programs()["serve 80 hello"]; now != before["serve 80 hello"] {
		t.Errorf("the process of web was %v and is %v", before["serve 80 hello"], now)
	}
	fetch(t, p, "web", "hello")
	p.eventually("asked", "ended with 3", func(g containerGroup) bool { return exitCode(g) == 3 })
	p.eventually("killed", "ended with 137", func(g containerGroup) bool { return exitCode(g) == 137 })
	p.eventually("again", "running again", func(g containerGroup) bool {
		view := g.Properties.Containers[0].Properties.InstanceView
		return view.RestartCount == 1 && view.CurrentState.State == "Running"
	})
	// It is taken up whole: it can be stopped, started and deleted.
	p.do("POST", "management", p.containerGroupPath("web")+"/stop", "")
	p.eventually("web", "stopped", func(g containerGroup) bool { return g.Properties.InstanceView.State == "Stopped" })
	for _, name := range []string{"web", "asked", "killed", "again"} {
		p.do("DELETE", "management", p.containerGroupPath(name), "")
	}
	for deadline := time.Now().Add(5 * time.Second); len(programs()) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still running: %v", programs())
		}
	}
}

// end sends a signal and waits for the process to be gone.
func end(t *testing.T, pid string, signal syscall.Signal) {
	t.Helper()
	number, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(number, signal); err != nil {
		t.Fatal(err)
	}
	gone := func() bool {
		return !slices.ContainsFunc(slices.Collect(maps.Values(programs())), func(one [2]string) bool { return one[0] == pid })
	}
	for deadline := time.Now().Add(5 * time.Second); !gone(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %s does not end by %v", pid, signal)
		}
	}
}

// fetch gets the page of a group at its public address.
func fetch(t *testing.T, p *process, name, want string) {
	t.Helper()
	ip := p.containerGroup(name).Properties.IPAddress.IP
	hc := &http.Client{Timeout: 5 * time.Second}
	defer hc.CloseIdleConnections()
	var got string
	for deadline := time.Now().Add(5 * time.Second); got != want; time.Sleep(20 * time.Millisecond) {
		res, err := hc.Get("http://" + ip + "/")
		if err == nil {
			data, _ := io.ReadAll(res.Body)
			res.Body.Close()
			got = string(data)
		}
		if got != want && time.Now().After(deadline) {
			t.Fatalf("http://%s/: %v %q, want %q", ip, err, got, want)
		}
	}
}

// A group that was acknowledged and half made when the cloud was killed is
// finished by the next start, or fails and says why.
func TestHalfMadeGroupsFinish(t *testing.T) {
	p := newProcess(t)
	p.start()
	p.do("PUT", "management", p.group("rg"), `{"location":"eastus"}`)
	image, credentials := p.pushed()
	made := map[string]string{} // group to the text it serves, or "" when it must fail
	for round := range 3 {
		for i := range 3 {
			name, text, from := fmt.Sprintf("group-%d-%d", round, i), fmt.Sprintf("text-%d-%d", round, i), image
			if i == 2 {
				text, from = "", strings.TrimSuffix(image, ":v1")+":none"
			}
			made[name] = text
			p.do("PUT", "management", p.containerGroupPath(name), `{"location":"eastus","properties":{"osType":"Linux","imageRegistryCredentials":`+credentials+
				`,"ipAddress":{"type":"Public","ports":[{"port":80}]},"containers":[{"name":"app","properties":{"image":"`+from+`","command":["/program","serve","80","`+text+`"],"ports":[{"port":80}],"resources":{"requests":{"cpu":0.5,"memoryInGB":0.5}}}}]}}`)
		}
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		p.kill()
		p.start()
	}
	for name, text := range made {

		if text == "" {
			p.eventually(name, "failed", func(g containerGroup) bool { return g.Properties.ProvisioningState == "Failed" })
			if view := p.do("GET", "management", p.containerGroupPath(name), ""); !strings.Contains(view, "none") || !strings.Contains(strings.ToLower(view), "tag") {
				t.Errorf("%s does not say what failed: %s", name, view)
			}
			continue
		}
		p.eventually(name, "up", succeeded)
		fetch(t, p, name, text)
	}
	// Each once, however often it was begun.
	if now := programs(); len(now) != 6 {
		t.Errorf("running: %v", now)
	}
	p.do("DELETE", "management", p.containerGroupPath("group-0-0"), "")
}
