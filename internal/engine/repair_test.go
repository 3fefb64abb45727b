package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// bounded is a process whose repairs are bounded.
func bounded(name string, r model.Repair) *model.Service {
	s := process(name)
	s.Repair = &r
	return s
}

// hopeless makes a service that no start brings back; every attempt is noted with its time.
func (w *world) hopeless(name string, attempts *[]time.Duration) {
	w.set(name, model.Exist, 0)
	w.start[name] = func() error {
		*attempts = append(*attempts, time.Since(w.begun))
		return errors.New("it ends at once")
	}
}

func TestBackOff(t *testing.T) { // S-06
	bubble(t, func(w *world) {
		var at []time.Duration
		w.hopeless("web", &at)
		c := config(bounded("web", model.Repair{Wait: time.Second, MaxWait: time.Minute}))
		c.Settings.Interval = 5 * time.Second
		defer w.run(c, false)()
		w.sleep(5 * time.Minute)
		wait := time.Second
		for i := 1; i < len(at); i++ {
			gap := at[i] - at[i-1]
			// A repair that was held back is made up for at its time, not in the next cycle.
			if gap < wait || gap > wait+wait/10+5*time.Second {
				t.Errorf("repair %d came %v after the one before, want %v to %v", i+1, gap, wait, wait+wait/10)
			}
			wait = min(2*wait, time.Minute)
		}
		if len(at) < 8 {
			t.Errorf("only %d repairs: %v", len(at), at)
		}
	})
}

func TestBackOffBeginsAnewAfterAGoodTime(t *testing.T) { // S-06
	bubble(t, func(w *world) {
		c := config(bounded("web", model.Repair{Wait: 10 * time.Second, MaxWait: time.Minute}))
		c.Settings.Interval = time.Second
		w.set("web", model.Exist, 1)
		defer w.run(c, false)()
		die := func() time.Duration {
			w.actions()
			w.set("web", model.Exist, 0)
			died := time.Now()
			for w.actions() == "" {
				w.sleep(100 * time.Millisecond)
			}
			return time.Since(died)
		}
		if d := die(); d > time.Second {
			t.Errorf("the first repair came after %v", d)
		}
		w.sleep(2 * time.Second)
		if d := die(); d < 7*time.Second {
			t.Errorf("the second repair came after %v", d)
		}
		w.sleep(3 * time.Minute)
		if d := die(); d > time.Second {
			t.Errorf("after a good time, the repair came after %v", d)
		}
	})
}

func TestGivingUp(t *testing.T) { // S-02, S-06
	bubble(t, func(w *world) {
		var at []time.Duration
		w.hopeless("web", &at)
		r := model.Repair{Times: 3, Within: 10 * time.Minute, Retry: time.Hour, Rounds: 2}
		defer w.run(config(bounded("web", r)), false)()
		w.sleep(10 * time.Minute)
		if len(at) != 3 {
			t.Fatalf("%d repairs, want 3: %v", len(at), at)
		}
		expect(t, "heard", w.heard(), strings.Join([]string{
			"web failed: process is not running",
			"web action_failed: cannot restart: it ends at once",
			"web failed: gave up: 3 repairs within 10 min did not help; tries again in 1 h",
		}, "\n"))
		if !strings.HasPrefix(w.status("web").GaveUp, "gave up: 3 repairs") {
			t.Errorf("status does not say so: %q", w.status("web").GaveUp)
		}
		w.sleep(2 * time.Hour)
		if len(at) != 6 {
			t.Errorf("%d repairs after the second round, want 6: %v", len(at), at)
		}
		expect(t, "heard of the second round", w.heard(), "web failed: gave up: 3 repairs within 10 min did not help; nothing more is done until somebody does")
		w.sleep(24 * time.Hour)
		if len(at) != 6 {
			t.Errorf("it went on: %v", at)
		}
		w.with(func() { w.start["web"] = nil })
		w.do(model.CommandStart, "web")
		w.sleep(time.Minute)
		w.state("web", model.StateOK)
		if heard := w.heard(); !strings.Contains(heard, "web recovered: is well again, after it was given up") {
			t.Errorf("heard %s", heard)
		}
		if w.status("web").GaveUp != "" {
			t.Error("status still says that it was given up")
		}
	})
}

func TestRepairsOutliveTheDaemon(t *testing.T) {
	bubble(t, func(w *world) {
		var at []time.Duration
		w.hopeless("web", &at)
		r := model.Repair{Times: 2, Within: time.Hour}
		stop := w.run(config(bounded("web", r)), false)
		w.sleep(10 * time.Minute)
		stop()
		w.heard()
		defer w.run(config(bounded("web", r)), false)()
		w.sleep(10 * time.Minute)
		if len(at) != 2 {
			t.Errorf("a new daemon began anew: %v", at)
		}
		expect(t, "heard", w.heard(), "")
	})
}

func TestActionsOnAnotherService(t *testing.T) {
	cache := gauge("cache", model.Action{Kind: model.ActRestart, On: "db", Once: true})
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 1)
		w.set("cache", model.Size, 20)
		defer w.run(config(process("db"), cache), false)()
		w.sleep(5 * time.Minute)
		expect(t, "done", w.actions(), "restart db")
		w.state("cache", model.StateFailing)
		w.state("db", model.StateOK)
	})
}

// What changes calls for one act each time, however often that is: neither given up nor forgotten while something is done.
func TestChangesOfAnotherService(t *testing.T) {
	conf := gauge("conf")
	conf.Rules = []model.Rule{{
		Text: "changed size", Topic: model.TopicSize, Metric: model.Size, Op: model.Changed,
		Then: []model.Action{{Kind: model.ActReload, On: "web", Once: true}},
	}}
	for _, tt := range []struct {
		name   string
		repair *model.Repair
		pause  time.Duration // between changes
		slow   time.Duration // a reload
		want   int
	}{
		{"bounded", &model.Repair{Wait: time.Second, MaxWait: time.Minute, Times: 3, Within: time.Hour}, 5 * time.Second, 0, 10},
		{"quickly, with a wait", &model.Repair{Wait: 20 * time.Second, MaxWait: time.Minute}, 5 * time.Second, 0, 4},
		{"while a reload runs", nil, 5 * time.Second, 12 * time.Second, 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				web := process("web")
				web.Reload, web.Repair = &model.Program{Args: []string{"reload"}}, tt.repair
				w.set("web", model.Exist, 1)
				w.set("conf", model.Size, 1)
				w.with(func() { w.slowness = tt.slow })
				c := config(web, conf)
				c.Settings.Interval = time.Second
				defer w.run(c, false)()
				for n := range 10 {
					w.sleep(tt.pause)
					w.set("conf", model.Size, float64(n+2))
				}
				w.sleep(time.Minute)
				if done := strings.Count(w.actions(), "reload web"); done != tt.want {
					t.Errorf("reloaded %d times, want %d", done, tt.want)
				}
				if heard := w.heard(); strings.Contains(heard, "gave up") {
					t.Errorf("heard %s", heard)
				}
			})
		})
	}
}

func TestReload(t *testing.T) {
	web := process("web")
	web.Reload = &model.Program{Args: []string{"reload"}}
	web.Rules = append(web.Rules, model.Rule{
		Text: "memory > 10 B", Topic: model.TopicResource, Metric: model.Memory, Op: model.Greater, Operand: model.Num(10),
		Then: []model.Action{{Kind: model.ActAlert}, {Kind: model.ActReload, Once: true}},
	})
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		defer w.run(config(web), false)()
		restarts := w.status("web").Restarts
		out := w.do(model.CommandReload, "web")
		expect(t, "outcome", out[0].Done, "reload done")
		w.set("web", model.Memory, 20)
		w.sleep(5 * time.Minute)
		expect(t, "done", w.actions(), "reload web, reload web")
		if now := w.status("web").Restarts; now != restarts {
			t.Errorf("a reload counts as restart: %d", now)
		}
	})
}

// What could not read its configuration again runs on with the old one, and is not well until it has read it.
func TestAFailedReload(t *testing.T) {
	for _, tt := range []struct {
		name string
		heal func(w *world)
		want string
	}{
		{"reloaded", func(w *world) {
			w.with(func() { w.refuses["web"] = false })
			w.do(model.CommandReload, "web")
		}, "web recovered: reload done"},
		{"restarted", func(w *world) { w.do(model.CommandRestart, "web") }, "web recovered: restart done"},
		{"runs anew", func(w *world) { w.set("web", model.PID, 8) }, "web recovered: is well again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				web := process("web")
				web.Reload = &model.Program{Args: []string{"reload"}}
				w.set("web", model.Exist, 1)
				w.set("web", model.PID, 7)
				w.set("app", model.Exist, 1)
				w.with(func() { w.refuses["web"] = true })
				c := config(web, process("app", "web"))
				stop := w.run(c, false)
				w.do(model.CommandReload, "web")
				w.sleep(2 * time.Minute)
				stop()
				stop = w.run(c, false) // that it is not well is not forgotten
				defer func() { stop() }()
				w.sleep(3 * time.Minute)
				expect(t, "heard", w.heard(), "web action_failed: cannot reload: its configuration is wrong")
				w.state("web", model.StateFailing)
				if needs := w.status("app").Needs; needs != "" {
					t.Errorf("what depends on it waits for %s", needs)
				}
				tt.heal(w)
				w.sleep(time.Minute)
				expect(t, "heard when it was well", w.heard(), tt.want)
				w.state("web", model.StateOK)
			})
		})
	}
}

// That what failed has been done is told once.
func TestAStartAfterAFailedRepairIsToldOnce(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		web := process("web")
		web.Rules[0].Then = []model.Action{{Kind: model.ActRestart, Once: true}}
		defer w.run(config(web), false)()
		w.start["web"] = func() error { return errNotFound }
		w.set("web", model.Exist, 0)
		w.sleep(time.Minute)
		if heard := w.heard(); !strings.Contains(heard, "web action_failed: cannot restart") {
			t.Fatalf("heard %s", heard)
		}
		w.with(func() { delete(w.start, "web") })
		w.do(model.CommandStart, "web")
		w.sleep(time.Minute)
		if heard := w.heard(); strings.Count(heard, "start done") != 1 {
			t.Errorf("heard\n%s", heard)
		}
		w.do(model.CommandStart, "web")
		if heard := w.heard(); strings.Count(heard, "start done") != 1 {
			t.Errorf("heard of another start\n%s", heard)
		}
	})
}

// Pins I-19: what a rule does is done in the order as written, after people were told; of what it does to one service, the
// first counts.
func TestActionsInOrder(t *testing.T) {
	program := func(name string) model.Action {
		return model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{name}}}
	}
	do := func(kind model.ActionKind) model.Action { return model.Action{Kind: kind, Once: true} }
	for _, tt := range []struct {
		then  []model.Action
		done  string
		story string
	}{
		{[]model.Action{do(model.ActAlert), do(model.ActRestart)}, "restart web", "web failed, web action"},
		{[]model.Action{do(model.ActReload), do(model.ActAlert), do(model.ActRestart)}, "reload web", "web failed, web action"},
		{[]model.Action{do(model.ActRestart), do(model.ActReload), program("x")}, "exec x web, restart web", "web failed, web action, web action"},
	} {
		bubble(t, func(w *world) {
			web := process("web")
			web.Reload = &model.Program{Args: []string{"reload"}}
			web.Rules = append(web.Rules, model.Rule{
				Text: "memory > 10 B", Topic: model.TopicResource, Metric: model.Memory, Op: model.Greater, Operand: model.Num(10),
				Then: tt.then, Else: []model.Action{do(model.ActAlert)},
			})
			w.set("web", model.Exist, 1)
			w.set("web", model.Memory, 20)
			defer w.run(config(web), false)()
			w.sleep(5 * time.Minute)
			actions := strings.Split(w.actions(), ", ")
			slices.Sort(actions) // programs run beside
			expect(t, "done", strings.Join(actions, ", "), tt.done)
			expect(t, "story", w.story(), tt.story)
			w.set("web", model.Memory, 5)
			w.sleep(5 * time.Minute)
			expect(t, "done at recovery", w.actions(), "") // I-18
		})
	}
}

// Pins S-03: also of a service that was given up, all rules are looked at, and what needs no repair is done.
func TestRulesOfWhatWasGivenUp(t *testing.T) {
	bubble(t, func(w *world) {
		web := bounded("web", model.Repair{Times: 1, Within: time.Hour})
		for _, r := range []struct {
			text string
			of   model.Metric
			then model.ActionKind
		}{{"memory > 10 B", model.Memory, model.ActRestart}, {"threads > 10", model.Threads, model.ActAlert}, {"children > 10", model.Children, model.ActStop}} {
			web.Rules = append(web.Rules, model.Rule{
				Text: r.text, Topic: model.TopicResource, Metric: r.of, Op: model.Greater, Operand: model.Num(10),
				Then: []model.Action{{Kind: r.then}}, Else: []model.Action{{Kind: model.ActAlert}},
			})
		}
		w.set("web", model.Exist, 1)
		w.set("web", model.Memory, 20)
		defer w.run(config(web), false)()
		w.sleep(5 * time.Minute)
		expect(t, "done", w.actions(), "restart web")
		if w.status("web").GaveUp == "" {
			t.Error("it was not given up")
		}
		w.heard()
		w.set("web", model.Threads, 20)
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "web failed: threads is 20 (limit: > 10)")
		w.set("web", model.Children, 20)
		w.sleep(time.Minute)
		expect(t, "done", w.actions(), "stop web")
	})
}
