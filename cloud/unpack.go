package cloud

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/pkg/namespaces"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/lazuli-cloud/lazuli/client"
	"github.com/lazuli-cloud/lazuli/container/pod"
	"github.com/lazuli-cloud/lazuli/registry/oci"
	"github.com/lazuli-cloud/lazuli/registry/repository"
)

// The states of an image's unpacking, as the status and the attributes of a
// manifest show them.
const (
	unpackWaits    = "Waiting"
	unpackRuns     = "Unpacking"
	unpackReady    = "Ready"    // a container group starts from it at once
	unpackFailed   = "Failed"   // it is no image for this machine; a deploy says the same
	unpackCanceled = "Canceled" // it was deleted meanwhile
	unpackSkipped  = "Skipped"  // too many waited; the deploy unpacks it
)

// The bounds of unpacking in the background.
const (
	unpacksAtOnce  = 2
	unpacksWaiting = 1000
	unpacksShown   = 100 // of those that ended
)

// unpacker unpacks what was pushed, in the background: a deploy then starts
// from a ready snapshot. A deploy of what waits here does not wait with it, and
// one of what is being unpacked waits for that: the runtime does the work once.
// A stop loses what waits; the deploy unpacks it.
type unpacker struct {
	prepare func(ctx context.Context, image string, d ocispec.Descriptor) error
	deleted func(ctx context.Context, image string) bool // in its registry
	now     func() time.Time
	log     *slog.Logger
	metrics unpackMetrics

	ctx    context.Context // ends when the cloud stops
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu      sync.Mutex
	jobs    map[string]*unpackJob // the latest by image
	waiting []*unpackJob          // oldest first, as the others
	running []*unpackJob
	ended   []*unpackJob
}

// unpackJob is one image's. The lock of the unpacker guards it.
type unpackJob struct {
	client.Unpack
	target ocispec.Descriptor
	cancel context.CancelFunc // while it runs
}

// unpackMetrics are what /metrics tells of it.
type unpackMetrics struct {
	now     *prometheus.GaugeVec
	ended   *prometheus.CounterVec
	seconds prometheus.Histogram
}

func newUnpackMetrics(r prometheus.Registerer) unpackMetrics {
	m := unpackMetrics{
		now: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lazuli_unpacks", Help: "Pushed images that wait to be unpacked, or are being unpacked, by state."}, []string{"state"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "lazuli_unpacks_ended_total",
			Help: "Pushed images whose unpacking in the background ended, by state."}, []string{"state"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "lazuli_unpack_seconds", Help: "Time to unpack a pushed image that became ready.",
			Buckets: []float64{.01, .05, .1, .5, 1, 5, 10, 60, 300}}),
	}
	for _, state := range []string{unpackWaits, unpackRuns} {
		m.now.WithLabelValues(state).Set(0)
	}
	r.MustRegister(m.now, m.ended, m.seconds)
	return m
}

// openUnpacker makes the unpacker. The name of an image is that of its content,
// so that a container that is started again starts the same one.
func (c *Cloud) openUnpacker() *unpacker {
	u := &unpacker{now: c.now, log: c.log, metrics: c.metrics.unpacks, deleted: c.deletedInRegistry, jobs: map[string]*unpackJob{}}
	u.prepare = func(ctx context.Context, image string, d ocispec.Descriptor) error {
		_, err := c.machine.Runtime.PrepareImage(ctx, image, pod.Descriptor{MediaType: d.MediaType, Digest: string(d.Digest), Size: d.Size})
		return err
	}
	u.ctx, u.cancel = context.WithCancel(context.Background())
	c.rooms.unpacker = u
	return u
}

// unpackState implements registry.Options.UnpackState.
func (c *Cloud) unpackState(ctx context.Context, image string) string {
	if state := c.rooms.unpacker.state(image); state != "" {
		return state
	}
	if _, err := c.machine.Images.Get(namespaces.WithNamespace(ctx, repository.Namespace), image); err != nil {
		return ""
	}
	return unpackReady // before this start, or by a deploy
}

// stop ends what is being unpacked and waits for it.
func (u *unpacker) stop() {
	u.cancel()
	u.wait.Wait()
}

// pushed implements registry.Options.OnPush; it does not block.
func (u *unpacker) pushed(_ context.Context, p oci.Pushed) {
	u.mu.Lock()
	defer u.mu.Unlock()
	image := p.LoginServer + "/" + p.Repository + "@" + string(p.Descriptor.Digest)
	if old := u.jobs[image]; old != nil {
		if old.State == unpackWaits || old.State == unpackRuns || u.ctx.Err() != nil {
			return
		}
		u.forget(old)
	}
	j := &unpackJob{Unpack: client.Unpack{Image: image, State: unpackWaits, Since: u.now().UTC()}, target: p.Descriptor}
	u.jobs[image] = j
	if len(u.waiting) >= unpacksWaiting {
		u.end(j, unpackSkipped, nil)
		return
	}
	u.waiting = append(u.waiting, j)
	u.next()
}

// next starts what may run; the caller holds the lock.
func (u *unpacker) next() {
	for len(u.running) < unpacksAtOnce && len(u.waiting) > 0 && u.ctx.Err() == nil {
		j := u.waiting[0]
		u.waiting = u.waiting[1:]
		u.running = append(u.running, j)
		j.State, j.Since = unpackRuns, u.now().UTC()
		var ctx context.Context
		ctx, j.cancel = context.WithCancel(u.ctx)
		u.wait.Go(func() { u.run(ctx, j) })
	}
	u.metrics.now.WithLabelValues(unpackWaits).Set(float64(len(u.waiting)))
	u.metrics.now.WithLabelValues(unpackRuns).Set(float64(len(u.running)))
}

func (u *unpacker) run(ctx context.Context, j *unpackJob) {
	begun := time.Now()
	err := u.prepare(ctx, j.Image, j.target)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.running = slices.DeleteFunc(u.running, func(o *unpackJob) bool { return o == j })
	switch {
	case err == nil:
		u.metrics.seconds.Observe(time.Since(begun).Seconds())
		u.end(j, unpackReady, nil)
	case ctx.Err() != nil:
		u.end(j, unpackCanceled, nil)
	default:
		u.log.Info("not unpacked: it is no image for this machine", "image", j.Image, "error", shortened(err))
		u.end(j, unpackFailed, err)
	}
	j.cancel()
	u.next()
}

// shortened is an error's text without the end of what it quotes: containerd
// quotes a configuration it cannot read whole, and that is the pusher's.
func shortened(err error) string { return fmt.Sprintf("%.300s", err) }

// end notes how a job ended and forgets the oldest; the caller holds the lock.
func (u *unpacker) end(j *unpackJob, state string, err error) {
	j.State, j.Since = state, u.now().UTC()
	if err != nil {
		j.Error = shortened(err)
	}
	u.metrics.ended.WithLabelValues(state).Inc()
	u.ended = append(u.ended, j)
	if len(u.ended) > unpacksShown {
		u.forget(u.ended[0])
	}
}

// forget drops a job that ended; the caller holds the lock.
func (u *unpacker) forget(j *unpackJob) {
	u.ended = slices.DeleteFunc(u.ended, func(o *unpackJob) bool { return o == j })
	if u.jobs[j.Image] == j {
		delete(u.jobs, j.Image)
	}
}

// review cancels what was deleted in its registry. It implements
// registry.Options.OnDelete.
func (u *unpacker) review(ctx context.Context) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, j := range u.running {
		if u.deleted(ctx, j.Image) {
			j.cancel()
			delete(u.jobs, j.Image) // pushed again, it is begun again
		}
	}
	u.waiting = slices.DeleteFunc(u.waiting, func(j *unpackJob) bool {
		gone := u.deleted(ctx, j.Image)
		if gone {
			u.end(j, unpackCanceled, nil)
		}
		return gone
	})
	u.next()
}

// list shows what waits, runs, and ended last, in this order.
func (u *unpacker) list() []client.Unpack {
	u.mu.Lock()
	defer u.mu.Unlock()
	all := []client.Unpack{}
	for _, j := range slices.Concat(u.ended, u.running, u.waiting) {
		all = append(all, j.Unpack)
	}
	slices.Reverse(all)
	return all
}

// drop forgets an image that the runtime has forgotten.
func (u *unpacker) drop(image string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if j := u.jobs[image]; j != nil && j.State != unpackWaits && j.State != unpackRuns {
		u.forget(j)
	}
}

// state is that of an image, "" when it is none of those in the list.
func (u *unpacker) state(image string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if j := u.jobs[image]; j != nil {
		return j.State
	}
	return ""
}
