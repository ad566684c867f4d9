package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

const (
	rateConnections = 16
	rateTime        = time.Second
	rateLayers      = 6     // of the image that is asked for: the manifest has 1.3 KB
	manifestGoal    = 30000 // a second
)

// rates measures small requests.
func rates(ctx context.Context, s settings, r *measure.Report, race []*server) (err error) {
	im, err := newImage(1<<20, rateLayers)
	if err != nil {
		return err
	}
	for _, x := range race {
		if err := x.have(ctx, im); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	bare, err := startBare(ctx, s, im.manifest, race[0].tls)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop(ctx)) }()
	everybody := append([]*server{bare}, race...)
	for _, kind := range []struct{ name, method, path, unit string }{
		{"manifest by tag", http.MethodGet, "/v2/" + smallRepository + "/manifests/" + smallTag, "GET/s"},
		{"blob", http.MethodHead, "/v2/" + smallRepository + "/blobs/" + im.layers[1].digest, "HEAD/s"},
	} {
		rate, cost, client := samples{}, samples{}, samples{}
		for round := range s.rounds(5) {
			for _, x := range turn(everybody, round) {
				if err := x.rate(ctx, kind.method, kind.path, rate, cost, client); err != nil {
					return fmt.Errorf("%s: %w", x.name, err)
				}
			}
		}
		section := kind.method + " " + kind.name
		rate.report(r, everybody, section, kind.unit, 0, true)
		cost.report(r, everybody, "server's CPU for "+section, "µs", 0, false)
		r.Add("client's CPU for "+section+" over "+race[0].scheme(), ours, "µs", "it has the same cores", client[ours])
		if kind.method == http.MethodGet {
			section += " over " + race[0].scheme()
			r.AtLeast(section, ours+", beside the client", kind.unit, rate[ours], manifestGoal)
			r.AtLeast(section, ours+", by its CPU time, if all cores were its own", kind.unit, alone(cost[ours]), manifestGoal)
		}
	}
	return nil
}

// alone is how many requests a second the cores could answer that cost so many microseconds each.
func alone(cost []float64) []float64 {
	all := make([]float64, len(cost))
	for i, c := range cost {
		all[i] = float64(runtime.NumCPU()) * 1e6 / c
	}
	return all
}

// have pushes the image.
func (s *server) have(ctx context.Context, im image) error {
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, l := range im.layers {
		if err := c.push(smallRepository, l); err != nil {
			return err
		}
	}
	return c.putManifest(im)
}

// rate drives the server for a while with one request over and over.
func (s *server) rate(ctx context.Context, method, path string, rate, cost, client samples) error {
	headers := []string{"Accept", manifestType}
	if s.auth != "" {
		headers = append(headers, "Authorization", s.auth)
	}
	request, err := measure.Request(method, s.scheme()+"://"+s.host+path, "", headers...)
	if err != nil {
		return err
	}
	t := measure.Target{Addr: s.addr, Requests: func(int) [][]byte { return [][]byte{request} }, Head: method == http.MethodHead}
	if s.tls {
		t.TLS = &tls.Config{InsecureSkipVerify: true, ServerName: hostname(s.host)} // the certificate is checked once a connection
	}
	if !t.Head {
		t.Want = []byte(`"schemaVersion":2`)
	}
	before, err := s.cpu()
	if err != nil {
		return err
	}
	own, err := measure.ProcessorTime(os.Getpid())
	if err != nil {
		return err
	}
	n, err := t.Drive(ctx, rateConnections, rateTime)
	if err != nil {
		return err
	}
	end, err := measure.ProcessorTime(os.Getpid())
	if err != nil {
		return err
	}
	after, err := s.cpu()
	rate.add(s, n)
	cost.add(s, (after-before)*1e6/(n*rateTime.Seconds()))
	client.add(s, (end-own).Seconds()*1e6/(n*rateTime.Seconds()))
	return err
}
