package identity

import (
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

const (
	freeTries   = 10               // wrong passwords before the first wait
	longestWait = 5 * time.Minute  // waits double up to here
	forgetAfter = 30 * time.Minute // without a try
	maxBraked   = 10000            // names remembered
)

// brake slows down guessing at the passwords of a name. The zero value is
// ready.
type brake struct {
	mu    sync.Mutex
	names map[string]tries
}

type tries struct {
	wrong int
	until time.Time // no try before
	last  time.Time
}

// check gives the error of a name that has to wait, or nil.
func (b *brake) check(name string, now time.Time) *azure.Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := b.names[name].until.Sub(now)
	if wait <= 0 {
		return nil
	}
	e := azure.Errorf(azure.Throttled, azure.CodeSignInLocked,
		"The account is locked because of too many sign-in attempts with an incorrect user name or password. Try again in %s.", max(wait, time.Second).Round(time.Second))
	e.RetryAfter = wait
	return e
}

func (b *brake) failed(name string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.names == nil {
		b.names = map[string]tries{}
	}
	t, ok := b.names[name]
	if !ok && len(b.names) >= maxBraked {
		b.forget(now)
	}
	if now.Sub(t.last) > forgetAfter {
		t = tries{}
	}
	t.wrong, t.last = t.wrong+1, now
	if over := t.wrong - freeTries; over >= 0 {
		t.until = now.Add(min(longestWait, time.Second<<min(over, 16)))
	}
	b.names[name] = t
}

// forget makes room: everything old, else any one.
func (b *brake) forget(now time.Time) {
	last := ""
	for name, t := range b.names {
		if last = name; now.Sub(t.last) > forgetAfter {
			delete(b.names, name)
		}
	}
	if len(b.names) >= maxBraked {
		delete(b.names, last)
	}
}

func (b *brake) clear(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.names, name)
}
