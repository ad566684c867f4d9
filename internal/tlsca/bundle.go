package tlsca

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// systemRoots is where Debian, Fedora, SUSE, RHEL, and Alpine and macOS keep theirs.
var systemRoots = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// Bundle writes the system's roots and this authority's certificate to one PEM file and gives its path.
// It is for clients whose settings replace the system's roots: REQUESTS_CA_BUNDLE, SSL_CERT_FILE. On a
// system without roots the file holds this authority's certificate alone.
func (a *Authority) Bundle() (path string, err error) {
	var out bytes.Buffer
	for _, root := range a.roots {
		raw, err := os.ReadFile(root)
		if err != nil {
			continue
		}
		if certs := certificates(raw); len(certs) > 0 {
			out.Write(certs)
			break
		}
	}
	fmt.Fprintf(&out, "# %s\n", a.cert.Subject.CommonName)
	out.Write(a.CertificatePEM())
	path = filepath.Join(a.dir, bundleFile)
	if err := writeFile(path, out.Bytes(), 0o644); err != nil {
		return "", fmt.Errorf("tlsca: %w", err)
	}
	return path, nil
}

// Pool gives a new pool that holds this authority's certificate alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// certificates keeps the certificates of a PEM file: a file of roots may hold text and, on some systems,
// blocks that OpenSSL alone understands.
func certificates(raw []byte) []byte {
	var out bytes.Buffer
	for {
		var block *pem.Block
		if block, raw = pem.Decode(raw); block == nil {
			return out.Bytes()
		}
		if block.Type == "CERTIFICATE" {
			out.Write(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		}
	}
}

// writeFile replaces the file in one step: a reader, or the next start after a crash, sees the old
// content or the new.
func writeFile(path string, content []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
