package oci

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The load of the test: 1 GiB from 8 clients at once, and what the whole cloud
// may hold of memory meanwhile.
const (
	pushers     = 8
	pushedBytes = 128 << 20
	mayHold     = 200 << 20
)

// stream gives bytes that differ from client to client, the same at each reading.
type stream struct {
	at, size int
	seed     [8]byte
}

func (s *stream) Read(p []byte) (int, error) {
	n := min(len(p), s.size-s.at)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range p[:n] {
		p[i] = s.seed[(s.at+i)%len(s.seed)]
	}
	s.at += n
	return n, nil
}

func content(i int) io.Reader {
	s := &stream{size: pushedBytes}
	binary.LittleEndian.PutUint64(s.seed[:], uint64(i)+1)
	return s
}

// TestMemoryWhilePushing pushes large layers at once: they must stream.
func TestMemoryWhilePushing(t *testing.T) {
	server := registry(t, "memory", "Premium")
	words := strings.Fields(cloud.Sh(t, `az acr update -n memory --admin-enabled true >/dev/null && az acr credential show -n memory --query "[username, passwords[0].value]" -o tsv`))
	client := cloud.Client(t)
	client.Timeout = 0
	var highest atomic.Int64
	done := make(chan struct{})
	var sampling, pushing sync.WaitGroup
	sampling.Go(func() {
		for {
			highest.Store(max(highest.Load(), resident(cloud.PID())))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	before, start := resident(cloud.PID()), time.Now()
	for i := range pushers {
		pushing.Go(func() {
			sum := sha256.New()
			if _, err := io.Copy(sum, content(i)); err != nil {
				t.Error(err)
				return
			}
			r, err := http.NewRequest("POST", fmt.Sprintf("https://%s/v2/big/blobs/uploads/?digest=sha256:%x", server, sum.Sum(nil)), content(i))
			if err != nil {
				t.Error(err)
				return
			}
			r.ContentLength = pushedBytes
			r.SetBasicAuth(words[0], words[1])
			res, err := client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusCreated {
				t.Errorf("push: %s", res.Status)
			}
		})
	}
	pushing.Wait()
	close(done)
	sampling.Wait()
	t.Logf("%d MiB in %s; the whole cloud held %d MiB before and %d MiB at most", pushers*pushedBytes>>20, time.Since(start).Round(time.Millisecond), before>>20, highest.Load()>>20)
	if highest.Load() > mayHold {
		t.Errorf("the cloud held %d MiB while it was pushed to, want %d at most", highest.Load()>>20, mayHold>>20)
	}
}

// resident is the memory of a process in bytes.
func resident(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
