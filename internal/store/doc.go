// Package store keeps the cloud's state: typed tables over the etcd API.
//
// It owns the etcd server embedded in the process (or the connection to a
// cluster), the layout of its keys, and an in-memory mirror of every table that
// a watch feeds. Reads ([Table.Get], [Table.List], [Table.By]) come from the
// mirror: no I/O, about a microsecond. Writes happen in [Store.Update], an
// optimistic transaction that returns when the change is on disk and visible
// to the next read of this process.
//
//	var secrets = store.NewTable[Secret](s, "vault/secrets")
//
//	err := s.Update(ctx, func(tx *store.Tx) error {
//		it, ok, err := secrets.GetTx(tx, store.K(vault, name))
//		if err != nil || !ok {
//			return err
//		}
//		it.Value.Enabled = false // a private copy
//		return secrets.Put(tx, it.Key, it.Value)
//	})
//
// Values are JSON (encoding/json) of the type parameter; unknown fields are
// dropped. What [Table.Get], [Table.List], [Table.By] and [Table.Watch] return
// shares the mirror's decoded value: read it, never change what it points to.
// What [Table.GetTx] and [Table.ListTx] return is the caller's own.
//
// Guarantees
//   - A transaction is atomic, durable (the log is fsynced) and serializable:
//     everything it read is still true when it commits, else it runs again.
//     An error returned by the function is checked the same way, so it never
//     speaks about a stale read.
//   - The mirror moves from revision to revision; a reader never sees half a
//     transaction within one call. Writes of other processes arrive by watch.
//   - A kill -9 loses nothing that was acknowledged.
//
// Limits of the embedded server: 4096 rows read or written in a transaction
// ([Table.ListTx] counts as two), 16 MiB in a transaction, 8 GiB in all
// ([ErrTooLarge], [ErrFull]). A cluster sets its own (etcd's defaults: 128 and 1.5 MiB).
//
// The package knows nothing of resources, secrets or HTTP; what must not be
// readable on a stolen disk is sealed before it comes here.
package store
