package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/lazuli-cloud/lazuli/azure"
)

// oneTimeLife is how long a password that works once can be used.
const oneTimeLife = time.Minute

// maxTickets bounds the passwords waiting to be used.
const maxTickets = 64

// tickets are the passwords that work once. They live in this process only: a
// restart forgets them.
type tickets struct {
	mu   sync.Mutex
	held map[[32]byte]ticket // by the hash of user id and password
}

type ticket struct {
	userID  string
	expires time.Time
}

// OneTimePassword makes a password of a user that signs in once, within a
// minute. It is for the operator of this machine, who may run any process as the
// cloud anyway: the command line signs az in with it, so that no lasting
// password is written to a disk.
func (d *Directory) OneTimePassword(userID string) azure.Secret {
	password := rand.Text() + rand.Text()
	now := d.Now()
	d.tickets.mu.Lock()
	defer d.tickets.mu.Unlock()
	for key, t := range d.tickets.held {
		if now.After(t.expires) || len(d.tickets.held) >= maxTickets {
			delete(d.tickets.held, key)
		}
	}
	if d.tickets.held == nil {
		d.tickets.held = map[[32]byte]ticket{}
	}
	d.tickets.held[ticketKey(userID, password)] = ticket{userID, now.Add(oneTimeLife)}
	return azure.NewSecret(password)
}

func ticketKey(userID, password string) [32]byte {
	return sha256.Sum256([]byte(userID + "\x00" + password))
}

// redeem uses a password up and reports whether it was good.
func (t *tickets) redeem(userID string, password azure.Secret, now time.Time) bool {
	key := ticketKey(userID, password.Reveal())
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.held[key]
	delete(t.held, key)
	return ok && held.userID == userID && now.Before(held.expires)
}
