package status

import (
	"context"
	"fmt"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-053.
func TestSummary(t *testing.T) {
	now := time.Now()
	open := &Incident{ID: 1, Visible: true, Phase: Watching}
	for _, c := range []struct {
		name     string
		healths  []Health
		incident *Incident
		level    Level
		message  string
	}{
		{"nothing", nil, nil, LevelSuccess, "System operational"},
		{"one well", []Health{1}, nil, LevelSuccess, "System operational"},
		{"two well", []Health{1, 1}, nil, LevelSuccess, "All systems are operational"},
		{"unknown", []Health{1, Unknown}, nil, LevelInfo, "Some systems are experiencing issues"},
		{"incident", []Health{1}, open, LevelInfo, "The system is experiencing issues"},
		{"fixed", []Health{1}, &Incident{ID: 1, Visible: true, Phase: Fixed}, LevelSuccess, "System operational"},
		{"hidden incident", []Health{1}, &Incident{ID: 1, Phase: Watching}, LevelSuccess, "System operational"},
		{"some major", []Health{4, 1, 1}, nil, LevelInfo, "Some systems are experiencing issues"},
		{"half", []Health{4, 1}, nil, LevelDanger, "Some systems are experiencing major issues"},
		{"all", []Health{4}, open, LevelDanger, "The system is experiencing major issues"},
	} {
		v := &View{Page: model.DefaultStatusPage()}
		for n, h := range c.healths {
			v.Components = append(v.Components, &Component{ID: int64(n + 1), Enabled: true, Health: h})
		}
		v.Components = append(v.Components, &Component{ID: 50, Health: Major}, &Component{ID: 51, Enabled: true, Group: 7, Health: Major})
		v.Groups = []*Group{{ID: 7}}
		if c.incident != nil {
			v.Incidents = []*Incident{c.incident}
		}
		if s := v.Summary(true, now); s.Level != c.level || s.Message() != c.message {
			t.Errorf("%s: %s, %q", c.name, s.Level, s.Message())
		}
	}
}

// Pins P-313.
func TestGroupHealth(t *testing.T) {
	for _, c := range []struct {
		healths []Health
		quorum  bool
		want    Health
	}{
		{[]Health{1, 1, 1}, false, Operational},
		{[]Health{1, Degraded, Major}, false, Major},
		{[]Health{1, Unknown}, false, Unknown},
		{[]Health{Maintenance, Unknown}, false, Maintenance},
		{[]Health{1, 1, 1, Major}, true, Degraded},
		{[]Health{1, 1, Major}, true, Partial},
		{[]Health{1, Partial, Major}, true, Major},
		{[]Health{1, 1, Degraded}, true, Degraded},
	} {
		v := &View{}
		for n, h := range c.healths {
			v.Components = append(v.Components, &Component{ID: int64(n + 1), Enabled: true, Group: 1, Health: h})
		}
		v.Components = append(v.Components, &Component{ID: 9, Group: 1, Health: Major}, &Component{ID: 10, Enabled: true, Private: true, Group: 1, Health: Major})
		if got, ok := v.GroupHealth(&Group{ID: 1, Quorum: c.quorum}, true); got != c.want || !ok {
			t.Errorf("%v with quorum %v: %s", c.healths, c.quorum, got)
		}
	}
	if _, ok := (&View{}).GroupHealth(&Group{ID: 1}, true); ok {
		t.Error("an empty group has a health")
	}
}

// Pins P-111, P-112 and P-113.
func TestPoints(t *testing.T) {
	bubble(t, func(w *world) {
		b := w.book
		m, err := b.SaveMetric(ctx, admin, 0, func(m *Metric) { m.Name, m.Threshold = "Load", 5 })
		if err != nil {
			t.Fatal(err)
		}
		add := func(value float64) Point {
			p, err := b.AddPoint(ctx, admin, m.ID, value, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		w.sleep(44 * time.Second)
		if p := add(1.5); p.ID != 1 || p.Counter != 1 || p.Created.Second() != 30 {
			t.Errorf("%+v", p)
		}
		w.sleep(4 * time.Minute)
		if p := add(1.5); p.ID != 1 || p.Counter != 2 {
			t.Errorf("%+v", p)
		}
		if p := add(2); p.ID != 2 {
			t.Errorf("%+v", p)
		}
		w.sleep(6 * time.Minute)
		if p := add(1.5); p.ID != 3 || p.Counter != 1 {
			t.Errorf("%+v", p)
		}
		w.restart()
		b = w.book
		if _, err := b.ChangePoint(ctx, admin, m.ID, 3, func(p *Point) { p.Created = time.Now().Add(-time.Hour) }); err != nil {
			t.Fatal(err)
		}
		points, err := b.Points(ctx, b.Read().Metric(m.ID), time.Time{}, time.Time{})
		if err != nil || len(points) != 3 || points[0].ID != 3 || points[1].Counter != 2 {
			t.Errorf("%+v, %v", points, err)
		}
		if err := b.DeletePoint(ctx, admin, m.ID, 3); err != nil {
			t.Fatal(err)
		}
		if err := b.DeleteMetric(ctx, admin, m.ID); err != nil || len(w.shelf.objects[kindPoint]) != 0 {
			t.Errorf("%d points are left: %v", len(w.shelf.objects[kindPoint]), err)
		}
	})
}

func TestSlug(t *testing.T) { // P-065
	for name, want := range map[string]string{"Web Site!": "web-site", "--a__b--": "a-b", "Größe 2": "größe-2", "***": ""} {
		if got := Slug(name); got != want {
			t.Errorf("%q is %q", name, got)
		}
	}
}

// large is a book of 1000 components and 5000 incidents.
func large(b *testing.B) *Book {
	book, err := Open(ctx, Options{Keeper: &shelf{}})
	if err != nil {
		b.Fatal(err)
	}
	var services []*model.Service
	for n := range 1000 {
		services = append(services, &model.Service{Name: fmt.Sprint("service", n), Kind: model.KindProcess})
	}
	book.Configure(model.DefaultStatusPage(), services, "box")
	book.settle(func(d *draft) {
		for range 5000 {
			d.setIncident(&Incident{ID: d.number(kindIncident), Name: "x", Phase: Fixed, Components: []Affected{{Component: 1}}})
		}
	})
	for _, s := range services {
		for range 4 {
			book.Checked(model.Checked{Service: s, At: time.Now(), State: model.StateOK, Holds: time.Hour})
		}
	}
	return book
}

func BenchmarkChecked(b *testing.B) {
	book := large(b)
	c := model.Checked{Service: &model.Service{Name: "service500"}, At: time.Now(), State: model.StateOK, Holds: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		book.Checked(c)
	}
}

func BenchmarkReconcile(b *testing.B) {
	book := large(b)
	b.ReportAllocs()
	for b.Loop() {
		book.settle((*draft).reconcile)
	}
}

func BenchmarkWrite(b *testing.B) {
	book := large(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		if _, err := book.SaveComponent(ctx, admin, 7, How{}, func(c *Component) { c.Health = Health(2 + n%3) }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	v := large(b).Read()
	b.ReportAllocs()
	for b.Loop() {
		v.Summary(true, v.At)
	}
}

// The points of a service's metric are those of history (P-370).
func TestMeasuredPoints(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	b, err := Open(ctx, Options{Keeper: &shelf{}, Graph: func(_ context.Context, s model.Series, from, to time.Time, _ int) ([]model.Rollup, error) {
		if s.Service != "web" || s.Metric != model.Took || !from.Equal(day) {
			t.Errorf("asked for %+v from %s to %s", s, from, to)
		}
		return []model.Rollup{{At: day, Count: 2, Sum: 3}, {At: day.Add(time.Minute)}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	points, err := b.Points(ctx, &Metric{ID: 4, Service: "web"}, day, day.Add(time.Hour))
	if err != nil || len(points) != 1 || points[0].Value != 1.5 || points[0].Metric != 4 || !points[0].Created.Equal(day) {
		t.Errorf("%+v, %v", points, err)
	}
}
