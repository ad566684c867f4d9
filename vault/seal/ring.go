package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/lazuli-cloud/lazuli/internal/store"
)

// Errors of this package; test with errors.Is.
var (
	// ErrNoKey: the box has no data key: it was never made, or was destroyed.
	ErrNoKey = errors.New("seal: no such data key")
	// ErrMaster: the master key does not unwrap this cloud's data keys: it is
	// another cloud's, or the KMS refuses.
	ErrMaster = errors.New("seal: the master key does not fit the stored data keys")
	// ErrTampered: what was to be unsealed is damaged, or was sealed by another
	// box or with other associated data.
	ErrTampered = errors.New("seal: the sealed data does not verify")
)

// Options say where keys are.
type Options struct {
	Store  *store.Store
	Master tink.AEADWithContext // a [MasterFile] or a KMS client; wraps with the box's name as associated data
	Now    func() time.Time     // nil means time.Now
}

// Ring holds the data keys. Safe for concurrent use.
type Ring struct {
	master tink.AEADWithContext
	store  *store.Store
	keys   *store.Table[dataKey]
	now    func() time.Time
	open   sync.Map // box name -> *Box
}

// dataKey is the stored form of a box's key.
type dataKey struct {
	Wrapped []byte    `json:"wrapped"` // an encrypted Tink keyset
	Created time.Time `json:"created"`
	Wrote   time.Time `json:"wrote"` // when it was last wrapped
}

// checkBox is a box that seals nothing: opening it at start-up proves that the
// master key is the right one.
const checkBox = "check"

// Open opens the ring of a store. A master key that is not the one the store's
// data keys were wrapped with is ErrMaster, found here and not at the first read.
func Open(ctx context.Context, o Options) (*Ring, error) {
	r := &Ring{master: o.Master, store: o.Store, keys: store.NewTable[dataKey](o.Store, "seal/keys"), now: o.Now}
	if r.now == nil {
		r.now = time.Now
	}
	if _, err := r.Box(ctx, checkBox); err != nil {
		return nil, err
	}
	return r, nil
}

// Box opens the box called name and makes its data key at first use. Not for
// use inside a store transaction: see [Ring.Make].
func (r *Ring) Box(ctx context.Context, name string) (*Box, error) {
	b, err := r.Existing(ctx, name)
	if !errors.Is(err, ErrNoKey) {
		return b, err
	}
	err = r.store.Update(ctx, func(tx *store.Tx) error { return r.Make(ctx, tx, name) })
	if err != nil && !errors.Is(err, store.ErrExists) {
		return nil, err
	}
	return r.Existing(ctx, name)
}

// Existing opens the box called name. The error is ErrNoKey when it has no data
// key, ErrMaster when that does not unwrap.
func (r *Ring) Existing(ctx context.Context, name string) (*Box, error) {
	if b, ok := r.open.Load(name); ok {
		return b.(*Box), nil
	}
	it, ok := r.keys.Get(store.K(name))
	if !ok {
		return nil, fmt.Errorf("%w for %q", ErrNoKey, name)
	}
	handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(it.Value.Wrapped)), r.master, wrapping(name))
	if err != nil {
		return nil, fmt.Errorf("%w (data key %q: %w); give the master key file or KMS key this data was sealed with", ErrMaster, name, err)
	}
	a, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("cannot use data key %q: %w", name, err)
	}
	b, _ := r.open.LoadOrStore(name, &Box{name: name, aead: a})
	return b.(*Box), nil
}

// Make makes the data key of a new box within tx; a box that is there is
// store.ErrExists. It calls the master key, which for a KMS is a network call.
func (r *Ring) Make(ctx context.Context, tx *store.Tx, name string) error {
	handle, err := newKeyset()
	if err != nil {
		return fmt.Errorf("cannot make data key %q: %w", name, err)
	}
	wrapped, err := r.wrap(ctx, name, handle)
	if err != nil {
		return err
	}
	now := r.now().UTC()
	return r.keys.Insert(tx, store.K(name), dataKey{Wrapped: wrapped, Created: now, Wrote: now})
}

// Destroy removes the data key of a box for good: whatever the box sealed cannot
// be read again by anyone. A box that is not there is no error. Other processes
// that have the box open keep its key until they end.
func (r *Ring) Destroy(ctx context.Context, name string) error {
	err := r.store.Update(ctx, func(tx *store.Tx) error { return r.keys.Delete(tx, store.K(name)) })
	if err == nil {
		r.open.Delete(name)
	}
	return err
}

// Rewrap wraps every data key with the master key's newest version and tells how
// many there are. Sealed data stays as it is.
func (r *Ring) Rewrap(ctx context.Context) (int, error) {
	n := 0
	for _, it := range r.keys.List("", "", 0) {
		name := it.Key.Parts()[0]
		err := r.store.Update(ctx, func(tx *store.Tx) error {
			row, ok, err := r.keys.GetTx(tx, it.Key)
			if err != nil || !ok {
				return err
			}
			handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(row.Value.Wrapped)), r.master, wrapping(name))
			if err != nil {
				return fmt.Errorf("%w (data key %q: %w)", ErrMaster, name, err)
			}
			if row.Value.Wrapped, err = r.wrap(ctx, name, handle); err != nil {
				return err
			}
			row.Value.Wrote = r.now().UTC()
			return r.keys.Put(tx, it.Key, row.Value)
		})
		if err != nil {
			return n, fmt.Errorf("cannot wrap data key %q anew: %w", name, err)
		}
		n++
	}
	return n, nil
}

// Rotate gives the ring a new master key: a new one in the file, every data key
// wrapped with it, the old one dropped. It tells how many data keys there are.
// If it fails, nothing is lost; run it again.
func Rotate(ctx context.Context, m *MasterFile, r *Ring) (int, error) {
	if err := m.Rotate(); err != nil {
		return 0, err
	}
	n, err := r.Rewrap(ctx)
	if err != nil {
		return n, err
	}
	return n, m.Prune()
}

func (r *Ring) wrap(ctx context.Context, name string, handle *keyset.Handle) ([]byte, error) {
	var out bytes.Buffer
	if err := handle.WriteWithContext(ctx, keyset.NewBinaryWriter(&out), r.master, wrapping(name)); err != nil {
		return nil, fmt.Errorf("cannot wrap data key %q with the master key: %w", name, err)
	}
	return out.Bytes(), nil
}

// wrapping is the associated data of a wrapped data key: it opens only as the
// key of its own box.
func wrapping(name string) []byte { return Bind("lazuli data key", name) }

// Box seals and unseals with one data key. Safe for concurrent use.
type Box struct {
	name string
	aead tink.AEAD
}

// Seal encrypts plaintext, bound to the associated data. Sealing the same
// plaintext twice gives different bytes.
func (b *Box) Seal(plaintext, associated []byte) ([]byte, error) {
	sealed, err := b.aead.Encrypt(plaintext, associated)
	if err != nil {
		return nil, fmt.Errorf("cannot seal with data key %q: %w", b.name, err)
	}
	return sealed, nil
}

// Unseal gives back what [Box.Seal] was given with the same associated data, or
// ErrTampered.
func (b *Box) Unseal(sealed, associated []byte) ([]byte, error) {
	plaintext, err := b.aead.Decrypt(sealed, associated)
	if err != nil {
		return nil, fmt.Errorf("%w with data key %q", ErrTampered, b.name)
	}
	return plaintext, nil
}
