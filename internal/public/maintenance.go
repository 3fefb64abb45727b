package public

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"orderly/internal/status"
)

// maxPlanned is how much of what is to come is on the first page.
const maxPlanned = 10

// A planned is a maintenance.
type planned struct {
	*frame
	ID         int64
	Name, Href string
	Mark       mark
	From       moment
	Until      *moment // nil: it is not known
	Text       template.HTML
	Affected   []mark
	Notes      []note
}

var stageKeys = map[status.Stage]string{status.Upcoming: "stage.upcoming", status.InProgress: "stage.progress", status.Complete: "stage.complete"}

var stageMarks = map[status.Stage]mark{
	status.Upcoming: {Class: "unknown", Icon: "planned"}, status.InProgress: {Class: "maintenance", Icon: "maintenance"}, status.Complete: {Class: "ok", Icon: "ok"},
}

func (v *visit) stage(s status.Stage) mark {
	m, known := stageMarks[s]
	if !known {
		m = stageMarks[status.Upcoming]
	}
	m.Word = v.lang.T(cmp.Or(stageKeys[s], "stage.upcoming"))
	return m
}

// schedule makes the page of one maintenance.
func (s *Site) schedule(v *visit) (*reply, error) {
	id, err := v.number("id")
	m := v.view.Schedule(id)
	if err != nil || m == nil || !v.sees(m) {
		return nil, errNowhere
	}
	p := &newsPage{frame: v.frame(v.name(m))}
	plan := v.plan(p.frame, m)
	p.Plan = &plan
	return s.page(v, "news", p)
}

// planned is the maintenance that goes on, and then what is next.
func (v *visit) planned(f *frame) []planned {
	var list []*status.Schedule
	for _, s := range v.schedules() {
		if s.Stage != status.Complete {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b *status.Schedule) int {
		return cmp.Or(cmp.Compare(b.Stage, a.Stage), a.At.Compare(b.At))
	})
	var out []planned
	for _, s := range list[:min(len(list), maxPlanned)] {
		out = append(out, v.plan(f, s))
	}
	return out
}

// plan shows a maintenance.
func (v *visit) plan(f *frame, s *status.Schedule) planned {
	p := planned{
		frame: f, ID: s.ID, Name: v.name(s), Href: v.link(schedulePath(s.ID)), Mark: v.stage(s.Stage), From: v.moment(begins(s)), Text: markup(s.Message),
	}
	if end := ends(s); !end.IsZero() {
		m := v.moment(end)
		if dayKey(end.In(v.zone)) == dayKey(begins(s).In(v.zone)) {
			m = v.clock(end)
		}
		p.Until = &m
	}
	for _, a := range s.Components {
		if c := v.components()[a.Component]; c != nil {
			m := v.mark(c.Health)
			m.Name, m.Href = c.Name, v.link(componentPath(c.ID))
			p.Affected = append(p.Affected, m)
		}
	}
	for _, u := range v.updates(s.Updates) {
		p.Notes = append(p.Notes, note{Anchor: fmt.Sprintf("update-%d", u.ID), Text: markup(u.Message), When: v.moment(u.Created)})
	}
	return p
}

// begins is when a maintenance began, or is to begin.
func begins(s *status.Schedule) time.Time {
	if !s.Began.IsZero() {
		return s.Began
	}
	return s.At
}

// ends is when a maintenance was over, or is to be; zero: nobody knows.
func ends(s *status.Schedule) time.Time {
	if !s.Ended.IsZero() {
		return s.Ended
	}
	return s.Until
}
