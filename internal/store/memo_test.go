package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// TestMemo: what is remembered is given without work while nothing changes, and never after a change that was acknowledged.
func TestMemo(t *testing.T) {
	s := open(t, t.TempDir())
	tab, other := store.NewTable[fruit](s, "fruits"), store.NewTable[fruit](s, "others")
	memo := store.NewMemo[string, int](s)
	var mu sync.Mutex
	works := 0
	count := func(key string) (int, error) {
		return memo.Get(key, func() (int, error) {
			mu.Lock()
			works++
			mu.Unlock()
			it, ok := tab.Get(store.K(key))
			if !ok {
				return 0, errors.New("no such row")
			}
			return it.Value.Count, nil
		})
	}
	put := func(tab *store.Table[fruit], key string, n int) {
		t.Helper()
		err := s.Update(context.Background(), func(tx *store.Tx) error { return tab.Put(tx, store.K(key), fruit{Count: n}) })
		if err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if _, err := count("a"); err == nil {
			t.Fatal("a row that is not there has a count")
		}
	}
	if works != 2 {
		t.Errorf("%d works for two errors, want 2: an error is not remembered", works)
	}
	put(tab, "a", 1)
	for range 3 {
		if n, err := count("a"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if works != 3 {
		t.Errorf("%d works, want 3: the same is asked three times", works)
	}
	put(other, "x", 1) // any row
	if n, err := count("a"); n != 1 || err != nil || works != 4 {
		t.Fatal(n, err, works)
	}

	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			last := 0
			for {
				select {
				case <-stop:
					return
				default:
				}
				n, err := count("a")
				if n < last || err != nil {
					t.Errorf("%d after %d: %v", n, last, err)
					return
				}
				last = n
			}
		})
	}
	for n := 2; n < 60; n++ {
		put(tab, "a", n)
		if got, err := count("a"); got != n || err != nil {
			t.Errorf("%d, %v after %d was written", got, err, n)
		}
	}
	close(stop)
	readers.Wait()
}
