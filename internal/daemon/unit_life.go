package daemon

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
)

const (
	// restartGrace is how long a unit may be about to be started again before it counts as not there.
	restartGrace = 10 * time.Second
	// maxDeaths is how many ends of a unit are remembered with their time.
	maxDeaths = 256
	// longAgo is from when on a unit's last words are sought that was never seen to run.
	longAgo = time.Hour
)

// A life is what is known of one unit from look to look.
type life struct {
	subject model.Subject

	mu      sync.Mutex // guards the rest; nothing is waited for while it is held
	ref     control.Ref
	acts    int  // of orderly: odd while one is under way
	visible bool // its processes are seen by the host

	seen     bool
	last     look
	since    time.Time // begin of the last state
	began    time.Time // of this run, as far as known
	before   time.Time // of the one before
	pid, was int       // of this run and of the one before
	run      string    // that is not known to have ended, "" if there is none
	restarts int       // counted by the init system, -1: unknown
	ahead    int       // ends we know of that it has yet to count
	ends     int
	deaths   []time.Time
	cause    string // of the last end

	words string // last words since that end
	heard bool   // there are no others

	stirred time.Time // when it was last said to be worth a look
	spent   time.Time // until then all looks are made up for
	stir    bool      // it is again
}

// A look is what was seen of a unit at one moment.
type look struct {
	control.Unit
	gone bool // its process has gone, whatever its init system says
	at   time.Time
	act  int // life.acts before
}

// up tells whether the unit runs.
func (k *look) up() bool { return k.State == control.UnitRunning && !k.gone }

// done tells whether the unit has done what it is for: it ran to its good end, or waits for its time.
func (k *look) done() bool { return k.Task && k.State == control.UnitStopped && k.Result == "" }

// down tells whether the unit does not run, for whatever reason.
func (k *look) down() bool {
	switch k.State {
	case control.UnitStopped, control.UnitFailed, control.UnitRestarting:
		return true
	}
	return k.gone
}

func (l *life) at() control.Ref {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ref
}

func (l *life) is(ref control.Ref) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ref = ref
}

func (l *life) acted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acts
}

// missing tells whether a unit is said to run while its process does not live. Where none of its processes was ever seen,
// they may be out of sight.
func (l *life) missing(u control.Unit, s model.Sample) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	alive := s.Readings.Get(model.Exist).Number() != 0
	l.visible = l.visible || alive
	named := u.PID > 0 || l.subject.Pidfile != ""
	return u.State == control.UnitRunning && named && !alive && l.visible
}

// learn takes over a look and tells what it means. What orderly does itself, and what happened before a reboot, is no end
// that nobody asked for.
func (l *life) learn(now look, b model.Bookmark, rebooted bool) finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.seen {
		l.restarts = -1
		if !rebooted {
			l.deaths = recallDeaths(b.Died)
		}
		if !rebooted && strings.HasPrefix(b.Run, runOf(now.Ref, "")) {
			l.run = b.Run
		}
	}
	l.ends = max(l.ends, b.Ends)
	if now.act == l.acts && l.acts%2 == 0 {
		l.note(now)
	}
	if now.up() && l.ends == b.Ends {
		l.cause = ""
	}
	return l.finding(now, b)
}

// note counts the ends since the last look, and remembers this one.
func (l *life) note(now look) {
	n := l.count(now)
	l.ends += n
	for range min(n, maxDeaths) {
		l.deaths = append(l.deaths, now.at)
	}
	l.deaths = l.deaths[max(0, len(l.deaths)-maxDeaths):]
	l.take(now)
}

// take remembers a look.
func (l *life) take(now look) {
	if !l.seen || now.State != l.last.State || now.gone != l.last.gone {
		l.since = now.at
		if !now.Since.IsZero() && now.Since.Before(now.at) {
			l.since = now.Since
		}
		l.words, l.heard = "", false
	}
	switch id := identity(now.Unit); {
	case now.down():
		l.run = ""
	case now.up() || id != "":
		if id != l.run {
			l.before, l.began = l.began, now.Since
		}
		l.run = id
	}
	if now.up() {
		l.ahead = 0
	}
	if now.Result != "" && now.down() {
		l.cause = now.Result
	}
	if now.PID != 0 && now.PID != l.pid {
		l.was, l.pid = l.pid, now.PID
	}
	l.restarts = now.Restarts
	l.seen, l.last = true, now
}

// count tells how often the unit ended between the last look and this one without being asked to.
func (l *life) count(now look) (n int) {
	counted := now.Restarts >= 0 && l.restarts >= 0
	if counted {
		grew := now.Restarts - l.restarts
		if grew < 0 { // somebody started it, and the init system counts anew
			grew = now.Restarts
		}
		n = max(0, grew-l.ahead)
		l.ahead = max(0, l.ahead-grew)
	}
	if n > 0 {
		return n
	}
	switch {
	case !now.down(): // it runs, or is on its way
		// Where restarts are counted, another run that is not among them was asked for.
		if id := identity(now.Unit); !counted && l.run != "" && id != "" && id != l.run {
			n = 1
		}
	case l.run != "":
		if now.State != control.UnitStopped || now.Result != "" || now.gone {
			n = 1
		}
	case !counted && l.seen && now.State == control.UnitRestarting && l.last.State == now.State:
		// It ran in between, too shortly to be seen. That it goes on to its finish script is no end of its own.
		if !now.Since.Equal(l.last.Since) && now.Detail == l.last.Detail {
			n = 1
		}
	}
	if n > 0 && now.State == control.UnitRestarting {
		l.ahead = 1
	}
	return n
}

// expect takes over how a unit is after an act of orderly: that it is another run than before is no end unasked.
func (l *life) expect(after control.Unit, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acts++
	l.run, l.ahead, l.restarts, l.cause = "", 0, -1, ""
	if after.State != "" {
		l.take(look{Unit: after, at: at})
	}
}

// begin tells that orderly acts on the unit from now on, until expect.
func (l *life) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acts++
}

// lost tells whether the unit's process had gone at the last look while its init system went on to say that it runs.
func (l *life) lost(now control.Unit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.gone && l.last.PID == now.PID
}

// identity names the run of a unit; empty if there is none, or nobody can tell one from another.
func identity(u control.Unit) string {
	switch {
	case u.State != control.UnitRunning && (u.State != control.UnitStarting || u.PID == 0):
		return ""
	case u.Run != "":
		return runOf(u.Ref, u.Run)
	case u.PID > 0:
		return runOf(u.Ref, "pid "+strconv.Itoa(u.PID))
	}
	return ""
}

// runOf names a run so that it is none of another unit's.
func runOf(ref control.Ref, run string) string { return ref.System + " " + ref.Name + " " + run }
