package native

import (
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

var reminderFields = []field[model.Reminder]{
	{"cycles", func(d *decoder, it item, r *model.Reminder) { r.Cycles = d.number(it, 1, maxCycles) }},
	{"lag", func(d *decoder, it item, r *model.Reminder) { r.Lag = d.number(it, 0, maxCycles) }},
	{"every", func(d *decoder, it item, r *model.Reminder) { r.Every = d.duration(it, time.Second) }},
	{"doubling", func(d *decoder, it item, r *model.Reminder) { r.Doubling = d.boolean(it) }},
	{"max cycles", func(d *decoder, it item, r *model.Reminder) { r.MaxGap = d.number(it, 1, maxCycles) }},
	{"at most", func(d *decoder, it item, r *model.Reminder) { r.MaxWait = d.duration(it, time.Second) }},
}

// reminder reads when people are told again: every 10 (cycles), every "1h", or a mapping for more than that.
func (d *decoder) reminder(it item) (r model.Reminder) {
	text := follow(it.value).Value
	_, err := strconv.Atoi(text)
	switch {
	case isMapping(it):
		readMap(d, it, "reminder", reminderFields, &r)
		if (r.Cycles > 0) == (r.Every > 0) {
			d.errorf(d.span(it.key), "reminder", `a reminder has either "cycles" or "every"`)
		}
	case err != nil && strings.ContainsAny(text, "0123456789"):
		r.Every = d.duration(it, time.Second)
	default:
		r.Cycles = d.number(it, 1, maxCycles)
	}
	return r
}

// addReminder writes when people are told again, in the shortest form.
func addReminder(n *node, r model.Reminder) {
	switch r {
	case model.Reminder{}:
		return
	case model.Reminder{Cycles: r.Cycles}:
		n.add("reminder", newInt(r.Cycles))
		return
	case model.Reminder{Every: r.Every}:
		n.text("reminder", formatDuration(r.Every))
		return
	}
	m := newMap()
	for _, c := range []struct {
		key   string
		value int
	}{{"cycles", r.Cycles}, {"lag", r.Lag}, {"max cycles", r.MaxGap}} {
		if c.value > 0 {
			m.add(c.key, newInt(c.value))
		}
	}
	if r.Every > 0 {
		m.text("every", formatDuration(r.Every))
	}
	m.flag("doubling", r.Doubling)
	if r.MaxWait > 0 {
		m.text("at most", formatDuration(r.MaxWait))
	}
	n.add("reminder", m)
}
