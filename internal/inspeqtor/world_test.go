package inspeqtor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

// A world is a Backend that says what a test wants.
type world struct {
	mu       sync.Mutex // guards all below
	services []model.Snapshot
	silences []model.Silence
	jobs     map[string]int
	deploys  []bool
	broken   error
}

func (w *world) Snapshots(context.Context) ([]model.Snapshot, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.services, w.broken
}

func (w *world) Silences(context.Context) ([]model.Silence, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.silences, w.broken
}

func (w *world) Deploy(_ context.Context, begin bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deploys = append(w.deploys, begin)
	return w.broken
}

func (w *world) Beat(_ context.Context, job string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.jobs[job]; !ok {
		return fmt.Errorf("cannot note %q: %w", job, ErrNoJob)
	}
	w.jobs[job]++
	return w.broken
}

func (w *world) set(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

var errBroken = errors.New("the services do not answer")

// readings makes readings of metrics and numbers or texts in turn.
func readings(pairs ...any) (out model.Readings) {
	for i := 0; i < len(pairs); i += 2 {
		var v model.Value
		switch x := pairs[i+1].(type) {
		case float64:
			v = model.Num(x)
		case string:
			v = model.Str(x)
		}
		out.Add(pairs[i].(model.Metric), v)
	}
	return out
}

// over is a rule as Inspeqtor's files have it.
func over(text string, m model.Metric, amount float64) model.Rule {
	return model.Rule{Text: text, Metric: m, Op: model.Greater, Operand: model.Num(amount)}
}

// box has a host with a filesystem that is too full, and two services.
func box() []model.Snapshot {
	redis := &model.Probe{Protocol: "redis-status"}
	return []model.Snapshot{
		{
			Spec: &model.Service{Name: "vm", Kind: model.KindSystem, Rules: []model.Rule{over("cpu > 90%", model.Cores, 90), over("swap > 20%", model.SwapPercent, 20)}},
			Readings: readings(model.Cores, 12.34, model.CoresUser, 0.5, model.CoresSystem, 1.25, model.Load1, 0.02, model.Load15, 1.5,
				model.MemoryPercent, 41.0, model.Uptime, 99.0),
			Rules: make([]model.RuleSnapshot, 2),
		},
		{
			Spec: &model.Service{
				Name: "disk:/", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"},
				Rules: []model.Rule{{Text: "does not exist", Metric: model.Exist}, over("disk:/ > 1%", model.SpacePercent, 1)},
			},
			Readings: readings(model.Exist, 1.0, model.SpacePercent, 28.0),
			Rules:    []model.RuleSnapshot{{}, {Failed: true}},
		},
		{
			Spec: &model.Service{
				Name: "web", Kind: model.KindUnit,
				Rules: []model.Rule{
					over("memory:rss > 64m for 2 cycles", model.Memory, 64<<20), over("memory:rss > 8m", model.Memory, 8<<20),
					over("memory:total_rss > 1g", model.MemTotal, 1<<30),
				},
			},
			Readings: readings(model.Exist, 1.0, model.UnitState, "running", model.PID, 29719.0, model.Memory, 11.01*(1<<20), model.CoresUser, 0.0),
			Rules:    []model.RuleSnapshot{{}, {Failed: true}, {}},
		},
		{
			Spec: &model.Service{Name: "backup", Kind: model.KindHeartbeat},
		},
		{
			Spec: &model.Service{
				Name: "cache", Kind: model.KindUnit,
				Rules: []model.Rule{
					probed(redis, over("redis:evicted_keys > 10/sec", "redis.evicted_keys", 10)),
					probed(redis, over("redis:used_memory > 1g", "redis.used_memory", 1<<30)),
					probed(redis, over("redis:connected_clients > 5", "redis.connected_clients", 5)),
				},
			},
			Readings: readings(model.Exist, 0.0, model.UnitState, "failed"),
			Rules:    make([]model.RuleSnapshot, 3),
			Probes:   []model.Result{{Readings: readings(model.Metric("redis.evicted_keys"), 2.0, model.Metric("redis.used_memory"), 3.5*(1<<20))}},
		},
	}
}

func probed(p *model.Probe, r model.Rule) model.Rule {
	r.Probe = p
	return r
}

var boxed = &model.Settings{Host: "vm", Interval: 15 * time.Second}

// serving is a configured server that is asked directly.
func serving(t *testing.T, w *world) *Server {
	t.Helper()
	s := New(Options{
		Backend: w, Events: func() uint64 { return 7 }, Started: time.Now(), Log: slog.New(slog.DiscardHandler),
		Listen: func(context.Context, string) (net.Listener, error) { return nil, errors.New("there is no place") },
	})
	s.settings.Store(boxed)
	return s
}

// A logged is what was logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
