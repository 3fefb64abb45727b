package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/story"
)

// What one page shows at most.
const (
	recentEvents = 40 // in the list of a service
	diagramsAt   = 8  // graphs, unless all are asked for
	diagramsMost = 48
)

// An about is the page of one service.
type about struct {
	*model.ServiceStatus
	Word     string // the state
	Note     string
	Now      time.Time
	Zone     *time.Location
	Rules    []ruleRow
	Readings []reading
	Chain    []link
	Incident *story.Incident // about that; nil: none
	Evidence string
	Found    string // diagnosis; for those who have logged in
	Share    []share
	Days     []bar
	Troubled []bar
	Ranges   []choice
	Diagrams []diagram
	More     string // where all diagrams are; "": these are
	Events   []moment
	Deeds    []deedLink
	Asked    string // what was just asked for
}

// A reading is one measured value.
type reading struct{ Name, Value string }

// A deedLink is something that may be done.
type deedLink struct{ Kind, Word, Link string }

func (d *dashboard) service(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	s, err := d.called(ctx, v)
	if err != nil {
		return err
	}
	body := about{ServiceStatus: s, Word: wordOf(s), Note: noteOf(s), Now: v.now, Zone: d.Zone, Asked: askedFor(v.r.URL.Query().Get("asked"))}
	spec, snap := d.spec(ctx, s.Name)
	body.Rules = ruleRows(s, snap)
	body.Readings = readings(s)
	events, err := d.happened(ctx, v, Query{Service: s.Name, Limit: recentEvents})
	if err != nil {
		return err
	}
	if err := d.addStory(ctx, &body, v); err != nil {
		return err
	}
	body.Events = d.moments(newestFirst(events, recentEvents), v.now)
	d.addUptime(&body, s.Name, v.now)
	if err := d.addDiagrams(ctx, &body, v, spec); err != nil {
		return err
	}
	body.Deeds = d.offered(s, spec)
	d.show(w, v, page{Title: s.Name, Here: "services", Live: "/live?" + liveQuery(s.Name), Graphs: true}, "service", body)
	return nil
}

// called finds the service that the address names.
func (d *dashboard) called(ctx context.Context, v *visit) (*model.ServiceStatus, error) {
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return nil, err
	}
	s := o.find(v.r.PathValue("name"))
	if s == nil {
		return nil, refuse(http.StatusNotFound, "There is no service of that name.")
	}
	return s, nil
}

// spec is what is configured of a service, and its last measurements; nil if it has gone meanwhile.
func (d *dashboard) spec(ctx context.Context, name string) (*model.Service, *model.Snapshot) {
	snaps, _, err := d.View.Snapshots(ctx, []string{name})
	if err != nil || len(snaps) != 1 || snaps[0].Spec == nil {
		return nil, nil
	}
	return snaps[0].Spec, &snaps[0]
}

// readings are the last measurements, by name.
func readings(s *model.ServiceStatus) []reading {
	out := make([]reading, 0, len(s.Values))
	for m, value := range s.Values {
		if value != "" {
			out = append(out, reading{string(m), model.Printable(value, 400)})
		}
	}
	slices.SortFunc(out, func(a, b reading) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// addStory tells why the service is as it is; to guests not how the host is within, and whom alerts reach.
func (d *dashboard) addStory(ctx context.Context, body *about, v *visit) error {
	told, err := d.Narrator.Story(ctx, body.Name)
	if err != nil {
		return err
	}
	if v.account == nil {
		told = told.Public()
	}
	body.Chain, body.Incident = chain(told, v.now, d.Zone), told.Incident
	if body.Ails() {
		body.Evidence, body.Found = told.Evidence, told.Diagnosis
	}
	return nil
}

func newestFirst(events []model.Event, most int) []model.Event {
	out := slices.Clone(events[max(0, len(events)-most):])
	slices.Reverse(out)
	return out
}

// A share is an uptime over a time.
type share struct{ Name, Value string }

var shareTimes = []struct {
	name string
	long time.Duration
}{
	{"24 hours", 24 * time.Hour},
	{"7 days", 7 * 24 * time.Hour},
	{"30 days", 30 * 24 * time.Hour},
	{"90 days", 90 * 24 * time.Hour},
	{"1 year", 365 * 24 * time.Hour},
}

func (d *dashboard) addUptime(body *about, name string, now time.Time) {
	if d.Uptime == nil {
		return
	}
	for _, t := range shareTimes {
		value := ""
		if part, measured := d.Uptime.Uptime(name, now.Add(-t.long), now); measured {
			value = percent(part)
		}
		body.Share = append(body.Share, share{t.name, value})
	}
	for i, day := range d.Uptime.Days(name, d.Zone, barDays, now) {
		b := bar{day, i * 7}
		body.Days = append(body.Days, b)
		switch b.Grade() {
		case history.GradeFair, history.GradePartial, history.GradeMajor:
			body.Troubled = append(body.Troubled, b)
		}
	}
	slices.Reverse(body.Troubled)
	body.Troubled = body.Troubled[:min(len(body.Troubled), 8)]
}
