package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// certificate makes a key and a certificate of the kind a cloud's are, as files.
func certificate(dir string) (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, t, t, private.Public(), private)
	if err != nil {
		return "", "", err
	}
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return "", "", err
	}
	return cert, key, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}), 0o600)
}

// The bare server's place and the file with what it answers.
const (
	bareAddr = "127.0.0.1:5090"
	bareFile = "bare"
)

// bare is a role: a server of the standard library that answers everything with the same bytes and does nothing else. With
// TLS when there is a certificate in its directory.
func bare() error {
	s := flags()
	body, err := os.ReadFile(filepath.Join(s.dir, bareFile))
	if err != nil {
		return err
	}
	server := &http.Server{Addr: bareAddr, ReadHeaderTimeout: 30 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})}
	cert := filepath.Join(s.dir, "cert.pem")
	if _, err := os.Stat(cert); err != nil {
		return server.ListenAndServe()
	}
	return server.ListenAndServeTLS(cert, filepath.Join(s.dir, "key.pem"))
}
