package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
)

// A remark is one update of an incident or of a maintenance.
type remark struct {
	status.Update
	Edit, Delete string // where that is done; "": not by this visitor
	Phased       bool   // it says how far people are
	Now          time.Time
	Zone         *time.Location
}

// story is updates as a visitor sees them, the newest first. at is the address of what they are of.
func (d *dashboard) story(updates []status.Update, at string, phased bool, v *visit) (out []remark) {
	for n := len(updates) - 1; n >= 0; n-- {
		one := remark{Update: updates[n], Phased: phased, Now: v.now, Zone: d.Zone}
		if one.Private && v.account == nil {
			continue
		}
		of := fmt.Sprintf("%s/updates/%d", at, one.ID)
		if v.writes() || phased && v.may(model.ScopeUpdate) {
			one.Edit = of + "/edit"
		}
		if v.writes() {
			one.Delete = of + "/delete"
		}
		out = append(out, one)
	}
	return out
}

// A saying is an update that an address names, and how it is changed.
type saying struct {
	*status.Update
	Of     string // name of the incident or maintenance
	Back   string
	Phases []option // none: it is of a maintenance
	Text   string
	Hidden bool
	Error  string

	change func(ctx context.Context, by status.Actor, edit func(*status.Update)) error
	drop   func(ctx context.Context, by status.Actor) error
}

// To is where the form goes.
func (s *saying) To() string { return fmt.Sprintf("%s/updates/%d/edit", s.Back, s.ID) }

// ofIncident finds an update of an incident.
func (d *dashboard) ofIncident(v *visit) (*saying, error) {
	_, i, err := d.found(v)
	if err != nil {
		return nil, err
	}
	u := i.Update(v.number("update"))
	if u == nil {
		return nil, refuse(http.StatusNotFound, "There is no such update.")
	}
	return &saying{
		Update: u, Of: i.Name, Back: fmt.Sprintf("/incidents/%d", i.ID), Phases: phases(u.Phase), Text: u.Message, Hidden: u.Private,
		change: func(ctx context.Context, by status.Actor, edit func(*status.Update)) error {
			_, err := d.Book.ChangeUpdate(ctx, by, i.ID, u.ID, edit)
			return err
		},
		drop: func(ctx context.Context, by status.Actor) error { return d.Book.DeleteUpdate(ctx, by, i.ID, u.ID) },
	}, nil
}

// ofMaintenance finds an update of a maintenance.
func (d *dashboard) ofMaintenance(v *visit) (*saying, error) {
	_, s, err := d.scheduled(v)
	if err != nil {
		return nil, err
	}
	u := s.Update(v.number("update"))
	if u == nil {
		return nil, refuse(http.StatusNotFound, "There is no such update.")
	}
	change := func(ctx context.Context, by status.Actor, edit func(*status.Update)) error {
		_, err := d.Book.ChangeScheduleUpdate(ctx, by, s.ID, u.ID, edit)
		return err
	}
	return &saying{
		Update: u, Of: s.Name, Back: fmt.Sprintf("/maintenance/%d", s.ID), Text: u.Message, Hidden: u.Private, change: change,
		drop: func(ctx context.Context, by status.Actor) error { return change(ctx, by, nil) },
	}, nil
}

// remarkForm is the form of an update.
func (d *dashboard) remarkForm(find func(*visit) (*saying, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		s, err := find(v)
		if err != nil {
			return err
		}
		d.showRemark(w, v, 0, s)
		return nil
	}
}

func (d *dashboard) showRemark(w http.ResponseWriter, v *visit, code int, s *saying) {
	d.show(w, v, page{Title: "Edit an update of “" + s.Of + "”", Here: "incidents", Tab: "incidents", Status: code}, "remark", s)
}

// changeRemark writes what the form says.
func (d *dashboard) changeRemark(find func(*visit) (*saying, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		s, err := find(v)
		if err != nil {
			return err
		}
		fields, err := v.form(w)
		if err != nil {
			return err
		}
		phase := int(s.Phase)
		if len(s.Phases) > 0 {
			if phase, err = strconv.Atoi(fields.Get("phase")); err != nil {
				return refuse(http.StatusBadRequest, "That form cannot be read.")
			}
		}
		s.Text, s.Hidden = fields.Get("message"), fields.Get("private") != ""
		ctx, cancel := v.patient()
		defer cancel()
		err = s.change(ctx, status.ActorOf(v.account), func(u *status.Update) {
			u.Phase, u.Message, u.Private = status.Phase(phase), s.Text, s.Hidden
		})
		return settled(w, v, err, s.Back, func(complaint string) {
			if s.Error = complaint; len(s.Phases) > 0 {
				s.Phases = phases(status.Phase(phase))
			}
			d.showRemark(w, v, http.StatusUnprocessableEntity, s)
		})
	}
}

// confirmDropRemark asks whether an update is to go.
func (d *dashboard) confirmDropRemark(find func(*visit) (*saying, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		s, err := find(v)
		if err == nil {
			err = v.mayWrite()
		}
		if err != nil {
			return err
		}
		q := question{
			Title: "Delete this update of “" + s.Of + "”?", Says: s.Message, Word: "Delete", Grave: true,
			To: fmt.Sprintf("%s/updates/%d/delete", s.Back, s.ID), Back: s.Back,
		}
		d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "incidents"}, "confirm", q)
		return nil
	}
}

func (d *dashboard) dropRemark(find func(*visit) (*saying, error)) handler {
	return func(w http.ResponseWriter, v *visit) error {
		s, err := find(v)
		if err != nil {
			return err
		}
		ctx, cancel := v.patient()
		defer cancel()
		return settled(w, v, s.drop(ctx, status.ActorOf(v.account)), s.Back, nil)
	}
}
