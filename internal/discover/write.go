package discover

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"orderly/internal/host"
)

// Propose writes an orderly.yaml that watches what the facts tell of, with comments that say why it is as it is and
// what was left out. The same facts make the same text.
func Propose(f Facts) string {
	w := &writer{}
	p := newPlan(&f)
	w.begin(&f)
	w.machine(p)
	for _, e := range p.entries {
		w.service(p, e)
	}
	w.strays(p)
	w.leftOut(p)
	return w.String()
}

// width is that of comments.
const width = 110

// A writer writes YAML.
type writer struct {
	strings.Builder
	prefix string // of every line
}

func (w *writer) line(format string, args ...any) {
	w.WriteString(strings.TrimRight(w.prefix+fmt.Sprintf(format, args...), " ") + "\n")
}

// comment writes text, wrapped, as comments that are as deep as what follows.
func (w *writer) comment(indent, text string) {
	room := width - len(w.prefix) - len(indent) - len("# ")
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > room {
			w.line("%s# %s", indent, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if line != "" {
		w.line("%s# %s", indent, line)
	}
}

func (w *writer) begin(f *Facts) {
	w.comment("", "What `orderly discover` proposes to watch on "+printable(f.Host)+". Read it and change it: it is yours.")
	w.line("#")
	w.comment("", "A service of an init system that does not run is started again, by its init system or else by orderly. That "+
		"need not be written. What is written are the questions that only somebody who asks the server can answer; each was "+
		"asked when this file was made.")
	for _, t := range f.Troubles {
		w.line("#")
		w.comment("", "Not everything could be seen: "+printable(t)+".")
	}
	w.line("")
	w.line("every: 10s")
	w.line("")
	w.comment("", "Nobody gets mail yet. With a mail server on this host, two lines are enough:")
	w.line("#")
	w.line("# mail: {servers: [localhost]}")
	w.line("# alert: [ops@example.org]")
	w.line("")
}

// machine writes what every host has.
func (w *writer) machine(p *plan) {
	w.line("services:")
	w.line("  %s:", scalar(p.host))
	w.line("    system: true")
	w.line("    rules:")
	w.line("      - if loadavg (5min) per core > 2 for 5 cycles then alert")
	w.line("      - if memory usage > 90%% for 5 cycles then alert")
	for _, m := range p.mounts {
		w.line("")
		w.line("  %s:", scalar(m.name))
		w.line("    filesystem: %s", scalar(m.point))
		w.line("    rules:")
		w.line("      - if space usage > 90%% then alert")
		w.line("      - if inode usage > 90%% then alert")
	}
	if len(p.facts.Inits) == 0 {
		w.line("")
		w.comment("  ", "No init system was found here that could be asked for its services, so only the host itself is watched.")
	}
}

func (w *writer) service(p *plan, e entry) {
	w.line("")
	if text := printable(e.unit.Description); text != "" && text != e.unit.Name {
		w.comment("  ", strings.TrimSuffix(text, ".")+".")
	}
	switch {
	case len(e.asks) > 0:
	case e.unit.PID == 0:
		w.comment("  ", "There is nothing to ask it, and its init system does not know its process: what it says is what is watched.")
	default:
		w.comment("  ", "There is nothing to ask it: that its process lives is what is watched.")
	}
	for _, n := range e.notes {
		w.comment("  ", printable(n))
	}
	w.line("  %s:", scalar(e.name))
	w.line("    unit: %s", scalar(e.unit.Name))
	if !slices.Equal(p.facts.Inits[:min(1, len(p.facts.Inits))], []string{e.unit.System}) {
		w.line("    init: %s", scalar(e.unit.System))
	}
	w.rules(p, e, "restart")
}

// rules writes a rule for each question, or why there is none.
func (w *writer) rules(p *plan, e entry, action string) {
	headed := false
	for _, a := range e.asks {
		q, why := p.settle(a)
		if q == nil {
			w.comment("    ", why)
			continue
		}
		if !headed {
			w.line("    rules:")
			headed = true
		}
		w.comment("      ", why)
		w.line("      - %s", fmt.Sprintf("if failed %s for 2 cycles then %s", q, action))
	}
}

// settle chooses the question that the server answers, and says why it is that one; nil if it answers none.
func (p *plan) settle(a asking) (*question, string) {
	at := fmt.Sprintf("%s, %s", place(a.question), audience(a.listener))
	refusal, refused := p.facts.Refusals[a.String()]
	switch {
	case !refused && a.guess:
		return &a.question, fmt.Sprintf("%s accepts connections at %s. What it speaks is not known.", who(a.listener), at)
	case !refused && a.protocol == "":
		return &a.question, fmt.Sprintf("%s accepts connections at %s.", who(a.listener), at)
	case !refused:
		return &a.question, fmt.Sprintf("%s speaks %s at %s.", who(a.listener), a.protocol, at)
	}
	forms := a.forms()
	plain := forms[len(forms)-1]
	said := fmt.Sprintf("%s listens at %s, and did not pass as %s: %s.", who(a.listener), at, cmp.Or(a.protocol, "well"), printable(refusal))
	if _, refused := p.facts.Refusals[plain.String()]; refused {
		return nil, said
	}
	return &plain, said + " So it only has to accept connections."
}

func who(l host.Listener) string {
	if l.Program == "" {
		return "it"
	}
	return printable(l.Program)
}

func place(q question) string {
	switch {
	case q.path != "":
		return q.path
	case q.udp:
		return fmt.Sprintf("UDP port %d", q.port)
	}
	return fmt.Sprintf("port %d", q.port)
}

// audience says whom a socket is open to.
func audience(l host.Listener) string {
	switch a := l.Address.Addr(); {
	case l.Network == "unix":
		return "a socket of this host"
	case a.IsUnspecified():
		return "on every address"
	case a.IsLoopback():
		return "for this host alone"
	default:
		return "on " + a.String()
	}
}

// strays writes services that somebody may want, as comments.
func (w *writer) strays(p *plan) {
	if len(p.strays) == 0 {
		return
	}
	w.line("")
	w.comment("  ", "These listen as well, but belong to no service of an init system, so orderly cannot start them again. "+
		"Let an init system run them, or take away the marks and say how each is started:")
	w.prefix = "  # "
	for _, e := range p.strays {
		w.line("")
		w.line("%s:", scalar(e.name))
		w.line("  matching: %s", scalar(commandOf(e.program)))
		w.line("  rules:")
		for _, a := range e.asks {
			if q, _ := p.settle(a); q != nil {
				w.line("    - if failed %s for 2 cycles then alert", q)
			}
		}
	}
	w.prefix = ""
}

// nameLimit is how much of a program's name the kernel keeps.
const nameLimit = 15

// commandOf is an expression for command lines that begin with a program.
func commandOf(program string) string {
	begin := "^([^ ]*/)?" + regexp.QuoteMeta(program)
	if len(program) >= nameLimit {
		return begin
	}
	return begin + "(:? |:?$)"
}

// because are the reasons in words.
var because = [lastReason]string{
	watching:    "They restart services themselves, and two that do must not fight",
	ofTheSystem: "Parts of the system, which take care of themselves",
	ended:       "They have no process that stays: they ran and ended, or only stand for others",
	notRunning:  "They start with the host, but did not run when this was made",
	notEnabled:  "They run, but do not start with the host",
}

// leftOut writes which services are not watched, and why.
func (w *writer) leftOut(p *plan) {
	headed := false
	for why := watching; why < lastReason; why++ {
		names := slices.Clone(p.left[why])
		if len(names) == 0 {
			continue
		}
		if !headed {
			w.line("")
			w.line("# What is left out:")
			headed = true
		}
		slices.Sort(names)
		w.line("#")
		w.comment("", because[why]+": "+printable(strings.Join(slices.Compact(names), ", "))+".")
	}
}

// textLimit bounds what others have written, in bytes.
const textLimit = 16 << 10

// printable is a text of somebody else on one line.
func printable(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), textLimit)], "?")
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)), " ")
}

var (
	plainScalar = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./@-]*$`)
	otherScalar = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n|inf|nan)$`)
)

// scalar writes a text so that YAML reads it as that text.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !otherScalar.MatchString(s) {
		return s
	}
	return strconv.Quote(strings.ToValidUTF8(s, "?")) // whose escapes YAML has as well
}
