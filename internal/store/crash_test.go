package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// crashDir makes the test binary a writer on that directory that never ends.
const crashDir = "STORE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		writeForever(dir)
	}
	os.Exit(m.Run())
}

// writeForever prints "WRITER NUMBER" when a row is acknowledged.
func writeForever(dir string) {
	s, err := store.Open(context.Background(), store.Options{Dir: dir})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	tab := store.NewTable[int](s, "acked")
	next := 0
	if n := tab.Len(); n > 0 {
		next = n // rows of earlier lives stay
	}
	for w := range 8 {
		go func() {
			for i := next; ; i++ {
				key := store.K(fmt.Sprint(w), fmt.Sprint(i))
				if err := s.Update(context.Background(), func(tx *store.Tx) error { return tab.Insert(tx, key, i) }); err != nil {
					fmt.Println("update:", err)
					os.Exit(1)
				}
				fmt.Println(w, i)
			}
		}()
	}
	select {}
}

// Whatever was acknowledged before a kill -9 is there after it, and neither the
// lock nor the log of the dead process is in the way of the next.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	acked := map[[2]int]bool{}
	for round := range 4 {
		c := exec.Command(exe)
		c.Env = append(os.Environ(), crashDir+"="+dir)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		stop := time.AfterFunc(20*time.Second, func() { c.Process.Kill() })
		killAt, n := 100+rand.IntN(600), 0
		for lines.Scan() { // lines in the pipe when it dies count too
			var w, i int
			if _, err := fmt.Sscan(lines.Text(), &w, &i); err != nil {
				t.Fatalf("round %d: %s", round, lines.Text())
			}
			acked[[2]int{w, i}] = true
			if n++; n == killAt {
				if round == 0 {
					_, err := store.Open(t.Context(), store.Options{Dir: dir})
					if want := fmt.Sprintf("store: %s is in use by process %d: stop it or use another data directory", dir, c.Process.Pid); err == nil || err.Error() != want {
						t.Errorf("second process: %v, want %s", err, want)
					}
				}
				c.Process.Kill()
			}
		}
		c.Wait()
		stop.Stop()
		if n < killAt {
			t.Fatalf("round %d: the writer stopped after %d rows", round, n)
		}
	}
	s := open(t, dir)
	tab := store.NewTable[int](s, "acked")
	for k := range acked {
		if it, ok := tab.Get(store.K(fmt.Sprint(k[0]), fmt.Sprint(k[1]))); !ok || it.Value != k[1] {
			t.Errorf("acknowledged row %v is lost", k)
		}
	}
	t.Logf("%d acknowledged, %d there", len(acked), tab.Len())
}
