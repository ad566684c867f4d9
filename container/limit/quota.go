package limit

import (
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// Place is where a quota counts: a subscription in a region.
type Place struct {
	Subscription string // in lower case
	Region       azure.Location
}

// String tells the place from all others.
func (p Place) String() string { return p.Subscription + "/" + string(p.Region) }

// Group is one that is there, or is asked for.
type Group struct {
	Key   string // tells it from all others
	Cores float64
}

// Quota lets so many groups be made and no more, however many are asked for at
// once: what was admitted counts from then on, also before it can be seen. The zero
// value is ready. Safe for concurrent use.
type Quota struct {
	mu       sync.Mutex
	admitted map[string]admission
}

// admission is a group that may not be seen yet.
type admission struct {
	place Place
	cores float64
	until time.Time // then it is seen, or was never made
}

// admissionTime is much longer than a group that was admitted takes to be seen.
const admissionTime = time.Minute

// Admit asks for one more group at a place where those of look are. The error is
// Azure's for a quota that is used up, ServiceUnavailable. To ask again for the same
// group changes nothing.
func (q *Quota) Admit(l Limits, p Place, g Group, look func(Place) []Group, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	groups, cores := 0, 0.0
	for _, x := range look(p) {
		delete(q.admitted, x.Key)
		if x.Key != g.Key {
			groups, cores = groups+1, cores+x.Cores
		}
	}
	for key, a := range q.admitted {
		switch {
		case now.After(a.until):
			delete(q.admitted, key)
		case a.place == p && key != g.Key:
			groups, cores = groups+1, cores+a.cores
		}
	}
	switch {
	case groups+1 > l.Groups:
		return exceeded(p, "ContainerGroups", l.Groups, groups, 1)
	case cores+g.Cores > l.Cores:
		return exceeded(p, "StandardCores", l.Cores, cores, g.Cores)
	}
	if q.admitted == nil {
		q.admitted = map[string]admission{}
	}
	q.admitted[g.Key] = admission{p, g.Cores, now.Add(admissionTime)}
	return nil
}

// Forget takes back what was admitted: the group was deleted.
func (q *Quota) Forget(key string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.admitted, key)
}

func exceeded[N int | float64](p Place, quota string, limit, usage, requested N) error {
	return azure.Errorf(azure.Conflict, azure.CodeServiceUnavailable, "Resource type 'Microsoft.ContainerInstance/containerGroups' container group quota '%s' exceeded in region '%s'. Limit: '%v', Usage: '%v' Requested: '%v'. Delete container groups you no longer need, use another region, or have the cloud's operator raise 'limits' in its configuration.",
		quota, p.Region, limit, usage, requested)
}
