package model

import "testing"

func TestAilsAndRank(t *testing.T) {
	for _, c := range []struct {
		name string
		s    ServiceStatus
		ails bool
		rank int
	}{
		{"well", ServiceStatus{State: StateOK, Monitored: true}, false, 5},
		{"failing", ServiceStatus{State: StateFailing, Monitored: true}, true, 0},
		{"failing in silence", ServiceStatus{State: StateFailing, Monitored: true, Silenced: "a deploy"}, true, 1},
		{"failing, and looked after", ServiceStatus{State: StateFailing, Monitored: true, Acked: "ann"}, true, 1},
		{"restarted by somebody", ServiceStatus{State: StateActing, Monitored: true}, false, 2},
		{"repaired", ServiceStatus{State: StateActing, Monitored: true, Problem: "process is not running"}, true, 2},
		{"stopped while it failed", ServiceStatus{State: StateActing, Problem: "process is not running"}, false, 2},
		{"not known", ServiceStatus{State: StateUnknown, Monitored: true}, false, 3},
		{"not known yet", ServiceStatus{State: StateInitializing, Monitored: true}, false, 4},
		{"not monitored", ServiceStatus{State: StateUnmonitored}, false, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.Ails(); got != c.ails {
				t.Errorf("ails: %t", got)
			}
			if got := c.s.Rank(); got != c.rank {
				t.Errorf("rank %d, want %d", got, c.rank)
			}
		})
	}
}
