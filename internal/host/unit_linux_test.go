package host

import (
	"os/exec"
	"testing"
	"time"

	"orderly/internal/model"
)

func unitOf(t *testing.T, h *Host, s *model.Service, pid int) model.Readings {
	t.Helper()
	sample, err := h.MeasureProcess(t.Context(), s, pid, time.Now(), model.Bookmark{})
	if err != nil {
		t.Fatal(err)
	}
	return sample.All()
}

// The main process of a unit has all that a process has, and its end is told.
func TestProcessOfUnit(t *testing.T) {
	ended := make(chan int, 1)
	h := open(t, Options{OnExit: func(service string, pid int) {
		if service == "web" {
			ended <- pid
		}
	}})
	s := &model.Service{
		Name: "web", Kind: model.KindUnit, Subject: model.Subject{Unit: "web"},
		Rules: rules(model.Memory, model.MemTotal, model.CoresUser, model.Children, model.FDs, model.Uptime, model.Deaths),
	}
	first, second := sleeper(t), sleeper(t)
	for _, child := range []*exec.Cmd{first, second, first} { // nobody is a stranger who comes again: no pidfile is left behind
		got := unitOf(t, h, s, child.Process.Pid)
		compare(t, got, map[model.Metric]float64{model.Exist: 1, model.PID: float64(child.Process.Pid), model.Children: 0})
		if got.Get(model.Memory).Number() <= 0 || got.Get(model.MemTotal).Number() <= 0 || got.Get(model.FDs).Number() < 3 || !got.Get(model.Uptime).Present() {
			t.Errorf("got %v", got)
		}
		absent(t, got, model.Deaths)
	}
	compare(t, unitOf(t, h, s, 0), map[model.Metric]float64{model.Exist: 0})
	compare(t, unitOf(t, h, s, second.Process.Pid), map[model.Metric]float64{model.Exist: 1})
	_ = second.Process.Kill()
	select {
	case pid := <-ended:
		if pid != second.Process.Pid {
			t.Errorf("the end of %d was told", pid)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("its end was not told")
	}
	got := unitOf(t, h, s, second.Process.Pid) // its parent has not looked yet
	compare(t, got, map[model.Metric]float64{model.Exist: 0})
	absent(t, got, model.PID, model.Memory)
	if pid, ok := h.Find(s); pid != 0 || ok {
		t.Errorf("found %d", pid)
	}
}

// The pidfile counts only where the init system does not know the process of a unit that runs.
func TestPidfileOfUnit(t *testing.T) {
	h := open(t, Options{})
	s := &model.Service{Name: "web", Kind: model.KindUnit, Subject: model.Subject{Unit: "web", Pidfile: t.TempDir() + "/pid"}}
	first, second := sleeper(t), sleeper(t)
	writePID(t, s.Subject.Pidfile, first.Process.Pid)
	for _, c := range []struct{ pid, want int }{
		{-1, first.Process.Pid}, {second.Process.Pid, second.Process.Pid}, {0, 0}, {-1, first.Process.Pid},
	} {
		got := unitOf(t, h, s, c.pid)
		if pid := int(got.Get(model.PID).Number()); pid != c.want || (got.Get(model.Exist).Number() == 1) != (c.want > 0) {
			t.Errorf("asked for %d: got %v, want %d", c.pid, got, c.want)
		}
	}
	s = &model.Service{Name: "task", Kind: model.KindUnit, Subject: model.Subject{Unit: "task"}}
	compare(t, unitOf(t, h, s, -1), map[model.Metric]float64{model.Exist: 0})
}

// Pins I-13: of every unit Inspeqtor's measurements are taken, also when no rule needs them, at each check.
func TestUnitHasWhatInspeqtorShows(t *testing.T) {
	h := open(t, Options{})
	s := &model.Service{Name: "web", Kind: model.KindUnit, Subject: model.Subject{Unit: "web"}}
	child, start := sleeper(t), time.Now()
	for check := range 3 {
		now := start.Add(time.Duration(check) * time.Second)
		sample, err := h.measure(t.Context(), s, child.Process.Pid, now, now, model.Bookmark{})
		if err != nil {
			t.Fatal(err)
		}
		if !sample.Readings.Get(model.Memory).Present() { // it may have begun just now, with none
			t.Errorf("no memory at check %d: %v", check, sample.Readings)
		}
		for _, m := range []model.Metric{model.CoresUser, model.CoresSystem, model.CoresUserEnded, model.CoresSysEnded} {
			if v := sample.Readings.Get(m); v.Present() != (check > 0) { // a rate takes two
				t.Errorf("%s at check %d is %v", m, check, v)
			}
		}
	}
}
