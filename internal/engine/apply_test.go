package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestReloadIsADiff(t *testing.T) { // S-reload
	bubble(t, func(w *world) {
		three := func() *model.Service {
			s := gauge("slowly")
			s.Rules[0].Policy.Fail = model.Rate{Count: 3, Window: 3}
			return s
		}
		w.set("slowly", model.Size, 20)
		defer w.run(config(three(), gauge("old"), gauge("kept"), gauge("edited")), false)()
		w.do(model.CommandUnmonitor, "kept")
		w.sleep(40 * time.Second) // two of three failing cycles

		edited := gauge("edited")
		edited.Rules[0].Operand = model.Num(99)
		applied := w.apply(config(three(), gauge("kept"), edited, gauge("new")))
		want := model.Applied{Generation: 2, Added: []string{"new"}, Changed: []string{"edited"}, Removed: []string{"old"}, Unchanged: 2, Warnings: []string{}}
		if fmt.Sprint(applied) != fmt.Sprint(want) {
			t.Errorf("applied %+v, want %+v", applied, want)
		}
		w.state("kept", model.StateUnmonitored)
		w.sleep(0)
		if got := w.checksOf("new"); len(got) != 1 || got[0] != 40*time.Second {
			t.Errorf("the new one was first checked at %v", got)
		}
		w.sleep(20 * time.Second) // its third cycle: the phase did not move
		w.state("slowly", model.StateFailing)
		if !slices.Contains(w.removed, "old") || !strings.Contains(w.story(), "old removed") {
			t.Error("the removed one left something behind")
		}
	})
}

func TestChangedServiceKeepsItsRules(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 20)
		defer w.run(config(gauge("f")), false)()
		w.story()
		f := gauge("f")
		f.Groups = []string{"g"}
		w.apply(config(f))
		w.sleep(time.Second)
		expect(t, "nobody is told again", w.story(), "")
		w.state("f", model.StateFailing)
	})
}

func TestChangeDuringAPlanWaitsForItsEnd(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 0)
		w.with(func() { w.slowness = 10 * time.Second })
		defer w.run(config(process("web")), false)()
		w.sleep(time.Second)
		s := process("web")
		s.Groups = []string{"g"}
		w.apply(config(s))
		w.state("web", model.StateActing)
		w.sleep(10 * time.Second)
		w.state("web", model.StateOK)
		expect(t, "groups", fmt.Sprint(w.status("web").Groups), "[g]")
	})
}

func TestRemovedDuringAPlan(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 0)
		w.with(func() { w.slowness = 10 * time.Second })
		defer w.run(config(process("web")), false)()
		w.sleep(time.Second)
		w.apply(config(gauge("other")))
		w.sleep(time.Minute)
		if n := len(w.checksOf("web")); n != 1 {
			t.Errorf("a removed service was checked %d times", n)
		}
	})
}

func TestKindChangeBeginsAnew(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("x", model.Size, 20)
		defer w.run(config(gauge("x")), false)()
		w.set("x", model.Exist, 1)
		applied := w.apply(config(process("x")))
		expect(t, "added", fmt.Sprint(applied.Added), "[x]")
		w.state("x", model.StateOK)
	})
}

func TestReloadAcceptsDrift(t *testing.T) {
	bubble(t, func(w *world) {
		s := func() *model.Service {
			s := gauge("f")
			s.Rules[0].Op, s.Rules[0].Operand = model.Drifted, model.Value{}
			return s
		}
		w.set("f", model.Size, 1)
		defer w.run(config(s()), false)()
		w.set("f", model.Size, 2)
		w.sleep(60 * time.Second)
		w.state("f", model.StateFailing)
		w.apply(config(s()))
		w.sleep(30 * time.Second)
		w.state("f", model.StateOK)
	})
}

func TestIntervalChange(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f")), false)()
		c := config(gauge("f"))
		c.Settings.Interval = 5 * time.Second
		w.apply(c)
		w.sleep(11 * time.Second)
		expect(t, "checks", fmt.Sprint(w.checksOf("f")), "[0s 5s 10s]")
	})
}

func TestMemoryOverRestarts(t *testing.T) { // S-state-same-boot, S-state-reboot, S-state-new, S-state-counters, S-state-content
	set := func() *model.Config {
		plain, nostart, last, on := gauge("plain"), gauge("nostart"), gauge("last"), gauge("lastOn")
		unlessnew := gauge("unlessnew")
		unlessnew.OnReboot = model.RebootUnlessNew
		nostart.OnReboot, last.OnReboot, on.OnReboot = model.RebootNoStart, model.RebootLastState, model.RebootLastState
		return config(plain, nostart, unlessnew, last, on)
	}
	monitored := func(w *world) string {
		var out []string
		for _, n := range []string{"plain", "nostart", "unlessnew", "last", "lastOn"} {
			if w.status(n).Monitored {
				out = append(out, n)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		name     string
		rebooted bool
		want     string
	}{
		{"the daemon was restarted", false, "nostart unlessnew lastOn"},
		{"the host was restarted", true, "plain lastOn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.set("lastOn", model.Size, 20)
				stop := w.run(set(), false)
				expect(t, "without a state", monitored(w), "plain unlessnew last lastOn")
				w.do(model.CommandUnmonitor, "plain")
				w.do(model.CommandUnmonitor, "last")
				w.do(model.CommandMonitor, "nostart")
				w.sleep(10 * time.Second)
				since := w.status("lastOn").Since
				stop()
				w.story()
				w.sleep(time.Minute)

				stop = w.run(set(), c.rebooted)
				defer stop()
				expect(t, "monitored", monitored(w), c.want)
				if c.rebooted {
					expect(t, "told anew", w.story(), "lastOn failed")
					return
				}
				expect(t, "not told again", w.story(), "")
				if got := w.status("lastOn").Since; !got.Equal(since) {
					t.Errorf("failing since %v, want %v", got, since)
				}
				w.set("lastOn", model.Size, 1)
				w.sleep(30 * time.Second)
				expect(t, "recovery of an old failure is told", w.story(), "lastOn recovered")
			})
		})
	}
}

func TestBookmarkGoesOn(t *testing.T) {
	bubble(t, func(w *world) {
		stop := w.run(config(gauge("f")), false)
		w.sleep(30 * time.Second)
		stop()
		defer w.run(config(gauge("f")), false)()
		var offset int64
		if err := w.engine.ask(context.Background(), func() { offset = w.engine.services["f"].bookmark.Offset }); err != nil || offset != 3 {
			t.Errorf("offset %d after three checks (%v)", offset, err)
		}
	})
}
