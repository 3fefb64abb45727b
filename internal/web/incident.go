package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// How many of those that are over one page lists.
const (
	pastIncidents = 50
	pastOutages   = 10
)

// A ledger is the page of what the public is told.
type ledger struct {
	Open, Past       []affair
	Planned, Outages []outage
	May              bool // open incidents
	Plan             bool // maintenance
}

// An affair is one incident.
type affair struct {
	*status.Incident
	Of     string // components
	Story  []remark
	Phases []option
	Error  string
	Text   string // that was written and not taken
	Deeds  []deedLink
	Now    time.Time
	Zone   *time.Location
}

// Tone is how much attention it wants.
func (a affair) Tone() tone {
	switch a.Phase {
	case status.Fixed:
		return good
	case status.Watching:
		return warning
	}
	return bad
}

// Lasted is how long it went on, or goes on.
func (a affair) Lasted() string {
	if a.Open() {
		return span(a.Now.Sub(a.Occurred))
	}
	return span(a.Incident.Lasted())
}

func (d *dashboard) incidents(w http.ResponseWriter, v *visit) error {
	view := d.Book.Read()
	body := ledger{May: v.account == nil || v.may(model.ScopeUpdate), Plan: v.account == nil || v.writes()}
	for _, i := range view.SeenIncidents(v.account == nil, v.now) {
		switch a := d.affair(view, i, v); {
		case i.Open():
			body.Open = append(body.Open, a)
		case len(body.Past) < pastIncidents:
			body.Past = append(body.Past, a)
		}
	}
	for _, s := range slices.Backward(view.Schedules) {
		switch o := d.outage(view, s, v); {
		case s.Stage != status.Complete:
			body.Planned = append(body.Planned, o)
		case len(body.Outages) < pastOutages:
			body.Outages = append(body.Outages, o)
		}
	}
	slices.SortStableFunc(body.Planned, func(a, b outage) int { return a.At.Compare(b.At) })
	d.show(w, v, page{Title: "Incidents", Here: "incidents", Tab: "incidents", Live: liveBook}, "incidents", body)
	return nil
}

func (d *dashboard) affair(view *status.View, i *status.Incident, v *visit) affair {
	at := fmt.Sprintf("/incidents/%d", i.ID)
	return affair{
		Incident: i, Of: names(view, i.Components), Story: d.story(i.Updates, at, true, v), Phases: phases(i.Phase), Deeds: incidentDeeds(i, at, v),
		Now: v.now, Zone: d.Zone,
	}
}

// incidentDeeds are what a visitor may do to an incident.
func incidentDeeds(i *status.Incident, at string, v *visit) (out []deedLink) {
	if !v.may(model.ScopeUpdate) {
		return nil
	}
	out = append(out, deedLink{"edit", "Edit", at + "/edit"})
	if i.Auto != nil && i.Open() {
		if i.Taken == "" {
			out = append(out, deedLink{"take", "Take over", at + "/take"})
		} else {
			out = append(out, deedLink{"return", "Give back to the checks", at + "/return"})
		}
	}
	if v.writes() {
		out = append(out, deedLink{"delete", "Delete", at + "/delete"})
	}
	return out
}

// phases are those that an update can be of.
func phases(now status.Phase) (out []option) {
	for p := status.Investigating; p <= status.Fixed; p++ {
		out = append(out, option{strconv.Itoa(int(p)), sentence(p.String(), ""), p == max(now, status.Investigating)})
	}
	return out
}

// names are components in words.
func names(view *status.View, list []status.Affected) string {
	var out []string
	for _, a := range list {
		if c := view.Component(a.Component); c != nil {
			out = append(out, c.Name)
		}
	}
	return strings.Join(out, ", ")
}

// found is the incident of an address that the visitor may see.
func (d *dashboard) found(v *visit) (*status.View, *status.Incident, error) {
	view := d.Book.Read()
	if i := view.Incident(v.number("id")); i != nil && (v.account != nil || i.Shown(v.now)) {
		return view, i, nil
	}
	return nil, nil, refuse(http.StatusNotFound, "There is no such incident.")
}

func (d *dashboard) incident(w http.ResponseWriter, v *visit) error {
	view, i, err := d.found(v)
	if err != nil {
		return err
	}
	d.show(w, v, page{Title: i.Name, Here: "incidents", Tab: "incidents", Live: liveBook}, "incident", d.affair(view, i, v))
	return nil
}

// updateIncident tells what is new; whoever does takes an incident over that checks opened.
func (d *dashboard) updateIncident(w http.ResponseWriter, v *visit) error {
	view, i, err := d.found(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	phase, err := strconv.Atoi(fields.Get("phase"))
	if err != nil {
		return refuse(http.StatusBadRequest, "That form cannot be read.")
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.AddUpdate(ctx, status.ActorOf(v.account), i.ID, func(u *status.Update) {
		u.Phase, u.Message, u.Private = status.Phase(phase), fields.Get("message"), fields.Get("private") != ""
	})
	return settled(w, v, err, fmt.Sprintf("/incidents/%d", i.ID), func(complaint string) {
		a := d.affair(view, i, v)
		a.Error, a.Text, a.Phases = complaint, fields.Get("message"), phases(status.Phase(phase))
		d.show(w, v, page{Title: i.Name, Here: "incidents", Tab: "incidents", Status: http.StatusUnprocessableEntity}, "incident", a)
	})
}
