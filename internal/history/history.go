// Package history remembers how services were: every measurement summed up by the minute, and how many seconds of each hour
// a service was up, down or not measured at all.
//
// It listens to checks. What pages show most is answered from memory, so that no page reads through results. Time in which
// nothing was measured is nobody's: it counts as neither up nor down. Entry point: [New], then [History.Checked] with each
// check and [History.Run].
package history

import (
	"context"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// A Recorder takes what is to be kept. It neither blocks nor fails.
type Recorder interface {
	// SaveRollups adds to what is kept of the same spans.
	SaveRollups(span model.Span, rows []model.SeriesRollup)
	// SaveTallies replaces the rows that begin with the same hours; rows of no hours only remove them.
	SaveTallies(rows []model.ServiceTally)
}

// An Archive gives back what a Recorder took.
type Archive interface {
	// Tallies yields those since a time that begins a day (UTC).
	Tallies(ctx context.Context, from time.Time) iter.Seq2[model.ServiceTally, error]
	// Rollups returns those of the spans that begin from from on and before to, oldest first.
	Rollups(ctx context.Context, span model.Span, s model.Series, from, to time.Time) ([]model.Rollup, error)
	SeriesOf(ctx context.Context, service string) ([]model.Series, error)
}

// A Keeper keeps history.
type Keeper interface {
	Recorder
	Archive
}

const (
	window   = 366 * 24 * time.Hour // of uptime that is in memory
	forgotIn = 48 * time.Hour       // what was not checked for so long needs no room for measurements
)

// A History is the memory of one daemon. Its methods may be called from any goroutine.
type History struct {
	keeper Keeper
	log    *slog.Logger

	mu       sync.Mutex // guards what follows
	keep     model.Retention
	services map[string]*service // by their names in lower case
	series   int                 // of all services
	full     bool                // there were too many, and it was said
	pending  []model.SeriesRollup
	loaded   bool
	edges    edges
}

// New returns a history that knows nothing yet. Retention is how long the keeper keeps what it is given.
func New(k Keeper, r model.Retention, log *slog.Logger) *History {
	return &History{keeper: k, log: log, keep: r, services: map[string]*service{}}
}

// Retain says how long the keeper keeps what it is given from now on.
func (h *History) Retain(r model.Retention) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep = r
}

// A service is what is in memory of one.
type service struct {
	name  string
	spec  *model.Service // whose parts these are
	parts []string

	minute int64    // since 1970, of the measurements in series
	series []series // in the order in which they were first measured
	spark  ring

	account account
}

// Checked takes a check in. It never blocks.
func (h *History) Checked(c model.Checked) {
	at := c.At.Round(0) // the clock that people read, whose jumps are gaps
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.service(c.Service.Name)
	if s.spec != c.Service {
		h.adopt(s, c.Service)
	}
	s.account.checked(at, classOf(c), c.Holds, c.Took)
	h.measure(s, at, c)
}

func (h *History) service(name string) *service {
	key := strings.ToLower(name)
	s := h.services[key]
	if s == nil {
		s = &service{name: name}
		h.services[key] = s
	}
	return s
}

// adopt goes on with another configuration of a service, whose probes may be others.
func (h *History) adopt(s *service, spec *model.Service) {
	parts := spec.Parts()
	if !slices.Equal(parts, s.parts) {
		h.collect(s)
		before := len(s.series)
		s.series = slices.DeleteFunc(s.series, func(one series) bool { return one.part > 0 })
		h.series -= before - len(s.series)
	}
	s.name, s.spec, s.parts = spec.Name, spec, parts
}

// find returns a service, nil if nothing is known of it.
func (h *History) find(name string) *service {
	if s := h.services[name]; s != nil {
		return s
	}
	return h.services[strings.ToLower(name)]
}

// Run writes what was measured, each minute, until ctx ends; then all of it. It begins with Load.
func (h *History) Run(ctx context.Context) {
	for {
		if err := h.Load(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("the uptime of the past is not known yet", "err", err)
		}
		now := time.Now()
		select {
		case <-ctx.Done():
			h.save(time.Now(), true)
			return
		case <-time.After(now.Truncate(time.Minute).Add(time.Minute + time.Second).Sub(now)):
			h.save(time.Now(), false)
		}
	}
}

// Load fetches the uptime of the past from the keeper, unless that was done. Until then it counts as not measured.
func (h *History) Load(ctx context.Context) error {
	h.mu.Lock()
	loaded := h.loaded
	h.mu.Unlock()
	if loaded {
		return nil
	}
	from := time.Now().Add(-window).UTC().Truncate(24 * time.Hour)
	for row, err := range h.keeper.Tallies(ctx, from) {
		if err != nil {
			return err
		}
		h.mu.Lock()
		h.service(row.Service).account.restore(row)
		h.mu.Unlock()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loaded = true
	return nil
}

// save hands over what is complete, or everything.
func (h *History) save(now time.Time, all bool) {
	h.mu.Lock()
	var tallies []model.ServiceTally
	for key, s := range h.services {
		if all || s.minute != minuteOf(now) {
			h.collect(s)
		}
		if h.loaded {
			tallies = s.account.rows(s.name, tallies)
		}
		h.forget(key, s, now)
	}
	rows := h.pending
	h.pending = nil
	h.mu.Unlock()
	h.keeper.SaveRollups(model.Minute, rows)
	h.keeper.SaveTallies(tallies)
}

// forget gives up the room of what is too old or not checked any more.
func (h *History) forget(key string, s *service, now time.Time) {
	s.account.ledger.forget(now.Add(-window))
	if now.Sub(s.account.last) < forgotIn {
		return
	}
	h.series -= len(s.series)
	s.series, s.spark, s.spec, s.parts = nil, ring{}, nil, nil
	if h.loaded && s.account.blank() {
		delete(h.services, key)
	}
}
