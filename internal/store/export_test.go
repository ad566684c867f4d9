package store_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

func TestExportAndImport(t *testing.T) {
	s := open(t, t.TempDir())
	tab := store.NewTable[fruit](s, "room/fruits")
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 2500 { // more than a page
			if err := tab.Put(tx, store.K("a\x00/", fmt.Sprint(i)), fruit{Count: i}); err != nil {
				return err
			}
		}
		return tab.Delete(tx, store.K("gone"))
	})
	if err != nil {
		t.Fatal(err)
	}
	var dump bytes.Buffer
	if err := s.Export(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	text := dump.String()
	if err := s.Import(t.Context(), strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("Import over rows: %v", err)
	}
	s2 := open(t, t.TempDir())
	tab2 := store.NewTable[fruit](s2, "room/fruits")
	if err := s2.Import(t.Context(), strings.NewReader("PK\x03\x04")); err == nil {
		t.Error("Import of something else")
	}
	if err := s2.Import(t.Context(), strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if it, ok := tab2.Get(store.K("a\x00/", "1234")); !ok || it.Value.Count != 1234 || tab2.Len() != 2500 {
		t.Errorf("%d rows, %+v", tab2.Len(), it)
	}
	s3 := open(t, t.TempDir())
	if err := s3.Import(t.Context(), strings.NewReader(text[:len(text)-20])); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("Import of a part: %v", err)
	}
}
