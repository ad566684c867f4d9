package tlsca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

const (
	leafLifetime = 90 * 24 * time.Hour
	renewBefore  = leafLifetime / 3
	// maxLeaves bounds the memory that callers can take by asking for invented names.
	maxLeaves = 4096
)

// GetCertificate gives the certificate for the name a client asks for; it fits tls.Config.
//
// A client that names nothing, as those do that connect to an address, gets a certificate for the
// loopback address it connected to, or for the domain if that is not one. A name that is neither the
// domain, nor beneath it, nor localhost, nor a loopback address is refused.
func (a *Authority) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if name == "" {
		name = a.domain
		if hello.Conn != nil {
			if local, err := netip.ParseAddrPort(hello.Conn.LocalAddr().String()); err == nil && local.Addr().Unmap().IsLoopback() {
				name = local.Addr().Unmap().WithZone("").String()
			}
		}
	}
	return a.Leaf(name)
}

// Leaf gives a certificate for the one name or loopback address, valid for 30 days or more (less only
// when the authority itself expires). It must not be changed.
func (a *Authority) Leaf(name string) (*tls.Certificate, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	addr, isAddr := parseAddr(name)
	if isAddr {
		name = addr.String()
	}
	if !a.covers(name, addr) {
		return nil, fmt.Errorf("tlsca: no certificate for %q: this cloud serves %s, names beneath it, localhost and loopback addresses", clip(name), a.domain)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if leaf := a.leaves[name]; leaf != nil && a.fresh(leaf.Leaf, now) {
		return leaf, nil
	}
	leaf, err := a.sign(name, addr, now)
	if err != nil {
		return nil, fmt.Errorf("tlsca: certificate for %s: %w", name, err)
	}
	if len(a.leaves) >= maxLeaves {
		a.evict()
	}
	a.leaves[name] = leaf
	return leaf, nil
}

func (a *Authority) fresh(leaf *x509.Certificate, now time.Time) bool {
	if now.Before(leaf.NotBefore) {
		return false // the clock was set back
	}
	return now.Before(leaf.NotAfter.Add(-renewBefore)) || leaf.NotAfter.Equal(a.cert.NotAfter)
}

// evict drops a share of the leaves, whichever the map gives first: making one again takes microseconds.
func (a *Authority) evict() {
	drop := maxLeaves / 8
	for name := range a.leaves {
		if drop--; drop < 0 {
			return
		}
		delete(a.leaves, name)
	}
}

func parseAddr(name string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}

// covers says whether the authority's name constraints allow the name.
func (a *Authority) covers(name string, addr netip.Addr) bool {
	if addr.IsValid() {
		return addr.IsLoopback()
	}
	return isHostname(name) && (name == "localhost" || name == a.domain || strings.HasSuffix(name, "."+a.domain))
}

func (a *Authority) sign(name string, addr netip.Addr, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	id, err := keyID(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		NotBefore: now.Add(-skew), NotAfter: now.Add(leafLifetime),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		SubjectKeyId:          id,
		Subject:               pkix.Name{Organization: []string{"Lazuli"}},
	}
	// X.520 allows 64 characters. An address gets none: OpenSSL reads a common name as a DNS name where a
	// certificate lists no other, and our constraints permit no DNS name 127.0.0.1.
	if len(name) <= 64 && !addr.IsValid() {
		template.Subject.CommonName = name
	}
	if template.NotBefore.Before(a.cert.NotBefore) {
		template.NotBefore = a.cert.NotBefore
	}
	if template.NotAfter.After(a.cert.NotAfter) {
		template.NotAfter = a.cert.NotAfter
	}
	if addr.IsValid() {
		template.IPAddresses = []net.IP{addr.AsSlice()}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// keyID is the subject key identifier of RFC 7093, method 1.
func keyID(pub *ecdsa.PublicKey) ([]byte, error) {
	point, err := pub.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(point)
	return sum[:20], nil
}

// isHostname says whether name is a DNS name of letters, digits, hyphens and underscores, in lower case.
func isHostname(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return false
			}
		}
	}
	return true
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "..."
	}
	return s
}
