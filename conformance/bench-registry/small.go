package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/lazuli-cloud/lazuli/conformance/measure"
)

// The image of small layers, and the connections that move it.
const (
	smallLayers   = 50
	smallSize     = 100_000
	smallParallel = 4
	smallTag      = "v1"
)

const manifestType = "application/vnd.oci.image.manifest.v1+json"

// image is an artifact of small layers.
type image struct {
	layers   []layer // the first is the config
	manifest []byte
}

func newImage(seed int64, layers int) (image, error) {
	type descriptor struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int64  `json:"size"`
	}
	im := image{layers: []layer{newLayer(seed<<8, 2000)}}
	descriptors := []descriptor{{"application/vnd.lazuli.bench.config", im.layers[0].digest, im.layers[0].size}}
	for i := range int64(layers) {
		l := newLayer(seed<<8+i+1, smallSize)
		im.layers = append(im.layers, l)
		descriptors = append(descriptors, descriptor{"application/vnd.lazuli.bench.layer", l.digest, l.size})
	}
	var err error
	im.manifest, err = json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": manifestType, "config": descriptors[0], "layers": descriptors[1:]})
	return im, err
}

// small measures an image of many small layers.
func small(ctx context.Context, s settings, r *measure.Report, race []*server) error {
	push, pull, pushCPU := samples{}, samples{}, samples{}
	for round := range s.rounds(9) {
		im, err := newImage(int64(round+1), smallLayers)
		if err != nil {
			return err
		}
		for _, x := range turn(race, round) {
			if err := x.image(ctx, im, push, pull, pushCPU); err != nil {
				return fmt.Errorf("%s: %w", x.name, err)
			}
		}
	}
	push.report(r, race, "push 50 layers of 100 KB", "ms", smallGoal, false)
	pull.report(r, race, "pull 50 layers of 100 KB", "ms", smallGoal, false)
	pushCPU.report(r, race, "server's CPU to push 50 layers of 100 KB", "ms", 0, false)
	return nil
}

// image pushes and pulls it.
func (s *server) image(ctx context.Context, im image, push, pull, pushCPU samples) error {
	conns := make([]*conn, smallParallel)
	for i := range conns {
		c, err := s.dial(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		conns[i] = c
	}
	took, cpu, err := s.timed(func() error {
		if err := spread(conns, im.layers, func(c *conn, l layer) error { return c.push(smallRepository, l) }); err != nil {
			return err
		}
		return conns[0].putManifest(im)
	})
	if err != nil {
		return err
	}
	push.add(s, took*1000)
	pushCPU.add(s, cpu*1000)
	took, err = seconds(func() error {
		if _, err := conns[0].simple(http.MethodGet, "/v2/"+smallRepository+"/manifests/"+smallTag, http.StatusOK, nil, "Accept", manifestType); err != nil {
			return err
		}
		return spread(conns, im.layers, func(c *conn, l layer) error { return c.pull(smallRepository, l, false) })
	})
	if err != nil {
		return err
	}
	pull.add(s, took*1000)
	return nil
}

func (c *conn) putManifest(im image) error {
	_, err := c.simple(http.MethodPut, "/v2/"+smallRepository+"/manifests/"+smallTag, http.StatusCreated, im.manifest, "Content-Type", manifestType)
	return err
}

// spread gives the layers to the connections, each the next one when it is done.
func spread(conns []*conn, layers []layer, f func(*conn, layer) error) error {
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, len(conns))
	for i, c := range conns {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(layers) || errs[i] != nil {
					return
				}
				errs[i] = f(c, layers[n])
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
