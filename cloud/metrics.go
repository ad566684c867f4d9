package cloud

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts requests by plane, for /metrics on the admin socket. Go's,
// the process's and etcd's own metrics are in Prometheus' default registry and
// shown with them.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	unpacks  unpackMetrics
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "lazuli_request_seconds", Help: "Time to answer a request, by plane, method and status.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60}}, []string{"plane", "method", "code"})}
	m.registry.MustRegister(m.requests)
	m.unpacks = newUnpackMetrics(m.registry)
	return m
}

// observe counts the requests that h answers as plane's.
func (m *metrics) observe(plane string, h http.Handler) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.requests.MustCurryWith(prometheus.Labels{"plane": plane}), h)
}

// handler serves /metrics.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(prometheus.Gatherers{m.registry, prometheus.DefaultGatherer}, promhttp.HandlerOpts{})
}
