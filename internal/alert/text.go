package alert

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"orderly/internal/model"
	"orderly/internal/notice"
)

const (
	chatLimit   = 8000 // characters of a message to a chat; all that have a limit allow more
	memberLimit = 60   // characters of a name in a list
)

// text words a parcel for people, in as many characters as fit: all of it, if its channel asked [fitting] before.
func (p parcel) text(c *model.Config, limit int) string {
	if p.route.Text != "" {
		return p.template(limit)
	}
	all := chains(p.events)
	if len(all) == 1 {
		return p.chainLine(c, all[0], limit)
	}
	if lines := p.lines(c, all); utf8.RuneCountInString(lines) <= limit {
		return lines
	}
	return cut(p.list(c, all), limit)
}

// fitting makes the fits of a channel whose messages have a limit in characters.
func fitting(limit int) func(*model.Config, parcel) int {
	return func(c *model.Config, p parcel) int {
		all := p.events
		tooLong := func(n int) bool {
			p.events = all[:n]
			if p.route.Text != "" {
				return utf8.RuneCountInString(p.template(limit+1)) > limit
			}
			whole := chains(p.events)
			return utf8.RuneCountInString(p.lines(c, whole)) > limit && utf8.RuneCountInString(p.list(c, whole)) > limit
		}
		n := sort.Search(len(all), func(i int) bool { return tooLong(i + 1) })
		for n > 1 && tooLong(n) { // a shorter prefix may be worded at greater length
			n--
		}
		return max(n, 1)
	}
}

// template words each event with the text of the route. A text that was read once can always be filled, unless it
// grows too long: then the event speaks for itself.
func (p parcel) template(limit int) string {
	t, err := notice.Parse(p.route.Text)
	var texts []string
	for _, ev := range p.events {
		n := notice.Of(p.route, ev)
		n.Delay = max(p.now.Sub(ev.At), 0)
		text := n.Message
		if err == nil {
			if filled, err := t.Render(n); err == nil {
				text = filled
			}
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return cut(strings.Join(texts, "\n"), limit)
}

// chainLine words one chain, in a line.
func (p parcel) chainLine(c *model.Config, ch chain, limit int) string {
	text := line(c, p.route, ch.last)
	if ch.healed() {
		text = line(c, p.route, ch.first) + " It has recovered" + after(ch.last) + "."
	}
	if heldBack(p.route, ch.first) {
		text += " [held since " + ch.first.At.Local().Format("Mon 15:04") + "]"
	}
	if late := p.delayed(); late > 0 {
		text += " [delayed by " + notice.Span(late) + "]"
	}
	return oneLine(text, min(limit, lineLength))
}

// after tells how long it took, where that is known.
func after(ev model.Event) string {
	if ev.Failure == nil {
		return ""
	}
	return " after " + notice.Span(ev.At.Sub(ev.Failure.Since))
}

// lines words every chain in a line of its own, below a line that counts them.
func (p parcel) lines(c *model.Config, all []chain) string {
	text := p.head(c, all) + ":"
	for _, ch := range all {
		text += "\n- " + p.chainLine(c, ch, lineLength)
	}
	return text
}

// list names every member, by what became of it. It is what a thousand failures fit into.
func (p parcel) list(c *model.Config, all []chain) string {
	text := p.head(c, all)
	for _, state := range states(all) {
		var names []string
		for _, ch := range all {
			if ch.state() == state {
				names = append(names, member(ch.first))
			}
		}
		text += "\n" + state + ": " + strings.Join(names, ", ")
	}
	return text
}

// head counts: "web1: 12 failed, 3 recovered".
func (p parcel) head(c *model.Config, all []chain) string {
	counts := map[string]int{}
	for _, ch := range all {
		counts[ch.state()]++
	}
	var parts []string
	for _, state := range states(all) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[state], state))
	}
	return hostOf(c, p.events[0]) + ": " + strings.Join(parts, ", ")
}

// states are those of chains, each once, in the order in which they occur.
func states(all []chain) (out []string) {
	for _, ch := range all {
		if s := ch.state(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// member names what an event is about, for a list.
func member(ev model.Event) string {
	name := cmp.Or(ev.Service, strings.ReplaceAll(string(ev.Kind), "_", " "))
	if ev.Service != "" && ev.Rule != "" {
		name += " (" + ev.Rule + ")"
	}
	return oneLine(name, memberLimit)
}

// cut shortens text to a limit in characters.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
