package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// pastIncidents is how many incidents that are over one page lists.
const pastIncidents = 50

// A ledger is the page of what the public is told.
type ledger struct {
	Open, Past []affair
	Planned    []outage
	May        bool
}

// An affair is one incident.
type affair struct {
	*status.Incident
	Of     string // components
	Phases []option
	Error  string
	Text   string // that was written and not taken
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
	return span(a.Ended().Sub(a.Occurred))
}

// Latest are its updates, the newest first.
func (a affair) Latest() []status.Update {
	out := make([]status.Update, 0, len(a.Updates))
	for i := len(a.Updates) - 1; i >= 0; i-- {
		out = append(out, a.Updates[i])
	}
	return out
}

// An outage is a maintenance.
type outage struct {
	*status.Schedule
	Of   string
	Now  time.Time
	Zone *time.Location
}

func (d *dashboard) incidents(w http.ResponseWriter, v *visit) error {
	if d.Book == nil {
		return d.nowhere(w, v)
	}
	view := d.Book.Read()
	body := ledger{May: v.account == nil || v.may(model.ScopeUpdate)}
	for _, i := range view.SeenIncidents(v.account == nil, v.now) {
		switch a := d.affair(view, i, v); {
		case i.Open():
			body.Open = append(body.Open, a)
		case len(body.Past) < pastIncidents:
			body.Past = append(body.Past, a)
		}
	}
	for _, s := range view.Schedules {
		if s.Stage != status.Complete {
			body.Planned = append(body.Planned, outage{s, names(view, s.Components), v.now, d.Zone})
		}
	}
	d.show(w, v, page{Title: "Incidents", Here: "incidents", Live: "/live?journal=1"}, "incidents", body)
	return nil
}

func (d *dashboard) affair(view *status.View, i *status.Incident, v *visit) affair {
	a := affair{Incident: i, Of: names(view, i.Components), Now: v.now, Zone: d.Zone, Phases: phases(i.Phase)}
	if v.account == nil { // what is private stays so
		seen := *i
		seen.Updates = nil
		for _, u := range i.Updates {
			if !u.Private {
				seen.Updates = append(seen.Updates, u)
			}
		}
		a.Incident = &seen
	}
	return a
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
	if d.Book != nil {
		view := d.Book.Read()
		id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
		if i := view.Incident(id); err == nil && i != nil && (v.account != nil || i.Shown(v.now)) {
			return view, i, nil
		}
	}
	return nil, nil, refuse(http.StatusNotFound, "There is no such incident.")
}

func (d *dashboard) incident(w http.ResponseWriter, v *visit) error {
	view, i, err := d.found(v)
	if err != nil {
		return err
	}
	d.show(w, v, page{Title: i.Name, Here: "incidents", Live: "/live?journal=1"}, "incident", d.affair(view, i, v))
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
	complaint, err := bookComplaint(err)
	if err != nil {
		return err
	}
	if complaint != "" {
		a := d.affair(view, i, v)
		a.Error, a.Text, a.Phases = complaint, fields.Get("message"), phases(status.Phase(phase))
		d.show(w, v, page{Title: i.Name, Here: "incidents", Status: http.StatusUnprocessableEntity}, "incident", a)
		return nil
	}
	http.Redirect(w, v.r, fmt.Sprintf("/incidents/%d", i.ID), http.StatusSeeOther)
	return nil
}

// bookComplaint is what is wrong with what somebody wrote, in words for them, or another error.
func bookComplaint(err error) (string, error) {
	var invalid *status.Invalid
	switch {
	case errors.As(err, &invalid):
		return strings.Join(invalid.Details, " "), nil
	case errors.Is(err, status.ErrForbidden):
		return "", refuse(http.StatusForbidden, "This account may not change that.")
	case errors.Is(err, status.ErrNotFound):
		return "", refuse(http.StatusNotFound, "That is gone.")
	}
	return "", err
}

// A report is the form of an incident or a maintenance, with what was filled in.
type report struct {
	Title, To          string
	Name, Message, For string
	At                 string // local time, "2006-01-02T15:04"
	Components         []option
	Health             []option // of the components meanwhile; none: it is a maintenance
	Times              []option
	Private            bool
	Error              string
	Zone               string
}

// reportForm is an empty form.
func (d *dashboard) reportForm(fields url.Values) report {
	r := report{Name: fields.Get("name"), Message: fields.Get("message"), For: fields.Get("for"), At: fields.Get("at"), Private: fields.Get("private") != ""}
	chosen := map[string]bool{}
	for _, id := range fields["component"] {
		chosen[id] = true
	}
	for _, c := range d.Book.Read().Seen(false) {
		id := strconv.FormatInt(c.ID, 10)
		r.Components = append(r.Components, option{id, c.Name, chosen[id]})
	}
	return r
}

// touched are the components that a form names, each with a health; 0: they stay as they are.
func touched(fields url.Values, health status.Health) (out []status.Affected) {
	for _, text := range fields["component"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			out = append(out, status.Affected{Component: id, Health: health})
		}
	}
	return out
}

func (d *dashboard) incidentForm(w http.ResponseWriter, v *visit) error {
	if d.Book == nil {
		return d.nowhere(w, v)
	}
	d.showIncidentForm(w, v, 0, v.r.URL.Query(), "")
	return nil
}

func (d *dashboard) showIncidentForm(w http.ResponseWriter, v *visit, code int, fields url.Values, complaint string) {
	r := d.reportForm(fields)
	r.Title, r.To, r.Error = "Open an incident", "/incidents", complaint
	r.Health = []option{{"0", "stay as they are", false}}
	for _, h := range []status.Health{status.Degraded, status.Partial, status.Major} {
		value := strconv.Itoa(int(h))
		r.Health = append(r.Health, option{value, sentence(h.String(), ""), fields.Get("health") == value})
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Status: code}, "report", r)
}

func (d *dashboard) openIncident(w http.ResponseWriter, v *visit) error {
	if d.Book == nil {
		return d.nowhere(w, v)
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	health, _ := strconv.Atoi(fields.Get("health")) // what is no number leaves components as they are
	ctx, cancel := v.patient()
	defer cancel()
	opened, err := d.Book.OpenIncident(ctx, status.ActorOf(v.account), func(i *status.Incident) {
		i.Name, i.Message, i.Phase = strings.TrimSpace(fields.Get("name")), fields.Get("message"), status.Investigating
		i.Visible, i.Components = fields.Get("private") == "", touched(fields, status.Health(health))
	})
	complaint, err := bookComplaint(err)
	switch {
	case err != nil:
		return err
	case complaint != "":
		d.showIncidentForm(w, v, http.StatusUnprocessableEntity, fields, complaint)
		return nil
	}
	http.Redirect(w, v.r, fmt.Sprintf("/incidents/%d", opened.ID), http.StatusSeeOther)
	return nil
}
