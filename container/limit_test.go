package container_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/fake"
	"github.com/lazuli-cloud/lazuli/container/limit"
)

// many is n members of a JSON list.
func many(n int, format string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i+1))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// What one group may ask for is bounded as on Azure, unless the operator says
// otherwise; each refusal names what was counted and how much is allowed.
func TestLimitsOfAGroup(t *testing.T) {
	containers := func(n int, resources string) string {
		return `{"location":"eastus","properties":{"containers":` + many(n, `{"name":"c#","properties":{"image":"app","resources":{"requests":`+resources+`}}}`) + `}}`
	}
	ports := func(n int) string {
		return body("app", "", `"ipAddress":{"type":"Public","ports":`+many(n, `{"port":#}`)+`}`)
	}
	disks := func(n int) string { return body("app", "", `"volumes":`+many(n, `{"name":"v#","emptyDir":{}}`)) }
	const small, large = `{"cpu":0.01,"memoryInGB":0.01}`, `{"cpu":2,"memoryInGB":2}`
	raised := limit.Limits{Containers: 61, Ports: 6, Volumes: 21, ContainerCPU: 1.5, MemoryInGB: -1}
	for _, c := range []struct {
		what, body string
		limits     limit.Limits
		says       string // "" when it is allowed
	}{
		{"60 containers", containers(60, small), limit.Limits{}, ""},
		{"61 containers", containers(61, small), limit.Limits{}, "it has 61 containers; give 1 to 60."},
		{"61 where allowed", containers(61, small), raised, ""},
		{"init containers, too", strings.Replace(containers(60, small), `"containers"`, `"initContainers":[{"name":"i","properties":{"image":"app"}}],"containers"`, 1), limit.Limits{}, "it has 61 containers with the init containers; at most 60 are allowed."},
		{"5 ports", ports(5), limit.Limits{}, ""},
		{"6 ports", ports(6), limit.Limits{}, "it opens 6 ports; at most 5 are allowed."},
		{"6 where allowed", ports(6), raised, ""},
		{"20 volumes", disks(20), limit.Limits{}, ""},
		{"21 volumes", disks(21), limit.Limits{}, "it has 21 volumes; at most 20 are allowed."},
		{"21 where allowed", disks(21), raised, ""},
		{"a large container", containers(1, large), raised, "container 'c1' asks for 2 CPU and 2 GB of memory; give 0.01 to 1.5 CPU"},
		{"much together", containers(16, large), limit.Limits{}, "request 32 CPU and 32 GB of memory together; at most 31 CPU and 240 GB are available to a group."},
		{"too much memory", containers(1, `{"cpu":1,"memoryInGB":241}`), limit.Limits{}, "0.01 to 240 GB"},
		{"memory without limit", containers(1, `{"cpu":1,"memoryInGB":241}`), raised, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, fake.Options{Programs: map[string]fake.Program{"app": func(p fake.Process) int { <-p.Signals; return 0 }}})
			w.limits = c.limits
			w.reopen()
			a := w.do("PUT", groupPath("g"), c.body)
			switch {
			case c.says == "" && a.status != 201:
				t.Errorf("%d %s", a.status, a.body)
			case c.says != "" && (a.status != 400 || !strings.Contains(a.body, `"InvalidContainerGroup"`) || !strings.Contains(a.body, c.says)):
				t.Errorf("want 400 %q, got %d %s", c.says, a.status, a.body)
			}
		})
	}
}

// A subscription gets so many groups in a region and so many cores, even when all
// are asked for at once; what is deleted can be had again.
func TestQuota(t *testing.T) {
	w := newWorld(t, fake.Options{})
	w.limits = limit.Limits{Groups: 3, Cores: 4}
	w.reopen()
	var made atomic.Int32
	var refusal atomic.Value
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			a := w.do("PUT", groupPath(fmt.Sprintf("g%d", i)), body("app", "", ""))
			switch a.status {
			case 201:
				made.Add(1)
			case 409:
				refusal.Store(a.body)
			default:
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	work.Wait()
	text, _ := refusal.Load().(string)
	for _, want := range []string{`"code":"ServiceUnavailable"`, "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota 'ContainerGroups' exceeded in region 'eastus'. Limit: '3', Usage: '3' Requested: '1'. Delete container groups"} {
		if !strings.Contains(text, want) {
			t.Errorf("the refusal %q lacks %q", text, want)
		}
	}
	if made.Load() != 3 {
		t.Fatalf("%d groups were made, 3 are allowed", made.Load())
	}
	usages := w.must("GET", "/subscriptions/"+sub+ns+"/locations/eastus/usages", "", 200).body
	if !strings.Contains(usages, `"currentValue":3,"limit":3`) || !strings.Contains(usages, `"currentValue":3,"limit":4`) {
		t.Error(usages)
	}
	w.must("PUT", groupPath("elsewhere"), strings.Replace(body("app", "", ""), "eastus", "westus", 1), 201) // another region
	list := w.must("GET", rg+ns+"/containerGroups", "", 200).body
	var first string
	for i := range 8 {
		if name := fmt.Sprintf("g%d", i); strings.Contains(list, `"name":"`+name+`"`) {
			first = name
		}
	}
	w.eventually("one that is there can be put again", func() bool { return w.do("PUT", groupPath(first), body("app", "", "")).status == 200 })
	w.eventually("it can be deleted", func() bool { return w.do("DELETE", groupPath(first), "").status == 200 })
	w.must("PUT", groupPath("wide"), body("app", `"resources":{"requests":{"cpu":2.5,"memoryInGB":1}}`, ""), 409)
	if op := w.create("again", body("app", `"resources":{"requests":{"cpu":2,"memoryInGB":1}}`, "")); op.Status != azure.Succeeded {
		t.Errorf("%+v", op)
	}
}
