package token

import (
	"sync"

	"github.com/lazuli-cloud/lazuli/authz"
)

// verified is what a good token said.
type verified struct {
	principal authz.Principal
	audience  string
	kid       string
}

// cacheSize bounds each of the two generations of the cache.
const cacheSize = 4096

// cache remembers verified tokens by their SHA-256. When the young generation
// is full it becomes the old one and the old one is forgotten; what is in use
// moves back. The zero value is empty.
type cache struct {
	mu         sync.RWMutex
	young, old map[[32]byte]verified
}

func (c *cache) get(sum [32]byte) (verified, bool) {
	c.mu.RLock()
	v, ok := c.young[sum]
	if ok {
		c.mu.RUnlock()
		return v, true
	}
	v, ok = c.old[sum]
	c.mu.RUnlock()
	if ok {
		c.put(sum, v)
	}
	return v, ok
}

func (c *cache) put(sum [32]byte, v verified) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || len(c.young) >= cacheSize {
		c.old, c.young = c.young, make(map[[32]byte]verified, cacheSize/8)
	}
	c.young[sum] = v
}
