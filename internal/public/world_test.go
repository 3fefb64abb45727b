package public

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/status"
)

// cupboard keeps objects in memory, as a store does on disk.
type cupboard struct {
	mu      sync.Mutex
	objects map[string]map[int64][]byte
	flushed int
}

func (s *cupboard) PutObject(kind string, id int64, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects = map[string]map[int64][]byte{}
	}
	if s.objects[kind] == nil {
		s.objects[kind] = map[int64][]byte{}
	}
	s.objects[kind][id] = data
}

func (s *cupboard) DropObject(kind string, id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects[kind], id)
}

func (s *cupboard) Objects(_ context.Context, kind string) (map[int64][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects[kind]), nil
}

func (s *cupboard) Flush(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushed++
	return nil
}

// past is a made-up history: each service has some bad days, always the same, and was watched for so many days.
type past struct {
	watched map[string]int                 // days; a service that is not there: 90
	bad     map[string]map[int]model.Tally // by days ago
	left    map[string][]float64           // days that certificates of a service are good for, by its probes
}

func (p *past) day(service string, ago int) model.Tally {
	watched, known := p.watched[service]
	if known && ago >= watched {
		return model.Tally{}
	}
	if t, bad := p.bad[service][ago]; bad {
		return t
	}
	return model.Tally{Up: 86400}
}

func (p *past) Days(service string, zone *time.Location, n int, now time.Time) []history.Day {
	out := make([]history.Day, n)
	today := midnight(now.In(zone))
	for i := range out {
		ago := n - 1 - i
		out[i] = history.Day{Date: today.AddDate(0, 0, -ago), Tally: p.day(service, ago)}
	}
	return out
}

func (p *past) Tally(service string, from, to time.Time) (t model.Tally) {
	for ago := range min(int(to.Sub(from)/(24*time.Hour)), 365) {
		t.Add(p.day(service, ago))
	}
	return t
}

func (p *past) Series(_ context.Context, service string) (all []model.Series, err error) {
	for n := range p.left[service] {
		all = append(all, model.Series{Service: service, Part: fmt.Sprint(n), Metric: model.Latency}, model.Series{Service: service, Part: fmt.Sprint(n), Metric: model.Certificate})
	}
	return all, nil
}

func (p *past) Graph(_ context.Context, s model.Series, _, to time.Time, _ int) ([]model.Rollup, error) {
	for n, days := range p.left[s.Service] {
		if fmt.Sprint(n) == s.Part && s.Metric == model.Certificate {
			then, now := days+1, days // it was renewed, or one day has gone by
			return []model.Rollup{
				{At: to.Add(-24 * time.Hour), Count: 1, Low: then, High: then, Sum: then}, {At: to.Add(-time.Minute), Count: 1, Low: now, High: now, Sum: now},
			}, nil
		}
	}
	return nil, nil
}

// scatter makes some days of a service bad, by its name.
func (p *past) scatter(service string) {
	h := fnv.New32a()
	h.Write([]byte(service))
	n := int(h.Sum32() % 1000)
	days := map[int]model.Tally{}
	days[n%83+3] = model.Tally{Up: 86400 - 1260, Down: 1260}
	days[n%47+9] = model.Tally{Up: 86400 - 50, Down: 50}
	days[n%61+17] = model.Tally{Up: 86400 - 5400, Degraded: 5400}
	days[n%29+40] = model.Tally{Up: 86400 - 3600, Maintenance: 3600}
	days[n%53+21] = model.Tally{Up: 86400 - 3000, Partial: 3000}
	p.bad[service] = days
}

// pigeon carries letters, or does not.
type pigeon struct {
	mu      sync.Mutex
	letters []Letter
	fail    func(Letter) error
}

func (p *pigeon) Ready() bool { return true }
func (p *pigeon) Rest()       {}

func (p *pigeon) Send(_ context.Context, l Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(l); err != nil {
			return err
		}
	}
	p.letters = append(p.letters, l)
	return nil
}

// world is a status page with a book.
type world struct {
	t      testing.TB
	shelf  *cupboard
	book   *status.Book
	past   *past
	pigeon *pigeon
	page   model.StatusPage
	specs  []*model.Service
	site   *Site
	user   bool // whoever asks has logged in
}

var admin = status.Actor{Name: "ada", Scope: model.ScopeAdmin}

func newWorld(t testing.TB, specs ...*model.Service) *world {
	w := &world{t: t, shelf: &cupboard{}, past: &past{watched: map[string]int{}, bad: map[string]map[int]model.Tally{}}, pigeon: &pigeon{}, page: model.DefaultStatusPage(), specs: specs}
	w.page.Zone, w.page.Recover, w.page.Delay, w.page.Gather = "Europe/Berlin", 1, 0, 0
	w.page.URL, w.page.Title = "https://status.example.org", "Example status"
	w.open()
	return w
}

// open makes a page of what is kept, as a daemon does that starts.
func (w *world) open() {
	w.t.Helper()
	var site *Site
	book, err := status.Open(context.Background(), status.Options{Keeper: w.shelf, Tell: func(n status.Notice) { site.Tell(n) }})
	if err != nil {
		w.t.Fatal(err)
	}
	site = New(Options{
		Book: book, Past: w.past, Subscriptions: book, Keeper: w.shelf, Mail: w.pigeon, Base: "/page",
		Insider: func(*http.Request) bool { return w.user }, Log: slog.New(slog.DiscardHandler),
	})
	w.book, w.site = book, site
	w.configure()
}

func (w *world) configure() { w.book.Configure(w.page, w.specs, "secret-host-17") }

// service is a service with a face.
func service(name, group string) *model.Service {
	return &model.Service{Name: "unit-of-" + name, Kind: model.KindProcess, Face: &model.Face{Component: name, Group: group}}
}

// check tells of a check of a service.
func (w *world) check(name string, ok bool) {
	for _, s := range w.specs {
		if s.Face.Component == name {
			c := model.Checked{Service: s, At: time.Now(), State: model.StateOK, Holds: time.Hour}
			if !ok {
				c.State, c.Down = model.StateFailing, true
			}
			w.book.Checked(c)
			return
		}
	}
	w.t.Fatalf("there is no component %q", name)
}

func (w *world) component(name string) *status.Component {
	w.t.Helper()
	for _, c := range w.book.Read().Components {
		if c.Name == name {
			return c
		}
	}
	w.t.Fatalf("there is no component %q", name)
	return nil
}

// say has people say how a component is.
func (w *world) say(name string, h status.Health) {
	w.t.Helper()
	if _, err := w.book.SaveComponent(context.Background(), admin, w.component(name).ID, status.How{Silent: true}, func(c *status.Component) { c.Health = h }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) incident(edit func(*status.Incident)) *status.Incident {
	w.t.Helper()
	i, err := w.book.OpenIncident(context.Background(), admin, edit)
	if err != nil {
		w.t.Fatal(err)
	}
	return i
}

func (w *world) update(incident int64, phase status.Phase, message string) {
	w.t.Helper()
	if _, err := w.book.AddUpdate(context.Background(), admin, incident, func(u *status.Update) { u.Phase, u.Message = phase, message }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) schedule(edit func(*status.Schedule)) *status.Schedule {
	w.t.Helper()
	s, err := w.book.SaveSchedule(context.Background(), admin, 0, edit)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// get asks for a page, with headers as in "Accept-Language: de".
func (w *world) get(path string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// body asks for a page that must be there.
func (w *world) body(path string, headers ...string) string {
	w.t.Helper()
	rec := w.get(path, headers...)
	if rec.Code != http.StatusOK {
		w.t.Fatalf("GET %s: %d %s", path, rec.Code, rec.Body)
	}
	return rec.Body.String()
}

// post sends a form.
func (w *world) post(path, form string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// shop is the page of a made-up company: one thing is broken, one is slow, and something is planned.
func shop(t testing.TB) *world {
	w := newWorld(t,
		service("Shop", "Website"), service("Search", "Website"), service("Payments", "Website"),
		service("API", "For developers"), service("Webhooks", "For developers"),
		service("Mail", ""), service("Backoffice", "Staff"),
	)
	w.specs[6].Face.Private = true
	w.specs[0].Face.Description = "Where you **buy** things."
	w.page.About = "We keep this page honest: it is fed by our own checks, every minute."
	for _, s := range w.specs {
		w.past.scatter(s.Name)
	}
	w.past.watched["unit-of-Webhooks"] = 31
	w.configure()
	for _, s := range w.specs {
		w.check(s.Face.Component, true)
	}
	w.say("Search", status.Degraded)
	now := time.Now()
	old := w.incident(func(i *status.Incident) {
		i.Name, i.Message, i.Occurred = "Payments were refused", "Some payments were refused.", now.AddDate(0, 0, -2).Add(-3*time.Hour)
		i.Phase, i.Visible = status.Investigating, true
		i.Components = []status.Affected{{Component: w.component("Payments").ID, Health: status.Partial}}
	})
	w.update(old.ID, status.Fixed, "The certificate of our bank was renewed. Payments work again.")
	i := w.incident(func(i *status.Incident) {
		i.Name, i.Message, i.Visible, i.Notify, i.Phase = "Search is slow", "Searches take up to **8 seconds**. Everything else works.", true, true, status.Investigating
		i.Occurred = now.Add(-42 * time.Minute)
		i.Components = []status.Affected{{Component: w.component("Search").ID, Health: status.Degraded}}
	})
	w.update(i.ID, status.Identified, "An index is being rebuilt. See [how search works](https://example.org/search).")
	w.schedule(func(s *status.Schedule) {
		s.Name, s.Message = "New disks for the database", "The shop is read-only for a few minutes."
		s.At, s.Until = now.Add(31*time.Hour).Truncate(time.Hour), now.Add(32*time.Hour).Truncate(time.Hour)
		s.Components = []status.Affected{{Component: w.component("Shop").ID}}
	})
	m, err := w.book.SaveMetric(context.Background(), admin, 0, func(m *status.Metric) {
		m.Name, m.Suffix, m.Visible, m.Chart, m.Places, m.Calc, m.Threshold, m.Range = "Time to open the shop", "ms", status.VisibleToAll, true, 0, status.CalcAverage, 5, status.RangeDay
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 140 {
		value := 180 + 40*float64((n*n)%17)/17 + map[bool]float64{true: 160}[n > 96 && n < 104]
		if _, err := w.book.AddPoint(context.Background(), admin, m.ID, value, now.Add(time.Duration(n-140)*5*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// city is a page with many components.
func city(t testing.TB, n int) *world {
	var specs []*model.Service
	for i := range n {
		specs = append(specs, service(fmt.Sprintf("Service %04d", i), fmt.Sprintf("Group %02d", i%20)))
	}
	w := newWorld(t, specs...)
	for _, s := range w.specs {
		w.past.scatter(s.Name)
	}
	return w
}
