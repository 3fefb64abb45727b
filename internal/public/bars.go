package public

import (
	"html"
	"html/template"
	"strconv"
	"strings"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/status"
)

const (
	barDays = 90
	barStep = 6  // from one bar to the next, in units of the drawing; the style sheet leaves 2 of them free
	crowded = 60 // components from which on like days share a bar's tooltip
)

// A record is how a component was, day by day.
type record struct {
	days  []history.Day
	total model.Tally
	told  map[string][]string // titles of incidents, by the day
}

// record asks for the last days of a component; nil: nothing checks it, so that nobody knows.
func (v *visit) record(c *status.Component, n int) *record {
	if len(c.Checks) == 0 {
		return nil
	}
	r := &record{}
	for _, k := range c.Checks {
		days := v.site.Past.Days(k.Service, v.zone, n, v.now)
		if r.days == nil {
			r.days = days
			continue
		}
		for i := range min(len(days), len(r.days)) {
			r.days[i].Tally = history.Together(r.days[i].Tally, days[i].Tally)
		}
	}
	for _, d := range r.days {
		r.total.Add(d.Tally)
	}
	return r
}

// disrupted counts the days on which it did not do all of its work.
func (r *record) disrupted() (n int) {
	for _, d := range r.days {
		if d.Down+d.Partial+d.Degraded > 0 {
			n++
		}
	}
	return n
}

// dayKey is how a day is called where it is looked up.
func dayKey(t time.Time) string { return t.Format("2006-01-02") }

// titles are those of incidents, by component and by each day on which they were open.
func (v *visit) titles() map[int64]map[string][]string {
	out := map[int64]map[string][]string{}
	from := v.now.AddDate(0, 0, -barDays)
	for _, i := range v.incidents() {
		end := i.Ended()
		if end.IsZero() {
			end = v.now
		}
		for day := latest(i.Occurred, from).In(v.zone); dayKey(day) <= dayKey(end.In(v.zone)); day = day.AddDate(0, 0, 1) {
			for _, a := range i.Components {
				if out[a.Component] == nil {
					out[a.Component] = map[string][]string{}
				}
				out[a.Component][dayKey(day)] = append(out[a.Component][dayKey(day)], i.Name)
			}
		}
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// words say how a day was.
func (l *language) words(t model.Tally) string {
	up, measured := t.Uptime()
	if !measured && t.Maintenance == 0 {
		return l.T("day.none")
	}
	var parts []string
	if measured {
		parts = append(parts, l.percent(up))
	}
	for _, p := range []struct {
		seconds int
		key     string
	}{{t.Down, "day.down"}, {t.Partial, "day.partial"}, {t.Degraded, "day.degraded"}, {t.Maintenance, "day.maintenance"}} {
		if p.seconds > 0 {
			parts = append(parts, l.T(p.key, "time", l.span(time.Duration(p.seconds)*time.Second)))
		}
	}
	return strings.Join(parts, ", ")
}

// A barber draws the bars of many components: what they share is worded once.
type barber struct {
	lang   *language
	names  map[time.Time]string
	said   map[model.Tally]string
	merged bool // days that were alike share a tooltip
	out    strings.Builder
}

// draw draws a record. It does not go through a template: there may be a hundred thousand bars on a page. Everything in it is
// a number, or a text that is escaped here.
func (b *barber) draw(name string, r *record) template.HTML {
	b.out.Reset()
	b.out.Grow(1 << 10)
	share := b.lang.T("day.none")
	if up, measured := r.total.Uptime(); measured {
		share = b.lang.percent(up)
	}
	label := b.lang.T("bars", "name", name, "share", share, "n", len(r.days), "bad", r.disrupted())
	b.out.WriteString(`<svg class="bars" viewBox="0 0 ` + strconv.Itoa(len(r.days)*barStep-2) + ` 32" preserveAspectRatio="none" role="img" aria-label="` +
		html.EscapeString(label) + `">`)
	for from := 0; from < len(r.days); {
		to := from + 1
		for b.merged && to < len(r.days) && r.alike(from, to) {
			to++
		}
		b.bar(r, from, to)
		from = to
	}
	b.out.WriteString("</svg>")
	return template.HTML(b.out.String()) //nolint:gosec // see above
}

// alike tells whether two days need no words of their own.
func (r *record) alike(a, b int) bool {
	g := r.days[a].Grade()
	return (g == history.GradeFull || g == history.GradeNone) && g == r.days[b].Grade() && r.days[b].Maintenance == 0 && r.days[a].Maintenance == 0 &&
		len(r.titles(b)) == 0 && len(r.titles(a)) == 0
}

// titles are those of the incidents of a day.
func (r *record) titles(n int) []string {
	if len(r.told) == 0 {
		return nil
	}
	return r.told[dayKey(r.days[n].Date)]
}

// bar draws some days as one line, which the style sheet makes as high as a bar and dashes into days.
func (b *barber) bar(r *record, from, to int) {
	day := r.days[from]
	b.out.WriteString(`<path class="`)
	b.out.WriteString(string(day.Grade()))
	b.out.WriteString(`" d="M`)
	b.out.WriteString(strconv.Itoa(from * barStep))
	b.out.WriteString(" 16h")
	b.out.WriteString(strconv.Itoa((to-from)*barStep - 2))
	b.out.WriteString(`"><title>`)
	b.out.WriteString(b.name(day.Date))
	if to > from+1 {
		b.out.WriteString(" – ")
		b.out.WriteString(b.name(r.days[to-1].Date))
	}
	b.out.WriteString(": ")
	b.out.WriteString(b.words(day.Tally))
	for _, title := range r.titles(from) {
		b.out.WriteString("\n")
		b.out.WriteString(html.EscapeString(title))
	}
	b.out.WriteString("</title></path>")
}

// words say how a day was; most days are like others.
func (b *barber) words(t model.Tally) string {
	t.At = time.Time{}
	text, ok := b.said[t]
	if !ok {
		if b.said == nil {
			b.said = map[model.Tally]string{}
		}
		text = html.EscapeString(b.lang.words(t))
		b.said[t] = text
	}
	return text
}

func (b *barber) name(t time.Time) string {
	name, ok := b.names[t]
	if !ok {
		if b.names == nil {
			b.names = map[time.Time]string{}
		}
		name = html.EscapeString(b.lang.day(t))
		b.names[t] = name
	}
	return name
}
