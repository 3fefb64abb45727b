package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// perPage is how many services one page lists.
const perPage = 1000

// An overview is all services, or those that match.
type overview struct {
	Filter   filter
	Verdict  string
	Tone     tone
	Tallies  []tallied
	Groups   []string
	Rows     []row
	Matching int
	Total    int
	Pages    pager
	Ailing   []model.Ailment
}

// A tallied is how many services are in a state, and where to see them.
type tallied struct {
	Word  string
	Tone  tone
	Count int
	Link  string
	Here  bool
}

// A row is one service in a list. There may be a thousand on a page, so that everything is text by now.
type row struct {
	Name, Link    string
	Rank          int
	State         model.ServiceState
	Word          string // the state
	About         string // kind and groups
	Since         *stamp // in this state
	Problem, Note string
	Line          string // of its sparkline; "": there is none
	Deed          kindWord
	Done          *stamp // when Deed was; nil: nothing is known to have been done
}

// A stamp is a time and how long ago that was.
type stamp struct{ When, Full, Ago string }

func (d *dashboard) stamp(t, now time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	return &stamp{t.UTC().Format(time.RFC3339), t.In(d.Zone).Format(fullTime), span(now.Sub(t))}
}

// noteOf is what is remarkable about a service that is well, or about what is done with one that is not.
func noteOf(s *model.ServiceStatus) string {
	switch {
	case s.GaveUp != "":
		return s.GaveUp
	case s.Needs != "":
		return "waits for " + s.Needs
	case s.Acked != "":
		return "looked after by " + s.Acked
	case s.Silenced != "":
		return "silenced " + s.Silenced
	}
	return ""
}

// wordOf is a state in words: what is being done goes by its name.
func wordOf(s *model.ServiceStatus) string {
	if s.State == model.StateActing && s.Doing != "" {
		return doing(s.Doing)
	}
	return stateWord(s.State)
}

// doing is a command as something that is under way.
func doing(kind string) string {
	switch kind {
	case "start":
		return "Starting"
	case "stop":
		return "Stopping"
	case "restart":
		return "Restarting"
	case "reload":
		return "Reloading"
	}
	return "Acting"
}

func (d *dashboard) overview(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return err
	}
	query := v.r.URL.Query()
	f := filterOf(query.Get)
	chosen := o.choose(f)
	body := overview{
		Filter: f, Groups: o.groups, Matching: len(chosen), Total: len(o.Services), Ailing: o.Ailing,
		Tallies: tallies(o, f), Pages: paging(query, len(chosen), perPage),
	}
	body.Verdict, body.Tone = verdict(o)
	done := d.deeds.look(ctx, v.now)
	for _, s := range chosen[body.Pages.From:body.Pages.To] {
		body.Rows = append(body.Rows, d.row(s, done, v.now))
	}
	d.show(w, v, page{Title: "Services", Here: "services", Live: "/live"}, "overview", body)
	return nil
}

func (d *dashboard) row(s *model.ServiceStatus, done map[string]model.Event, now time.Time) row {
	r := row{
		Name: s.Name, Link: servicePath(s.Name), Rank: s.Rank(), State: s.State, Word: wordOf(s), Since: d.stamp(s.Since, now),
		About: strings.Join(append([]string{string(s.Kind)}, s.Groups...), " · "), Problem: s.Problem, Note: noteOf(s),
		Line: d.line(s.Name),
	}
	if ev, found := done[s.Name]; found {
		r.Deed, r.Done = aboutKind(ev), d.stamp(ev.At, now)
	}
	return r
}

// maxRows bounds how many rows are asked for at once.
const maxRows = 100

// someRows are the names of services that a page which is open asks for.
func (v *visit) someRows() ([]string, error) {
	names := v.r.URL.Query()["name"]
	if len(names) > maxRows {
		return nil, refuse(http.StatusBadRequest, "That is too many services at once.")
	}
	return names, nil
}

// rows sends the rows of some services and the verdict on all, for a page that is open.
func (d *dashboard) rows(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	o, err := d.board.look(ctx, v.now)
	if err != nil {
		return err
	}
	names, err := v.someRows()
	if err != nil {
		return err
	}
	body := overview{Total: len(o.Services), Tallies: tallies(o, filterOf(v.r.URL.Query().Get))}
	body.Verdict, body.Tone = verdict(o)
	done := d.deeds.look(ctx, v.now)
	for _, name := range names {
		if s := o.find(name); s != nil {
			body.Rows = append(body.Rows, d.row(s, done, v.now))
		}
	}
	d.send(w, v, http.StatusOK, "overview", "rows", page{Body: body, Now: v.now, Failing: o.Failing})
	return nil
}

// sparks sends how the lines of some services go on. It asks nobody but the memory of measurements.
func (d *dashboard) sparks(w http.ResponseWriter, v *visit) error {
	names, err := v.someRows()
	if err != nil {
		return err
	}
	var drawn []row
	for _, name := range names {
		if r := (row{Name: name, Line: d.line(name)}); r.Line != "" {
			drawn = append(drawn, r)
		}
	}
	d.send(w, v, http.StatusOK, "overview", "sparks", drawn)
	return nil
}

// line is the sparkline of a service, "" if there is none.
func (d *dashboard) line(service string) string {
	if d.Past == nil {
		return ""
	}
	return sparkline(d.Past.Spark(service))
}

// verdict is the state of everything in one sentence.
func verdict(o *outlook) (string, tone) {
	switch {
	case len(o.Services) == 0:
		return "Nothing is watched yet", neutral
	case o.Failing == 1:
		for i := range o.Services {
			if o.Services[i].Ails() {
				return o.Services[i].Name + " is failing", bad
			}
		}
	case o.Failing > 1:
		return strconv.Itoa(o.Failing) + " services are failing", bad
	case o.counts[model.StateActing] > 0:
		return "Something is being done", busy
	case o.counts[model.StateUnknown] > 0:
		return plural(o.counts[model.StateUnknown], "service", "services") + " cannot be checked", warning
	case o.counts[model.StateInitializing] > 0:
		return "Looking at everything for the first time", neutral
	case o.counts[model.StateOK] == 0:
		return "Nothing is monitored", quiet
	}
	return "All is well", good
}

// tallies are the links that choose a state; states that no service is in are left out.
func tallies(o *outlook, f filter) []tallied {
	silenced := 0
	for i := range o.Services {
		if o.Services[i].Silenced != "" {
			silenced++
		}
	}
	all := []tallied{
		{"all", neutral, len(o.Services), "", false},
		{"failing", bad, o.Failing, "failing", false},
		{"acting", busy, o.counts[model.StateActing], "acting", false},
		{"unknown", unknown, o.counts[model.StateUnknown], "unknown", false},
		{"starting up", neutral, o.counts[model.StateInitializing], "initializing", false},
		{"ok", good, o.counts[model.StateOK], "ok", false},
		{"not monitored", quiet, o.counts[model.StateUnmonitored], "unmonitored", false},
		{"silenced", quiet, silenced, "silenced", false},
	}
	var out []tallied
	for _, t := range all {
		t.Here = f.State == t.Link
		if t.Count == 0 && !t.Here && t.Link != "" {
			continue
		}
		other := f
		other.State = t.Link
		t.Link = "/" + other.query()
		out = append(out, t)
	}
	return out
}

// query is the filter as it stands in an address.
func (f filter) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "state": f.State, "group": f.Group} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// A pager is one page of a list: entries From to To, and the addresses of the pages beside it.
type pager struct {
	From, To       int
	Number, Count  int
	Newer, Further string
}

func paging(query url.Values, entries, per int) pager {
	p := pager{Number: 1, Count: max(1, (entries+per-1)/per)}
	if n, err := strconv.Atoi(strings.TrimSpace(query.Get("page"))); err == nil {
		p.Number = min(max(n, 1), p.Count)
	}
	p.From = (p.Number - 1) * per
	p.To = min(entries, p.From+per)
	link := func(n int) string {
		other := url.Values{}
		for name, values := range query {
			other[name] = values
		}
		other.Set("page", strconv.Itoa(n))
		return "?" + other.Encode()
	}
	if p.Number > 1 {
		p.Newer = link(p.Number - 1)
	}
	if p.Number < p.Count {
		p.Further = link(p.Number + 1)
	}
	return p
}
