package web

import (
	"fmt"
	"net/http"
	"net/url"
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

// An outage is a maintenance.
type outage struct {
	*status.Schedule
	Of    string
	Tone  tone
	Story []remark
	Deeds []deedLink
	May   bool // tell what is new
	Error string
	Text  string // that was written and not taken
	Now   time.Time
	Zone  *time.Location
}

func (d *dashboard) outage(view *status.View, s *status.Schedule, v *visit) outage {
	at := fmt.Sprintf("/maintenance/%d", s.ID)
	o := outage{
		Schedule: s, Of: names(view, s.Components), Tone: "initializing", Story: d.story(s.Updates, at, false, v), May: v.writes(),
		Now: v.now, Zone: d.Zone,
	}
	if s.Stage == status.Complete {
		o.Tone = good
	}
	if v.writes() {
		o.Deeds = append(o.Deeds, deedLink{"edit", "Edit", at + "/edit"})
		if s.Stage != status.Complete {
			o.Deeds = append(o.Deeds, deedLink{"end", "End it", at + "/end"})
		}
		o.Deeds = append(o.Deeds, deedLink{"delete", "Delete", at + "/delete"})
	}
	return o
}

// scheduled is the maintenance of an address.
func (d *dashboard) scheduled(v *visit) (*status.View, *status.Schedule, error) {
	view := d.Book.Read()
	if s := view.Schedule(v.number("id")); s != nil {
		return view, s, nil
	}
	return nil, nil, refuse(http.StatusNotFound, "There is no such maintenance.")
}

func (d *dashboard) maintenance(w http.ResponseWriter, v *visit) error {
	view, s, err := d.scheduled(v)
	if err != nil {
		return err
	}
	d.show(w, v, page{Title: s.Name, Here: "incidents", Tab: "incidents", Live: liveBook}, "maintenance", d.outage(view, s, v))
	return nil
}

// noteMaintenance tells what is new of a maintenance.
func (d *dashboard) noteMaintenance(w http.ResponseWriter, v *visit) error {
	view, s, err := d.scheduled(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.AddScheduleUpdate(ctx, status.ActorOf(v.account), s.ID, func(u *status.Update) {
		u.Message, u.Private = fields.Get("message"), fields.Get("private") != ""
	})
	return settled(w, v, err, fmt.Sprintf("/maintenance/%d", s.ID), func(complaint string) {
		o := d.outage(view, s, v)
		o.Error, o.Text = complaint, fields.Get("message")
		d.show(w, v, page{Title: s.Name, Here: "incidents", Tab: "incidents", Status: http.StatusUnprocessableEntity}, "maintenance", o)
	})
}

func (d *dashboard) maintenanceForm(w http.ResponseWriter, v *visit) error {
	if err := v.mayWrite(); err != nil {
		return err
	}
	fields := v.r.URL.Query()
	if fields.Get("for") == "" {
		fields.Set("for", "1h")
	}
	if fields.Get("at") == "" {
		fields.Set("at", v.now.In(d.Zone).Format(localTime))
	}
	mark(fields, "tell", true)
	d.showMaintenanceForm(w, v, 0, fields, "")
	return nil
}

func (d *dashboard) showMaintenanceForm(w http.ResponseWriter, v *visit, code int, fields url.Values, complaint string) {
	r := d.reportForm(fields, nil)
	r.Title, r.Word, r.To, r.Back, r.Error, r.New, r.Timed = "Schedule a maintenance", "Schedule it", "/maintenance", "/incidents", complaint, true, true
	r.Zone = v.now.In(d.Zone).Format("MST")
	for _, t := range maintenanceTimes {
		t.Chosen = t.Value == r.For
		r.Times = append(r.Times, t)
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Tab: "incidents", Status: code}, "report", r)
}

func (d *dashboard) planMaintenance(w http.ResponseWriter, v *visit) error {
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
		s.Components, s.Notify = touched(fields, 0, nil), fields.Get("tell") != ""
	})
	return settled(w, v, err, "/incidents", func(complaint string) {
		d.showMaintenanceForm(w, v, http.StatusUnprocessableEntity, fields, complaint)
	})
}

// maintenanceEdit is the form of a maintenance that there is.
func (d *dashboard) maintenanceEdit(w http.ResponseWriter, v *visit) error {
	_, s, err := d.scheduled(v)
	if err == nil {
		err = v.mayWrite()
	}
	if err != nil {
		return err
	}
	fields := url.Values{"name": {s.Name}, "message": {s.Message}, "at": {s.At.In(d.Zone).Format(localTime)}, "component": chosen(s.Components)}
	if !s.Until.IsZero() {
		fields.Set("until", s.Until.In(d.Zone).Format(localTime))
	}
	mark(fields, "tell", s.Notify)
	d.showMaintenanceEdit(w, v, 0, s, fields, "")
	return nil
}

func (d *dashboard) showMaintenanceEdit(w http.ResponseWriter, v *visit, code int, s *status.Schedule, fields url.Values, complaint string) {
	r := d.reportForm(fields, s.Components)
	at := fmt.Sprintf("/maintenance/%d", s.ID)
	r.Title, r.Word, r.To, r.Back, r.Error, r.Timed = "Edit “"+s.Name+"”", "Save", at+"/edit", at, complaint, true
	r.Zone = v.now.In(d.Zone).Format("MST")
	if r.Fixed = s.Follows; r.Fixed {
		r.Notice = "This goes with a silence, which says when it begins and ends, and of what it is."
		r.Components = nil
	}
	d.show(w, v, page{Title: r.Title, Here: "incidents", Tab: "incidents", Status: code}, "report", r)
}

// changeMaintenance writes what the form says. Times that it shows to the minute stay as they are unless they differ in that.
func (d *dashboard) changeMaintenance(w http.ResponseWriter, v *visit) error {
	_, old, err := d.scheduled(v)
	if err != nil {
		return err
	}
	fields, err := v.form(w)
	if err != nil {
		return err
	}
	at, until := old.At, old.Until
	errAt, errUntil := d.retime(&at, fields.Get("at")), d.retime(&until, fields.Get("until"))
	if !old.Follows && (errAt != nil || errUntil != nil || at.IsZero()) {
		d.showMaintenanceEdit(w, v, http.StatusUnprocessableEntity, old, fields, "When does it begin, and when does it end?")
		return nil
	}
	ctx, cancel := v.patient()
	defer cancel()
	_, err = d.Book.SaveSchedule(ctx, status.ActorOf(v.account), old.ID, func(s *status.Schedule) {
		s.Name, s.Message, s.Notify = strings.TrimSpace(fields.Get("name")), fields.Get("message"), fields.Get("tell") != ""
		if !s.Follows {
			s.At, s.Until, s.Components = at, until, touched(fields, 0, s.Components)
		}
	})
	return settled(w, v, err, fmt.Sprintf("/maintenance/%d", old.ID), func(complaint string) {
		d.showMaintenanceEdit(w, v, http.StatusUnprocessableEntity, old, fields, complaint)
	})
}

// retime sets a time to what a form says of it; "" is none.
func (d *dashboard) retime(t *time.Time, text string) error {
	if text == "" {
		*t = time.Time{}
		return nil
	}
	said, err := time.ParseInLocation(localTime, text, d.Zone)
	if err == nil && (t.IsZero() || t.In(d.Zone).Format(localTime) != text) {
		*t = said
	}
	return err
}

// planned is the maintenance of an address that is not over.
func (d *dashboard) planned(v *visit) (*status.Schedule, error) {
	if s := d.Book.Read().Schedule(v.number("id")); s != nil && s.Stage != status.Complete {
		return s, nil
	}
	return nil, refuse(http.StatusNotFound, "That maintenance is over.")
}

func (d *dashboard) confirmComplete(w http.ResponseWriter, v *visit) error {
	s, err := d.planned(v)
	if err == nil {
		err = v.mayWrite()
	}
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/maintenance/%d", s.ID)
	q := question{
		Title: "End “" + s.Name + "”?", Says: "Its components are as their checks say from then on.", Word: "End it", To: at + "/end", Back: at,
	}
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "incidents"}, "confirm", q)
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
	return settled(w, v, err, "/incidents", nil)
}

func (d *dashboard) confirmDeleteMaintenance(w http.ResponseWriter, v *visit) error {
	_, s, err := d.scheduled(v)
	if err == nil {
		err = v.mayWrite()
	}
	if err != nil {
		return err
	}
	at := fmt.Sprintf("/maintenance/%d", s.ID)
	q := question{
		Title: "Delete “" + s.Name + "”?", Says: "Nobody sees it any more, and it ends if it goes on.", Word: "Delete", Grave: true,
		To: at + "/delete", Back: at,
	}
	d.show(w, v, page{Title: q.Title, Here: "incidents", Tab: "incidents"}, "confirm", q)
	return nil
}

func (d *dashboard) deleteMaintenance(w http.ResponseWriter, v *visit) error {
	_, s, err := d.scheduled(v)
	if err != nil {
		return err
	}
	ctx, cancel := v.patient()
	defer cancel()
	return settled(w, v, d.Book.DeleteSchedule(ctx, status.ActorOf(v.account), s.ID), "/incidents", nil)
}
