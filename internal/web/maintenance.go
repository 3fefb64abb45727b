package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/status"
)

var maintenanceTimes = []option{
	{Value: "15m", Word: "15 minutes"},
	{Value: "30m", Word: "30 minutes"},
	{Value: "1h", Word: "an hour"},
	{Value: "2h", Word: "2 hours"},
	{Value: "4h", Word: "4 hours"},
	{Value: "8h", Word: "8 hours"},
	{Value: "24h", Word: "a day"},
}

// localTime is how browsers write a time of a form.
const localTime = "2006-01-02T15:04"

func (d *dashboard) maintenanceForm(w http.ResponseWriter, v *visit) error {
	if d.Book == nil {
		return d.nowhere(w, v)
	}
	fields := v.r.URL.Query()
	if fields.Get("for") == "" {
		fields.Set("for", "1h")
	}
	if fields.Get("at") == "" {
		fields.Set("at", v.now.In(d.Zone).Format(localTime))
	}
	d.showMaintenanceForm(w, v, 0, fields, "")
	return nil
}

func (d *dashboard) showMaintenanceForm(w http.ResponseWriter, v *visit, code int, fields url.Values, complaint string) {
	r := d.reportForm(fields)
	r.Title, r.To, r.Error, r.Zone = "Schedule a maintenance", "/maintenance", complaint, v.now.In(d.Zone).Format("MST")
	for _, t := range maintenanceTimes {
		t.Chosen = t.Value == r.For
		r.Times = append(r.Times, t)
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Status: code}, "report", r)
}

func (d *dashboard) planMaintenance(w http.ResponseWriter, v *visit) error {
	if d.Book == nil {
		return d.nowhere(w, v)
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	at, errAt := time.ParseInLocation(localTime, fields.Get("at"), d.Zone)
	long, errLong := time.ParseDuration(fields.Get("for"))
	if errAt != nil || errLong != nil || long <= 0 {
		d.showMaintenanceForm(w, v, http.StatusUnprocessableEntity, fields, "When does it begin, and how long does it take?")
		return nil
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveSchedule(ctx, status.ActorOf(v.account), 0, func(s *status.Schedule) {
		s.Name, s.Message, s.At, s.Until = strings.TrimSpace(fields.Get("name")), fields.Get("message"), at, at.Add(long)
		s.Components, s.Notify = touched(fields, 0), true
	})
	complaint, err := bookComplaint(err)
	switch {
	case err != nil:
		return err
	case complaint != "":
		d.showMaintenanceForm(w, v, http.StatusUnprocessableEntity, fields, complaint)
		return nil
	}
	http.Redirect(w, v.r, "/incidents", http.StatusSeeOther)
	return nil
}

// planned is the maintenance of an address that is not over.
func (d *dashboard) planned(v *visit) (*status.Schedule, error) {
	if d.Book != nil {
		id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
		if s := d.Book.Read().Schedule(id); err == nil && s != nil && s.Stage != status.Complete {
			return s, nil
		}
	}
	return nil, refuse(http.StatusNotFound, "That maintenance is over.")
}

func (d *dashboard) confirmComplete(w http.ResponseWriter, v *visit) error {
	s, err := d.planned(v)
	if err != nil {
		return err
	}
	q := question{
		Title: "End “" + s.Name + "”?", Says: "Its components are as their checks say from then on.", Word: "End it",
		To: fmt.Sprintf("/maintenance/%d/end", s.ID), Back: "/incidents",
	}
	d.show(w, v, page{Title: q.Title, Here: "incidents"}, "confirm", q)
	return nil
}

func (d *dashboard) completeMaintenance(w http.ResponseWriter, v *visit) error {
	s, err := d.planned(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveSchedule(ctx, status.ActorOf(v.account), s.ID, func(s *status.Schedule) { s.Stage = status.Complete })
	complaint, err := bookComplaint(err)
	if err == nil && complaint != "" {
		err = refuse(http.StatusConflict, complaint)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, v.r, "/incidents", http.StatusSeeOther)
	return nil
}
