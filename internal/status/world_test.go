package status

import (
	"context"
	"errors"
	"fmt"
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

// shelf keeps objects in memory, as a store does on disk.
type shelf struct {
	mu      sync.Mutex
	objects map[string]map[int64][]byte
	fail    error // of Flush
}

func (s *shelf) PutObject(kind string, id int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string]map[int64][]byte{}
	}
	if s.objects[kind] == nil {
		s.objects[kind] = map[int64][]byte{}
	}
	s.objects[kind][id] = data
}

func (s *shelf) DropObject(kind string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects[kind], id)
}

func (s *shelf) Objects(_ context.Context, kind string) (map[int64][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects[kind]), nil
}

func (s *shelf) Flush(context.Context) error { return s.fail }

// hush is a silencer that remembers.
type hush struct {
	mu   sync.Mutex
	list []model.Silence
	log  []string
}

func (h *hush) Silence(_ context.Context, s model.Silence) (model.Silence, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf("silence %s %s hold=%v for %s", s.ID, strings.Join(s.Names, "+"), s.Hold, time.Until(s.Until)))
	h.list = slices.DeleteFunc(h.list, func(o model.Silence) bool { return o.ID == s.ID })
	if s.From.IsZero() {
		s.From = time.Now()
	}
	h.list = append(h.list, s)
	return s, nil
}

func (h *hush) EndSilence(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, "end "+id)
	n := len(h.list)
	h.list = slices.DeleteFunc(h.list, func(o model.Silence) bool { return o.ID == id })
	if len(h.list) == n {
		return errors.New("there is no such silence")
	}
	return nil
}

func (h *hush) Silences(context.Context) ([]model.Silence, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = slices.DeleteFunc(h.list, func(o model.Silence) bool { return !o.Over().After(time.Now()) })
	return slices.Clone(h.list), nil
}

// set has these silences be in force, as they are.
func (h *hush) set(list ...model.Silence) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = list
}

// world is a book that runs, in a bubble of time.
type world struct {
	t       *testing.T
	book    *Book
	shelf   *shelf
	hush    *hush
	page    model.StatusPage
	specs   []*model.Service
	stop    func()
	told    sync.Mutex
	notices []Notice
	seq     uint64
}

var (
	ctx   = context.Background()
	admin = Actor{Name: "ada", Scope: model.ScopeAdmin}
)

// bubble runs a test in a world with services of these names. A name may say what it depends on: "web<db".
func bubble(t *testing.T, test func(*world), names ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, shelf: &shelf{}, hush: &hush{}, page: model.DefaultStatusPage()}
		for _, name := range names {
			w.specs = append(w.specs, service(name))
		}
		w.open()
		defer func() { w.stop() }()
		test(w)
	})
}

func service(name string) *model.Service {
	name, parent, has := strings.Cut(name, "<")
	s := &model.Service{Name: name, Kind: model.KindProcess}
	if has {
		s.Depends = []string{parent}
	}
	return s
}

// open starts a book over what is kept, as a daemon does that starts.
func (w *world) open() {
	w.t.Helper()
	b, err := Open(ctx, Options{
		Keeper: w.shelf, Silencer: w.hush, Log: slog.New(slog.DiscardHandler), Tell: func(n Notice) {
			w.told.Lock()
			defer w.told.Unlock()
			w.notices = append(w.notices, n)
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.book = b
	b.Configure(w.page, w.specs, "box")
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(run)
	}()
	w.stop = func() {
		stop()
		<-done
	}
	synctest.Wait()
}

// restart loses what is in memory only.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.open()
}

func (w *world) configure() {
	w.book.Configure(w.page, w.specs, "box")
	synctest.Wait()
}

// check tells of one check of a service: "ok", "failing", "mild" or "unknown".
func (w *world) check(name, result string) {
	w.t.Helper()
	i := slices.IndexFunc(w.specs, func(s *model.Service) bool { return s.Name == name })
	c := model.Checked{Service: w.specs[i], At: time.Now(), State: model.StateOK, Holds: 90 * time.Second}
	switch result {
	case "ok":
	case "failing":
		c.State, c.Down = model.StateFailing, true
	case "mild":
		c.State, c.Down, c.Severity = model.StateFailing, true, model.Degraded
	case "unknown":
		c.State = model.StateUnknown
	default:
		w.t.Fatalf("there is no result %q", result)
	}
	w.book.Checked(c)
	synctest.Wait()
}

// checks makes a check every 30 seconds, for some time.
func (w *world) checks(name, result string, times int) {
	w.t.Helper()
	for range times {
		w.check(name, result)
		w.sleep(30 * time.Second)
	}
}

func (w *world) hear(kind model.EventKind, service, rule, action string) {
	w.seq++
	w.book.Heard(model.Event{Seq: w.seq, At: time.Now(), Kind: kind, Service: service, Rule: rule, Action: action})
	synctest.Wait()
}

func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) component(name string) *Component {
	w.t.Helper()
	c := first(w.book.Read().Components, func(c *Component) bool { return c.Name == name })
	if c == nil {
		w.t.Fatalf("there is no component %q", name)
	}
	return c
}

// health expects a component to be so.
func (w *world) health(name string, want Health) {
	w.t.Helper()
	if got := w.component(name); got.Health != want {
		w.t.Errorf("at %s %s is %s by %q, not %s", time.Now().Format("15:04:05"), name, got.Health, got.Source, want)
	}
}

// incidents expects these to be all there are, each with the phases of its updates: "web: major outage (watching: watching)".
func (w *world) incidents(want ...string) {
	w.t.Helper()
	var got []string
	for _, i := range w.book.Read().Incidents {
		var phases []string
		for _, u := range i.Updates {
			phases = append(phases, u.Phase.String())
		}
		got = append(got, fmt.Sprintf("%s (%s: %s)", i.Name, i.Phase, strings.Join(phases, " ")))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("at %s incidents are\n\t%s\nnot\n\t%s", time.Now().Format("15:04:05"), strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
