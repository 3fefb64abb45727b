package public

import (
	"html/template"
	"slices"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/status"
)

// A componentPage is everything about one component.
type componentPage struct {
	*frame
	ID          int64
	Mark        mark
	Since       moment
	Description template.HTML
	More        string // address with more about it; "": none
	Group       string
	Bars        template.HTML
	Days        int
	Shares      []share
	Bad         []badDay
	Cards       []card
	Planned     []planned
}

// A share is how much of a time it worked in.
type share struct {
	Span, Value string // Value "": not measured
}

// A badDay is a day on which it did not do all of its work.
type badDay struct {
	Date, ISO, Words string
	Grade            string
	Titles           []string
}

// spans are those that uptime is told of (P-206).
var spans = []struct {
	key string
	n   time.Duration
}{
	{"span.24h", 24 * time.Hour},
	{"span.7d", 7 * 24 * time.Hour},
	{"span.30d", 30 * 24 * time.Hour},
	{"span.90d", 90 * 24 * time.Hour},
	{"span.1y", 365 * 24 * time.Hour},
}

// shownIncidents is how many incidents are on the page of a component.
const shownIncidents = 20

// component makes the page of one component.
func (s *Site) component(v *visit) (*reply, error) {
	c, err := v.componentOf("id")
	if err != nil {
		return nil, err
	}
	p := &componentPage{frame: v.frame(c.Name), ID: c.ID, Mark: v.mark(c.Health), Since: v.moment(c.Since), Description: markup(c.Description), More: safeLink(c.Link), Days: barDays}
	p.Feed = componentPath(c.ID) + "/"
	if g := v.view.Group(c.Group); g != nil {
		p.Group = g.Name
	}
	if past := v.record(c, barDays); past != nil {
		past.told = v.titles()[c.ID]
		b := barber{lang: v.lang}
		p.Bars, p.Bad, p.Shares = b.draw(c.Name, past), v.badDays(past), v.shares(c)
	}
	for _, i := range v.incidents() {
		if len(p.Cards) < shownIncidents && slices.ContainsFunc(i.Components, func(a status.Affected) bool { return a.Component == c.ID }) {
			p.Cards = append(p.Cards, v.card(p.frame, i))
		}
	}
	for _, m := range v.planned(p.frame) {
		if slices.ContainsFunc(m.Affected, func(a mark) bool { return a.Href == v.link(componentPath(c.ID)) }) {
			p.Planned = append(p.Planned, m)
		}
	}
	return s.page(v, "component", p)
}

// componentOf finds the component that a path names.
func (v *visit) componentOf(wildcard string) (*status.Component, error) {
	id, err := v.number(wildcard)
	c := v.components()[id]
	if err != nil || c == nil {
		return nil, errNowhere
	}
	return c, nil
}

// tally is how a component was from one moment to another.
func (v *visit) tally(c *status.Component, from, to time.Time) model.Tally {
	var all []model.Tally
	for _, k := range c.Checks {
		all = append(all, v.site.Past.Tally(k.Service, from, to))
	}
	return history.Together(all...)
}

func (v *visit) shares(c *status.Component) (out []share) {
	for _, s := range spans {
		one := share{Span: v.lang.T(s.key)}
		t := v.tally(c, v.now.Add(-s.n), v.now)
		if up, measured := t.Uptime(); measured {
			one.Value = v.lang.percent(up)
		}
		out = append(out, one)
	}
	return out
}

// badDays are those on which something was wrong, the newest first.
func (v *visit) badDays(r *record) (out []badDay) {
	for n := len(r.days) - 1; n >= 0; n-- {
		day := r.days[n]
		titles := r.told[dayKey(day.Date)]
		if day.Down+day.Partial+day.Degraded > 0 || len(titles) > 0 {
			out = append(out, badDay{
				Date: v.lang.date(day.Date), ISO: dayKey(day.Date), Words: v.lang.words(day.Tally), Grade: string(day.Grade()), Titles: titles,
			})
		}
	}
	return out
}
