package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// maxMasterFile bounds what is read as a master key file.
const maxMasterFile = 1 << 20

// MasterFile is a master key kept in a file: a Tink keyset in JSON, readable by
// its owner only. Safe for concurrent use by one process.
type MasterFile struct {
	path   string
	mu     sync.RWMutex
	handle *keyset.Handle
	aead   tink.AEAD
}

// OpenMasterFile reads the master key at path, or makes one there (mode 0600,
// written whole or not at all) when the file does not exist. A file that others
// may read is refused: its key may be known to them.
func OpenMasterFile(path string) (*MasterFile, error) {
	m := &MasterFile{path: path}
	err := m.read()
	if errors.Is(err, fs.ErrNotExist) {
		if err = m.create(); err == nil {
			err = m.read() // another process may have been first
		}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// EncryptWithContext wraps under the newest key. It makes MasterFile a
// tink.AEADWithContext; ctx is not used.
func (m *MasterFile) EncryptWithContext(_ context.Context, plaintext, associatedData []byte) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.aead.Encrypt(plaintext, associatedData)
}

// DecryptWithContext unwraps with whichever key of the file wrapped.
func (m *MasterFile) DecryptWithContext(_ context.Context, ciphertext, associatedData []byte) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.aead.Decrypt(ciphertext, associatedData)
}

// Rotate adds a new key to the file, which wraps from now on; the old ones stay
// to unwrap. Other processes see it when they open the file again.
func (m *MasterFile) Rotate() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	manager := keyset.NewManagerFromHandle(m.handle)
	return m.replace(manager, addPrimary(manager))
}

// Prune drops every key but the newest. What they wrapped is lost: call it only
// after [Ring.Rewrap].
func (m *MasterFile) Prune() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	manager := keyset.NewManagerFromHandle(m.handle)
	info := m.handle.KeysetInfo()
	for _, k := range info.GetKeyInfo() {
		if k.GetKeyId() == info.GetPrimaryKeyId() {
			continue
		}
		if err := manager.Delete(k.GetKeyId()); err != nil {
			return fmt.Errorf("cannot drop an old master key of %s: %w", m.path, err)
		}
	}
	return m.replace(manager, nil)
}

// replace writes the manager's keys over the file and uses them.
func (m *MasterFile) replace(manager *keyset.Manager, err error) error {
	if err != nil {
		return fmt.Errorf("cannot change the master key %s: %w", m.path, err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("cannot change the master key %s: %w", m.path, err)
	}
	err = m.write(handle, os.Rename)
	if err != nil {
		return err
	}
	return m.use(handle)
}

func (m *MasterFile) use(handle *keyset.Handle) error {
	a, err := aead.New(handle)
	if err != nil {
		return fmt.Errorf("the master key file %s holds no usable key: %w; restore it from your backup", m.path, err)
	}
	m.handle, m.aead = handle, a
	return nil
}

func (m *MasterFile) read() error {
	info, err := os.Lstat(m.path)
	if err != nil {
		return fmt.Errorf("cannot read the master key: %w", err)
	}
	switch {
	case !info.Mode().IsRegular():
		return fmt.Errorf("the master key %s is not a regular file; point to the file itself", m.path)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("the master key %s is open to other users (mode %04o); run: chmod 600 %s, and rotate the master key if others may have read it",
			m.path, info.Mode().Perm(), m.path)
	case info.Size() > maxMasterFile:
		return fmt.Errorf("the master key %s has %d bytes and cannot be a key file; restore it from your backup", m.path, info.Size())
	}
	data, err := os.ReadFile(m.path)
	if err != nil {
		return fmt.Errorf("cannot read the master key: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return fmt.Errorf("the master key file %s is damaged: %w; restore it from your backup", m.path, err)
	}
	return m.use(handle)
}

// create writes a new key file unless one has appeared meanwhile.
func (m *MasterFile) create() error {
	handle, err := newKeyset()
	if err != nil {
		return fmt.Errorf("cannot make a master key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(m.path), 0o700); err != nil {
		return fmt.Errorf("cannot make the folder of the master key: %w", err)
	}
	err = m.write(handle, os.Link) // unlike a rename, a link never replaces
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// write puts the keyset into a file beside path and moves it there with place.
func (m *MasterFile) write(handle *keyset.Handle, place func(from, to string) error) error {
	var data bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&data)); err != nil {
		return fmt.Errorf("cannot encode the master key: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(m.path), ".master-*") // mode 0600
	if err != nil {
		return fmt.Errorf("cannot write the master key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data.Bytes())
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = place(f.Name(), m.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(m.path))
	}
	if err != nil {
		return fmt.Errorf("cannot write the master key %s: %w", m.path, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// newKeyset makes a keyset of one random AES-256-GCM key.
func newKeyset() (*keyset.Handle, error) {
	manager := keyset.NewManager()
	if err := addPrimary(manager); err != nil {
		return nil, err
	}
	return manager.Handle()
}

func addPrimary(manager *keyset.Manager) error {
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink,
	})
	if err != nil {
		return err
	}
	id, err := manager.AddNewKeyFromParameters(parameters)
	if err != nil {
		return err
	}
	return manager.SetPrimary(id)
}
