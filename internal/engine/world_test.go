package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// A world is what the engine measures and acts on in these tests: readings by service, and programs that
// change them. It is inside a synctest bubble, so time is not real.
type world struct {
	t      *testing.T
	engine *Engine
	begun  time.Time

	mu       sync.Mutex
	readings map[string]map[model.Metric]float64
	more     map[string]model.Readings // besides: texts, and totals over a time
	results  map[string]model.Result
	hang     map[string]time.Duration // how long a check takes
	broken   map[string]error         // why it cannot be measured
	panics   map[string]bool
	start    map[string]func() error // what the start program does
	stuck    map[string]bool         // its stop program does not stop it
	refuses  map[string]bool         // it cannot read its configuration again
	slowness time.Duration           // of every action
	checks   map[string][]time.Duration
	done     []string // actions, in order
	log      []model.Event
	store    map[string][]byte
	removed  []string
	silences []byte
	disk     error
	marked   time.Time
	forgot   []string
	checked  func(model.Checked)
}

func newWorld(t *testing.T) *world {
	return &world{
		t: t, begun: time.Now(), readings: map[string]map[model.Metric]float64{}, results: map[string]model.Result{}, more: map[string]model.Readings{},
		hang: map[string]time.Duration{}, broken: map[string]error{}, panics: map[string]bool{}, start: map[string]func() error{}, stuck: map[string]bool{}, refuses: map[string]bool{},
		checks: map[string][]time.Duration{}, store: map[string][]byte{},
	}
}

// with changes the world; while an engine runs, that must not happen behind its back.
func (w *world) with(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *world) set(service string, m model.Metric, v float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.readings[service] == nil {
		w.readings[service] = map[model.Metric]float64{}
	}
	w.readings[service][m] = v
}

func (w *world) Sense(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	w.mu.Lock()
	w.checks[s.Name] = append(w.checks[s.Name], time.Since(w.begun))
	hang, err, panics, result := w.hang[s.Name], w.broken[s.Name], w.panics[s.Name], w.results[s.Name]
	out := model.Sample{At: asOf, Bookmark: model.Bookmark{Offset: b.Offset + 1, Seen: true}}
	for m, v := range w.readings[s.Name] {
		out.Readings.Add(m, model.Num(v))
	}
	out.Readings = append(out.Readings, w.more[s.Name]...)
	for range s.Probes() {
		out.Probes = append(out.Probes, result)
	}
	w.mu.Unlock()
	if panics {
		panic("a bug")
	}
	select {
	case <-time.After(hang):
	case <-ctx.Done():
		return out, ctx.Err()
	}
	return out, err
}

func (w *world) act(ctx context.Context, what string, s *model.Service) model.Outcome {
	w.mu.Lock()
	w.done = append(w.done, what+" "+s.Name)
	slow, start, idle := w.slowness, w.start[s.Name], what == "stop" && w.readings[s.Name][model.Exist] == 0
	stuck, refuses := w.stuck[s.Name], w.refuses[s.Name]
	w.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-ctx.Done():
	}
	switch what {
	case "stop":
		if stuck {
			return model.Outcome{Error: "cannot stop: pid 4711 is still there"}
		}
		w.set(s.Name, model.Exist, 0)
	case "reload":
		if refuses {
			return model.Outcome{Error: "cannot reload: its configuration is wrong"}
		}
	case "start", "restart":
		if start != nil {
			if err := start(); err != nil {
				return model.Outcome{Error: "cannot " + what + ": " + err.Error()}
			}
		}
		w.set(s.Name, model.Exist, 1)
	}
	return model.Outcome{Done: what + " done", Idle: idle}
}

func (w *world) Start(ctx context.Context, s *model.Service, _ model.Event) model.Outcome {
	return w.act(ctx, "start", s)
}

func (w *world) Stop(ctx context.Context, s *model.Service, _ model.Event) model.Outcome {
	return w.act(ctx, "stop", s)
}

func (w *world) Restart(ctx context.Context, s *model.Service, _ model.Event) model.Outcome {
	return w.act(ctx, "restart", s)
}

func (w *world) Reload(ctx context.Context, s *model.Service, _ model.Event) model.Outcome {
	return w.act(ctx, "reload", s)
}

func (w *world) Exec(ctx context.Context, s *model.Service, p *model.Program, _ model.Event) model.Outcome {
	return w.act(ctx, "exec "+strings.Join(p.Args, " "), s)
}

func (w *world) Append(ev model.Event) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, ev)
	return uint64(len(w.log))
}

func (w *world) Save(service string, _ model.Kind, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store[key(service)] = data
}

func (w *world) SaveSilences(data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silences = data
}

func (w *world) Remove(service string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.store, key(service))
	w.removed = append(w.removed, service)
}

func (w *world) Flush(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.disk
}

// run starts an engine on the world with a configuration and returns a function that ends it.
func (w *world) run(c *model.Config, rebooted bool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	w.engine = New(Options{
		Sense: w.Sense, Actor: w, Journal: w, Keeper: w, Log: slog.New(slog.DiscardHandler), Saved: w.store, Silences: w.silences, Rebooted: rebooted,
		Checked: w.checked, Marked: w.marked, Mark: func(at time.Time) { w.with(func() { w.marked = at }) },
		Forget: func(s string) { w.with(func() { w.forgot = append(w.forgot, s) }) },
	})
	w.store = map[string][]byte{}
	ended := make(chan error)
	go func() { ended <- w.engine.Run(ctx) }()
	w.apply(c)
	return func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("the engine ended with %v", err)
		}
	}
}

func (w *world) apply(c *model.Config) model.Applied {
	c.Seal()
	applied, err := w.engine.Apply(context.Background(), c)
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	synctest.Wait()
	return applied
}

// sleep lets time pass, and everything that it sets off come to rest.
func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) do(kind model.CommandKind, names ...string) []model.Outcome {
	w.t.Helper()
	out, err := w.engine.Do(context.Background(), model.Command{Kind: kind, Names: names})
	if err != nil {
		w.t.Errorf("%s %v: %v", kind, names, err)
	}
	return out
}

func (w *world) status(name string) model.ServiceStatus {
	w.t.Helper()
	st, err := w.engine.Status(context.Background(), []string{name})
	if err != nil || len(st.Services) != 1 {
		w.t.Fatalf("status %s: %v", name, err)
	}
	return st.Services[0]
}

func (w *world) state(name string, want model.ServiceState) {
	w.t.Helper()
	if got := w.status(name).State; got != want {
		w.t.Errorf("after %v: %s is %s, want %s", time.Since(w.begun), name, got, want)
	}
}

// story is what happened since it was last asked for: "web failed", "web action".
func (w *world) story() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, ev := range w.log {
		out = append(out, fmt.Sprintf("%s %s", ev.Service, ev.Kind))
	}
	w.log = nil
	return strings.Join(out, ", ")
}

// journal is the story so far, which goes on.
func (w *world) journal() string {
	w.mu.Lock()
	all := slices.Clone(w.log)
	w.mu.Unlock()
	story := w.story()
	w.with(func() { w.log = append(all, w.log...) })
	return story
}

// heard is what people were told since the story was last asked for, with the texts.
func (w *world) heard() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, ev := range w.log {
		if !ev.Silent && ev.Silenced == "" {
			out = append(out, fmt.Sprintf("%s %s: %s", ev.Service, ev.Kind, ev.Text))
		}
	}
	w.log = nil
	return strings.Join(out, "\n")
}

func (w *world) actions() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := strings.Join(w.done, ", ")
	w.done = nil
	return out
}

func (w *world) checksOf(name string) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.checks[name])
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got  %s\n want %s", what, got, want)
	}
}

var errNotFound = errors.New("no such program")

// process is a service that restarts when it does not exist.
func process(name string, depends ...string) *model.Service {
	return &model.Service{
		Name: name, Kind: model.KindProcess, Subject: model.Subject{Pidfile: "/run/" + name}, Depends: depends,
		Start: &model.Program{Args: []string{"start"}}, Stop: &model.Program{Args: []string{"stop"}},
		Rules: []model.Rule{{
			Text: "does not exist", Topic: model.TopicNonexist, Metric: model.Exist, Op: model.Equal, Operand: model.Num(0),
			Then: []model.Action{{Kind: model.ActRestart}}, Else: []model.Action{{Kind: model.ActAlert}}, Implicit: true,
		}},
	}
}

// gauge is a service with one rule about its size.
func gauge(name string, then ...model.Action) *model.Service {
	if then == nil {
		then = []model.Action{{Kind: model.ActAlert}}
	}
	return &model.Service{
		Name: name, Kind: model.KindFile, Subject: model.Subject{Path: "/" + name},
		Rules: []model.Rule{{
			Text: "size > 10 B", Topic: model.TopicSize, Metric: model.Size, Op: model.Greater, Operand: model.Num(10),
			Then: then, Else: []model.Action{{Kind: model.ActAlert}},
		}},
	}
}

func config(services ...*model.Service) *model.Config {
	return &model.Config{Services: services, Settings: model.Settings{Interval: 30 * time.Second, Host: "testhost"}}
}
