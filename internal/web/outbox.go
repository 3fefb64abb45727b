package web

import (
	"net/http"
	"slices"
	"time"

	"orderly/internal/model"
)

// An outbox is the page of where messages go.
type outbox struct {
	Ailing []model.Ailment
	Others []Destination
	Now    time.Time
	Zone   *time.Location
	Known  bool // Others says something
}

func (d *dashboard) outbox(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return err
	}
	body := outbox{Ailing: slices.Clone(o.Ailing), Now: v.now, Zone: d.Zone, Known: d.Outlets != nil}
	if v.account == nil { // what a server said is for those who may do something about it
		for i := range body.Ailing {
			body.Ailing[i].Error = ""
		}
	}
	if d.Outlets != nil {
		for _, one := range d.Outlets.Destinations() {
			if !slices.ContainsFunc(o.Ailing, func(a model.Ailment) bool { return a.Channel == one.Channel && a.Address == one.Address }) {
				body.Others = append(body.Others, one)
			}
		}
	}
	d.show(w, v, page{Title: "Outbox", Here: "outbox", Live: "/live?journal=1"}, "outbox", body)
	return nil
}

func (d *dashboard) accounts(w http.ResponseWriter, v *visit) error {
	var body struct {
		List []model.Account
		Now  time.Time
		Zone *time.Location
	}
	body.Now, body.Zone = v.now, d.Zone
	if d.Accounts != nil {
		for _, a := range d.Accounts() {
			a.Secret = ""
			body.List = append(body.List, a)
		}
	}
	d.show(w, v, page{Title: "Accounts", Here: "accounts"}, "accounts", body)
	return nil
}
