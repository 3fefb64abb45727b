package top

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// overview is all services, one a line.
func (s *screen) overview() []line {
	head, below := s.head(), s.below()
	rows := s.rows()
	lines := head
	cols := s.columns()
	for i := range rows {
		at := s.list.from + i
		if at >= len(s.list.shown) {
			break
		}
		v := &s.host.Services[s.list.shown[at]]
		row := s.row(v, cols)
		switch {
		case v.Name == s.list.chosen:
			row = row.chosen(s.width)
		case s.away != "":
			row = row.all(grey)
		}
		lines = append(lines, row)
	}
	if len(s.list.shown) == 0 {
		lines = append(lines, line{{text: " " + s.nothing(), style: grey}})
	}
	for len(lines) < len(head)+rows {
		lines = append(lines, line{})
	}
	return append(lines, below...)
}

// all is a line whose text is all of one style.
func (l line) all(look style) line {
	out := slices.Clone(l)
	for i := range out {
		out[i].style = look
	}
	return out
}

// nothing says why no service is shown.
func (s *screen) nothing() string {
	if s.list.filter != "" {
		return "no service is like " + strconv.Quote(s.list.filter)
	}
	return "nothing is watched yet"
}

// Columns are the widths of what stands in a row; 0: there is no room for it. What is wrong has the rest.
type columns struct{ name, state, since, kind, measured int }

// What columns need, and from which width of the terminal on there are some of them.
const (
	narrowName  = 10
	narrowState = 10
	wideName    = 32
	sinceWidth  = 6
	kindWidth   = 10
	valueWidth  = 26

	sinceFrom    = 60
	kindFrom     = 100
	measuredFrom = 130
)

func (s *screen) columns() columns {
	c := columns{name: min(max(s.list.names, narrowName), wideName, max(narrowName, s.width/3)), state: s.list.states}
	if s.width >= sinceFrom {
		c.since = sinceWidth
	} else {
		c.state = min(c.state, narrowState)
	}
	if s.width >= kindFrom {
		c.kind = kindWidth
	}
	if s.width >= measuredFrom {
		c.measured = valueWidth
	}
	return c
}

// lineUp puts the cells of a row below each other, where there is room for them.
func (c columns) lineUp(name, state, since, kind, measured, what cell) line {
	out := line{{text: " "}}
	add := func(width int, one cell) {
		if width > 0 {
			one.width = width
			out = append(out, one, cell{text: "  "})
		}
	}
	since.right = true
	add(c.name, name)
	add(c.state, state)
	add(c.since, since)
	add(c.kind, kind)
	add(c.measured, measured)
	return append(out, what)
}

func (s *screen) row(v *model.ServiceStatus, c columns) line {
	word, look := stateWord(v)
	problem, how := trouble(v)
	since := cell{style: grey}
	if !v.Since.IsZero() {
		since.text = span(s.now.Sub(v.Since))
	}
	name := cell{text: v.Name}
	if v.Ails() {
		name.style = bold
	}
	return c.lineUp(name, cell{text: word, style: look}, since, cell{text: string(v.Kind), style: grey},
		cell{text: measured(v), style: grey}, cell{text: problem, style: how})
}

// chiefs are the measurements that say most about a kind of service, with a word before each.
var chiefs = map[model.Kind][]struct {
	word   string
	metric model.Metric
}{
	model.KindProcess:    {{"cpu", model.CPUTotal}, {"", model.MemTotal}},
	model.KindUnit:       {{"cpu", model.CPUTotal}, {"", model.MemTotal}},
	model.KindSystem:     {{"load", model.Load1}, {"memory", model.MemoryPercent}},
	model.KindFile:       {{"", model.Size}},
	model.KindFilesystem: {{"", model.SpacePercent}, {"free", model.SpaceFree}},
	model.KindNetwork:    {{"↓", model.DownloadBytes}, {"↑", model.UploadBytes}},
	model.KindProgram:    {{"status", model.Status}},
}

// measured is what was measured of a service, in a few words.
func measured(v *model.ServiceStatus) string {
	var parts []string
	for _, c := range chiefs[v.Kind] {
		if value := v.Values[c.metric]; value != "" && v.Monitored {
			parts = append(parts, strings.TrimSpace(c.word+" "+value))
		}
	}
	return strings.Join(parts, "  ")
}

// overHead is what stands above the services.
func (s *screen) overHead() []line {
	lines := []line{s.title(line{{text: "orderly", style: bold}, {text: " · " + s.host.Host}}), s.verdict()}
	if s.height >= tall/2 {
		if signs := s.signs(); signs != nil {
			lines = append(lines, signs)
		}
	}
	for i, a := range s.host.Ailing {
		if i == 2 {
			break
		}
		who := strings.TrimSpace(a.Channel + " " + a.Address)
		text := fmt.Sprintf(" cannot tell %s since %s, %d waiting: %s", who, clock(a.Since, s.now), a.Waiting, a.Error)
		lines = append(lines, line{{text: text, style: red}})
	}
	if s.height >= tall {
		lines = append(lines, line{})
	}
	if s.height >= tall/2 {
		head := func(text string) cell { return cell{text: text, style: grey} }
		lines = append(lines, s.columns().lineUp(head("SERVICE"), head("STATE"), head("SINCE"), head("KIND"), head("MEASURED"), head("WHAT IS WRONG")))
	}
	return lines
}

// verdict says in a line how everything is, or why that is not known.
func (s *screen) verdict() line {
	if s.away != "" {
		return line{{text: " nothing new since " + s.answered.Format(time24) + ": " + s.away, style: loud}}
	}
	c := count(s.host.Services)
	text, look := c.verdict()
	others := fmt.Sprintf(" · %d in all", c.all)
	if n := len(s.list.shown); n < c.all {
		others = fmt.Sprintf(" · %d of %d with %q", n, c.all, s.list.filter)
	}
	for _, one := range []struct {
		count int
		word  string
	}{{c.in[model.StateUnknown], "unknown"}, {c.in[model.StateUnmonitored], "not monitored"}, {c.silenced, "silenced"}} {
		if one.count > 0 {
			others += fmt.Sprintf(" · %d %s", one.count, one.word)
		}
	}
	return line{{text: " "}, {text: text, style: look}, {text: others, style: grey}}
}

// maxLately is how many events are shown at most below the services.
const maxLately = 8

// lately is what happened last, the latest at the end.
func (s *screen) lately() []line {
	if s.height < tall {
		return nil
	}
	n := min(len(s.events), s.height/8, maxLately)
	if n == 0 {
		return nil
	}
	last := s.events[len(s.events)-n:]
	when := clockWidth(last, s.now)
	lines := []line{{}}
	for i := range last {
		lines = append(lines, s.event(&last[i], when, true))
	}
	return lines
}

// clockWidth is how wide the times of events are, the first of which is the oldest.
func clockWidth(events []model.Event, now time.Time) int { return len(clock(events[0].At, now)) }

// wordWidth is how wide the words for events are.
const wordWidth = 14

// event is a line about something that happened.
func (s *screen) event(ev *model.Event, when int, named bool) line {
	word, look := eventWord(ev)
	l := line{{text: " "}, {text: clock(ev.At, s.now), style: grey, width: when}, {text: "  "}}
	if named {
		l = append(l, cell{text: first(ev.Service, "orderly"), width: min(max(s.list.names, narrowName), s.width/4)}, cell{text: "  "})
	}
	return append(l, cell{text: word, style: look, width: wordWidth}, cell{text: "  "}, cell{text: eventText(ev)})
}

// eventText says what happened and what follows.
func eventText(ev *model.Event) string {
	text := ev.Text
	switch ev.Kind {
	case model.EventFailed, model.EventChanged, model.EventStillFailing:
		if ev.Action != "" && ev.Action != string(model.ActAlert) {
			text += " -> " + ev.Action
		}
	}
	if ev.Silenced != "" {
		text += " (nobody was told: " + ev.Silenced + ")"
	}
	return text
}
