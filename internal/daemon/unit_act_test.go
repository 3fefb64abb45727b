package daemon

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
)

// byRule is the event of a rule that misses the service.
var byRule = model.Event{Kind: model.EventFailed, Topic: model.TopicNonexist, Service: "web"}

func TestActOnUnit(t *testing.T) {
	up, failed := running("a", 1, 0), down(control.UnitFailed, 0, "exit status 1")
	again, starting := down(control.UnitRestarting, 0, ""), down(control.UnitStarting, 0, "")
	other := byRule
	other.Service = "db"
	cpu := byRule
	cpu.Topic = model.TopicResource
	for _, tt := range []struct {
		name  string
		verb  control.Verb
		event model.Event
		now   control.Unit
		idle  string // and nothing is asked
	}{
		{"a user starts", control.VerbStart, model.Event{}, failed, ""},
		{"a user starts what comes again", control.VerbStart, model.Event{}, again, ""},
		{"a user restarts", control.VerbRestart, model.Event{}, up, ""},
		{"a rule restarts", control.VerbRestart, cpu, up, ""},
		{"a rule starts what failed", control.VerbStart, byRule, failed, ""},
		{"a rule starts what came again", control.VerbStart, byRule, up, "already running, pid 1"},
		{"a rule restarts what came again", control.VerbRestart, byRule, up, "already running, pid 1"},
		{"a rule starts what comes again", control.VerbStart, byRule, again, "fake is about to start it again"},
		{"a rule restarts what starts", control.VerbRestart, byRule, starting, "fake is starting it already"},
		{"a rule of another service", control.VerbRestart, other, up, ""},
		{"a rule stops", control.VerbStop, byRule, up, ""},
		{"a rule reloads", control.VerbReload, byRule, up, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.now)
			w.look()
			w.outcome = model.Outcome{Done: "done"}
			out := w.do(t.Context(), w.service, tt.event, tt.verb)
			switch {
			case out.Service != "web", out.Error != "":
				t.Errorf("got %+v", out)
			case tt.idle != "" && (out.Done != tt.idle || !out.Idle || w.asked != nil):
				t.Errorf("got %+v, asked for %v", out, w.asked)
			case tt.idle == "" && (out.Done != "done" || !slices.Equal(w.asked, []control.Verb{tt.verb})):
				t.Errorf("got %+v, asked for %v", out, w.asked)
			}
		})
	}
}

// An init system has as long as the service says, or as is usual.
func TestPatienceWithActs(t *testing.T) {
	limits := model.DefaultLimits()
	limits.StartTimeout, limits.StopTimeout, limits.RestartTimeout = 5*time.Minute, 3*time.Second, 10*time.Minute
	for _, tt := range []struct {
		limits model.Limits
		verb   control.Verb
		want   time.Duration
	}{
		{limits, control.VerbStart, 5 * time.Minute},
		{limits, control.VerbStop, 3 * time.Second},
		{limits, control.VerbRestart, 10 * time.Minute},
		{limits, control.VerbReload, usualPatience},
		{model.DefaultLimits(), control.VerbStart, usualPatience},
		{model.Limits{}, control.VerbStop, usualPatience},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, running("a", 1, 0))
			w.service.Limits = tt.limits
			w.do(t.Context(), w.service, model.Event{}, tt.verb)
			if w.patience != tt.want {
				t.Errorf("%s may take %v, want %v", tt.verb, w.patience, tt.want)
			}
		})
	}
}

func TestActOnUnknownUnit(t *testing.T) {
	w := newWorld(t, control.Unit{})
	w.find = errors.New("cannot find web: nobody knows it")
	if out := w.do(t.Context(), w.service, model.Event{}, control.VerbStart); out.Error != "cannot start: cannot find web: nobody knows it" || out.Service != "web" {
		t.Errorf("got %+v", out)
	}
}

// What orderly does itself is no death, not even to a look that falls into the middle of it.
func TestActIsNoDeath(t *testing.T) {
	for _, tt := range []struct {
		name  string
		verb  control.Verb
		after control.Unit
	}{
		{"stopped", control.VerbStop, down(control.UnitStopped, 0, "")},
		{"stopped badly", control.VerbStop, down(control.UnitFailed, 0, "killed by signal 9")},
		{"restarted", control.VerbRestart, running("b", 2, 0)},
		{"restarted, uncounted", control.VerbRestart, running("b", 2, -1)},
		{"nobody knows", control.VerbRestart, control.Unit{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			first := running("a", 1, 0)
			first.Restarts = tt.after.Restarts
			w := newWorld(t, first)
			w.look()
			w.after = tt.after
			w.during = func() {
				w.sees(down(control.UnitFailed, first.Restarts, "killed by signal 15"))
			}
			w.do(t.Context(), w.service, model.Event{}, tt.verb)
			if tt.after.State == "" {
				w.now = running("c", 3, 0)
			}
			if w.look(); w.mark.Ends != 0 {
				t.Fatalf("%d deaths", w.mark.Ends)
			}
			if w.now.State == control.UnitRunning {
				if w.sees(down(control.UnitFailed, w.now.Restarts, "exit status 1")); w.mark.Ends != 1 {
					t.Errorf("the next death is not seen: %d", w.mark.Ends)
				}
			}
		})
	}
}

// A look that began before an act and ends after it says nothing.
func TestActDuringLook(t *testing.T) {
	w := newWorld(t, running("a", 1, -1))
	w.look()
	process := w.units.process
	w.units.process = func(ctx context.Context, s *model.Service, pid int, asOf time.Time, b model.Bookmark) (model.Sample, error) {
		w.after = running("b", 2, -1)
		w.do(ctx, s, model.Event{}, control.VerbRestart)
		return process(ctx, s, pid, asOf, b)
	}
	w.look()
	w.units.process = process
	if w.look(); w.mark.Ends != 0 {
		t.Errorf("%d deaths", w.mark.Ends)
	}
}

// What its init system takes for running while its process has gone has to be restarted.
func TestStartWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, running("a", 12, 0))
		w.look()
		w.dead[12] = true
		w.look()
		w.after = running("b", 34, 0)
		if out := w.do(t.Context(), w.service, byRule, control.VerbStart); out.Idle || !slices.Equal(w.asked, []control.Verb{control.VerbRestart}) {
			t.Errorf("got %+v, asked for %v", out, w.asked)
		}
		if w.look(); w.mark.Ends != 1 {
			t.Errorf("%d deaths", w.mark.Ends)
		}
	})
}

// Programs of a service's own are used instead of its init system.
func TestActor(t *testing.T) {
	program := &model.Program{Args: []string{"/bin/true"}}
	for _, tt := range []struct {
		name    string
		service model.Service
		act     func(actor, context.Context, *model.Service, model.Event) model.Outcome
		asked   bool
		fails   string
	}{
		{"start", model.Service{}, actor.Start, true, ""},
		{"stop", model.Service{}, actor.Stop, true, ""},
		{"restart", model.Service{}, actor.Restart, true, ""},
		{"reload", model.Service{}, actor.Reload, true, ""},
		{"own start", model.Service{Start: program}, actor.Start, false, ""},
		{"own stop", model.Service{Stop: program}, actor.Stop, false, ""},
		{"own restart", model.Service{Restart: program}, actor.Restart, false, ""},
		{"own reload", model.Service{Reload: program}, actor.Reload, false, ""},
		{"restart by own stop and start", model.Service{Start: program, Stop: program}, actor.Restart, false, ""},
		{"restart with only a stop of its own", model.Service{Stop: program}, actor.Restart, true, ""},
		{"a process", model.Service{Kind: model.KindFile, Restart: program}, actor.Restart, false, ""},
		{"a process without reload", model.Service{Kind: model.KindFile}, actor.Reload, false, "cannot reload: there is no reload program"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, running("a", 1, -1))
			s := tt.service
			s.Name, s.Subject.Unit, s.Limits = "web", "web", model.DefaultLimits()
			if s.Kind == "" {
				s.Kind = model.KindUnit
				w.service = &s
				w.look()
			}
			a := actor{control.New(control.Options{}), w.units}
			w.after, w.outcome = running("b", 2, -1), model.Outcome{Done: "by its init system"}
			if !tt.asked {
				w.now = running("b", 2, -1)
			}
			out := tt.act(a, t.Context(), &s, model.Event{})
			if out.Error != tt.fails || (len(w.asked) > 0) != tt.asked {
				t.Errorf("got %+v, asked for %v", out, w.asked)
			}
			if s.Kind == model.KindUnit {
				if w.look(); w.mark.Ends != 0 {
					t.Errorf("%d deaths", w.mark.Ends)
				}
			}
		})
	}
}

// A fakeWatch is the watching of units.
type fakeWatch struct {
	mu       sync.Mutex
	followed [][]control.Ref
	changed  func(control.Unit)
}

func (f *fakeWatch) follow(ctx context.Context, refs []control.Ref, changed func(control.Unit)) {
	f.mu.Lock()
	f.followed, f.changed = append(f.followed, refs), changed
	f.mu.Unlock()
	<-ctx.Done()
}

func TestWatchUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, running("a", 1, 0))
		ctx, cancel := context.WithCancel(t.Context())
		var f fakeWatch
		ended := make(chan struct{})
		go func() { w.watch(ctx, f.follow); close(ended) }()
		synctest.Wait()
		if len(f.followed) != 0 {
			t.Fatalf("followed %v", f.followed)
		}
		w.look()
		time.Sleep(gathering / 2)
		db := &model.Service{Name: "db", Kind: model.KindUnit, Subject: model.Subject{Unit: "db"}}
		twin := &model.Service{Name: "twin", Kind: model.KindUnit, Subject: model.Subject{Unit: "web"}}
		for _, s := range []*model.Service{db, twin} {
			if _, err := w.measure(ctx, s, time.Now(), model.Bookmark{}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(gathering)
		synctest.Wait()
		web := control.Ref{System: "fake", Name: "web"}
		if len(f.followed) != 1 || !slices.Equal(f.followed[0], []control.Ref{{System: "fake", Name: "db"}, web}) {
			t.Fatalf("followed %v", f.followed)
		}
		same := running("a", 1, 0)
		same.Ref = web
		f.changed(same)
		synctest.Wait()
		if got := w.told(); got != nil {
			t.Errorf("nothing happened to %v", got)
		}
		for pid := 2; pid < 10; pid++ { // the first is told of at once, the others together
			same.PID = pid
			f.changed(same)
			synctest.Wait()
		}
		if got := w.told(); !slices.Equal(got, []string{"twin", "web"}) {
			t.Errorf("at once: %v", got)
		}
		time.Sleep(spacing)
		synctest.Wait()
		if got := w.told(); !slices.Equal(got, []string{"twin", "twin", "web", "web"}) {
			t.Errorf("after a moment: %v", got)
		}
		for range 1000 { // it goes on and on
			same.PID++
			f.changed(same)
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(w.told()) / 2; n < 40 || n > 50 {
			t.Errorf("in %v it was looked at %d times", 100*time.Second, n)
		}
		time.Sleep(burst)
		before := len(w.told())
		for range 2 {
			same.PID++
			f.changed(same)
			synctest.Wait()
		}
		if n := len(w.told()) - before; n != 2 {
			t.Errorf("after it was calm: %d", n)
		}
		w.forget("db")
		time.Sleep(gathering)
		synctest.Wait()
		if len(f.followed) != 2 || !slices.Equal(f.followed[1], []control.Ref{web}) {
			t.Errorf("followed %v", f.followed)
		}
		cancel()
		<-ended
	})
}
