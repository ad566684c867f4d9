package registry

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/lazuli-cloud/lazuli/authz"
	"github.com/lazuli-cloud/lazuli/azure"
	"github.com/lazuli-cloud/lazuli/internal/httpd"
	"github.com/lazuli-cloud/lazuli/internal/store"
	"github.com/lazuli-cloud/lazuli/registry/oci"
)

// importRow is the row, by operation, of an import that was answered with 202: a
// stop of the cloud does not end it. When it has ended it stays for a while.
type importRow struct {
	Registry azure.ResourceID   `json:"registry"`
	Sealed   []byte             `json:"sealed,omitempty"` // the order, while it runs
	Ended    time.Time          `json:"ended,omitzero"`
	Status   int                `json:"status,omitempty"` // and Error: how it failed
	Error    *azure.ErrorDetail `json:"error,omitempty"`
}

// importOrder is what was asked for, and by whom. Credentials are in it.
type importOrder struct {
	Import    ImportImage     `json:"import"`
	Principal authz.Principal `json:"principal"`
	Remote    string          `json:"remote"`
	Event     oci.Event       `json:"event"`
}

func importSeal(operation string) string { return "registry/import/" + operation }

// keepImport writes the row of an import that takes longer.
func (s *Service) keepImport(ctx context.Context, operation string, job *importJob, order importOrder) error {
	text, err := json.Marshal(order)
	if err != nil {
		return err
	}
	row := importRow{Registry: job.registry}
	if row.Sealed, err = s.o.Seal.Seal(importSeal(operation), text); err != nil {
		return err
	}
	err = s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.importRows.Put(tx, store.K(operation), row) })
	select {
	case <-job.done: // it may have ended before there was a row
		s.settleImport(operation, job.err)
	default:
	}
	return conflictOr(err)
}

// settleImport notes in the row, if there is one, how the import ended. One that
// the stop of the cloud broke off goes on with the next start.
func (s *Service) settleImport(operation string, failure error) {
	if _, ok := s.importRows.Get(store.K(operation)); !ok || failure != nil && s.life.Err() != nil {
		return
	}
	err := s.o.Store.Update(context.WithoutCancel(s.life), func(tx *store.Tx) error {
		it, ok, err := s.importRows.GetTx(tx, store.K(operation))
		if err != nil || !ok {
			return err
		}
		row := importRow{Registry: it.Value.Registry, Ended: s.o.Now().UTC()}
		if failure != nil {
			e := azure.AsError(failure)
			d := e.Detail()
			row.Status, row.Error = e.Kind.Status(), &d
		}
		return s.importRows.Put(tx, it.Key, row)
	})
	if err != nil {
		s.o.Log.Error("an import that ended will be made again by the next start", "operation", operation, "error", err)
	}
}

// resumeImports goes on with what an earlier stop broke off.
func (s *Service) resumeImports(ctx context.Context) {
	for _, it := range s.importRows.List("", "", 0) {
		if !it.Value.Ended.IsZero() {
			continue
		}
		operation := it.Key.Parts()[0]
		if err := s.resumeImport(ctx, operation, it.Value); err != nil {
			s.o.Log.Warn("an import cannot go on", "operation", operation, "registry", it.Value.Registry.String(), "error", err)
			s.settleImport(operation, err)
		}
	}
}

// resumeImport asks again for every right: they may have ended.
func (s *Service) resumeImport(ctx context.Context, operation string, row importRow) error {
	text, err := s.o.Seal.Unseal(importSeal(operation), row.Sealed)
	if err != nil {
		return err
	}
	var order importOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	order.Import.Mode = "Force" // over what it wrote itself
	rec, err := s.recordOf(row.Registry)
	if err != nil {
		return err
	}
	target := rec.Registry
	target.LoginServer = s.loginServer(rec.Name)
	c, err := s.planImport(ctx, order, target)
	if err != nil {
		return err
	}
	s.startImport(operation, row.Registry, c)
	return nil
}

// forgetImports drops the rows of imports that ended long ago.
func (s *Service) forgetImports(ctx context.Context) error {
	var errs []error
	for _, it := range s.importRows.List("", "", 0) {
		if it.Value.Ended.IsZero() || s.o.Now().Sub(it.Value.Ended) < importKept {
			continue
		}
		errs = append(errs, s.o.Store.Update(ctx, func(tx *store.Tx) error { return s.importRows.Delete(tx, it.Key) }))
	}
	return errors.Join(errs...)
}

// keptImport tells how an import goes of which only the row is known.
func (s *Service) keptImport(operation string, registry azure.ResourceID) (ended, known bool, err error) {
	it, ok := s.importRows.Get(store.K(operation))
	if !ok || !it.Value.Registry.Equal(registry) {
		return false, false, nil
	}
	if it.Value.Error != nil {
		err = it.Value.Error.ErrorOf(it.Value.Status)
	}
	return !it.Value.Ended.IsZero(), true, err
}

// importEnded is the answer for an import that ended.
func importEnded(err error) (httpd.Reply[httpd.None], error) {
	return httpd.Reply[httpd.None]{Status: http.StatusOK}, err
}
