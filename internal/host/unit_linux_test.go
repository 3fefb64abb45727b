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
