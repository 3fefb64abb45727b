package engine

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// unit is a service that an init system runs, and that is restarted when it does not run.
func unit(name string) *model.Service {
	s := &model.Service{Name: name, Kind: model.KindUnit, Subject: model.Subject{Unit: name}, Repair: model.DefaultRepair()}
	s.Rules = append(process(name).Rules, model.UnitRules(s.Pos)...)
	return s
}

// unitIs says how a unit is: its state, how often it has ended, and how often in the last minute (below 0: not known).
func (w *world) unitIs(name, state string, ends, lately int) {
	w.with(func() {
		more := model.Readings{{Metric: model.UnitState, Value: model.Str(state)}, {Metric: model.Deaths, Value: model.Num(float64(ends))}}
		switch state {
		case "running":
			more.Add(model.Exist, model.Bool(true))
			more.Add(model.PID, model.Num(4711))
		case "failed", "stopped":
			more.Add(model.Exist, model.Bool(false))
		}
		if lately >= 0 {
			more = append(more, model.Reading{Metric: model.Deaths, Over: time.Minute, Value: model.Num(float64(lately))})
		}
		w.more[name] = more
	})
	w.engine.Stirred(name)
}

func TestADeathThatTheInitSystemMendsIsToldOnce(t *testing.T) { // S-14
	bubble(t, func(w *world) {
		w.more["web"] = nil
		defer w.run(config(unit("web")), false)()
		w.unitIs("web", "running", 0, 0)
		w.sleep(time.Second)
		w.unitIs("web", "restarting", 1, -1)
		w.sleep(100 * time.Millisecond)
		w.unitIs("web", "running", 1, 1)
		w.sleep(time.Second)
		expect(t, "heard", w.heard(), "web changed: ended unasked")
		w.sleep(10 * time.Minute)
		expect(t, "heard later", w.heard(), "web recovered: is running again, pid 4711")
		expect(t, "done", w.actions(), "")
	})
}

func TestAUnitThatStaysDownIsToldOnce(t *testing.T) {
	bubble(t, func(w *world) {
		w.more["web"] = nil
		defer w.run(config(unit("web")), false)()
		w.unitIs("web", "running", 0, 0)
		w.sleep(time.Second)
		w.with(func() { w.slowness = time.Hour }) // it is not repaired so soon
		w.unitIs("web", "failed", 1, -1)
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "web failed: unit is not running")
		w.unitIs("web", "running", 1, 1)
		w.sleep(time.Hour)
		expect(t, "heard when it is back", w.heard(), "web recovered: unit is running, pid 4711")
	})
}

func TestRestartLoop(t *testing.T) {
	bubble(t, func(w *world) {
		w.more["web"] = nil
		defer w.run(config(unit("web")), false)()
		w.unitIs("web", "running", 0, 0)
		w.sleep(time.Second)
		for n := 1; n <= 100; n++ { // it dies every second, and its init system starts it again
			lately := -1
			if n > 3 {
				lately = min(n, 60)
			}
			w.unitIs("web", "restarting", n, lately)
			w.sleep(100 * time.Millisecond)
			w.unitIs("web", "running", n, min(n, 60))
			w.sleep(900 * time.Millisecond)
		}
		if n := strings.Count(w.journal(), "web changed"); n != 4 {
			t.Errorf("%d ends are in the journal, want those before the loop was seen", n)
		}
		heard := w.heard()
		if lines := strings.Split(heard, "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "web changed: ") || !strings.HasPrefix(lines[1], "web failed: restart loop: ended 4 times in 1 min") {
			t.Errorf("heard of the loop:\n%s", heard)
		}
		expect(t, "no fight", w.actions(), "")
		w.state("web", model.StateFailing)
		w.unitIs("web", "running", 100, 3)
		w.sleep(10 * time.Minute)
		heard = w.heard()
		if heard != "web recovered: runs steadily again" {
			t.Errorf("heard of the end:\n%s", heard)
		}
		w.state("web", model.StateOK)
	})
}

func TestALoopThatTheInitSystemGivesUp(t *testing.T) {
	bubble(t, func(w *world) {
		w.more["web"] = nil
		w.start["web"] = func() error { // as seen by the check that follows
			w.more["web"] = model.Readings{
				{Metric: model.UnitState, Value: model.Str("running")},
				{Metric: model.Exist, Value: model.Bool(true)},
				{Metric: model.Deaths, Value: model.Num(5)},
				{Metric: model.Deaths, Over: time.Minute, Value: model.Num(0)},
			}
			return nil
		}
		defer w.run(config(unit("web")), false)()
		w.unitIs("web", "running", 0, 0)
		w.sleep(time.Second)
		for n := 1; n <= 5; n++ {
			w.unitIs("web", "running", n, n)
			w.sleep(time.Second)
		}
		w.heard()
		expect(t, "while it is tried", w.actions(), "")
		w.unitIs("web", "failed", 5, 5)
		w.sleep(2 * time.Second)
		expect(t, "when it was given up", w.actions(), "restart web")
		if heard := w.heard(); !strings.Contains(heard, "web failed: unit is not running") {
			t.Errorf("heard:\n%s", heard)
		}
		w.sleep(5 * time.Minute)
		w.state("web", model.StateOK)
	})
}
