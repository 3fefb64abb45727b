package web

import (
	"fmt"
	"net/http"

	"orderly/internal/status"
)

// askIncident asks before something is done to the incident of an address. It needs the scope to write if grave.
func (d *dashboard) askIncident(w http.ResponseWriter, v *visit, deed string, q question) error {
	_, i, err := d.found(v)
	if err == nil && q.Grave {
		err = v.mayWrite()
	}
	if err != nil {
		return err
	}
	q.Back = fmt.Sprintf("/incidents/%d", i.ID)
	q.Title, q.To = fmt.Sprintf(q.Title, i.Name), q.Back+"/"+deed
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "incidents"}, "confirm", q)
	return nil
}

func (d *dashboard) confirmDeleteIncident(w http.ResponseWriter, v *visit) error {
	return d.askIncident(w, v, "delete", question{
		Title: "Delete “%s”?", Word: "Delete", Grave: true,
		Says: "Nobody sees it any more, and its components are as their checks and people say. A check that goes on failing opens no other.",
	})
}

func (d *dashboard) deleteIncident(w http.ResponseWriter, v *visit) error {
	_, i, err := d.found(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.DeleteIncident(ctx, status.ActorOf(v.account), i.ID), "/incidents", nil)
}

func (d *dashboard) confirmTake(w http.ResponseWriter, v *visit) error {
	return d.askIncident(w, v, "take", question{
		Title: "Take over “%s”?", Word: "Take over",
		Says: "You look after it: checks write nothing into it any more, but that it is over.",
	})
}

func (d *dashboard) takeIncident(w http.ResponseWriter, v *visit) error {
	_, i, err := d.found(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.TakeIncident(ctx, status.ActorOf(v.account), i.ID)
	return settled(w, v, err, fmt.Sprintf("/incidents/%d", i.ID), nil)
}

func (d *dashboard) confirmReturn(w http.ResponseWriter, v *visit) error {
	return d.askIncident(w, v, "return", question{
		Title: "Give “%s” back to the checks?", Word: "Give back",
		Says: "They go on telling how it is, and close it when all is well. What people wrote stays.",
	})
}

func (d *dashboard) returnIncident(w http.ResponseWriter, v *visit) error {
	_, i, err := d.found(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.ReturnIncident(ctx, status.ActorOf(v.account), i.ID)
	return settled(w, v, err, fmt.Sprintf("/incidents/%d", i.ID), nil)
}
