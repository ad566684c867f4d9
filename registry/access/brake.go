package access

import (
	"net"
	"sync"
	"time"
)

// The brake on guessing passwords: after maxFailures wrong ones for a user from
// one address within failureWindow, further tries are refused unread until the
// window has passed.
const (
	maxFailures   = 10
	failureWindow = time.Minute
	brakeEntries  = 10000 // above, all old entries go
)

type brake struct {
	mu    sync.Mutex
	tries map[string]*attempts
}

type attempts struct {
	failures int
	since    time.Time
}

func brakeKey(reg Registry, remote, user string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	return reg.UID + "\x00" + remote + "\x00" + user
}

// wait tells how long the caller has to wait; zero means go on.
func (b *brake) wait(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.tries[key]
	if a == nil || a.failures < maxFailures || now.Sub(a.since) >= failureWindow {
		return 0
	}
	return failureWindow - now.Sub(a.since)
}

func (b *brake) failed(key string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tries == nil {
		b.tries = map[string]*attempts{}
	}
	if len(b.tries) >= brakeEntries {
		for k, a := range b.tries {
			if now.Sub(a.since) >= failureWindow {
				delete(b.tries, k)
			}
		}
	}
	a := b.tries[key]
	if a == nil || now.Sub(a.since) >= failureWindow {
		a = &attempts{since: now}
		b.tries[key] = a
	}
	a.failures++
}

func (b *brake) succeeded(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tries, key)
}
