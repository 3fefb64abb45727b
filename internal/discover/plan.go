package discover

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"orderly/internal/control"
	"orderly/internal/host"
)

// A plan is what becomes of the facts: what is watched, and what is not.
type plan struct {
	facts   *Facts
	host    string // name of the service that stands for the host
	mounts  []mount
	entries []entry
	strays  []entry             // listening programs that no init system runs
	left    map[reason][]string // names of units
	taken   map[string]bool     // names of services, in lower case
}

// A mount is a filesystem, and the name of its service.
type mount struct{ name, point string }

// An entry is one service.
type entry struct {
	name    string
	unit    control.Listed
	program string // of strays
	asks    []asking
	notes   []string
}

// An asking is a question, and the socket that it is about.
type asking struct {
	question
	listener host.Listener
	guess    bool // nobody knows what is spoken there
}

// A reason is why a unit is not watched.
type reason int

const (
	watched reason = iota
	dormant        // it neither runs nor starts by itself: not worth a word
	watching
	ofTheSystem
	ended
	notRunning
	notEnabled
	lastReason
)

// Bounds of a proposal.
const (
	maxQuestions = 8 // of one service
	maxStrays    = 16
)

func newPlan(f *Facts) *plan {
	p := &plan{facts: f, left: map[reason][]string{}, taken: map[string]bool{}}
	p.host = p.name(cmp.Or(f.Host, "localhost"))
	for _, point := range f.Filesystems {
		p.mounts = append(p.mounts, mount{p.name(cmp.Or(strings.Trim(point, "/"), "root")), point})
	}
	owned, strays := f.owners()
	for i, u := range f.Units {
		if why := f.verdict(u); why != watched {
			p.left[why] = append(p.left[why], u.Name)
			continue
		}
		e := entry{name: p.name(serviceName(u)), unit: u}
		e.ask(u.Name, owned[i])
		if umbrella, ok := f.umbrella(u); ok && umbrella.PID == 0 {
			e.note("%s has no process of its own: it stands for its instances, of which this is one.", umbrella.Name)
		}
		p.entries = append(p.entries, e)
	}
	for _, group := range byProgram(strays) {
		if !plainName.MatchString(group[0].Program) || len(p.strays) == maxStrays {
			continue
		}
		e := entry{name: p.name(group[0].Program), program: group[0].Program}
		if e.ask("", group); len(e.asks) > 0 {
			p.strays = append(p.strays, e)
		}
	}
	return p
}

// plainName is what a program is called that is worth a suggestion.
var plainName = regexp.MustCompile(`^[A-Za-z0-9._+-]+$`)

// questions are all that servers are going to be asked.
func (p *plan) questions() []question {
	var out []question
	for _, e := range slices.Concat(p.entries, p.strays) {
		for _, a := range e.asks {
			out = append(out, a.question)
		}
	}
	return out
}

// unusual are stretches of characters that nobody wants to type in a command.
var unusual = regexp.MustCompile(`[^A-Za-z0-9_.:@+-]+`)

// name makes a name of a service that no other has.
func (p *plan) name(wish string) string {
	wish = cmp.Or(strings.Trim(unusual.ReplaceAllString(wish, "-"), "-"), "unnamed")
	name := wish
	for n := 2; p.taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", wish, n)
	}
	p.taken[strings.ToLower(name)] = true
	return name
}

// serviceName is what people call a unit.
func serviceName(u control.Listed) string {
	name := strings.TrimSuffix(u.Name, ".service")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// verdict tells whether a unit is watched, or why not.
func (f *Facts) verdict(u control.Listed) reason {
	name := strings.TrimSuffix(serviceName(u), "@"+instance(u))
	enabled := u.Enabled || f.enabledBy(u)
	switch {
	case u.State != control.UnitRunning && !enabled:
		return dormant
	case slices.Contains(watchers, name):
		return watching
	case isOfSystem(u.Name):
		return ofTheSystem
	case u.State != control.UnitRunning:
		return notRunning
	case u.PID == 0 && !vague(u):
		return ended
	case !enabled:
		return notEnabled
	}
	return watched
}

// vague tells whether the unit is a known server that runs, and whose init system does not know the process.
func vague(u control.Listed) bool {
	_, ok := known(u.Name, "")
	return ok && u.PID == 0 && u.State == control.UnitRunning && !isSystemd(u)
}

func isSystemd(u control.Listed) bool { return strings.HasPrefix(u.System, "systemd") }

// instance is the part of a unit's name after the at sign.
func instance(u control.Listed) string {
	_, instance, _ := strings.Cut(strings.TrimSuffix(u.Name, ".service"), "@")
	return instance
}

// umbrella is the unit that stands for all instances of a unit's template.
func (f *Facts) umbrella(u control.Listed) (control.Listed, bool) {
	if instance(u) == "" {
		return control.Listed{}, false
	}
	name := strings.TrimSuffix(u.Name, "@"+instance(u)+".service") + ".service"
	i := slices.IndexFunc(f.Units, func(o control.Listed) bool { return o.System == u.System && o.Name == name })
	if i < 0 {
		return control.Listed{}, false
	}
	return f.Units[i], true
}

// enabledBy tells whether a unit is started by one that is enabled and stands for it.
func (f *Facts) enabledBy(u control.Listed) bool {
	umbrella, ok := f.umbrella(u)
	return ok && umbrella.Enabled && umbrella.State == control.UnitRunning
}

func (e *entry) note(format string, args ...any) {
	e.notes = append(e.notes, fmt.Sprintf(format, args...))
}

// ask adds what the server of a unit is asked at its sockets: each port once, at the best of its addresses.
func (e *entry) ask(unit string, listeners []host.Listener) {
	seen := map[question]int{}
	var more, volatile bool
	for _, l := range listeners {
		q, ok := where(l)
		s, isKnown := known(unit, l.Program)
		var asked bool
		if isKnown {
			q.speech, asked = s.asks(l)
		} else {
			asked = l.Network == "tcp"
		}
		switch {
		case !ok || !asked || l.Network == "unix" && e.asksTCP():
			continue
		case q.speech == connect && q.path == "" && q.port >= changing:
			volatile = true
			continue
		}
		place := question{port: q.port, udp: q.udp, path: q.path}
		if i, twice := seen[place]; twice {
			if q.host == "" && e.asks[i].host != "" {
				e.asks[i].question, e.asks[i].listener = q, l
			}
			continue
		}
		if len(e.asks) == maxQuestions {
			more = true
			continue
		}
		seen[place] = len(e.asks)
		e.asks = append(e.asks, asking{q, l, !isKnown})
	}
	if more {
		e.note("It listens at more places than these.")
	}
	if volatile {
		e.note("It listens at a port above %d as well, which is likely to be another one after each start.", changing-1)
	}
}

func (e *entry) asksTCP() bool {
	return slices.ContainsFunc(e.asks, func(a asking) bool { return a.port > 0 && !a.udp })
}
