package public

import (
	"html/template"
	"slices"
	"time"

	"orderly/internal/status"
)

// A home is the page that says how everything is.
type home struct {
	*frame
	Banner   banner
	Isolated bool // we have lost our own network
	About    template.HTML
	Active   []card
	Planned  []planned
	Sections []section
	Days     int // that bars show
	Charts   []chart
	Past     []pastDay
	Older    string // where what was before is; "": there is nothing
	Newer    string
	Latest   bool // it is about now
}

// A banner says in words how everything is.
type banner struct{ Class, Icon, Text string }

// A section is components that belong together.
type section struct {
	*frame
	ID       int64
	Title    string // "": they have none
	Mark     mark
	Fold     bool // only the title is seen until somebody looks
	Folded   bool
	Rows     []row
	Disrupts int
}

// A row is one component.
type row struct {
	ID          int64
	Name, Href  string
	Description template.HTML
	Mark        mark
	Bars        template.HTML // "": nobody knows how it was
	Share       string        // of the time that it worked in; "": not measured
}

// home makes the first page.
func (s *Site) home(v *visit) (*reply, error) {
	h := &home{frame: v.frame(""), Banner: v.banner(), Isolated: v.view.Isolated, About: markup(v.view.Page.About), Days: barDays}
	newest, latest, err := v.startDate()
	if err != nil {
		return nil, err
	}
	h.Latest = latest
	if latest {
		h.Active, h.Planned = v.active(h.frame), v.planned(h.frame)
		h.Sections = v.sections(h.frame)
		h.Charts, err = v.charts()
		if err != nil {
			return nil, err
		}
	}
	h.past(newest)
	return s.page(v, "home", h)
}

// banner words how everything is.
func (v *visit) banner() banner {
	sum := v.view.Summary(v.guest, v.now)
	class := healthMarks[sum.Worst]
	key := "banner." + class
	switch {
	case sum.Total == 0:
		class, key = "unknown", "banner.empty"
	case sum.Level == status.LevelDanger:
		key = "banner.danger"
	case sum.Worst == status.Operational && sum.Level != status.LevelSuccess:
		class, key = "degraded", "banner.watching"
	}
	return banner{class, class, v.lang.T(key)}
}

// startDate is the newest day of the past that is asked for, at midnight of the zone, and whether that is today.
func (v *visit) startDate() (time.Time, bool, error) {
	today := midnight(v.now.In(v.zone))
	text := v.asked.Get("start_date")
	if text == "" {
		return today, true, nil
	}
	day, err := time.ParseInLocation("2006-01-02", text, v.zone)
	if err != nil || day.Year() < 1970 {
		return day, false, errNowhere
	}
	if !day.Before(today) {
		return today, true, nil
	}
	return day, false, nil
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// sections are the components as they are shown: those without a group first.
func (v *visit) sections(f *frame) []section {
	rows := v.rows()
	var out []section
	if loose := rows[0]; len(loose) > 0 {
		out = append(out, section{frame: f, Rows: loose})
	}
	for _, g := range v.view.OrderedGroups(v.guest) {
		health, some := v.view.GroupHealth(g, v.guest)
		if !some || len(rows[g.ID]) == 0 {
			continue
		}
		out = append(out, section{
			frame: f, ID: g.ID, Title: g.Name, Mark: v.mark(health), Rows: rows[g.ID], Fold: true,
			Folded: g.Collapse == status.CollapseAlways || g.Collapse > status.CollapseAlways && health == status.Operational,
		})
	}
	return out
}

// rows are the components that are seen, by their groups; those of a group that does not exist are in none.
func (v *visit) rows() map[int64][]row {
	seen := v.view.Seen(v.guest)
	titles := v.titles()
	b := barber{lang: v.lang, merged: len(seen) > crowded}
	out := map[int64][]row{}
	for _, c := range seen {
		r := row{ID: c.ID, Name: c.Name, Href: v.link(componentPath(c.ID)), Description: markup(c.Description), Mark: v.mark(c.Health)}
		if past := v.record(c, barDays); past != nil {
			past.told = titles[c.ID]
			r.Bars = b.draw(c.Name, past)
			if up, measured := past.total.Uptime(); measured {
				r.Share = v.lang.percent(up)
			}
		}
		group := c.Group
		if v.view.Group(group) == nil {
			group = 0
		}
		out[group] = append(out[group], r)
	}
	return out
}

// A pastDay is a day with what went wrong on it.
type pastDay struct {
	Date  string
	ISO   string
	Cards []card
}

// past lists what is over, day by day from the newest one back. What is not over is above that on the page about now.
func (h *home) past(newest time.Time) {
	v, n := h.visit, max(h.view.Page.Past, 1)
	byDay := map[string][]*status.Incident{}
	var oldest time.Time
	for _, i := range v.incidents() {
		if oldest.IsZero() || i.Occurred.Before(oldest) {
			oldest = i.Occurred
		}
		if !h.Latest || !i.Open() {
			key := dayKey(i.Occurred.In(v.zone))
			byDay[key] = append(byDay[key], i)
		}
	}
	for k := range n {
		day := newest.AddDate(0, 0, -k)
		past := pastDay{Date: v.lang.weekday(day), ISO: dayKey(day)}
		for _, i := range byDay[past.ISO] {
			past.Cards = append(past.Cards, v.card(h.frame, i))
		}
		h.Past = append(h.Past, past)
	}
	if before := newest.AddDate(0, 0, -n); !oldest.IsZero() && oldest.Before(before.AddDate(0, 0, 1)) && !v.files {
		h.Older = v.link("") + "?start_date=" + dayKey(before)
	}
	if !h.Latest {
		after := newest.AddDate(0, 0, n)
		h.Newer = v.link("") + "?start_date=" + dayKey(after)
		if !after.Before(midnight(v.now.In(v.zone))) {
			h.Newer = v.link("")
		}
	}
}

// active are the incidents that are not over: those that stick first, then the newest.
func (v *visit) active(f *frame) []card {
	var open []*status.Incident
	for _, i := range v.incidents() {
		if i.Open() {
			open = append(open, i)
		}
	}
	slices.SortStableFunc(open, func(a, b *status.Incident) int {
		switch {
		case a.Sticky == b.Sticky:
			return 0
		case a.Sticky:
			return -1
		}
		return 1
	})
	var out []card
	for _, i := range open {
		out = append(out, v.card(f, i))
	}
	return out
}
