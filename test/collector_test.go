package test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the tests wait for, as collectors are told it.
const (
	started     = "Monit type 5 id 65536 state 2 action 6" // or reloaded
	stopped     = "Monit type 5 id 65536 state 2 action 3"
	refused     = "localweb type 4 id 32 state 1 action 1"
	badStatus   = "bad_script type 7 id 2097152 state 1 action 1"
	died        = "appd type 3 id 512 state 1 action 2"
	lives       = "appd type 3 id 512 state 0 action 1"
	opened      = "app_conf type 2 id 64 state 1 action 1"
	protected   = "app_conf type 2 id 64 state 0 action 1"
	changed     = "app_conf type 2 id 1 state 1 action 1"
	unchanged   = "app_conf type 2 id 1 state 0 action 1"
	commandDone = "spool type 1 id 131072 state 2 action 1"
	zombie      = "appd type 3 id 2048 " // it depends on when the machine's first process buries the dead
)

// reports is what may be different in what collectors are told.
var reports = variety{
	title: "Events for M/Monit",
	text: "Start, a process that is killed, a file whose permission and then whose text is changed, `unmonitor` and `monitor`, `reload`, `quit`:\n" +
		"which events are sent of each service, in their order, with their codes. Their messages are in other words.",
	differences: []difference{
		{"app_conf", "", unchanged, "what a changed file is compared with is learned anew at a reload, by both; orderly tells that the failure is over"},
	},
}

// TestCollectorsLearnTheSame has the same happen to both programs and compares what their collectors are told.
func TestCollectorsLearnTheSame(t *testing.T) {
	t.Parallel()
	hubs := [2]*hub{newHub(t), newHub(t)}
	monit, _ := bothSides(t, hubs[0].statement())
	_, orderly := bothSides(t, hubs[1].statement())
	sides := [2]*side{monit, orderly}
	told := map[string][2][]string{} // of each service
	for i, h := range hubs {
		live(sides[i], h)
		h.complain(sides[i])
		for _, e := range h.events() {
			service, _, _ := strings.Cut(e.what, " ")
			of := told[service]
			if !strings.HasPrefix(e.what, zombie) {
				of[i] = append(of[i], e.what)
			}
			told[service] = of
		}
	}
	for service, of := range told {
		if text := unlike(reports.reduce(orderly, service, of[1]), reports.reduce(monit, service, of[0])); text != "" {
			t.Errorf("of %s %s", service, text)
		}
	}
	reports.unmet(t)
}

// live has the same happen to each side, and waits each time until its collector knows.
func live(a *side, h *hub) {
	a.t.Helper()
	for _, name := range []string{"appd", "jobd"} {
		must(a.t, a.path("svc.sh"), "start", name)
	}
	h.open()
	a.start()
	h.hears(a, started, 1)
	h.hears(a, refused, 1)
	h.hears(a, badStatus, 1)
	a.settle()
	kill(a.pid("appd.pid"))
	h.hears(a, died, 1)
	h.hears(a, lives, 1)
	a.write("app.conf", "key = value\n", 0o600)
	h.hears(a, opened, 1)
	a.write("app.conf", "key = value\n", 0o644)
	h.hears(a, protected, 1)
	a.write("app.conf", "key = other\n", 0o644)
	h.hears(a, changed, 1)
	a.do("unmonitor", "spool")
	h.hears(a, commandDone, 1)
	a.do("monitor", "spool")
	h.hears(a, commandDone, 2)
	a.do("reload")
	h.hears(a, started, 2)
	h.hears(a, refused, 2)
	h.hears(a, badStatus, 2)
	if a.name == "orderly" {
		h.hears(a, unchanged, 1)
	}
	a.do("quit")
	h.hears(a, stopped, 1)
}

// kill ends a process as a crash would.
func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

// complain tells of all that a collector could not bear: what it cannot read, and what is packed before it has said that it
// understands that, which it says anew after each reload.
func (h *hub) complain(a *side) {
	a.t.Helper()
	for _, fault := range h.faults {
		a.t.Errorf("%s: %s", a.name, fault)
	}
	plain, heartbeats := 0, 0
	posts := h.received()
	for _, p := range posts {
		if !p.packed {
			plain++
		}
		if p.document.child("event").XMLName.Local == "" {
			heartbeats++
		}
	}
	if posts[0].packed || plain != 2 || heartbeats == 0 {
		a.t.Errorf("%s: of %d posts %d were plain and %d without an event; the first was packed: %v", a.name, len(posts), plain, heartbeats, posts[0].packed)
	}
}

// TestNothingIsLostWhileACollectorIsDown has orderly live with a collector that is not there, that is there, that refuses what it is
// sent, and that is not there again; and has it crash meanwhile.
func TestNothingIsLostWhileACollectorIsDown(t *testing.T) { // X-14, D-04
	t.Parallel()
	h := newHub(t)
	a := newSide(t, h.statement())
	for _, name := range []string{"appd", "jobd"} {
		must(t, a.path("svc.sh"), "start", name)
	}
	a.start()
	a.words("localweb", "Connection failed")
	a.words("bad_script", "Status failed")
	a.do("unmonitor", "spool")
	a.words("spool", "Not monitored")
	kill(a.pid("pid"))
	a.eventually("the daemon is gone", func() bool { return strings.Contains(a.do("summary").stderr, "not running") })
	a.start()
	a.words("spool", "Not monitored") // the daemon is there again
	a.write("app.conf", "key = value\n", 0o600)
	a.words("app_conf", "Permission failed")
	h.refuse(3)
	h.open()
	h.hears(a, opened, 1)
	h.close()
	a.write("app.conf", "key = value\n", 0o644)
	a.words("app_conf", "OK")
	a.do("monitor", "spool")
	a.words("spool", "OK")
	h.open()
	h.hears(a, commandDone, 2)
	h.hears(a, refused, 2) // what still fails is told again after each start, as Monit does
	h.hears(a, badStatus, 2)
	a.do("quit")
	h.hears(a, stopped, 1)

	var got []string
	last := time.Duration(0)
	for _, e := range h.events() {
		got = append(got, e.what)
		if e.at < last {
			t.Errorf("%s arrives after what happened later", e.what)
		}
		last = e.at
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refusals != 0 || h.faults != nil {
		t.Errorf("%d refusals are left, %v", h.refusals, h.faults)
	}
	for want, times := range map[string]int{started: 2, commandDone: 2, opened: 1, protected: 1, stopped: 1, refused: 2, badStatus: 2} {
		if n := strings.Count(strings.Join(got, "\n")+"\n", want+"\n"); n != times {
			t.Errorf("%s has arrived %d times, want %d", want, n, times)
		}
	}
	t.Log(strings.Join(got, "\n"))
}
