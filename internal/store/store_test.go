package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

type fruit struct {
	Colour string            `json:"colour"`
	Tags   map[string]string `json:"tags,omitempty"`
	Count  int               `json:"count"`
}

func open(t testing.TB, dir string) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := store.Open(ctx, store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put[T any](t testing.TB, s *store.Store, tab *store.Table[T], key store.Key, v T) {
	t.Helper()
	if err := s.Update(context.Background(), func(tx *store.Tx) error { return tab.Put(tx, key, v) }); err != nil {
		t.Fatal(err)
	}
}

func names[T any](items []store.Item[T]) string {
	var s []string
	for _, it := range items {
		s = append(s, it.Key.String())
	}
	return strings.Join(s, " ")
}

func TestRowsSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	fruits := store.NewTable[fruit](s, "fruits")
	put(t, s, fruits, store.K("apple"), fruit{Colour: "red"})
	put(t, s, fruits, store.K("pear"), fruit{Colour: "green"})
	put(t, s, fruits, store.K("apple"), fruit{Colour: "yellow"})
	before, _ := fruits.Get(store.K("apple"))
	if before.Value.Colour != "yellow" || before.ETag <= before.Created {
		t.Fatalf("apple is %+v", before)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Fatalf("Update after Close: %v", err)
	}
	s = open(t, dir)
	fruits = store.NewTable[fruit](s, "fruits")
	after, ok := fruits.Get(store.K("apple"))
	if !ok || after.Value.Colour != "yellow" || after.ETag != before.ETag || after.Created != before.Created {
		t.Fatalf("apple was %+v, is %+v", before, after)
	}
	if got := names(fruits.List("", "", 0)); got != "apple pear" {
		t.Fatalf("List = %q", got)
	}
}

func TestListing(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[int](s, "t")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for _, k := range []store.Key{
			store.K("b"), store.K("a", "2"), store.K("a"), store.K("ab"), store.K("a", "10"), store.K("a/2"), store.K("a\x00", "x"), store.K("a", "2", "z"),
		} {
			if err := tab.Put(tx, k, 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		prefix, after store.Key
		limit         int
		want          string
	}{
		{"", "", 0, "a a/10 a/2 a/2/z a%00/x a%2F2 ab b"},
		{store.K("a"), "", 0, "a a/10 a/2 a/2/z"},
		{store.K("a"), "", 2, "a a/10"},
		{store.K("a"), store.K("a", "10"), 2, "a/2 a/2/z"},
		{store.K("a"), store.K("a", "15"), 0, "a/2 a/2/z"}, // after need not exist
		{store.K("a", "2"), "", 0, "a/2 a/2/z"},
		{"", store.K("ab"), 0, "b"},
		{store.K("c"), "", 0, ""},
		{store.K("a"), store.K("b"), 0, ""},
	} {
		if got := names(tab.List(c.prefix, c.after, c.limit)); got != c.want {
			t.Errorf("List(%s, %s, %d) = %q, want %q", c.prefix, c.after, c.limit, got, c.want)
		}
	}
}

func TestWriteConditions(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[fruit](s, "fruits")
	apple := store.K("apple")
	put(t, s, tab, apple, fruit{Count: 1})
	old, _ := tab.Get(apple)
	put(t, s, tab, apple, fruit{Count: 2})
	now, _ := tab.Get(apple)

	for _, c := range []struct {
		name string
		f    func(tx *store.Tx) error
		want error
	}{
		{"insert over", func(tx *store.Tx) error { return tab.Insert(tx, apple, fruit{}) }, store.ErrExists},
		{"old etag", func(tx *store.Tx) error { return tab.PutIf(tx, apple, fruit{}, old.ETag) }, store.ErrConflict},
		{"etag 0 means absent", func(tx *store.Tx) error { return tab.PutIf(tx, apple, fruit{}, 0) }, store.ErrConflict},
		{"etag of nothing", func(tx *store.Tx) error { return tab.PutIf(tx, store.K("kiwi"), fruit{}, now.ETag) }, store.ErrConflict},
		{"current etag", func(tx *store.Tx) error { return tab.PutIf(tx, apple, fruit{Count: 3}, now.ETag) }, nil},
		{"insert", func(tx *store.Tx) error { return tab.Insert(tx, store.K("kiwi"), fruit{}) }, nil},
		{"delete, then insert", func(tx *store.Tx) error {
			return errors.Join(tab.Delete(tx, store.K("kiwi")), tab.Insert(tx, store.K("kiwi"), fruit{Count: 7}))
		}, nil},
		{"insert twice", func(tx *store.Tx) error {
			return errors.Join(tab.Insert(tx, store.K("fig"), fruit{}), tab.Insert(tx, store.K("fig"), fruit{}))
		}, store.ErrExists},
		{"delete nothing", func(tx *store.Tx) error { return tab.Delete(tx, store.K("none")) }, nil},
	} {
		if err := s.Update(t.Context(), c.f); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if got := names(tab.List("", "", 0)); got != "apple kiwi" {
		t.Errorf("rows %q: a refused transaction must write nothing", got)
	}
	if it, _ := tab.Get(apple); it.Value.Count != 3 {
		t.Errorf("apple is %+v", it.Value)
	}
}

func TestTransactionSeesItsOwnWritesAndOwnsItsValues(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[fruit](s, "fruits")
	put(t, s, tab, store.K("a", "1"), fruit{Tags: map[string]string{"x": "1"}})
	put(t, s, tab, store.K("a", "2"), fruit{})
	boom := errors.New("boom")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		it, _, err := tab.GetTx(tx, store.K("a", "1"))
		if err != nil {
			return err
		}
		it.Value.Tags["x"] = "changed"
		if err := errors.Join(tab.Put(tx, it.Key, it.Value), tab.Delete(tx, store.K("a", "2")), tab.Put(tx, store.K("a", "3"), fruit{})); err != nil {
			return err
		}
		items, err := tab.ListTx(tx, store.K("a"))
		if err != nil || names(items) != "a/1 a/3" || items[0].Value.Tags["x"] != "changed" {
			t.Errorf("ListTx = %v %v", items, err)
		}
		if _, ok, _ := tab.GetTx(tx, store.K("a", "2")); ok {
			t.Error("a deleted row is read")
		}
		return boom
	})
	if err != boom {
		t.Fatal(err)
	}
	if it, _ := tab.Get(store.K("a", "1")); it.Value.Tags["x"] != "1" {
		t.Errorf("a transaction that failed changed the mirror: %v", it.Value)
	}
	if got := names(tab.List("", "", 0)); got != "a/1 a/2" {
		t.Errorf("rows %q", got)
	}
}

func TestEveryIncrementCounts(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[int](s, "counter")
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 10 {
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					it, _, err := tab.GetTx(tx, store.K("n"))
					if err != nil {
						return err
					}
					return tab.Put(tx, store.K("n"), it.Value+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if it, _ := tab.Get(store.K("n")); it.Value != 320 {
		t.Errorf("320 increments gave %d", it.Value)
	}
}

// A list within a transaction is as safe as a lock: rows added, changed and
// deleted by others make it run again.
func TestNoPhantoms(t *testing.T) {
	for _, c := range []struct {
		name   string
		meddle func(tab *store.Table[int], tx *store.Tx) error
		want   int
	}{
		{"added", func(tab *store.Table[int], tx *store.Tx) error { return tab.Put(tx, store.K("a", "3"), 3) }, 6},
		{"changed", func(tab *store.Table[int], tx *store.Tx) error { return tab.Put(tx, store.K("a", "1"), 5) }, 7},
		{"deleted", func(tab *store.Table[int], tx *store.Tx) error { return tab.Delete(tx, store.K("a", "1")) }, 2},
		{"elsewhere", func(tab *store.Table[int], tx *store.Tx) error { return tab.Put(tx, store.K("ab"), 9) }, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			tab := store.NewTable[int](s, "t")
			put(t, s, tab, store.K("a", "1"), 1)
			put(t, s, tab, store.K("a", "2"), 2)
			tries := 0
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				items, err := tab.ListTx(tx, store.K("a"))
				if err != nil {
					return err
				}
				if tries++; tries == 1 {
					if err := s.Update(t.Context(), func(tx *store.Tx) error { return c.meddle(tab, tx) }); err != nil {
						return err
					}
				}
				sum := 0
				for _, it := range items {
					sum += it.Value
				}
				return tab.Put(tx, store.K("sum"), sum)
			})
			if err != nil {
				t.Fatal(err)
			}
			if it, _ := tab.Get(store.K("sum")); it.Value != c.want {
				t.Errorf("sum %d after %d tries, want %d", it.Value, tries, c.want)
			}
			if c.name == "elsewhere" && tries != 1 {
				t.Errorf("%d tries for a change outside of the prefix", tries)
			}
		})
	}
}

// An error that rests on a read which no longer holds is not returned: the
// transaction runs again.
func TestRefusalsAreAboutThePresent(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[int](s, "t")
	missing, tries := errors.New("missing"), 0
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		_, ok, err := tab.GetTx(tx, store.K("a"))
		if err != nil {
			return err
		}
		if tries++; tries == 1 {
			put(t, s, tab, store.K("a"), 1)
		}
		if !ok {
			return missing
		}
		return nil
	})
	if err != nil || tries != 2 {
		t.Errorf("%v after %d tries", err, tries)
	}
	tries = 0
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		tries++
		return tab.Insert(tx, store.K("a"), 2)
	})
	if !errors.Is(err, store.ErrExists) || tries != 1 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

func TestIndex(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	byTag := store.Index[fruit]{Name: "tag", Keys: func(f fruit) []string {
		var keys []string
		for k := range f.Tags {
			keys = append(keys, k)
		}
		return keys
	}}
	tab := store.NewTable(s, "fruits", byTag)
	put(t, s, tab, store.K("b"), fruit{Tags: map[string]string{"sweet": "", "red": ""}})
	put(t, s, tab, store.K("a"), fruit{Tags: map[string]string{"sweet": ""}})
	put(t, s, tab, store.K("c"), fruit{})
	check := func(sweet, red string) {
		t.Helper()
		if got := names(tab.By("tag", "sweet")); got != sweet {
			t.Errorf("sweet: %q, want %q", got, sweet)
		}
		if got := names(tab.By("tag", "red")); got != red {
			t.Errorf("red: %q, want %q", got, red)
		}
	}
	check("a b", "b")
	put(t, s, tab, store.K("b"), fruit{Tags: map[string]string{"red": ""}})
	check("a", "b")
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tab.Delete(tx, store.K("b")) }); err != nil {
		t.Fatal(err)
	}
	check("a", "")
	s.Close()
	s = open(t, dir)
	tab = store.NewTable(s, "fruits", byTag)
	check("a", "")
}

func TestWatch(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[int](s, "t")
	ctx, cancel := context.WithCancel(t.Context())
	events := tab.Watch(ctx)
	put(t, s, tab, store.K("a"), 1)
	put(t, s, tab, store.K("a"), 2)
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tab.Delete(tx, store.K("a")) }); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		e := <-events
		got = append(got, fmt.Sprintf("%s %d %t", e.Item.Key, e.Item.Value, e.Deleted))
	}
	if strings.Join(got, ", ") != "a 1 false, a 2 false, a 2 true" {
		t.Errorf("events %v", got)
	}
	// Nobody receives: writers go on, and afterwards the last state arrives.
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 3000 {
			if err := tab.Put(tx, store.K(fmt.Sprint(i)), 1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		put(t, s, tab, store.K("5"), i)
		put(t, s, tab, store.K("last"), i)
	}
	var last int
	for e := range events {
		if e.Item.Key == store.K("last") && e.Item.Value == 2 {
			break
		}
		if e.Item.Key == store.K("5") {
			last = e.Item.Value
		}
	}
	if last != 2 {
		t.Errorf("the last event of row 5 says %d", last)
	}
	cancel()
	for range events { // must end
	}
}

func TestExpiry(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[int](s, "t")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tab.PutTTL(tx, store.K("a"), 1, time.Second), tab.Put(tx, store.K("b"), 1))
	})
	if err != nil {
		t.Fatal(err)
	}
	events := tab.Watch(t.Context())
	if _, ok := tab.Get(store.K("a")); !ok {
		t.Error("the row is not there")
	}
	select {
	case e := <-events:
		if e.Item.Key != store.K("a") || !e.Deleted {
			t.Errorf("event %+v", e)
		}
	case <-time.After(5 * time.Second):
		t.Error("the row did not expire")
	}
	if got := names(tab.List("", "", 0)); got != "b" {
		t.Errorf("rows %q", got)
	}
}

func TestTooLarge(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[string](s, "t")
	rows := func(n int, v string) error {
		return s.Update(t.Context(), func(tx *store.Tx) error {
			for i := range n {
				if err := tab.Put(tx, store.K(fmt.Sprint(i)), v); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := rows(4096, "x"); err != nil {
		t.Error(err)
	}
	if err := rows(4097, "x"); !errors.Is(err, store.ErrTooLarge) || !strings.Contains(err.Error(), "4096") {
		t.Error(err)
	}
	if err := rows(1, strings.Repeat("x", 4<<20)); err != nil {
		t.Error(err)
	}
	if err := rows(1, strings.Repeat("x", 17<<20)); !errors.Is(err, store.ErrTooLarge) {
		t.Error(err)
	}
	if tab.Len() != 4096 {
		t.Errorf("%d rows", tab.Len())
	}
}

func TestDirectoryInUse(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := store.Open(t.Context(), store.Options{Dir: dir})
	var inUse *store.InUseError
	if !errors.As(err, &inUse) || inUse.PID == "" {
		t.Fatalf("second Open: %v", err)
	}
}
