package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// eventsPerPage is how many events one page lists, and eventsSearched how many are looked at for it.
const (
	eventsPerPage  = 100
	eventsSearched = 5000
)

// A moment is one event in a list.
type moment struct {
	model.Event
	Worded kindWord
	Now    time.Time
	Zone   *time.Location
	NewDay string // it is the first of another day than the one above
}

// happened reads the journal for a visitor. What was found out about the host is not for everybody.
func (d *dashboard) happened(ctx context.Context, v *visit, q Query) ([]model.Event, error) {
	events, err := d.Journal.Events(ctx, q)
	if v.account == nil {
		events = slices.Clone(events)
		for i := range events {
			events[i].Diagnosis = ""
		}
	}
	return events, err
}

// moments are events for people, in the order given.
func (d *dashboard) moments(events []model.Event, now time.Time) []moment {
	out := make([]moment, len(events))
	day := now.In(d.Zone).Format(time.DateOnly)
	for i, ev := range events {
		out[i] = moment{Event: ev, Worded: aboutKind(ev), Now: now, Zone: d.Zone}
		if at := ev.At.In(d.Zone); at.Format(time.DateOnly) != day {
			day, out[i].NewDay = at.Format(time.DateOnly), at.Format("Monday 2 January 2006")
		}
	}
	return out
}

// sorts are the events that can be chosen together.
var sorts = []struct {
	name  string
	kinds []model.EventKind
}{
	{"trouble", []model.EventKind{
		model.EventFailed, model.EventStillFailing, model.EventRecovered, model.EventFlapping, model.EventSteady, model.EventChanged,
	}},
	{"actions", []model.EventKind{model.EventAction, model.EventActionFailed}},
	{"people", []model.EventKind{
		model.EventAcknowledged, model.EventSilenced, model.EventUnsilenced, model.EventMonitored, model.EventUnmonitored,
	}},
	{"orderly", []model.EventKind{
		model.EventStarted, model.EventStopped, model.EventReloaded, model.EventAdded, model.EventRemoved, model.EventInternal,
	}},
}

// A record is a page of the journal.
type record struct {
	Service, Sort, Text string
	Sorts               []choice
	Moments             []moment
	Older               string // address of the page before this one in time
	Newest              string // address of the first page; "": this is it
	Services            []string
}

func (d *dashboard) events(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	query := v.r.URL.Query()
	f := filterOf(query.Get)
	body := record{Service: query.Get("service"), Sort: query.Get("sort"), Text: f.Text}
	before, err := parseCursor(query.Get("before"))
	if err != nil {
		return err
	}
	found, next, err := d.search(ctx, v, body, before)
	if err != nil {
		return err
	}
	body.Moments = d.moments(found, v.now)
	if next.seq != 0 {
		body.Older = "/events" + body.query("before", next.String())
	}
	if before.seq != 0 {
		body.Newest = "/events" + body.query("", "")
	}
	body.Sorts = []choice{{"everything", "/events" + record{Service: body.Service, Text: body.Text}.query("", ""), body.Sort == ""}}
	for _, s := range sorts {
		body.Sorts = append(body.Sorts, choice{s.name, "/events" + record{Service: body.Service, Sort: s.name, Text: body.Text}.query("", ""), body.Sort == s.name})
	}
	if o, err := d.board.look(ctx, v.now); err == nil {
		for i := range o.Services {
			body.Services = append(body.Services, o.Services[i].Name)
		}
	}
	live := ""
	if before.seq == 0 {
		live = "/live?journal=1"
	}
	d.show(w, v, page{Title: "Events", Here: "events", Live: live}, "events", body)
	return nil
}

// search returns a page of what matches, newest first, and where to go on; the zero cursor at the end.
func (d *dashboard) search(ctx context.Context, v *visit, rec record, before cursor) (found []model.Event, next cursor, err error) {
	for looked := 0; looked < eventsSearched && len(found) < eventsPerPage; {
		q := Query{Service: rec.Service, Limit: 500}
		if before.seq != 0 {
			q.Until = before.at.Add(1) // others of the same instant may be before it
		}
		events, err := d.happened(ctx, v, q)
		if err != nil {
			return nil, cursor{}, err
		}
		advanced := false
		for _, ev := range slices.Backward(events) {
			if before.seq != 0 && ev.Seq >= before.seq {
				continue
			}
			advanced, before = true, cursor{ev.Seq, ev.At}
			if looked++; rec.matches(ev) {
				if found = append(found, ev); len(found) == eventsPerPage {
					break
				}
			}
		}
		if !advanced {
			return found, cursor{}, nil
		}
	}
	return found, before, nil
}

func (rec record) matches(ev model.Event) bool {
	for _, s := range sorts {
		if s.name == rec.Sort && !slices.Contains(s.kinds, ev.Kind) {
			return false
		}
	}
	if rec.Text == "" {
		return true
	}
	text := strings.ToLower(ev.Service + "\n" + ev.Rule + "\n" + ev.Text + "\n" + ev.Action)
	for word := range strings.FieldsSeq(strings.ToLower(rec.Text)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// query is what was chosen as it stands in an address, with one thing more.
func (rec record) query(name, value string) string {
	q := url.Values{}
	for name, value := range map[string]string{"service": rec.Service, "sort": rec.Sort, "q": rec.Text, name: value} {
		if name != "" && value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// A cursor is a place in the journal: what lies before it comes next.
type cursor struct {
	seq uint64
	at  time.Time
}

func (c cursor) String() string { return fmt.Sprintf("%d.%d", c.seq, c.at.UnixNano()) }

func parseCursor(text string) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	number, nano, _ := strings.Cut(text, ".")
	seq, err := strconv.ParseUint(number, 10, 64)
	ns, errNano := strconv.ParseInt(nano, 10, 64)
	if err != nil || errNano != nil || seq == 0 {
		return cursor{}, refuse(http.StatusBadRequest, "There is no such place in the journal.")
	}
	return cursor{seq, time.Unix(0, ns)}, nil
}
