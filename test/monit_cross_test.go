package test

import (
	"strings"
	"testing"
)

// TestCommandLinesCross has Monit's command line talk to orderly's daemon, orderly's to Monit's, and each to its own: a script notices
// nothing of the change, in whichever order the parts are replaced.
func TestCommandLinesCross(t *testing.T) { // C-06, C-22, C-23, C-25, H-15
	t.Parallel()
	var said [2][2]crossed // of the daemon, of the client
	for i := range said {
		monit, orderly := bothSides(t)
		for c, client := range []*side{monit, orderly} {
			d := (i + c) % 2
			said[d][c] = client.cross([2]*side{monit, orderly}[d])
		}
	}
	model := said[0][0]
	for d := range said {
		for c, by := range []string{"Monit", "orderly"} {
			it := said[d][c]
			for i, step := range crossing {
				command := by + " with the daemon of " + it.daemon.name + ": " + step.args
				texts.compare(t, command, [2]*side{model.daemon, it.daemon}, [2]reply{model.replies[i], it.replies[i]})
			}
		}
	}
}

// crossing is what is done with a daemon, one after the other.
var crossing = []struct {
	args          string
	service, then string // what the summary says afterwards
}{
	{"status spool", "", ""},
	{"summary", "", ""},
	{"-g app summary", "", ""},
	{"report", "", ""},
	{"report total", "", ""},
	{"status nosuch", "", ""},
	{"unmonitor spool", "spool", "Not monitored"},
	{"monitor spool", "spool", "OK"},
	{"unmonitor app_.*", "app_fifo", "Not monitored"},
	{"-g app unmonitor", "worker", "Not monitored"},
	{"monitor all", "worker", "OK"},
	{"stop appd", "worker", "Not monitored"},
	{"start appd", "appd", "OK"},
	{"start worker", "worker", "OK"},
	{"restart worker", "worker", "OK"},
	{"stop nosuch", "", ""},
	{"", "", ""},
	{"validate spool", "", ""},
	{"reload", "", ""},
	{"quit", "", ""},
}

// crossed is what a program said of a daemon.
type crossed struct {
	daemon  *side
	replies []reply
}

// cross goes through the crossing with this side's program and the daemon of a side.
func (a *side) cross(daemon *side) crossed {
	a.t.Helper()
	daemon.start()
	daemon.settle()
	var said []reply
	for _, step := range crossing {
		said = append(said, a.call(daemon.path("monitrc"), strings.Fields(step.args)...))
		if step.service != "" {
			daemon.words(step.service, step.then)
		}
	}
	daemon.eventually("it ends", func() bool { return daemon.pid("pid") == 0 })
	return crossed{daemon, said}
}
