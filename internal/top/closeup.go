package top

import (
	"fmt"
	"strings"

	"orderly/internal/model"
	"orderly/internal/story"
)

// What is shown of texts that others wrote when something failed, in lines.
const (
	evidenceShown  = 12
	diagnosisShown = 16
)

// closeup is one service, as much of it as there is room for.
func (s *screen) closeup() []line {
	head := s.head()
	rows, body := s.rows(), s.particulars()
	from := min(s.detail.offset, len(body))
	lines := append(head, body[from:min(len(body), from+rows)]...)
	if left := len(body) - from - rows; left > 0 && s.height >= tall {
		for len(lines) < len(head)+rows {
			lines = append(lines, line{})
		}
		return append(lines, line{{text: fmt.Sprintf(" ↓ %d more lines", left), style: grey}})
	}
	return lines
}

// furthest is how far one can go down in what is shown of one service.
func (s *screen) furthest() int {
	if s.detail.service == "" {
		return 0
	}
	return max(0, len(s.particulars())-s.rows())
}

// closeHead is what stands above the particulars of a service.
func (s *screen) closeHead() []line {
	v := s.subject()
	if v == nil {
		return []line{s.title(line{{text: s.detail.service, style: bold}}), {{text: " there is no such service any more", style: loud}}, {}}
	}
	word, look := stateWord(v)
	left := line{{text: v.Name, style: bold}, {text: "  "}, {text: word, style: look}}
	if !v.Since.IsZero() {
		left = append(left, cell{text: " for " + span(s.now.Sub(v.Since)), style: grey})
	}
	facts := append([]string{string(v.Kind)}, v.Groups...)
	if v.PID > 0 {
		facts = append(facts, fmt.Sprint("pid ", v.PID))
	}
	if !v.Checked.IsZero() {
		facts = append(facts, fmt.Sprintf("checked %s ago", span(s.now.Sub(v.Checked))))
	}
	if v.Restarts > 0 {
		facts = append(facts, fmt.Sprint("starts ", v.Restarts))
	}
	lines := []line{s.title(left), {{text: " " + strings.Join(facts, " · "), style: grey}}}
	if s.away != "" {
		lines = append(lines, s.verdict())
	}
	if s.height >= tall {
		lines = append(lines, line{})
	}
	return lines
}

// A leaf is text for people, line by line.
type leaf struct {
	width int
	lines []line
}

func (f *leaf) add(l line) { f.lines = append(f.lines, l) }

func (f *leaf) title(text string) {
	if len(f.lines) > 0 {
		f.add(line{})
	}
	f.add(line{{text: " " + text, style: bold}})
}

// wrapped adds a text in as many lines as it takes, behind a margin.
func (f *leaf) wrapped(margin int, look style, text string) {
	for _, l := range wrap(text, max(f.width-margin-1, narrowName)) {
		f.add(line{{text: strings.Repeat(" ", margin)}, {text: l, style: look}})
	}
}

// excerpt adds the first lines of a text below its title, if there is any.
func (f *leaf) excerpt(title, text string, most int) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	f.title(title)
	lines := strings.Split(text, "\n")
	for _, l := range lines[:min(len(lines), most)] {
		f.add(line{{text: "   " + strings.ReplaceAll(l, "\t", "    "), style: grey}})
	}
	if left := len(lines) - most; left > 0 {
		f.add(line{{text: fmt.Sprintf("   %d more lines: orderly events --verbose", left), style: grey}})
	}
}

// particulars are everything about a service.
func (s *screen) particulars() []line {
	f := &leaf{width: s.width}
	d := &s.detail
	switch {
	case d.err != "" && s.away == "": // which says it already
		f.wrapped(1, red, d.err)
	case !d.known && s.away == "":
		f.add(line{{text: " asking ...", style: grey}})
	case d.known:
		f.wrapped(1, plain, d.story.Summary)
		for _, r := range d.story.Remarks {
			f.wrapped(3, plain, r)
		}
	}
	if v := s.subject(); v != nil {
		s.rules(f, v)
	}
	graphs(f, d.graphs, s.now)
	s.steps(f, d.story.Steps)
	if i := d.story.Incident; i != nil {
		f.title("On the status page")
		f.wrapped(3, plain, fmt.Sprintf("incident %d, %q, %s, opened at %s", i.ID, i.Title, i.Phase, clock(i.Opened, s.now)))
	}
	f.excerpt("What was seen then", d.story.Evidence, evidenceShown)
	f.excerpt("How the host was then", d.story.Diagnosis, diagnosisShown)
	if len(d.events) > 0 {
		f.title("What happened in a day, the latest first")
		when := clockWidth(d.events, s.now)
		for i := len(d.events) - 1; i >= 0; i-- {
			f.add(append(line{{text: "  "}}, s.event(&d.events[i], when, false)...))
		}
	}
	return f.lines
}

// rules are what is wanted of a service beside what was measured.
func (s *screen) rules(f *leaf, v *model.ServiceStatus) {
	if len(v.Rules) == 0 {
		return
	}
	f.title("Rules")
	for _, r := range v.Rules {
		word, look := ruleWord(r.State, v.Monitored)
		says := r.Value
		if r.State == model.RuleFailing || says == "" {
			says = first(r.Summary, says)
		}
		l := line{{text: "   "}, {text: word, style: look, width: ruleWidth}, {text: "  "}}
		switch {
		case says == "":
			f.add(append(l, cell{text: r.Text}))
		case f.width < sinceFrom:
			f.add(append(l, cell{text: r.Text}))
			f.wrapped(ruleWidth+5, look, says)
		default:
			f.add(append(l, cell{text: r.Text, width: (f.width - ruleWidth - 7) / 2}, cell{text: "  "}, cell{text: says, style: look}))
		}
	}
}

// ruleWidth is how wide the words for rules are, in columns.
const ruleWidth = len("not known yet")

// steps are what happened in its trouble. Where there is little room, their texts stand below their times.
func (s *screen) steps(f *leaf, steps []story.Step) {
	if len(steps) == 0 {
		return
	}
	f.title("Why")
	when := len(clock(steps[0].At, s.now))
	margin := 3 + when + 2 + wordWidth + 2
	if f.width < sinceFrom {
		margin = 5
	}
	for i := range steps {
		step := &steps[i]
		text := step.Text
		if step.More > 0 {
			text += " (until " + clock(step.Until, s.now) + ")"
		}
		lead := line{
			{text: "   "},
			{text: clock(step.At, s.now), style: grey, width: when},
			{text: "  "},
			{text: step.Word, style: stepStyle(step.Kind), width: wordWidth},
			{text: "  "},
		}
		if f.width < sinceFrom {
			f.add(lead)
			f.wrapped(margin, plain, text)
		} else {
			f.beside(lead, margin, text)
		}
		for _, note := range step.Notes(s.now) {
			f.wrapped(margin, grey, note)
		}
	}
}

// beside adds a text beside what leads it, which ends at the margin.
func (f *leaf) beside(lead line, margin int, text string) {
	for _, l := range wrap(text, max(f.width-margin-1, narrowName)) {
		f.add(append(lead, cell{text: l}))
		lead = line{{text: strings.Repeat(" ", margin)}}
	}
}
