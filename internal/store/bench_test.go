package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// BenchmarkSet writes one small row per transaction, durably.
func BenchmarkSet(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := open(b, b.TempDir())
			tab := store.NewTable[fruit](s, "fruits")
			concurrently(b, writers, func(i int64) error {
				return s.Update(context.Background(), func(tx *store.Tx) error {
					return tab.Put(tx, store.K("a", fmt.Sprint(i%5000)), fruit{Colour: "red", Count: int(i)})
				})
			})
		})
	}
}

// BenchmarkChange reads a row and writes it back in one transaction.
func BenchmarkChange(b *testing.B) {
	s := open(b, b.TempDir())
	tab := store.NewTable[fruit](s, "fruits")
	concurrently(b, 64, func(i int64) error {
		return s.Update(context.Background(), func(tx *store.Tx) error {
			it, _, err := tab.GetTx(tx, store.K("a", fmt.Sprint(i%5000)))
			if err != nil {
				return err
			}
			it.Value.Count++
			return tab.Put(tx, store.K("a", fmt.Sprint(i%5000)), it.Value)
		})
	})
}

// BenchmarkGet reads a row of 10000 from memory.
func BenchmarkGet(b *testing.B) {
	s := open(b, b.TempDir())
	tab := store.NewTable[fruit](s, "fruits")
	keys := make([]store.Key, 10000)
	for from := 0; from < len(keys); from += 2500 {
		err := s.Update(context.Background(), func(tx *store.Tx) error {
			for i := from; i < from+2500; i++ {
				keys[i] = store.K("subscriptions", "groups", fmt.Sprint(i))
				if err := tab.Put(tx, keys[i], fruit{Colour: "red"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, ok := tab.Get(keys[i%len(keys)]); !ok {
				b.Fatal("missing")
			}
		}
	})
}

// concurrently runs f b.N times by n goroutines.
func concurrently(b *testing.B, n int, f func(i int64) error) {
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	errs := make(chan error, n)
	for range n {
		go func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					errs <- nil
					return
				}
				if err := f(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}
