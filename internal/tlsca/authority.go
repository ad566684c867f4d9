package tlsca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	keyFile    = "ca.key"
	certFile   = "ca.pem"
	bundleFile = "bundle.pem"

	lifetime = 10 * 365 * 24 * time.Hour
	// skew is how far a client's clock may be behind ours.
	skew = 24 * time.Hour
)

// Options says where the authority lives and what it may vouch for. Dir and Domain are required.
type Options struct {
	// Dir holds the authority's files; it is made if it does not exist.
	Dir string
	// Domain is the cloud's domain, as in lazuli.localhost.
	Domain string
	// Roots are PEM files with the system's roots; Bundle takes the first that can be read. Nil means
	// the places where Linux distributions and macOS keep them.
	Roots []string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Authority makes certificates for names of one domain. It is safe for concurrent use.
type Authority struct {
	dir    string
	domain string
	roots  []string
	now    func() time.Time
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// Open loads the authority in the directory, or makes it if there is none yet.
//
// It fails, and names the file, if the files do not belong together, the key can be read by others, the
// authority has expired, or it was made for another domain: a new authority has to be trusted anew, so
// replacing one is left to the operator.
func Open(o Options) (*Authority, error) {
	domain := strings.ToLower(strings.TrimSuffix(o.Domain, "."))
	if !isHostname(domain) {
		return nil, fmt.Errorf("tlsca: the domain %q is not a DNS name", o.Domain)
	}
	a := &Authority{dir: o.Dir, domain: domain, roots: o.Roots, now: o.Now, leaves: map[string]*tls.Certificate{}}
	if a.now == nil {
		a.now = time.Now
	}
	if a.roots == nil {
		a.roots = systemRoots
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("tlsca: %w", err)
	}
	err := a.load()
	if errors.Is(err, fs.ErrNotExist) {
		err = a.create()
	}
	if err != nil {
		return nil, fmt.Errorf("tlsca: %w", err)
	}
	return a, nil
}

// Certificate is the authority's own certificate. It must not be changed.
func (a *Authority) Certificate() *x509.Certificate { return a.cert }

// CertificatePEM is the authority's own certificate in PEM, for download.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// CertificateFile is the path of the file that holds CertificatePEM.
func (a *Authority) CertificateFile() string { return filepath.Join(a.dir, certFile) }

// Config gives a new server configuration that uses the authority: TLS 1.2 or newer. The caller adds
// protocols for negotiation.
func (a *Authority) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.GetCertificate}
}

// load reads both files. It gives fs.ErrNotExist if there is no certificate: the certificate is written
// last, so a key without one is left from a start that was interrupted and has signed nothing.
func (a *Authority) load() error {
	raw, err := os.ReadFile(a.CertificateFile())
	if err != nil {
		return err
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != "CERTIFICATE" {
		return fmt.Errorf("%s holds no PEM certificate: restore it from a backup, or move it away to have a new authority made", a.CertificateFile())
	}
	if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return fmt.Errorf("%s: %w", a.CertificateFile(), err)
	}
	if a.key, err = readKey(filepath.Join(a.dir, keyFile)); err != nil {
		return err
	}
	return a.check()
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		// Not wrapped: a missing key must not look like a missing authority.
		return nil, fmt.Errorf("the key of the authority cannot be read: %v: restore it from a backup, or move %s away to have a new authority made", err, certFile)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by other users (mode %04o): if nobody has, run chmod 600 on it, else move it and %s away", path, mode, certFile)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM key: restore it from a backup, or move it and %s away to have a new authority made", path, certFile)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T, want an ECDSA key", path, parsed)
	}
	return key, nil
}

func (a *Authority) check() error {
	pub, ok := a.cert.PublicKey.(*ecdsa.PublicKey)
	switch {
	case !ok || !pub.Equal(&a.key.PublicKey):
		return fmt.Errorf("%s and %s in %s do not belong together: restore both from the same backup", keyFile, certFile, a.dir)
	case !a.cert.IsCA:
		return fmt.Errorf("%s is not the certificate of an authority", a.CertificateFile())
	case !slices.Contains(a.cert.PermittedDNSDomains, a.domain):
		return fmt.Errorf("%s was made for %s, not for %s: move %s and %s away to have a new authority made, and trust that one",
			a.CertificateFile(), strings.Join(a.cert.PermittedDNSDomains, " and "), a.domain, certFile, keyFile)
	case a.now().After(a.cert.NotAfter):
		return fmt.Errorf("%s expired on %s: move %s and %s away to have a new authority made, and trust that one",
			a.CertificateFile(), a.cert.NotAfter.Format(time.DateOnly), certFile, keyFile)
	}
	return nil
}

func (a *Authority) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	id, err := keyID(&key.PublicKey)
	if err != nil {
		return err
	}
	now := a.now()
	template := &x509.Certificate{
		// The name is part of how clients find an issuer: two authorities must never share one.
		Subject: pkix.Name{
			Organization: []string{"Lazuli"},
			CommonName:   fmt.Sprintf("Lazuli local authority %s", hex.EncodeToString(id[:6])),
		},
		NotBefore: now.Add(-skew), NotAfter: now.Add(lifetime),
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
		SubjectKeyId:                id,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{a.domain, "localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	a.key = key
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	if err := writeFile(filepath.Join(a.dir, keyFile), keyPEM, 0o600); err != nil {
		return err
	}
	return writeFile(a.CertificateFile(), a.CertificatePEM(), 0o644)
}
