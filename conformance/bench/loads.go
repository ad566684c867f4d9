package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

const (
	loadRounds = 5
	loadTime   = time.Second
)

// work is one kind of request under load, with the connections that send it and the rate it should reach.
type work struct {
	section     string // set, get, token: what -only calls it
	name        string
	unit        string
	method      string
	connections int
	goal        float64
	ours, bare  measure.Target
	rates, ceil []float64
	cost        []float64 // microseconds of the daemon's processor time a request
}

// loads measures secrets and tokens beside the bare server, in rounds that go through all.
func loads(ctx context.Context, s settings, r *measure.Report, c *cloud) error {
	all, err := c.works(ctx)
	if err != nil {
		return err
	}
	answers := map[string]canned{}
	for _, w := range all {
		res, body, err := w.ours.Once(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s: %.500s", w.name, res.Status, body)
		}
		answers[w.method] = canned{res.Header, body}
	}
	if err := c.refusals(ctx); err != nil {
		return err
	}
	addr, stop, err := startBare(ctx, s, answers)
	if err != nil {
		return err
	}
	defer stop()
	all = slices.DeleteFunc(all, func(w *work) bool { return !s.wants(w.section) })
	for range loadRounds {
		for _, w := range all {
			w.bare = measure.Target{Addr: addr, TLS: &tls.Config{InsecureSkipVerify: true}, Requests: w.ours.Requests} // the certificate is checked once a connection
			if err := w.round(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
		}
	}
	syncs, err := syncRate(s.dir)
	if err != nil {
		return err
	}
	return c.reportLoads(r, all, syncs)
}

// round drives the cloud and then the bare server, and counts the processor time the daemon takes.
func (w *work) round(ctx context.Context, c *cloud) error {
	before, err := measure.ProcessorTime(c.status.PID)
	if err != nil {
		return err
	}
	rate, err := w.ours.Drive(ctx, w.connections, loadTime)
	if err != nil {
		return err
	}
	after, err := measure.ProcessorTime(c.status.PID)
	if err != nil {
		return err
	}
	w.rates = append(w.rates, rate)
	w.cost = append(w.cost, float64((after-before)/time.Microsecond)/(rate*loadTime.Seconds()))
	if rate, err = w.bare.Drive(ctx, w.connections, loadTime); err != nil {
		return err
	}
	w.ceil = append(w.ceil, rate)
	return nil
}

// reportLoads adds what loads found.
func (c *cloud) reportLoads(r *measure.Report, all []*work, syncs []float64) error {
	for _, w := range all {
		note := fmt.Sprintf("%d keep-alive connections", w.connections)
		section := "load"
		r.Add(section, w.name, w.unit, note, w.rates)
		r.Add(section, "the same answer from a bare TLS server", w.unit, note, w.ceil)
		r.Add(section, "processor time of the daemon for one", "µs", "of "+w.unit, w.cost)
		r.AtLeast(section, w.name, w.unit, w.rates, w.goal)
		r.Compare(section, w.name+" / bare TLS server", measure.Quotients(w.rates, w.ceil))
	}
	r.Add("load", "writes to this disk that are synced, one after the other", "sync/s", "1 KB each", syncs)
	m, err := measure.Resident(c.status.PID)
	if err != nil {
		return err
	}
	r.Add(memorySection, "resident memory of the daemon", "MB", "after the load", []float64{m})
	return nil
}

// works prepares the requests: the token is verified and its role checked with each of them.
func (c *cloud) works(ctx context.Context) ([]*work, error) {
	token, err := c.token(ctx, c.vaultScope())
	if err != nil {
		return nil, err
	}
	secret := func(name string) string { return c.vault + "/secrets/" + name + "?api-version=" + apiSecrets }
	const value = "a secret of the usual length, 48 characters long"
	put := func(name string) ([]byte, error) {
		return measure.Request(http.MethodPut, secret(name), `{"value":"`+value+`"}`, "Authorization", "Bearer "+token, "Content-Type", "application/json")
	}
	setter, err := put(benchSecret)
	if err != nil {
		return nil, err
	}
	getter, err := measure.Request(http.MethodGet, secret(benchSecret), "", "Authorization", "Bearer "+token)
	if err != nil {
		return nil, err
	}
	signer, err := measure.Request(http.MethodPost, c.tokenURL(), c.grant(c.vaultScope()).Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if err != nil {
		return nil, err
	}
	fixed := func(b []byte) func(int) [][]byte { return func(int) [][]byte { return [][]byte{b} } }
	various := func(connection int) [][]byte {
		requests := [][]byte{setter} // connection 0 writes the secret that is read, too
		for i := range 16 {
			b, err := put(fmt.Sprintf("bench-%d-%d", connection, i))
			if err != nil { // the first one was fine, and they differ in a number
				panic(err)
			}
			requests = append(requests, b)
		}
		return requests[min(connection, 1):]
	}
	all := []*work{
		{section: "set", name: "secrets written", unit: "SET/s", method: http.MethodPut, connections: 64, goal: 2000},
		{section: "get", name: "secrets read", unit: "GET/s", method: http.MethodGet, connections: 32, goal: 10000},
		{section: "token", name: "tokens by client secret", unit: "tokens/s", method: http.MethodPost, connections: 16, goal: 500},
	}
	for i, t := range []struct {
		url, want string
		requests  func(int) [][]byte
	}{{c.vault, value, various}, {c.vault, value, fixed(getter)}, {c.tokenURL(), `"access_token"`, fixed(signer)}} {
		if all[i].ours, err = c.target(t.url, t.want, t.requests); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// refusals makes sure that what is measured is guarded: a broken token and a wrong secret must be refused.
func (c *cloud) refusals(ctx context.Context) error {
	token, err := c.token(ctx, c.vaultScope())
	if err != nil {
		return err
	}
	at := len(token) - 8 // in the signature
	other := map[bool]string{true: "B", false: "A"}[token[at] == 'A']
	tampered := token[:at] + other + token[at+1:]
	read, err := measure.Request(http.MethodGet, c.vault+"/secrets/"+benchSecret+"?api-version="+apiSecrets, "", "Authorization", "Bearer "+tampered)
	if err != nil {
		return err
	}
	form := c.grant(c.vaultScope())
	form.Set("client_secret", c.sp.secret+"x")
	sign, err := measure.Request(http.MethodPost, c.tokenURL(), form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	if err != nil {
		return err
	}
	for rawURL, request := range map[string][]byte{c.vault: read, c.tokenURL(): sign} {
		t, err := c.target(rawURL, "", func(int) [][]byte { return [][]byte{request} })
		if err != nil {
			return err
		}
		res, body, err := t.Once(ctx)
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusUnauthorized {
			return fmt.Errorf("%s answered a bad credential with %s: %.300s", rawURL, res.Status, body)
		}
	}
	return nil
}

// syncRate is how often the disk below dir takes a small write for good, the bound of a store without group commit.
func syncRate(dir string) ([]float64, error) {
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rates []float64
	block := make([]byte, 1024)
	for range loadRounds {
		n, begin := 0, time.Now()
		for ; time.Since(begin) < loadTime/5; n++ {
			if _, err := f.Write(block); err != nil {
				return nil, err
			}
			if err := f.Sync(); err != nil {
				return nil, err
			}
		}
		rates = append(rates, float64(n)/time.Since(begin).Seconds())
	}
	return rates, nil
}
