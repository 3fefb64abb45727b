// Package metrics tells Prometheus how everything is, in names of our own; docs/metrics.md lists them.
//
// Entry point: [New], then [Metrics.Checked], [Metrics.Happened] and [Metrics.Tried] for what is counted as it happens,
// and the [Metrics] as what answers at /metrics. Whatever is a state is asked for when somebody scrapes, so nothing can be
// out of date.
package metrics

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"orderly/internal/model"
	"orderly/internal/packing"
)

// A View is what can be seen of the running orderly, called from many goroutines.
type View interface {
	// Status tells of all services, and of who is told of them.
	Status(ctx context.Context, names []string, now bool) (model.HostStatus, error)
	// Snapshots tells the same in values, and the number of the configuration.
	Snapshots(ctx context.Context, names []string) ([]model.Snapshot, uint64, error)
	// Silences lists those in force.
	Silences(ctx context.Context) ([]model.Silence, error)
}

// Options are what metrics need. All fields are required.
type Options struct {
	View    View
	Open    func() int    // incidents of the status page
	Last    func() uint64 // number of the newest event of the journal
	Waiting func() int    // alerts that wait to leave
	Version string
	Log     *slog.Logger
}

// The limits of one scrape, and of all of them.
const (
	patience = 5 * time.Second // for the services to tell how they are
	crowd    = 4               // scrapes at a time
)

// Metrics counts what happens and tells it. Its methods may be called from any goroutine.
type Metrics struct {
	http.Handler

	o       Options
	counted http.Handler // tells what was counted
	turns   chan struct{}

	took   *prometheus.HistogramVec
	checks *prometheus.CounterVec
	events *prometheus.CounterVec
	alerts *prometheus.CounterVec
}

// New returns metrics of which nothing has been counted yet.
func New(o Options) *Metrics {
	m := &Metrics{
		o: o, turns: make(chan struct{}, crowd),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "orderly_check_duration_seconds", Help: "How long checks took.",
			Buckets: []float64{.001, .005, .025, .1, .25, 1, 2.5, 5, 10, 30, 60},
		}, []string{"kind"}),
		checks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "orderly_checks_total", Help: "Checks that were made, by what they found.",
		}, []string{"kind", "result"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "orderly_events_total", Help: "Events of the journal.",
		}, []string{"kind"}),
		alerts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "orderly_alerts_total", Help: "Attempts to tell somebody, by what came of them.",
		}, []string{"channel", "result"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "orderly_build_info", Help: "Which orderly this is. Always 1.",
		ConstLabels: prometheus.Labels{"version": o.Version, "goversion": runtime.Version()},
	})
	build.Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.took, m.checks, m.events, m.alerts, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.counted = promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), ErrorHandling: promhttp.ContinueOnError, DisableCompression: true,
	})
	m.Handler = http.TimeoutHandler(http.HandlerFunc(m.scrape), 2*patience, "it takes too long to find out how everything is\n")
	return m
}

// scrape tells what was counted, and how everything is: that is text whatever else is accepted, because there may be much of it.
func (m *Metrics) scrape(w http.ResponseWriter, r *http.Request) {
	select {
	case m.turns <- struct{}{}:
		defer func() { <-m.turns }()
	default:
		http.Error(w, "too many ask at once", http.StatusServiceUnavailable)
		return
	}
	if packing.Accepted(r.Header) {
		w.Header().Set("Content-Encoding", "gzip")
		zip, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		defer zip.Close()
		w = zipped{w, zip}
	}
	w.Header().Add("Vary", "Accept-Encoding")
	plain := r.Clone(r.Context())
	plain.Header.Del("Accept")
	m.counted.ServeHTTP(w, plain)
	t := newText(w)
	if err := tell(r.Context(), t, m.o); err != nil {
		m.o.Log.Debug("cannot tell Prometheus how everything is", "err", err)
	}
	_ = t.w.Flush()
}

// A zipped answer is made smaller on its way.
type zipped struct {
	http.ResponseWriter
	zip io.Writer
}

func (z zipped) Write(b []byte) (int, error) { return z.zip.Write(b) }

// Checked counts a check. It does not block.
func (m *Metrics) Checked(c model.Checked) {
	kind, result := string(c.Service.Kind), "good"
	switch {
	case c.Sample == nil:
		result = "unknown"
	case c.Failed:
		result = "bad"
	}
	m.checks.WithLabelValues(kind, result).Inc()
	m.took.WithLabelValues(kind).Observe(c.Took.Seconds())
}

// Happened counts an event. It does not block.
func (m *Metrics) Happened(ev model.Event) { m.events.WithLabelValues(string(ev.Kind)).Inc() }

// Tried counts an attempt to tell somebody over a channel. It does not block.
func (m *Metrics) Tried(channel string, err error) {
	result := "sent"
	if err != nil {
		result = "failed"
	}
	m.alerts.WithLabelValues(channel, result).Inc()
}
