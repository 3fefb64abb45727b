package history

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// memory keeps what a store keeps, with the same rules.
type memory struct {
	mu      sync.Mutex
	broken  bool
	rollups map[model.Span]map[string]model.SeriesRollup
	tallies map[string]model.ServiceTally
}

func newMemory() *memory {
	return &memory{rollups: map[model.Span]map[string]model.SeriesRollup{}, tallies: map[string]model.ServiceTally{}}
}

func (m *memory) SaveRollups(span model.Span, rows []model.SeriesRollup) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rollups[span] == nil {
		m.rollups[span] = map[string]model.SeriesRollup{}
	}
	for _, r := range rows {
		key := fmt.Sprint(r.At.Unix(), r.Series)
		if old, known := m.rollups[span][key]; known {
			old.Add(r.Rollup)
			r = old
		}
		m.rollups[span][key] = r
	}
}

func (m *memory) SaveTallies(rows []model.ServiceTally) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range rows {
		key := fmt.Sprintf("%012d %s", r.At.Unix(), strings.ToLower(r.Service))
		delete(m.tallies, key)
		if r.Hours > 0 {
			m.tallies[key] = r
		}
	}
}

func (m *memory) Tallies(_ context.Context, from time.Time) iter.Seq2[model.ServiceTally, error] {
	return func(yield func(model.ServiceTally, error) bool) {
		m.mu.Lock()
		broken, all := m.broken, maps.Clone(m.tallies)
		m.mu.Unlock()
		if broken {
			yield(model.ServiceTally{}, errors.New("no disk"))
			return
		}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !all[key].At.Before(from) && !yield(all[key], nil) {
				return
			}
		}
	}
}

func (m *memory) Rollups(_ context.Context, span model.Span, s model.Series, from, to time.Time) ([]model.Rollup, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []model.Rollup
	for _, r := range m.rollups[span] {
		if r.Series == s && !r.At.Before(from) && r.At.Before(to) {
			out = append(out, r.Rollup)
		}
	}
	slices.SortFunc(out, func(a, b model.Rollup) int { return a.At.Compare(b.At) })
	return out, nil
}

func (m *memory) SeriesOf(_ context.Context, service string) ([]model.Series, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[model.Series]bool{}
	for _, rows := range m.rollups {
		for _, r := range rows {
			if strings.EqualFold(r.Service, service) {
				found[r.Series] = true
			}
		}
	}
	return slices.Collect(maps.Keys(found)), nil
}

// A world is a history whose checks a test makes. Time is that of the test's bubble.
type world struct {
	t    *testing.T
	kept *memory
	h    *History
	end  func()
	jump time.Duration // of the clock that people read
	spec *model.Service
}

const interval = 30 * time.Second

// bubble runs a test that begins on 1 January 2000, midnight UTC.
func bubble(t *testing.T, test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, kept: newMemory(), spec: &model.Service{Name: "Web", Kind: model.KindProcess}}
		w.start()
		test(w)
		w.end()
	})
}

func (w *world) start() {
	w.h = New(w.kept, model.DefaultRetention(), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.h.Run(ctx) }()
	synctest.Wait()
	w.end = func() { cancel(); <-done }
}

// restart ends the history as the daemon does, and begins a new one.
func (w *world) restart() { w.end(); w.start() }

// kill begins a new one while the old one never gets to write again.
func (w *world) kill() {
	kept := w.kept
	w.kept = &memory{rollups: map[model.Span]map[string]model.SeriesRollup{}, tallies: maps.Clone(kept.tallies)}
	maps.Copy(w.kept.rollups, kept.rollups)
	w.end()
	w.start()
}

func (w *world) now() time.Time { return time.Now().Add(w.jump) }

func (w *world) check(state model.ServiceState, readings ...model.Reading) {
	w.checked(model.Checked{State: state, Sample: &model.Sample{Readings: readings}})
}

func (w *world) checked(c model.Checked) {
	c.Service, c.At, c.Holds = w.spec, w.now(), 3*interval
	w.h.Checked(c)
}

// span makes checks for so long, of which the first is at once and the last at its end.
func (w *world) span(state model.ServiceState, d time.Duration) {
	w.check(state)
	for ; d > 0; d -= interval {
		time.Sleep(interval)
		w.check(state)
	}
}

// uptime is what is known from the first moment of the bubble on: "up 3600 down 60".
func (w *world) uptime() string {
	return words(w.h.Tally("web", time.Unix(0, 0), w.now().AddDate(1, 0, 0)))
}

func words(t model.Tally) string {
	var out []string
	for _, p := range []struct {
		word string
		n    int
	}{{"up", t.Up}, {"degraded", t.Degraded}, {"partial", t.Partial}, {"down", t.Down}, {"maintenance", t.Maintenance}} {
		if p.n != 0 {
			out = append(out, fmt.Sprint(p.word, " ", p.n))
		}
	}
	return strings.Join(out, " ")
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
