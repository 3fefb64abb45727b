package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/story"
)

// A world is an orderly that is not there, for the dashboard to show.
type world struct {
	mu       sync.Mutex
	now      time.Time
	status   model.HostStatus
	specs    map[string]*model.Service
	readings map[string]model.Readings
	events   []model.Event
	silenced []model.Silence
	did      []model.Command
	passed   time.Duration // since now, in what is measured
	broken   error         // what everything answers with

	people map[string]person // by name
	logged map[string]string // cookie to name
	wrong  int               // logins
}

// patience is the error of a guard who looks at no login for so long.
type patience time.Duration

func (p patience) Error() string        { return "too many wrong logins" }
func (p patience) Pause() time.Duration { return time.Duration(p) }

type person struct {
	password string
	account  model.Account
}

func newWorld(now time.Time) *world {
	w := &world{
		now: now, specs: map[string]*model.Service{}, readings: map[string]model.Readings{}, logged: map[string]string{},
		people: map[string]person{
			"ann": {"correct horse", model.Account{Name: "ann", Scope: model.ScopeManage, Created: now.AddDate(0, -3, 0), Used: now}},
			"bob": {"battery staple", model.Account{Name: "bob", Scope: model.ScopeRead, Created: now.AddDate(0, -1, 0)}},
			"eve": {"only one thing", model.Account{Name: "eve", Scope: model.ScopeManage, Only: []string{"shop"}}},
			"root": {"of all", model.Account{
				Name: "root", Scope: model.ScopeAdmin, Secret: "$2a$10$never-to-be-shown",
			}},
		},
	}
	w.status = model.HostStatus{Host: "web1", Generation: 3}
	return w
}

// add has a service be watched.
func (w *world) add(s model.ServiceStatus, spec *model.Service, readings ...any) {
	if spec == nil {
		spec = &model.Service{}
	}
	spec.Name, spec.Kind = s.Name, s.Kind
	s.Monitored = s.Monitored || s.State != model.StateUnmonitored
	if s.Checked.IsZero() {
		s.Checked = w.now.Add(-7 * time.Second)
	}
	s.Values = map[model.Metric]string{}
	for i := 0; i+1 < len(readings); i += 2 {
		m := readings[i].(model.Metric)
		var v model.Value
		switch x := readings[i+1].(type) {
		case float64:
			v = model.Num(x)
		case string:
			v = model.Str(x)
		}
		w.readings[s.Name] = append(w.readings[s.Name], model.Reading{Metric: m, Value: v})
		s.Values[m] = v.Format(m.Unit())
	}
	for i := range s.Rules {
		for len(spec.Rules) <= i {
			spec.Rules = append(spec.Rules, model.Rule{Text: s.Rules[len(spec.Rules)].Text, Metric: model.Exist, Op: model.Equal})
		}
	}
	w.specs[s.Name] = spec
	w.status.Services = append(w.status.Services, s)
}

// tell appends to the journal what happened so long ago.
func (w *world) tell(ago time.Duration, ev model.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ev.Seq, ev.At, ev.Host = uint64(len(w.events)+1), w.now.Add(-ago), w.status.Host
	w.events = append(w.events, ev)
}

// change changes a service, as a check would.
func (w *world) change(name string, how func(*model.ServiceStatus)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status.Services = slices.Clone(w.status.Services)
	for i := range w.status.Services {
		if w.status.Services[i].Name == name {
			w.status.Services[i].Check++
			how(&w.status.Services[i])
		}
	}
}

// measure has everything be measured for a while more.
func (w *world) measure(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed += d
}

func (w *world) Status(_ context.Context, _ []string, _ bool) (model.HostStatus, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, w.broken
}

func (w *world) Snapshots(_ context.Context, names []string) ([]model.Snapshot, uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []model.Snapshot
	for _, name := range names {
		if spec := w.specs[name]; spec != nil {
			out = append(out, model.Snapshot{Spec: spec, Readings: w.readings[name]})
		}
	}
	return out, w.status.Generation, nil
}

func (w *world) Do(_ context.Context, c model.Command) ([]model.Outcome, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, c)
	if c.Kind == model.CommandMonitor {
		return []model.Outcome{{Service: c.Names[0], Error: "its pidfile is missing", Evidence: "<b>no</b>"}}, nil
	}
	return []model.Outcome{{Service: c.Names[0], Done: "done"}}, w.broken
}

func (w *world) Accept(_ context.Context, c model.Command) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, c)
	return w.broken
}

func (w *world) Acknowledge(_ context.Context, c model.Command, by string) ([]model.Outcome, error) {
	w.change(c.Names[0], func(s *model.ServiceStatus) { s.Acked = by })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.did = append(w.did, c)
	return []model.Outcome{{Service: c.Names[0], Done: "acknowledged"}}, nil
}

func (w *world) Silence(_ context.Context, s model.Silence) (model.Silence, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(s.Names) > 0 && w.specs[s.Names[0]] == nil {
		return s, fmt.Errorf("there is no service %q", s.Names[0])
	}
	s.ID, s.From = fmt.Sprint(len(w.silenced)+1), w.now
	w.silenced = append(w.silenced, s)
	return s, nil
}

func (w *world) EndSilence(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.silenced)
	if w.silenced = slices.DeleteFunc(w.silenced, func(s model.Silence) bool { return s.ID == id }); len(w.silenced) == n {
		return errors.New("there is none")
	}
	return nil
}

func (w *world) Silences(context.Context) ([]model.Silence, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.silenced), nil
}

func (w *world) Events(_ context.Context, q Query) ([]model.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []model.Event
	for _, ev := range w.events {
		if (q.Service == "" || strings.EqualFold(q.Service, ev.Service)) && !ev.At.Before(q.Since) && ev.Seq > q.After && (q.Until.IsZero() || ev.At.Before(q.Until)) {
			out = append(out, ev)
		}
	}
	if q.Limit > 0 && len(out) > q.Limit {
		if q.After > 0 {
			out = out[:q.Limit]
		} else {
			out = out[len(out)-q.Limit:]
		}
	}
	return out, w.broken
}

// Story tells what is known, and that one was told of every failure.
func (w *world) Story(ctx context.Context, name string) (story.Story, error) {
	c := story.Case{Now: w.now, Told: map[uint64][]model.Told{}}
	now, err := w.Status(ctx, []string{name}, false)
	if err != nil {
		return story.Story{}, err
	}
	for _, s := range now.Services {
		if s.Name == name {
			c.Service = s
		}
	}
	if c.Events, err = w.Events(ctx, Query{Service: name}); err != nil {
		return story.Story{}, err
	}
	for _, ev := range c.Events {
		if ev.Kind == model.EventFailed {
			c.Told[ev.Seq] = []model.Told{{Seq: ev.Seq, At: ev.At, Channel: "mail", Address: "ops@example.org"}}
		}
	}
	return story.Of(c), nil
}

func (w *world) Last() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return uint64(len(w.events))
}

// wave is a made-up measurement: calm by night, busy by day, a little rough.
func wave(seed string, t time.Time, scale float64) float64 {
	n := 0.0
	for _, c := range seed {
		n += float64(c)
	}
	x := float64(t.Unix())
	day := 0.5 - 0.5*math.Cos(2*math.Pi*(x/86400+math.Mod(n, 7)/40))
	rough := math.Sin(x/397+n)*0.09 + math.Sin(x/71+2*n)*0.05 + math.Sin(x/1901+n)*0.08
	return max(0, scale*(0.25+0.55*day+rough))
}

func (w *world) Series(_ context.Context, service string) ([]model.Series, error) {
	var out []model.Series
	for _, r := range w.readings[service] {
		if !r.Value.IsText() {
			out = append(out, model.Series{Service: service, Metric: r.Metric})
		}
	}
	return out, w.broken
}

func (w *world) Graph(_ context.Context, s model.Series, from, to time.Time, points int) ([]model.Rollup, error) {
	v := w.readings[s.Service].Get(s.Metric)
	if !v.Present() {
		return nil, nil
	}
	w.mu.Lock()
	passed := w.passed
	w.mu.Unlock()
	step := max(to.Sub(from)/time.Duration(points), time.Minute)
	var out []model.Rollup
	for t := from; t.Before(to); t = t.Add(step) {
		if gap := to.Sub(from) / 9; t.After(from.Add(3*gap)) && t.Before(from.Add(3*gap+gap/3)) {
			continue
		}
		mean := wave(s.Service+string(s.Metric), t.Add(passed), v.Number()*1.6)
		if s.Metric.Unit() == model.Percent {
			mean = min(mean, 85)
		}
		out = append(out, model.Rollup{At: t, Count: 4, Sum: 4 * mean, Low: mean * 0.86, High: mean * 1.13})
	}
	return out, nil
}

func (w *world) Spark(service string) []float32 {
	w.mu.Lock()
	now := w.now.Add(w.passed)
	w.mu.Unlock()
	out := make([]float32, 60)
	for i := range out {
		out[i] = float32(wave(service, now.Add(time.Duration(i-60)*10*time.Minute), 1) + wave(service+"x", now.Add(time.Duration(i)*47*time.Second), 0.2))
	}
	return out
}

func (w *world) Days(service string, zone *time.Location, n int, now time.Time) []history.Day {
	now = now.In(zone)
	out := make([]history.Day, n)
	for i := range out {
		date := time.Date(now.Year(), now.Month(), now.Day()-n+1+i, 0, 0, 0, 0, zone)
		day := history.Day{Date: date}
		switch k := (i*7 + len(service)*3) % 61; {
		case i < 12:
		case k == 5:
			day.Down, day.Up = 5400, 81000
		case k == 17:
			day.Down, day.Up = 60, 86340
		case k == 29:
			day.Degraded, day.Up = 2400, 84000
		case k == 41:
			day.Maintenance, day.Up = 3600, 82800
		case k == 53:
			day.Partial, day.Up = 1700, 84700
		default:
			day.Up = 86400
		}
		out[i] = day
	}
	return out
}

func (w *world) Uptime(_ string, from, to time.Time) (float64, bool) {
	switch long := to.Sub(from); {
	case long > 100*24*time.Hour:
		return 0, false
	case long > 48*time.Hour:
		return 0.99954, true
	}
	return 1, true
}

func (w *world) Destinations() []Destination {
	return []Destination{
		{Channel: "mail", Address: "ops@example.org", Delivered: w.now.Add(-4 * time.Minute)},
		{Channel: "pagerduty", Address: "on call", Delivered: w.now.Add(-26 * time.Hour)},
	}
}

// accounts lists who there is, with secrets that no page may show.
func (w *world) accounts() []model.Account {
	return []model.Account{w.people["ann"].account, w.people["root"].account, {Name: "deploy", Token: true, Scope: model.ScopeUpdate, Only: []string{"group:shop"}, Secret: "deadbeef-never-to-be-shown"}}
}

const (
	sessionCookie = "session"
	formToken     = "form-of-a-session"
)

func (w *world) Identify(r *http.Request) (*model.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name, password, given := r.BasicAuth(); given {
		if p, known := w.people[name]; known && p.password == password {
			return &p.account, nil
		}
		return nil, errors.New("wrong")
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		if p, known := w.people[w.logged[c.Value]]; known {
			return &p.account, nil
		}
	}
	return nil, nil
}

func (w *world) Protect(h http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return cross.Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if who, _ := w.Identify(r); who != nil && r.Method == http.MethodPost && r.PostFormValue(FormField) != formToken {
			http.Error(rw, "forged", http.StatusForbidden)
			return
		}
		h.ServeHTTP(rw, r)
	}))
}

func (w *world) Form(r *http.Request) string {
	if _, err := r.Cookie(sessionCookie); err == nil {
		return formToken
	}
	return ""
}

func (w *world) Login(rw http.ResponseWriter, _ *http.Request, name, password string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, known := w.people[name]; !known || p.password != password {
		if w.wrong++; w.wrong > 3 {
			return patience(5 * time.Minute)
		}
		return errors.New("the name, the password or the token is wrong")
	}
	w.logged["of-"+name] = name
	http.SetCookie(rw, &http.Cookie{Name: sessionCookie, Value: "of-" + name, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return nil
}

func (w *world) Logout(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, err := r.Cookie(sessionCookie); err == nil {
		delete(w.logged, c.Value)
	}
	http.SetCookie(rw, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
}

// options are those of a dashboard that shows the world, to be read by everybody.
func (w *world) options() Options {
	return Options{
		View: w, Journal: w, Narrator: w, Guard: w, Door: w, Commander: w, Silencer: w, Past: w, Uptime: w, Outlets: w, Accounts: w.accounts,
		Public: "/page/", Open: func(*http.Request) bool { return true }, Version: "0.6.0", Zone: time.UTC,
	}
}
