package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"orderly/internal/model"
)

// conduct runs f on the conductor.
func (w *world) conduct(f func()) {
	w.t.Helper()
	if err := w.engine.ask(context.Background(), f); err != nil {
		w.t.Fatal(err)
	}
}

// atHour is a gauge that is due at the first minute of some hours.
func atHour(name, hours string) *model.Service {
	s := gauge(name)
	s.Schedule.Cron = "0 " + hours + " * * *"
	return s
}

func TestReloadsDoNotPileUpChecks(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(atHour("nightly", "23")), false)()
		for range 100 {
			w.apply(config(atHour("nightly", "23")))
		}
		w.conduct(func() {
			if n := len(w.engine.later); n != 1 {
				t.Errorf("%d checks are planned, want 1", n)
			}
		})
	})
}

func TestScheduleWithoutAMinuteIsNeverDue(t *testing.T) {
	bubble(t, func(w *world) {
		s := gauge("never")
		s.Schedule.Cron = "0 0 30 2 *"
		defer w.run(config(s), false)()
		w.sleep(48 * time.Hour)
		if got := w.checksOf("never"); len(got) > 0 {
			t.Errorf("checked at %v", got)
		}
	})
}

func TestExcludedMinutesCountFromTheFirst(t *testing.T) {
	bubble(t, func(w *world) {
		s := gauge("daily")
		s.Schedule.Cron = fmt.Sprintf("* %d * * *", time.Now().Local().Hour())
		s.Schedule.Not = true
		defer w.run(config(s), false)()
		if got := w.checksOf("daily"); len(got) > 0 || !w.status("daily").Waiting {
			t.Errorf("checked at %v in an hour that is left out", got)
		}
		w.sleep(time.Hour)
		if got := w.checksOf("daily"); len(got) == 0 {
			t.Error("not checked in the hour after that")
		}
	})
}

func TestClockIsSet(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(atHour("hourly", "*")), false)()
		begun := time.Now()
		w.conduct(func() { w.engine.tick(begun.Round(0).AddDate(30, 0, 0)) }) // a wrong clock until the network is there
		w.sleep(time.Second)
		if got := w.checksOf("hourly"); len(got) != 1 {
			t.Errorf("a clock that is set forward makes one check due: %v", got)
		}
		w.sleep(2 * time.Hour)
		if got := w.checksOf("hourly"); len(got) != 3 {
			t.Errorf("checked at %v, want two more since the clock was set right", got)
		}
	})
}

// A plan that works on a service does not keep a new schedule or dependency of it from taking effect.
func TestReloadDuringAPlan(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.set("db", model.Exist, 1)
		defer w.run(config(process("web"), process("db")), false)()
		w.with(func() { w.slowness = 10 * time.Second })
		go w.do(model.CommandRestart, "web")
		w.sleep(time.Second)
		changed := process("web", "db")
		changed.Schedule.Every = 7 * time.Second
		w.apply(config(changed, process("db")))
		w.sleep(10 * time.Second) // the plan has ended
		before := len(w.checksOf("web"))
		w.sleep(70 * time.Second)
		if n := len(w.checksOf("web")) - before; n != 10 {
			t.Errorf("%d checks in 70s, want one every 7s", n)
		}
		w.conduct(func() {
			if got := fmt.Sprint(len(w.engine.services["web"].parents), len(w.engine.services["db"].children)); got != "1 1" {
				t.Errorf("parents and children: %s", got)
			}
		})
	})
}

func TestStatusTellsWhatIsWaitedFor(t *testing.T) {
	bubble(t, func(w *world) {
		child := gauge("child")
		child.Depends = []string{"parent"}
		w.set("parent", model.Size, 20)
		defer w.run(config(gauge("parent"), child), false)()
		w.sleep(time.Second)
		expect(t, "while the parent fails", w.status("child").Needs, "parent")
		w.set("parent", model.Size, 1)
		w.sleep(30 * time.Second)
		expect(t, "when it is well", w.status("child").Needs, "")
		w.do(model.CommandUnmonitor, "parent")
		expect(t, "what is not monitored waits for nothing", w.status("child").Needs, "")
	})
}
