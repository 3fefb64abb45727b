package native

import (
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
	if r.After > 0 {
		n.text("after", formatDuration(r.After))
	}
}
