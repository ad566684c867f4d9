package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
	"github.com/lazuli-cloud/lazuli/conformance/sandbox"
)

// canned is an answer to give again and again.
type canned struct {
	Header http.Header
	Body   []byte
}

// cannedFile is where the bare server finds its answer to a method.
func cannedFile(dir, method string) string { return filepath.Join(dir, "bare-"+method+".json") }

// bare is a role: a TLS server of the standard library that answers GET, PUT and POST with what the cloud answered, and
// does nothing else. It prints its address.
func bare() error {
	s := flags()
	answers := map[string]canned{}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost} {
		text, err := os.ReadFile(cannedFile(s.dir, method))
		if err != nil {
			return err
		}
		var a canned
		if err := json.Unmarshal(text, &a); err != nil {
			return err
		}
		for _, name := range []string{"Date", "Content-Length"} { // the server's own
			a.Header.Del(name)
		}
		answers[method] = a
	}
	cert, err := selfSigned()
	if err != nil {
		return err
	}
	l, err := measure.ListenLoopback()
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, ReadHeaderTimeout: 30 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // a client that breaks off gets no answer
			a := answers[r.Method]
			maps.Copy(w.Header(), a.Header)
			_, _ = w.Write(a.Body)
		})}
	return server.ServeTLS(l, "", "")
}

// selfSigned is a certificate of the kind the cloud's leaves are.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"bare"}}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// startBare starts the bare server with the answers the cloud just gave, by method.
func startBare(ctx context.Context, s settings, answers map[string]canned) (addr string, stop func(), err error) {
	for method, a := range answers {
		text, err := json.Marshal(a)
		if err != nil {
			return "", nil, err
		}
		if err := os.WriteFile(cannedFile(s.dir, method), text, 0o600); err != nil {
			return "", nil, err
		}
	}
	var cmd *exec.Cmd
	if cmd, err = sandbox.Again(ctx, "bare", s.args()...); err != nil {
		return "", nil, err
	}
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed; process 1 may have buried it already
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the bare server did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}
