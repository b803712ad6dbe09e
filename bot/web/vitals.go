package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// vitals are the gauges of this edge. Routes are labelled by their template.
type vitals struct {
	requests     *prometheus.CounterVec
	refusals     *prometheus.CounterVec
	bytes        *prometheus.CounterVec
	acknowledged *prometheus.HistogramVec
	inFlight     prometheus.Gauge
}

func newVitals(registry *prometheus.Registry) (*vitals, error) {
	v := &vitals{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pulso_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pulso_http_refused_total", Help: "Requests refused, by route and reason.",
		}, []string{"route", "reason"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pulso_http_request_bytes_total", Help: "Bytes of request bodies read, by route.",
		}, []string{"route"}),
		acknowledged: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pulso_http_acknowledgement_seconds", Help: "From the head of a delivery to the answer that it is stored, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "pulso_http_in_flight", Help: "Requests being answered now.",
		}),
	}
	for _, c := range []prometheus.Collector{v.requests, v.refusals, v.bytes, v.acknowledged, v.inFlight} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// count adds a request that took this long.
func (v *vitals) count(route string, status int, out outcome, took time.Duration) {
	v.requests.WithLabelValues(route, code(status)).Inc()
	if out.bytes > 0 {
		v.bytes.WithLabelValues(route).Add(float64(out.bytes))
	}
	if out.refused() {
		v.refusals.WithLabelValues(route, out.reason).Inc()
	}
	if out.stored {
		v.acknowledged.WithLabelValues(route).Observe(took.Seconds())
	}
}

// code writes a status; the one of every acknowledgement without an allocation.
func code(status int) string {
	if status == 200 {
		return "200"
	}
	return strconv.Itoa(status)
}
