package vault

import (
	"context"
	"errors"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// purgeBatch is how many rows one transaction of a purge removes: an etcd
// cluster takes 128 operations in a transaction.
const purgeBatch = 100

// Sweep purges the deleted vaults and secrets whose retention has ended, and
// ends the purges that a crash broke off. It goes on after an error and returns
// all of them.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	var errs []error
	for _, it := range s.tables.vaults.By(byDeleted, "yes") {
		if d := it.Value.Deleted; d.Purging || !now.Before(d.PurgeAt) {
			errs = append(errs, s.purgeVault(ctx, it.Value))
		}
	}
	for _, it := range s.tables.secrets.By(byDeleted, "yes") {
		if d := it.Value.Deleted; d.Purging || !now.Before(d.PurgeAt) {
			errs = append(errs, s.purgeSecret(ctx, it.Key))
		}
	}
	return errors.Join(errs...)
}

// purgeVault removes a deleted vault for good: it is marked, its data key
// destroyed, its secrets removed, its name freed. Each step may run again.
func (s *Service) purgeVault(ctx context.Context, seen *vaultRecord) error {
	key, mine := vaultKey(seen.name()), false
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.tables.vaults.GetTx(tx, key)
		mine = ok && it.Value.Deleted != nil && it.Value.UID == seen.UID
		if err != nil || !mine || it.Value.Deleted.Purging {
			return err
		}
		it.Value.Deleted.Purging = true
		return s.tables.vaults.Put(tx, key, it.Value)
	})
	if err != nil || !mine { // recovered, or gone already
		return err
	}
	if err := s.o.Seal.Destroy(ctx, seen.dataKey()); err != nil {
		return err
	}
	always := func(*store.Tx) (bool, error) { return true, nil } // a UID is never used again
	if err := deleteRows(ctx, s.tables.versions, store.K(seen.UID), s.o.Store, always); err != nil {
		return err
	}
	if err := deleteRows(ctx, s.tables.secrets, store.K(seen.UID), s.o.Store, always); err != nil {
		return err
	}
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.tables.vaults.GetTx(tx, key)
		if err != nil || !ok || it.Value.UID != seen.UID {
			return err
		}
		return s.tables.vaults.Delete(tx, key)
	})
}

// purgeSecret removes a deleted secret for good.
func (s *Service) purgeSecret(ctx context.Context, key store.Key) error {
	mine := false
	err := s.o.Store.Update(ctx, func(tx *store.Tx) error {
		it, ok, err := s.tables.secrets.GetTx(tx, key)
		mine = ok && it.Value.Deleted != nil
		if err != nil || !mine || it.Value.Deleted.Purging {
			return err
		}
		it.Value.Deleted.Purging = true
		return s.tables.secrets.Put(tx, key, it.Value)
	})
	if err != nil || !mine { // recovered, or gone already
		return err
	}
	// Another purge may have ended meanwhile and the name be in use again.
	purging := func(tx *store.Tx) (bool, error) {
		it, ok, err := s.tables.secrets.GetTx(tx, key)
		return ok && it.Value.Deleted != nil && it.Value.Deleted.Purging, err
	}
	if err := deleteRows(ctx, s.tables.versions, key, s.o.Store, purging); err != nil {
		return err
	}
	return s.o.Store.Update(ctx, func(tx *store.Tx) error {
		if ok, err := purging(tx); !ok || err != nil {
			return err
		}
		return s.tables.secrets.Delete(tx, key)
	})
}

// deleteRows removes the rows under prefix, some at a time, while still holds.
func deleteRows[T any](ctx context.Context, t *store.Table[T], prefix store.Key, s *store.Store, still func(*store.Tx) (bool, error)) error {
	for goOn := true; goOn; {
		err := s.Update(ctx, func(tx *store.Tx) error {
			goOn = false
			if ok, err := still(tx); !ok || err != nil {
				return err
			}
			for _, it := range t.List(prefix, "", purgeBatch) {
				goOn = true
				if err := t.Delete(tx, it.Key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
