package directory

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/lazuli-cloud/lazuli/cli/az/command"
	"github.com/lazuli-cloud/lazuli/cli/az/principal"
	"github.com/lazuli-cloud/lazuli/cli/az/value"
)

// certificate is one that --cert or --create-cert names.
type certificate struct {
	der        []byte
	start, end time.Time
	file       string // with its private key, when it was made here
}

// wantsCertificate reports whether the arguments ask for a certificate instead of a
// password.
func wantsCertificate(c *command.Call) bool { return c.Flag("create_cert") || c.Has("cert") }

// readCertificate is the certificate of the arguments; end is when a new one ends.
func readCertificate(c *command.Call, end time.Time) (certificate, error) {
	switch {
	case c.Has("keyvault"):
		return certificate{}, command.Fail("Certificates in a key vault are not built: leave --keyvault out.")
	case c.Flag("create_cert") && c.Has("cert"):
		return certificate{}, command.Fail("Usage error: --cert STRING | --create-cert [--keyvault VAULT --cert NAME] | --password STRING | --keyvault VAULT --cert NAME")
	case c.Flag("create_cert"):
		return newCertificate(c, end)
	}
	text := []byte(c.Text("cert"))
	if block, _ := pem.Decode(text); block != nil {
		text = block.Bytes
	} else if der, err := base64.StdEncoding.DecodeString(c.Text("cert")); err == nil {
		text = der
	}
	cert, err := x509.ParseCertificate(text)
	if err != nil {
		return certificate{}, command.Fail("unable to load certificate: use @{file} to load a file")
	}
	return certificate{der: cert.Raw, start: cert.NotBefore, end: cert.NotAfter}, nil
}

// keyBits is the length of keys made here.
const keyBits = 2048

// newCertificate makes a self-signed certificate and writes it with its key into a
// file of the user's home that only the user may read.
func newCertificate(c *command.Call, end time.Time) (certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return certificate{}, err
	}
	made := certificate{start: c.Now().UTC().Add(-time.Second), end: end.Add(time.Second)}
	template := &x509.Certificate{SerialNumber: big.NewInt(1000), Subject: pkix.Name{CommonName: "CLI-Login"}, NotBefore: made.start, NotAfter: made.end}
	if made.der, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key); err != nil {
		return certificate{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return certificate{}, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.der})...)
	f, err := os.CreateTemp(c.Getenv("HOME"), "tmp*.pem")
	if err != nil {
		return certificate{}, command.Fail("cannot keep the certificate in the home directory: %v", err)
	}
	if _, err := f.Write(text); err != nil {
		_ = f.Close() // the write's error counts
		return certificate{}, err
	}
	if made.file, err = filepath.Abs(f.Name()); err != nil {
		return certificate{}, err
	}
	return made, f.Close()
}

// key is the certificate as Microsoft Graph takes it, good until end.
func (m certificate) key(c *command.Call, name any, end time.Time) *value.Object {
	start := c.Now().UTC()
	const form = "2006-01-02 15:04:05-07:00"
	if m.start.After(start) {
		c.Warn("Certificate is not valid until %s. Adjusting key credential start date to match.", m.start.UTC().Format(form))
		start = m.start.Add(time.Second)
	}
	if m.end.Before(end) {
		c.Warn("Certificate expires %s. Adjusting key credential end date to match.", m.end.UTC().Format(form))
		end = m.end.Add(-time.Second)
	}
	return value.New("@odata.type", "#microsoft.graph.keyCredential", "displayName", name, "endDateTime", stamp(end), "key", base64.StdEncoding.EncodeToString(m.der),
		"keyId", uuid.NewString(), "startDateTime", stamp(start), "type", "AsymmetricX509Cert", "usage", "Verify")
}

// resetToCertificate gives an application or service principal a certificate
// instead of its passwords and certificates, or beside them with --append.
func (k kind) resetToCertificate(c *command.Call, at string, v any, end time.Time) (any, error) {
	m, err := readCertificate(c, end)
	if err != nil {
		return nil, err
	}
	keys := []any{}
	if c.Flag("append") {
		keys = append(keys, value.List(v, "keyCredentials")...)
	}
	keys = append(keys, m.key(c, c.Value("display_name"), end))
	if _, err := principal.Do(c, http.MethodPatch, at, value.New("keyCredentials", keys)); err != nil {
		return nil, err
	}
	c.Warn(warning)
	tenant, err := tenant(c)
	o := value.New("appId", value.Path(v, "appId"), "password", nil)
	if m.file != "" {
		o.Set("fileWithCertAndPrivateKey", m.file)
	}
	return o.Set("tenant", tenant), err
}

// deleteKey takes a certificate away.
func (k kind) deleteKey(c *command.Call) (any, error) {
	v, err := k.show(c)
	if err != nil {
		return nil, err
	}
	id := value.String(v, "id")
	kept, found := []any{}, false
	for _, key := range value.List(v, "keyCredentials") {
		if value.String(key, "keyId") == c.Text("key_id") {
			found = true
			continue
		}
		kept = append(kept, key)
	}
	if !found {
		return nil, command.Fail("No key credential found with keyId as '%s' in graph object '%s'.", c.Text("key_id"), id)
	}
	_, err = principal.Do(c, http.MethodPatch, k.collection+id, value.New("keyCredentials", kept))
	return nil, err
}

// keyValue adds the certificate of --key-value to a body.
func keyValue(c *command.Call, body *value.Object) error {
	text := c.Text("key_value")
	if text == "" {
		return nil
	}
	key := value.New("@odata.type", "#microsoft.graph.keyCredential", "displayName", c.Value("key_display_name"), "key", text, "keyId", uuid.NewString())
	for _, pair := range [][3]string{{"type", "key_type", "AsymmetricX509Cert"}, {"usage", "key_usage", "Verify"}} {
		v := c.Text(pair[1])
		if v == "" {
			v = pair[2]
		}
		key.Set(pair[0], v)
	}
	for _, pair := range [][2]string{{"startDateTime", "start_date"}, {"endDateTime", "end_date"}} {
		if v := c.Text(pair[1]); v != "" {
			key.Set(pair[0], v)
		}
	}
	body.Set("keyCredentials", []any{key})
	return nil
}
