package native

import (
	"time"

	"orderly/internal/calendar"
	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// severity reads how grave it is that something fails.
func (d *decoder) severity(it item) model.Severity {
	var names []string
	for _, s := range model.Severities {
		names = append(names, string(s))
	}
	return model.Severity(d.choice(it, names...))
}

// hours reads parts of the week.
func (d *decoder) hours(it item) (out []string) {
	for _, each := range d.list(it) {
		w, ok := d.word(each)
		if !ok {
			continue
		}
		if _, err := calendar.ParseWindow(w.Text); err != nil {
			d.errorf(w.Span, "hours", "%v", err).Hinted(`write them as in "mon-fri 08:00-18:00 Europe/Berlin"`)
			continue
		}
		out = append(out, w.Text)
	}
	return out
}

// quiet reads when a recipient is not to be disturbed: not at all times, or messages would wait for ever.
func (d *decoder) quiet(it item) []string {
	out := d.hours(it)
	var windows []calendar.Window
	for _, text := range out {
		w, _ := calendar.ParseWindow(text) // hours reads it
		windows = append(windows, w)
	}
	if begin := time.Now(); calendar.Over(windows, begin).Sub(begin) >= week {
		d.errorf(d.span(follow(it.value)), "hours", "%s never ends", d.subject(it)).Hinted("leave some time of the week out")
	}
	return out
}

const week = 7 * day

func texts(words []monit.Word) (out []string) {
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

// addChoice writes which events a route is for.
func addChoice(n *node, r model.Route) {
	n.text("severity", string(r.Least))
	if r.Groups != nil {
		n.add("groups", newTexts(r.Groups))
	}
	if r.Hours != nil {
		n.add("hours", newTexts(r.Hours))
	}
	if r.Quiet != nil {
		n.add("quiet", newTexts(r.Quiet))
	}
	n.text("quiet but", string(r.QuietBut))
	if r.After > 0 {
		n.text("after", formatDuration(r.After))
	}
}
