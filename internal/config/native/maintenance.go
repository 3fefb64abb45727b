package native

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// A maintenance is what is said of a time that comes again, under construction.
type maintenance struct {
	model.Maintenance
	name       monit.Word
	cron, zone monit.Word
}

// Bounds of one occurrence, and of what comes after it.
const (
	maxMaintenance = week
	maxSettle      = day
)

// What happens at the end of a maintenance to what still fails.
const endTell, endQuiet = "tell", "quiet"

var maintenanceFields = []field[maintenance]{
	{"name", func(d *decoder, it item, m *maintenance) { m.name, _ = d.word(it) }},
	{"services", func(d *decoder, it item, m *maintenance) { m.Services = texts(d.words(it)) }},
	{"groups", func(d *decoder, it item, m *maintenance) { m.Groups = texts(d.words(it)) }},
	{"hours", func(d *decoder, it item, m *maintenance) { m.Hours = d.quiet(it) }},
	{"schedule", func(d *decoder, it item, m *maintenance) { m.cron, _ = d.word(it) }},
	{"zone", func(d *decoder, it item, m *maintenance) { m.zone, _ = d.word(it) }},
	{"for", func(d *decoder, it item, m *maintenance) { m.For = d.atMost(it, time.Minute, maxMaintenance) }},
	{"reason", func(d *decoder, it item, m *maintenance) { m.Reason = d.text(it) }},
	{"hold", func(d *decoder, it item, m *maintenance) { m.Hold = d.boolean(it) }},
	{"settle", func(d *decoder, it item, m *maintenance) { m.Settle = d.atMost(it, 0, maxSettle) }},
	{"at end", func(d *decoder, it item, m *maintenance) { m.Quiet = d.choice(it, endTell, endQuiet) == endQuiet }},
}

// atMost reads a time between two bounds.
func (d *decoder) atMost(it item, least, most time.Duration) time.Duration {
	v := d.duration(it, least)
	if v > most {
		d.errorf(d.span(follow(it.value)), "duration", "%s must be at most %s", d.subject(it), formatDuration(most))
	}
	return v
}

// maintenanceName is what a maintenance may be called: users write it to end one.
var maintenanceName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// maintenances reads the times that come again.
func (d *decoder) maintenances(it item, f *file) {
	for _, each := range d.list(it) {
		m := maintenance{Maintenance: model.Maintenance{Hold: true, Settle: model.DefaultSettle}}
		if !isMapping(each) {
			m.Hours = d.quiet(each)
		} else {
			items := readMap(d, each, "a maintenance", maintenanceFields, &m)
			d.checkMaintenance(each, items, &m)
		}
		m.ID = "maintenance-" + strconv.Itoa(len(f.maintenance)+1)
		if m.name.Given() {
			m.ID = "maintenance-" + m.name.Text
		}
		if slices.ContainsFunc(f.maintenance, func(o model.Maintenance) bool { return o.ID == m.ID }) {
			d.errorf(d.span(follow(each.value)), "name", "there are two maintenances called %q", m.name.Text)
		}
		f.maintenance = append(f.maintenance, m.Maintenance)
		d.maintained = append(d.maintained, d.span(follow(each.value)))
	}
}

// checkMaintenance reports what does not fit together.
func (d *decoder) checkMaintenance(it item, items []item, m *maintenance) {
	has := func(key string) bool { return has(items, key) }
	at := d.span(follow(it.value))
	if m.name.Given() && !maintenanceName.MatchString(m.name.Text) {
		d.errorf(m.name.Span, "name", "%q cannot be the name of a maintenance: it has letters, digits, dashes and underscores", cut(m.name.Text))
	}
	switch {
	case has("hours") && has("schedule"):
		d.errorf(at, "exclusive", `a maintenance has either "hours" or "schedule"`)
	case !has("hours") && !has("schedule"):
		d.errorf(at, "missing", "it is not said when the maintenance is").Hinted("add: hours: sun 02:00-04:00 Europe/Berlin")
	case has("schedule") && !has("for"):
		d.errorf(at, "missing", "it is not said how long the maintenance lasts").Hinted("add: for: 1h")
	case has("hours") && (has("for") || has("zone")):
		d.errorf(at, "exclusive", `"for" and "zone" belong to a schedule: hours have an end, and name their zone`)
	case has("schedule"):
		d.checkRecurrence(m)
	}
}

// checkRecurrence reports a schedule that is none, and one of which an occurrence begins before the one before is over.
func (d *decoder) checkRecurrence(m *maintenance) {
	if !m.cron.Given() || !d.routine(m.cron, m.zone) {
		return
	}
	m.Cron, m.Zone = m.cron.Text, m.zone.Text
	routine, _ := calendar.ParseRoutine(m.Cron, m.Zone) // it was read
	first, _ := routine.Next(time.Now())
	if second, ok := routine.Next(first); ok && second.Sub(first) <= m.For {
		d.errorf(m.cron.Span, "cron", "each maintenance begins before the one before is over, %s after it", formatDuration(second.Sub(first)))
	}
}

// addMaintenances writes the times that come again.
func addMaintenances(top *node, list []model.Maintenance) {
	var nodes []*node
	for i := range list {
		m, n := &list[i], newMap()
		if name, usual := m.ID[len("maintenance-"):], strconv.Itoa(i+1); name != usual {
			n.text("name", name)
		}
		if m.Hours != nil {
			n.add("hours", newTexts(m.Hours))
		}
		n.text("schedule", m.Cron)
		n.text("zone", m.Zone)
		if m.For > 0 {
			n.text("for", formatDuration(m.For))
		}
		if m.Services != nil {
			n.add("services", newTexts(m.Services))
		}
		if m.Groups != nil {
			n.add("groups", newTexts(m.Groups))
		}
		n.text("reason", m.Reason)
		if !m.Hold {
			n.add("hold", newBool(false))
		}
		if m.Settle != model.DefaultSettle {
			n.text("settle", formatDuration(m.Settle))
		}
		if m.Quiet {
			n.text("at end", endQuiet)
		}
		nodes = append(nodes, n)
	}
	if nodes != nil {
		top.add("maintenance", newList(false, nodes...))
	}
}
