package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A portrait is the page on which a component is changed.
type portrait struct {
	member                  // of one that there is
	New             bool    // it is added
	To              string  // of the form of what it is called
	Fields          details // as filled in
	Fixed           fixed
	Groups          []option
	Healths, Untils []option
	Given           bool // something is said of it that can be taken back
	Details         bool // the visitor may change more than how it is
	Move            bool // into another group
	Delete          string
	Error, Wrong    string // of the form of what it is called, and of that of how it is
}

// details are the fields of the form of what a component is called.
type details struct {
	Name, Description, Link string
	Group                   int64
	Hidden, Private         bool
}

func detailsOf(fields url.Values) details {
	group, _ := strconv.ParseInt(fields.Get("group"), 10, 64) // what is no number is no group
	return details{
		Name: strings.TrimSpace(fields.Get("name")), Description: fields.Get("description"), Link: strings.TrimSpace(fields.Get("link")), Group: group,
		Hidden: fields.Get("hidden") != "", Private: fields.Get("private") != "",
	}
}

// fixed are the fields that the configuration says, which would take them back at the next reload.
type fixed struct {
	Name, Description, Link, Group, Private bool
	Of                                      string // services
}

// Any tells whether there is one.
func (f fixed) Any() bool { return f.Name || f.Description || f.Link || f.Group || f.Private }

// Names lists them.
func (f fixed) Names() string {
	var out []string
	for _, one := range []struct {
		is   bool
		name string
	}{{f.Name, "name"}, {f.Description, "description"}, {f.Link, "link"}, {f.Group, "group"}, {f.Private, "who sees it"}} {
		if one.is {
			out = append(out, one.name)
		}
	}
	return sentence(strings.Join(out, ", "), "")
}

// fixedOf asks what the configuration says of the services of a component.
func (d *dashboard) fixedOf(ctx context.Context, c *status.Component) (f fixed, err error) {
	if c.Key == "" || c.Gone {
		return f, nil
	}
	var services []string
	for _, k := range c.Checks {
		services = append(services, k.Service)
	}
	f.Private, f.Of = true, strings.Join(services, ", ")
	snaps, _, err := d.View.Snapshots(ctx, services)
	if err != nil {
		return f, err
	}
	for _, s := range snaps {
		if s.Spec == nil || s.Spec.Face == nil {
			continue
		}
		face := s.Spec.Face
		f.Name, f.Description = f.Name || face.Component != "", f.Description || face.Description != ""
		f.Link, f.Group = f.Link || face.Link != "", f.Group || face.Group != ""
	}
	return f, nil
}

// take has a component be called what a form says, but for what is fixed.
func (f fixed) take(c *status.Component, said details) {
	if !f.Name {
		c.Name = said.Name
	}
	if !f.Description {
		c.Description = said.Description
	}
	if !f.Link {
		c.Link = said.Link
	}
	if !f.Group {
		c.Group = said.Group
	}
	if !f.Private {
		c.Private = said.Private
	}
	if !c.Gone {
		c.Enabled = !said.Hidden
	}
}

func (d *dashboard) component(w http.ResponseWriter, v *visit) error {
	view, c, err := d.named(v)
	if err != nil {
		return err
	}
	p, err := d.portrait(view, c, v)
	if err != nil {
		return err
	}
	d.showPortrait(w, v, 0, p)
	return nil
}

// portrait is the page of a component as it is.
func (d *dashboard) portrait(view *status.View, c *status.Component, v *visit) (portrait, error) {
	ctx, cancel := v.patient()
	defer cancel()
	f, err := d.fixedOf(ctx, c)
	if err != nil {
		return portrait{}, err
	}
	at := fmt.Sprintf("/components/%d", c.ID)
	p := portrait{
		member: d.member(view, c, v), To: at, Fixed: f, Details: v.writes(), Move: v.may(model.ScopeManage) && !f.Group,
		Fields:  details{c.Name, c.Description, c.Link, c.Group, !c.Enabled, c.Private},
		Given:   c.Said != nil,
		Healths: healths(c.Health), Untils: untils(""),
	}
	if v.may(model.ScopeManage) {
		p.Delete = at + "/delete"
	}
	return p, nil
}

func (d *dashboard) showPortrait(w http.ResponseWriter, v *visit, code int, p portrait) {
	p.Groups = []option{{"0", "none", p.Fields.Group == 0}}
	for _, g := range d.Book.Read().OrderedGroups(false) {
		p.Groups = append(p.Groups, option{strconv.FormatInt(g.ID, 10), g.Name, g.ID == p.Fields.Group})
	}
	title := "Add a component"
	if !p.New {
		title = p.Name
	}
	d.show(w, v, page{Title: title, Here: "incidents", Tab: "components", Status: code}, "component", p)
}

// healths are those that people may say that a component has.
func healths(now status.Health) (out []option) {
	for _, h := range []status.Health{status.Operational, status.Degraded, status.Partial, status.Major} {
		out = append(out, option{strconv.Itoa(int(h)), sentence(h.String(), ""), h == now})
	}
	return out
}

// untils are how long something that is said may count; "" is without an end.
func untils(now string) (out []option) {
	for _, o := range []option{
		{Value: "", Word: "until something else is found or said"},
		{Value: "1h", Word: "for an hour"},
		{Value: "4h", Word: "for 4 hours"},
		{Value: "24h", Word: "for a day"},
		{Value: "168h", Word: "for a week"},
	} {
		o.Chosen = o.Value == now
		out = append(out, o)
	}
	return out
}

// sayHealth says how a component is, or takes back what was said.
func (d *dashboard) sayHealth(w http.ResponseWriter, v *visit) error {
	view, c, err := d.named(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	said, how := status.Health(0), status.How{}
	if fields.Has("back") {
		said = cmp.Or(c.Reported, c.Base)
	} else {
		n, _ := strconv.Atoi(fields.Get("health")) // what is no number is no health
		said = status.Health(n)
	}
	if long, err := time.ParseDuration(fields.Get("until")); err == nil && long > 0 && !fields.Has("back") {
		how.Until = v.now.Add(min(long, 366*24*time.Hour))
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveComponent(ctx, status.ActorOf(v.account), c.ID, how, func(c *status.Component) { c.Health = said })
	return settled(w, v, err, fmt.Sprintf("/components/%d", c.ID), func(complaint string) {
		if p, err := d.portrait(view, c, v); err == nil {
			p.Wrong, p.Untils = complaint, untils(fields.Get("until"))
			d.showPortrait(w, v, http.StatusUnprocessableEntity, p)
		}
	})
}

func (d *dashboard) changeComponent(w http.ResponseWriter, v *visit) error {
	view, c, err := d.named(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	p, err := d.portrait(view, c, v)
	if err != nil {
		return err
	}
	said := detailsOf(fields)
	if !p.Move {
		said.Group = c.Group
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveComponent(ctx, status.ActorOf(v.account), c.ID, status.How{}, func(c *status.Component) { p.Fixed.take(c, said) })
	return settled(w, v, err, "/components", func(complaint string) {
		p.Fields, p.Error = said, complaint
		d.showPortrait(w, v, http.StatusUnprocessableEntity, p)
	})
}

func (d *dashboard) componentForm(w http.ResponseWriter, v *visit) error {
	d.showPortrait(w, v, 0, portrait{New: true, To: "/components", Details: true, Move: true, Healths: healths(status.Operational)})
	return nil
}

func (d *dashboard) addComponent(w http.ResponseWriter, v *visit) error {
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	said := detailsOf(fields)
	health, _ := strconv.Atoi(fields.Get("health")) // what is no number is no health
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveComponent(ctx, status.ActorOf(v.account), 0, status.How{}, func(c *status.Component) {
		c.Health = status.Health(health)
		fixed{}.take(c, said)
	})
	return settled(w, v, err, "/components", func(complaint string) {
		d.showPortrait(w, v, http.StatusUnprocessableEntity, portrait{
			New: true, To: "/components", Details: true, Move: true, Healths: healths(status.Health(health)), Fields: said, Error: complaint,
		})
	})
}
