package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/control"
	"orderly/internal/diag"
	"orderly/internal/host"
	"orderly/internal/model"
)

var (
	_ inits    = (*control.Units)(nil)
	_ measurer = (*host.Host)(nil).MeasureProcess
	_ follower = (*control.Units)(nil).Watch
)

// A fakeInit is an init system with one unit, web, and a host that runs it.
type fakeInit struct {
	mu       sync.Mutex
	now      control.Unit
	next     []control.Unit // what further looks see
	find     error
	found    int
	status   error
	dead     map[int]bool // processes that are not there; -1: that of the pidfile
	last     string
	since    time.Time
	patience time.Duration
	asked    []control.Verb
	after    control.Unit
	outcome  model.Outcome
	during   func() // while it acts
}

func (f *fakeInit) Find(_ context.Context, system, name string) (control.Ref, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.found++
	if f.find != nil {
		return control.Ref{}, f.find
	}
	return control.Ref{System: "fake" + system, Name: name}, nil
}

func (f *fakeInit) Status(_ context.Context, ref control.Ref) (control.Unit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now
	if len(f.next) > 0 {
		f.now, f.next = f.next[0], f.next[1:]
	}
	now.Ref = ref
	return now, f.status
}

func (f *fakeInit) Log(ctx context.Context, ref control.Ref, since time.Time) string {
	return f.Last(ctx, ref, since)
}

func (f *fakeInit) Last(ctx context.Context, _ control.Ref, since time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	deadline, _ := ctx.Deadline()
	f.since, f.patience = since, time.Until(deadline)
	return f.last
}

func (f *fakeInit) Do(ctx context.Context, ref control.Ref, verb control.Verb) (control.Unit, model.Outcome) {
	deadline, _ := ctx.Deadline()
	f.asked, f.patience = append(f.asked, verb), time.Until(deadline)
	if f.during != nil {
		f.during()
	}
	f.now, f.after.Ref = f.after, ref
	return f.after, f.outcome
}

// process stands for the host.
func (f *fakeInit) measured(_ context.Context, s *model.Service, pid int, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	sample := model.Sample{At: asOf, Bookmark: b, Probes: skipped(s)}
	alive := pid > 0 && !f.dead[pid] || pid < 0 && s.Subject.Pidfile != "" && !f.dead[pid]
	sample.Readings.Add(model.Exist, model.Bool(alive))
	if alive {
		sample.Readings.Add(model.PID, model.Num(float64(pid)))
		sample.Readings.Add(model.Memory, model.Num(4096))
	}
	return sample, nil
}

// A worldOfUnits is units of a fake init system, measured as the engine would.
type worldOfUnits struct {
	*fakeInit
	*units
	t       *testing.T
	service *model.Service
	mark    model.Bookmark
	sample  model.Sample
	stirs   []string
}

func newWorld(t *testing.T, first control.Unit) *worldOfUnits {
	w := &worldOfUnits{fakeInit: &fakeInit{now: first, dead: map[int]bool{}}, t: t}
	w.service = &model.Service{Name: "web", Kind: model.KindUnit, Subject: model.Subject{Unit: "web"}}
	w.restart(false)
	return w
}

// restart is another run of orderly.
func (w *worldOfUnits) restart(rebooted bool) {
	w.units = newUnits(w.fakeInit, w.measured, w.stir, rebooted)
}

func (w *worldOfUnits) stir(name string) {
	w.fakeInit.mu.Lock()
	defer w.fakeInit.mu.Unlock()
	w.stirs = append(w.stirs, name)
}

// told lists the services that were said to be worth a look, in order of their names.
func (w *worldOfUnits) told() []string {
	w.fakeInit.mu.Lock()
	defer w.fakeInit.mu.Unlock()
	return slices.Sorted(slices.Values(w.stirs))
}

// look has the unit measured.
func (w *worldOfUnits) look() model.Sample {
	w.t.Helper()
	var err error
	if w.sample, err = w.measure(w.t.Context(), w.service, time.Now(), w.mark); err != nil {
		w.t.Fatal(err)
	}
	w.mark = w.sample.Bookmark
	return w.sample
}

// sees has the unit measured in a state.
func (w *worldOfUnits) sees(u control.Unit) model.Sample {
	w.t.Helper()
	w.now = u
	return w.look()
}

func running(run string, pid, restarts int) control.Unit {
	return control.Unit{State: control.UnitRunning, Detail: "active (running)", Run: run, PID: pid, Restarts: restarts}
}

func starting(run string, pid int) control.Unit {
	return control.Unit{State: control.UnitStarting, Run: run, PID: pid, Restarts: -1}
}

func down(state control.UnitState, restarts int, result string) control.Unit {
	return control.Unit{State: state, Detail: "inactive", Restarts: restarts, Result: result}
}

// alone is a unit that its init system does not start again.
func alone(u control.Unit) control.Unit {
	u.Alone = true
	return u
}

// existence is what a sample says of it: 1, 0, or ? for unknown.
func existence(s model.Sample) string {
	if v := s.Readings.Get(model.Exist); v.Present() {
		return fmt.Sprint(v.Number())
	}
	return "?"
}

func TestUnitReadings(t *testing.T) {
	const systemd, runit = 0, -1
	for _, tt := range []struct {
		name     string
		unit     control.Unit
		exist    string
		pid      float64
		restarts bool
		reason   string
	}{
		{"runs", running("a", 7, systemd), "1", 7, true, ""},
		{"runs without a process", running("a", 0, systemd), "1", 0, true, ""},
		{"restarts are not counted", running("a", 7, runit), "1", 7, false, ""},
		{"stopped", down(control.UnitStopped, systemd, ""), "0", 0, true, "fake says: inactive"},
		{"failed", down(control.UnitFailed, systemd, "exit status 3"), "0", 0, true, "exit status 3; fake does not start it again"},
		{"given up", down(control.UnitFailed, 5, "exit status 3"), "0", 0, true, "fake has given up: exit status 3"},
		{"not started again any more", alone(down(control.UnitFailed, 5, "exit status 3")), "0", 0, true, "exit status 3; fake does not start it again"},
		{"comes again", down(control.UnitRestarting, systemd, "killed by signal 9"), "?", 0, true, "killed by signal 9; fake is about to start it again"},
		{"starts", down(control.UnitStarting, systemd, ""), "?", 0, true, ""},
		{"stops", down(control.UnitStopping, systemd, ""), "?", 0, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := newWorld(t, tt.unit).look()
			if existence(got) != tt.exist || got.Reason != tt.reason {
				t.Errorf("exist %s, reason %q", existence(got), got.Reason)
			}
			r := got.Readings
			if r.Get(model.UnitState).Text() != string(tt.unit.State) || r.Get(model.UnitDetail).Text() != tt.unit.Detail {
				t.Errorf("got %v", r)
			}
			if has := r.Get(model.UnitRestarts).Present(); has != tt.restarts {
				t.Errorf("restarts %v", r)
			}
			if r.Get(model.PID).Number() != tt.pid || r.Get(model.Memory).Present() != (tt.pid > 0) {
				t.Errorf("process %v", r)
			}
			if v := r.Get(model.Deaths); !v.Present() || v.Number() != 0 {
				t.Errorf("it was seen to end: %v", r)
			}
		})
	}
}

// Each case is what is seen one after the other, and how often the unit has ended by then.
func TestUnitDeaths(t *testing.T) { // S-14
	const uncounted = -1
	type seen struct {
		unit control.Unit
		ends int
	}
	at := func(u control.Unit, second int64) control.Unit {
		u.Since = time.Unix(second, 0)
		return u
	}
	again := func(restarts int) control.Unit { return down(control.UnitRestarting, restarts, "killed by signal 9") }
	for _, tt := range []struct {
		name  string
		looks []seen
	}{
		{"all is well", []seen{{running("a", 1, 0), 0}, {running("a", 1, 0), 0}}},
		{"it fails", []seen{{running("a", 1, 0), 0}, {down(control.UnitFailed, 0, "exit status 1"), 1}, {down(control.UnitFailed, 0, "exit status 1"), 1}}},
		{"it is stopped by somebody", []seen{{running("a", 1, 0), 0}, {down(control.UnitStopped, 0, ""), 0}, {running("b", 2, 0), 0}}},
		{"it stops badly", []seen{{running("a", 1, uncounted), 0}, {down(control.UnitStopped, uncounted, "killed by signal 9"), 1}}},
		{"seen while it comes again", []seen{{running("a", 1, 0), 0}, {again(0), 1}, {running("b", 2, 1), 1}, {again(1), 2}, {running("c", 3, 2), 2}}},
		{"counted before it comes again", []seen{{running("a", 1, 0), 0}, {again(1), 1}, {running("b", 2, 1), 1}}},
		{"seen when it has come again", []seen{{running("a", 1, 0), 0}, {running("b", 2, 1), 1}, {running("d", 4, 3), 3}}},
		{"restarted by somebody", []seen{{running("a", 1, 0), 0}, {running("b", 2, 0), 0}, {down(control.UnitStopping, 0, ""), 0}, {running("c", 3, 0), 0}}},
		{"restarted by somebody after it ended", []seen{{running("a", 1, 4), 0}, {running("b", 2, 0), 0}, {running("c", 3, 1), 1}}},
		{"given up, then started by somebody", []seen{
			{running("a", 1, 0), 0},
			{down(control.UnitFailed, 2, "exit status 1"), 2},
			{running("b", 2, 0), 2},
			{running("c", 3, 1), 3},
		}},
		{"another run where nothing is counted", []seen{{running("a", 1, uncounted), 0}, {running("b", 2, uncounted), 1}}},
		{"another process where runs have no names", []seen{{running("", 1, uncounted), 0}, {running("", 2, uncounted), 1}}},
		{"a new process of the same run", []seen{{running("a", 1, 0), 0}, {running("a", 2, 0), 0}}},
		{"it ends while it is being started", []seen{
			{down(control.UnitStopped, uncounted, ""), 0}, {starting("a", 1), 0}, {running("a", 1, uncounted), 0}, {running("b", 2, uncounted), 1},
		}},
		{"and comes again", []seen{{starting("a", 1), 0}, {starting("b", 2), 1}, {running("b", 2, uncounted), 1}}},
		{"and does not", []seen{{starting("a", 1), 0}, {down(control.UnitFailed, uncounted, "exit status 1"), 1}}},
		{"runs that nobody can tell apart", []seen{{running("", 0, uncounted), 0}, {running("", 0, uncounted), 0}}},
		{"never seen to run", []seen{
			{at(again(uncounted), 1), 0},
			{at(again(uncounted), 1), 0},
			{at(again(uncounted), 2), 1},
			{at(again(uncounted), 3), 2},
			{at(running("a", 1, uncounted), 4), 2},
			{at(again(uncounted), 5), 3},
		}},
		{"its finish script takes long", []seen{
			{running("a", 1, uncounted), 0},
			{at(control.Unit{State: control.UnitRestarting, Detail: "finish, want up", Restarts: uncounted}, 1), 1},
			{at(control.Unit{State: control.UnitRestarting, Detail: "down, want up", Restarts: uncounted}, 2), 1},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, control.Unit{})
			for i, s := range tt.looks {
				got := w.sees(s.unit)
				if n := got.Readings.Get(model.Deaths).Number(); int(n) != s.ends || w.mark.Ends != s.ends {
					t.Fatalf("look %d: %v deaths, want %d", i+1, n, s.ends)
				}
			}
		})
	}
}

func TestUnitReasons(t *testing.T) {
	for _, tt := range []struct {
		name  string
		looks []control.Unit
		want  string
	}{
		{"started again", []control.Unit{running("a", 12, 0), running("b", 34, 1)}, "fake started it again, pid 12 -> 34"},
		{"started again and again", []control.Unit{running("a", 12, 0), running("b", 34, 3)}, "fake started it again 3 times, pid 12 -> 34"},
		{"failed", []control.Unit{running("a", 12, 0), down(control.UnitFailed, 0, "exit status 1")}, "exit status 1; fake does not start it again"},
		{"runs on", []control.Unit{running("a", 12, 0), running("b", 34, 1), running("b", 34, 1)}, ""},
	} {
		w := newWorld(t, control.Unit{})
		for _, u := range tt.looks {
			w.sees(u)
		}
		if w.sample.Reason != tt.want {
			t.Errorf("%s: %q", tt.name, w.sample.Reason)
		}
	}
}

// What the watcher was told while nobody looked says why.
func TestUnitReasonFromWatch(t *testing.T) {
	w := newWorld(t, running("a", 12, 0))
	w.look()
	w.changed(control.Unit{Ref: w.life(w.service).ref, State: control.UnitRestarting, Result: "exit status 3"})
	w.last = "no such port"
	if got := w.sees(running("b", 34, 1)); got.Reason != "exit status 3; fake started it again, pid 12 -> 34" || got.Evidence != "no such port" {
		t.Errorf("reason %q, evidence %q", got.Reason, got.Evidence)
	}
	if got := w.look(); got.Reason != "" || got.Evidence != "" {
		t.Errorf("after that: reason %q, evidence %q", got.Reason, got.Evidence)
	}
	if got := w.sees(running("c", 56, 2)); got.Reason != "fake started it again, pid 34 -> 56" {
		t.Errorf("an old reason is told again: %q", got.Reason)
	}
}

// A sample that the engine did not take leaves its news to the next one.
func TestUnitAbandonedLook(t *testing.T) {
	w := newWorld(t, running("a", 12, 0))
	w.look()
	before := w.mark
	w.sees(down(control.UnitRestarting, 0, "killed by signal 9"))
	w.mark = before
	got := w.sees(running("b", 34, 1))
	if n := got.Readings.Get(model.Deaths).Number(); n != 1 || got.Reason != "killed by signal 9; fake started it again, pid 12 -> 34" {
		t.Errorf("%v deaths, %q", n, got.Reason)
	}
}

func TestUnitOverRestartsOfOrderly(t *testing.T) {
	for _, tt := range []struct {
		name     string
		now      control.Unit
		rebooted bool
		renamed  string
		ends     int
		reason   string
	}{
		{"it ran on", running("a", 12, 5), false, "", 1, ""},
		{"it runs anew", running("b", 34, 0), false, "", 2, "it runs anew since orderly last looked, pid 34"},
		{"it does not run", down(control.UnitFailed, 0, "exit status 1"), false, "", 2, "exit status 1; fake does not start it again"},
		{"the host was started anew", running("b", 34, 0), true, "", 1, ""},
		{"it is another unit", running("b", 34, 0), false, "other", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, running("z", 11, 4))
			w.look()
			w.sees(running("a", 12, 5))
			w.restart(tt.rebooted)
			if tt.renamed != "" {
				w.service.Subject.Unit = tt.renamed
			}
			for range 2 {
				got := w.sees(tt.now)
				if n := got.Readings.Get(model.Deaths).Number(); int(n) != tt.ends {
					t.Fatalf("%v deaths, want %d", n, tt.ends)
				}
				if got.Reason != tt.reason {
					t.Errorf("reason %q", got.Reason)
				}
				if w.now.State == control.UnitRunning {
					tt.reason = "" // which was told
				}
			}
		})
	}
}

// A unit that is about to be started again is not missed at once.
func TestUnitGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, running("a", 1, 0))
		var got strings.Builder
		watch := func(u control.Unit, pause time.Duration) {
			time.Sleep(pause)
			got.WriteString(existence(w.sees(u)))
		}
		again := down(control.UnitRestarting, 0, "exit status 1")
		watch(running("a", 1, 0), 0)
		watch(again, 0)
		watch(again, 9*time.Second)
		watch(again, time.Second)
		watch(running("b", 2, 1), time.Minute)
		watch(down(control.UnitRestarting, 1, ""), 0)
		if got.String() != "1??01?" {
			t.Errorf("exist %s", &got)
		}
		late := down(control.UnitRestarting, 0, "")
		late.Since = time.Now().Add(-restartGrace)
		if got := existence(newWorld(t, late).look()); got != "0" {
			t.Errorf("what has waited for long already: exist %s", got)
		}
	})
}

func TestUnitDeathsWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, running("0", 1, 0))
		w.service.Rules = append(model.UnitRules(w.service.Pos), model.Rule{Metric: model.Deaths, Over: time.Hour, Op: model.Greater, Operand: model.Num(100)})
		w.look()
		within := func(u control.Unit) string {
			got := w.sees(u).Readings
			text := ""
			for _, over := range []time.Duration{time.Minute, time.Hour} {
				if v := got.Total(model.Deaths, over); v.Present() {
					text += fmt.Sprint(v.Number())
				} else {
					text += "?"
				}
			}
			return text
		}
		var got []string
		step := func(u control.Unit, pause time.Duration) {
			time.Sleep(pause)
			got = append(got, within(u))
		}
		step(running("0", 1, 0), 0)
		step(down(control.UnitRestarting, 0, ""), 0)
		step(running("1", 2, 1), time.Second)
		step(running("2", 3, 3), time.Second)
		step(down(control.UnitRestarting, 3, ""), time.Second)
		step(down(control.UnitRestarting, 3, ""), 10*time.Second)
		step(running("3", 4, 4), 10*time.Second)
		step(running("3", 4, 4), 30*time.Second)
		step(running("3", 4, 4), 30*time.Second)
		step(running("3", 4, 4), time.Hour)
		want := []string{"00", "??", "11", "33", "4?", "4?", "44", "44", "04", "00"}
		want[7] = "44"
		if !slices.Equal(got, want) {
			t.Errorf("within a minute and an hour: %q, want %q", got, want)
		}
	})
}

// A restart of orderly does not forget how often a unit ended within the last minute.
func TestUnitDeathsOutliveOrderly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, rebooted := range []bool{false, true} {
			w := newWorld(t, running("0", 1, 0))
			w.service.Rules = model.UnitRules(diag.Pos{})
			w.look()
			for n := range 3 {
				time.Sleep(5 * time.Second)
				w.sees(running(fmt.Sprint(n+1), n+2, n+1))
			}
			w.restart(rebooted)
			w.look()
			time.Sleep(5 * time.Second)
			got := w.sees(running("4", 5, 4)).Readings.Total(model.Deaths, time.Minute)
			if want := map[bool]float64{false: 4, true: 1}[rebooted]; got.Number() != want {
				t.Errorf("rebooted %v: %v deaths within a minute, want %v", rebooted, got.Number(), want)
			}
			time.Sleep(time.Minute)
			if w.look(); w.mark.Died != "" {
				t.Errorf("what is long ago is kept: %q", w.mark.Died)
			}
		}
	})
}

func TestDeathsAsText(t *testing.T) {
	s := &model.Service{Rules: model.UnitRules(diag.Pos{})}
	now := time.UnixMilli(1_700_000_100_000)
	var deaths []time.Time
	for i := range maxDeaths {
		deaths = append(deaths, now.Add(time.Duration(i-maxDeaths)*time.Second/8))
	}
	text := keepDeaths(deaths, s, now)
	if got := recallDeaths(text); len(got) != maxDeaths || !got[17].Equal(deaths[17].Truncate(time.Millisecond)) || len(text) > 2<<10 {
		t.Errorf("%d of %d come back from %d bytes", len(got), len(deaths), len(text))
	}
	for _, garbage := range []string{"", "!", "zzzzzzzzzzzzzzzzzzzzzzz", strings.Repeat("1 ", 10*maxDeaths)} {
		if got := recallDeaths(garbage); len(got) > maxDeaths {
			t.Errorf("%.10q: %d deaths", garbage, len(got))
		}
	}
}

func TestUnitDeathsAreBounded(t *testing.T) {
	w := newWorld(t, running("a", 1, 0))
	w.look()
	w.sees(running("b", 2, 1<<30))
	if l := w.life(w.service); len(l.deaths) != maxDeaths || w.mark.Ends != 1<<30 {
		t.Errorf("%d deaths of %d are remembered", len(l.deaths), w.mark.Ends)
	}
}

// The kernel tells of a death before the init system knows, which may never be.
func TestUnitProcessGone(t *testing.T) {
	t.Run("noticed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, running("a", 12, 0))
			w.look()
			w.dead[12] = true
			w.next = []control.Unit{running("a", 12, 0), running("b", 34, 1)}
			begin := time.Now()
			got := w.look()
			if existence(got) != "1" || got.Reason != "fake started it again, pid 12 -> 34" || got.Readings.Get(model.PID).Number() != 34 {
				t.Errorf("got %+v", got)
			}
			if took := time.Since(begin); took > 50*time.Millisecond {
				t.Errorf("noticed after %v", took)
			}
		})
	})
	t.Run("not noticed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, running("a", 12, 0))
			w.look()
			w.dead[12] = true
			begin := time.Now()
			got := w.look()
			if existence(got) != "0" || got.Reason != "process 12 has gone, but fake says it runs" || w.mark.Ends != 1 || got.Readings.Get(model.UnitState).Text() != "failed" {
				t.Errorf("got %+v", got)
			}
			if took := time.Since(begin); took < noticing || took > noticing+lastNotice {
				t.Errorf("it was waited for %v", took)
			}
			begin = time.Now()
			if w.look(); w.mark.Ends != 1 || time.Since(begin) != 0 {
				t.Errorf("the second look: %d deaths after %v", w.mark.Ends, time.Since(begin))
			}
			if got := w.sees(running("b", 34, 0)); existence(got) != "1" || w.mark.Ends != 1 {
				t.Errorf("it runs again: %+v", got)
			}
		})
	})
	t.Run("out of sight", func(t *testing.T) {
		w := newWorld(t, running("a", 12, 0))
		w.dead[12] = true
		if got := w.look(); existence(got) != "1" || got.Readings.Get(model.PID).Present() {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("its pidfile says so", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, running("a", 0, 0))
			w.service.Subject.Pidfile = "/run/web.pid"
			w.dead[-1] = false
			if got := w.look(); existence(got) != "1" || !got.Readings.Get(model.Memory).Present() {
				t.Errorf("got %+v", got)
			}
			w.dead[-1] = true
			if got := w.look(); existence(got) != "0" || got.Reason != "its process has gone, but fake says it runs" || w.mark.Ends != 1 {
				t.Errorf("got %+v", got)
			}
		})
	})
	t.Run("orderly ends", func(t *testing.T) {
		w := newWorld(t, running("a", 12, 0))
		w.look()
		w.dead[12] = true
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.measure(ctx, w.service, time.Now(), w.mark); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUnitNotFound(t *testing.T) { // I-16
	w := newWorld(t, running("a", 1, 0))
	w.find = fmt.Errorf("cannot find web: %w", control.ErrNoUnit)
	for n := range 2 {
		if _, err := w.measure(t.Context(), w.service, time.Now(), w.mark); !errors.Is(err, control.ErrNoUnit) || w.found != n+1 {
			t.Errorf("got %v, asked %d times", err, w.found)
		}
	}
	w.find = nil
	w.look() // it was installed
	if w.look(); w.found != 3 {
		t.Errorf("what is found is sought: %d times", w.found)
	}
	w.status = errors.New("no answer")
	if _, err := w.measure(t.Context(), w.service, time.Now(), w.mark); err == nil || w.found != 3 {
		t.Errorf("got %v, asked %d times", err, w.found)
	}
	w.status = fmt.Errorf("cannot look: %w", control.ErrNoUnit)
	if _, err := w.measure(t.Context(), w.service, time.Now(), w.mark); !errors.Is(err, control.ErrNoUnit) || w.found != 4 {
		t.Errorf("got %v, asked %d times", err, w.found)
	}
}

func TestUnitLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := running("a", 1, 0)
		up.Since = time.Now()
		w := newWorld(t, up)
		w.last = "still alive"
		if got := w.look(); got.Evidence != "" || w.patience != 0 {
			t.Errorf("who lives is asked for last words: %q", got.Evidence)
		}
		w.last = "" // they are not there yet
		failed := down(control.UnitFailed, 0, "exit status 1")
		w.sees(failed)
		if w.patience != deathbed || !w.since.Equal(up.Since) {
			t.Errorf("waited %v for words since %v", w.patience, w.since)
		}
		w.last = "no such port"
		if got := w.look(); got.Evidence != "no such port" || w.patience != wake {
			t.Errorf("evidence %q after %v", got.Evidence, w.patience)
		}
		w.last = "from another life"
		if got := w.look(); got.Evidence != "no such port" {
			t.Errorf("evidence %q", got.Evidence)
		}
	})
}

func TestATaskThatHasDoneItsWorkIsWell(t *testing.T) { // S-13
	task := func(state control.UnitState, result string) control.Unit {
		u := down(state, 0, result)
		u.Task = true
		return u
	}
	w := newWorld(t, task(control.UnitStopped, ""))
	if s := w.look(); existence(s) != "1" || s.Reason != "" || s.Evidence != "" {
		t.Errorf("between its runs: exist %s, %q", existence(s), s.Reason)
	}
	if s := w.sees(task(control.UnitFailed, "exit status 3")); existence(s) != "0" {
		t.Errorf("when it failed: exist %s", existence(s))
	}
	if s := w.sees(task(control.UnitStopped, "")); existence(s) != "1" || s.Bookmark.Ends != 1 && s.Bookmark.Ends != 0 {
		t.Errorf("after a good run: exist %s, %d ends", existence(s), s.Bookmark.Ends)
	}
}
