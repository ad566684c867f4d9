package limit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/container/limit"
)

func TestFilled(t *testing.T) {
	for _, c := range []struct{ in, want limit.Limits }{
		{limit.Limits{}, limit.Limits{Containers: 60, Volumes: 20, Ports: 5, CPU: 31, MemoryInGB: 240, ContainerCPU: 31, ContainerMemoryInGB: 240, Groups: 100, Cores: 100, CloneMB: 1024}},
		{limit.Limits{Groups: 5}, limit.Limits{Containers: 60, Volumes: 20, Ports: 5, CPU: 31, MemoryInGB: 240, ContainerCPU: 31, ContainerMemoryInGB: 240, Groups: 5, Cores: 31, CloneMB: 1024}},
	} {
		got := c.in.Filled()
		if got != c.want || got.Filled() != got {
			t.Errorf("%+v becomes %+v, then %+v", c.in, got, got.Filled())
		}
	}
}

// What was admitted and never seen counts for a minute, no longer: it was not made.
func TestAdmittedAndNeverSeen(t *testing.T) {
	var q limit.Quota
	l := limit.Limits{Groups: 2}.Filled()
	here, there := limit.Place{Subscription: "s", Region: "eastus"}, limit.Place{Subscription: "s", Region: "westus"}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	nothing := func(limit.Place) []limit.Group { return nil }
	admit := func(p limit.Place, key string) error {
		return q.Admit(l, p, limit.Group{Key: key, Cores: 1}, nothing, now)
	}
	for _, key := range []string{"a", "b", "a"} { // to ask again is not to ask for more
		if err := admit(here, key); err != nil {
			t.Fatal(err)
		}
	}
	if err := admit(here, "c"); !azure.HasCode(err, azure.CodeServiceUnavailable) {
		t.Errorf("a third: %v", err)
	}
	if err := admit(there, "c"); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
	q.Forget("a")
	if err := admit(here, "d"); err != nil {
		t.Errorf("after one was forgotten: %v", err)
	}
	now = now.Add(2 * time.Minute)
	for i := range 2 {
		if err := admit(here, fmt.Sprint("late", i)); err != nil {
			t.Errorf("later: %v", err)
		}
	}
}
