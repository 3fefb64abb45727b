package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"orderly/internal/status"
)

// A report is the form of an incident or a maintenance, with what was filled in.
type report struct {
	Title, Word, To, Back string
	Name, Message         string
	At, For, Until        string // local times, "2006-01-02T15:04", and how long it takes
	Afterwards            string // post-mortem
	Components            []option
	Health                []option // of the components meanwhile; none: it is a maintenance
	Times                 []option
	Templates             []option
	Private, Sticky, Tell bool
	New                   bool
	Timed                 bool // it begins and ends
	Fixed                 bool // when it begins is past, or not for this form to say
	Notice                string
	Error                 string
	Zone                  string
}

// reportForm is a form with these fields; had are components that it names although they are not shown any more.
func (d *dashboard) reportForm(fields url.Values, had []status.Affected) report {
	r := report{
		Name: fields.Get("name"), Message: fields.Get("message"), For: fields.Get("for"), At: fields.Get("at"), Until: fields.Get("until"),
		Afterwards: fields.Get("afterwards"), Private: fields.Get("private") != "", Sticky: fields.Get("sticky") != "", Tell: fields.Get("tell") != "",
	}
	view := d.Book.Read()
	list := view.Seen(false)
	for _, a := range had {
		if c := view.Component(a.Component); c != nil && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, c := range list {
		id := strconv.FormatInt(c.ID, 10)
		r.Components = append(r.Components, option{id, c.Name, slices.Contains(fields["component"], id)})
	}
	return r
}

// touched are the components that a form names, each with a health; 0: they stay as they are. Those that were touched
// before keep what was said of them.
func touched(fields url.Values, health status.Health, had []status.Affected) (out []status.Affected) {
	for _, text := range fields["component"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		one := status.Affected{Component: id, Health: health}
		if i := slices.IndexFunc(had, func(a status.Affected) bool { return a.Component == id }); i >= 0 {
			one = had[i]
		}
		out = append(out, one)
	}
	return out
}

// chosen are components as a form names them.
func chosen(list []status.Affected) (out []string) {
	for _, a := range list {
		out = append(out, strconv.FormatInt(a.Component, 10))
	}
	return out
}

// mark is a box that is ticked, or not.
func mark(fields url.Values, name string, ticked bool) {
	if ticked {
		fields.Set(name, "1")
	}
}

func (d *dashboard) incidentForm(w http.ResponseWriter, v *visit) error {
	fields := v.r.URL.Query()
	complaint := ""
	if t := d.Book.Read().Template(fields.Get("template")); t != nil {
		text, err := t.Render(d.templateVars(fields))
		if err != nil {
			complaint = sentence(err.Error(), "")
		} else {
			fields.Set("message", text)
			if fields.Get("name") == "" {
				fields.Set("name", t.Name)
			}
		}
	}
	mark(fields, "tell", true)
	d.showIncidentForm(w, v, 0, fields, complaint)
	return nil
}

// templateVars are what a template is filled in with, under the names that it has in Cachet's API.
func (d *dashboard) templateVars(fields url.Values) map[string]any {
	of := map[string]any{"name": fields.Get("name"), "message": fields.Get("message"), "status": int(status.Investigating), "visible": true}
	if c := d.Book.Read().Component(firstNumber(fields["component"])); c != nil {
		of["component"] = map[string]any{"id": int(c.ID), "name": c.Name, "description": c.Description, "link": c.Link}
	}
	return map[string]any{"incident": of}
}

func firstNumber(list []string) int64 {
	if len(list) == 0 {
		return 0
	}
	id, _ := strconv.ParseInt(list[0], 10, 64) // what is no number is that of nothing
	return id
}

func (d *dashboard) showIncidentForm(w http.ResponseWriter, v *visit, code int, fields url.Values, complaint string) {
	r := d.reportForm(fields, nil)
	r.Title, r.Word, r.To, r.Back, r.Error, r.New = "Open an incident", "Open it", "/incidents", "/incidents", complaint, true
	r.Health = []option{{"0", "stay as they are", false}}
	for _, h := range []status.Health{status.Degraded, status.Partial, status.Major} {
		value := strconv.Itoa(int(h))
		r.Health = append(r.Health, option{value, sentence(h.String(), ""), fields.Get("health") == value})
	}
	for _, t := range d.Book.Read().Templates {
		r.Templates = append(r.Templates, option{t.Slug, t.Name, t.Slug == fields.Get("template")})
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Tab: "incidents", Status: code}, "report", r)
}

func (d *dashboard) openIncident(w http.ResponseWriter, v *visit) error {
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	health, _ := strconv.Atoi(fields.Get("health")) // what is no number leaves components as they are
	ctx, cancel := v.patient()
	defer cancel()
	opened, err := d.Book.OpenIncident(ctx, status.ActorOf(v.account), func(i *status.Incident) {
		i.Name, i.Message, i.Phase = strings.TrimSpace(fields.Get("name")), fields.Get("message"), status.Investigating
		i.Visible, i.Sticky, i.Notify = fields.Get("private") == "", fields.Get("sticky") != "", fields.Get("tell") != ""
		i.Components = touched(fields, status.Health(health), nil)
	})
	on := "/incidents"
	if err == nil {
		on = fmt.Sprintf("/incidents/%d", opened.ID)
	}
	return settled(w, v, err, on, func(complaint string) {
		d.showIncidentForm(w, v, http.StatusUnprocessableEntity, fields, complaint)
	})
}

// incidentEdit is the form of an incident that there is. How far it is, is told with updates.
func (d *dashboard) incidentEdit(w http.ResponseWriter, v *visit) error {
	_, i, err := d.found(v)
	if err != nil {
		return err
	}
	fields := url.Values{"name": {i.Name}, "message": {i.Message}, "afterwards": {i.PostMortem}, "component": chosen(i.Components)}
	mark(fields, "private", !i.Visible)
	mark(fields, "sticky", i.Sticky)
	mark(fields, "tell", i.Notify)
	d.showIncidentEdit(w, v, 0, i, fields, "")
	return nil
}

func (d *dashboard) showIncidentEdit(w http.ResponseWriter, v *visit, code int, i *status.Incident, fields url.Values, complaint string) {
	r := d.reportForm(fields, i.Components)
	at := fmt.Sprintf("/incidents/%d", i.ID)
	r.Title, r.Word, r.To, r.Back, r.Error = "Edit “"+i.Name+"”", "Save", at+"/edit", at, complaint
	r.Health = []option{} // it is an incident
	if i.Auto != nil && i.Taken == "" && i.Open() {
		r.Notice = "A check opened this. Whoever changes it takes it over, and its texts are theirs."
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Tab: "incidents", Status: code}, "report", r)
}

func (d *dashboard) changeIncident(w http.ResponseWriter, v *visit) error {
	_, i, err := d.found(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.ChangeIncident(ctx, status.ActorOf(v.account), i.ID, func(i *status.Incident) {
		i.Name, i.Message, i.PostMortem = strings.TrimSpace(fields.Get("name")), fields.Get("message"), fields.Get("afterwards")
		i.Visible, i.Sticky, i.Notify = fields.Get("private") == "", fields.Get("sticky") != "", fields.Get("tell") != ""
		i.Components = touched(fields, 0, i.Components)
	})
	return settled(w, v, err, fmt.Sprintf("/incidents/%d", i.ID), func(complaint string) {
		d.showIncidentEdit(w, v, http.StatusUnprocessableEntity, i, fields, complaint)
	})
}
