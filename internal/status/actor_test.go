package status

import (
	"errors"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-351: what each scope may do, and whoever may touch some components only.
func TestScopes(t *testing.T) {
	bubble(t, func(w *world) {
		b := w.book
		if _, err := b.SaveGroup(ctx, admin, 0, func(g *Group) { g.Name = "Front" }); err != nil {
			t.Fatal(err)
		}
		if _, err := b.SaveMetric(ctx, admin, 0, func(m *Metric) { m.Name = "Load" }); err != nil {
			t.Fatal(err)
		}
		if _, err := b.SaveComponent(ctx, admin, 2, How{}, func(c *Component) { c.Group = 1 }); err != nil {
			t.Fatal(err)
		}
		if _, err := b.OpenIncident(ctx, admin, func(i *Incident) { i.Name, i.Phase, i.Components = "Old", Investigating, []Affected{{Component: 1}} }); err != nil {
			t.Fatal(err)
		}
		actors := map[string]Actor{
			"read":   {Scope: model.ScopeRead},
			"update": {Scope: model.ScopeUpdate},
			"manage": {Scope: model.ScopeManage},
			"web":    ActorOf(&model.Account{Scope: model.ScopeUpdate, Token: true, Only: []string{"WEB"}}),
			"number": ActorOf(&model.Account{Scope: model.ScopeUpdate, Only: []string{"1"}}),
			"front":  ActorOf(&model.Account{Scope: model.ScopeManage, Only: []string{"group:front"}}),
			"nobody": {},
		}
		edit := func(by Actor, id int64, f func(*Component)) error {
			_, err := b.SaveComponent(ctx, by, id, How{}, f)
			return err
		}
		turns := 0
		for _, c := range []struct {
			does string
			may  string
			do   func(by Actor) error
		}{
			{"turns web", "update manage web number", func(by Actor) error {
				turns++
				return edit(by, 1, func(c *Component) { c.Health = Health(2 + turns%3) })
			}},
			{"turns db", "update manage front", func(by Actor) error { return edit(by, 2, func(c *Component) { c.Health = Partial }) }},
			{"renames web", "manage", func(by Actor) error {
				return edit(by, 1, func(c *Component) { c.Name = "web" + c.Name[:0]; c.Order++ })
			}},
			{"describes db", "manage front", func(by Actor) error { return edit(by, 2, func(c *Component) { c.Order++ }) }},
			{"adds a component", "manage", func(by Actor) error { return edit(by, 0, func(c *Component) { c.Name = "x" }) }},
			{"opens an incident of web", "update manage web number", func(by Actor) error {
				_, err := b.OpenIncident(ctx, by, func(i *Incident) { i.Name, i.Phase, i.Components = "x", Identified, []Affected{{1, Major}} })
				return err
			}},
			{"opens an incident of all", "update manage", func(by Actor) error {
				_, err := b.OpenIncident(ctx, by, func(i *Incident) { i.Name, i.Phase = "x", Identified })
				return err
			}},
			{"updates the incident of web", "update manage web number", func(by Actor) error {
				_, err := b.AddUpdate(ctx, by, 1, func(u *Update) { u.Message, u.Phase = "x", Identified })
				return err
			}},
			{"draws db into it", "update manage", func(by Actor) error {
				_, err := b.AddUpdate(ctx, by, 1, func(u *Update) { u.Message, u.Phase, u.Components = "x", Identified, []Affected{{2, Major}} })
				return err
			}},
			{"plans maintenance of db", "manage front", func(by Actor) error {
				_, err := b.SaveSchedule(ctx, by, 0, func(s *Schedule) {
					s.Name, s.At, s.Components = "x", time.Now().Add(time.Hour), []Affected{{Component: 2}}
				})
				return err
			}},
			{"adds a point", "update manage", func(by Actor) error {
				_, err := b.AddPoint(ctx, by, 1, 5, time.Time{})
				return err
			}},
			{"changes a point", "manage", func(by Actor) error {
				_, err := b.ChangePoint(ctx, by, 1, 1, func(p *Point) { p.Value++ })
				return err
			}},
			{"adds a group", "manage", func(by Actor) error {
				_, err := b.SaveGroup(ctx, by, 0, func(g *Group) { g.Name = "x" })
				return err
			}},
			{"adds a metric", "manage", func(by Actor) error {
				_, err := b.SaveMetric(ctx, by, 0, func(m *Metric) { m.Name = "x" })
				return err
			}},
			{"subscribes somebody", "manage", func(by Actor) error {
				_, _, err := b.Subscribe(ctx, by, func(s *Subscriber) { s.Email, s.Verified = by.Name+"x@example.org", time.Now() })
				return err
			}},
			{"deletes an incident", "manage", func(by Actor) error { return b.DeleteIncident(ctx, by, b.Read().Incidents[0].ID) }},
			{"moves db out", "manage", func(by Actor) error { return edit(by, 2, func(c *Component) { c.Group = 3 - c.Group }) }},
		} {
			for name, by := range actors {
				by.Name = name
				err := c.do(by)
				if may := strings.Contains(" "+c.may+" ", " "+name+" "); may != !errors.Is(err, ErrForbidden) {
					t.Errorf("%s %s: %v", name, c.does, err)
				}
			}
		}
	}, "web", "db")
}

// Pins P-354 and P-238: who changed what, from what to what, without secrets.
func TestAudit(t *testing.T) {
	bubble(t, func(w *world) {
		script := Actor{Name: "deploy", Scope: model.ScopeUpdate, Script: true}
		w.check("web", "ok")
		w.says(script, "web", Partial, How{})
		if _, _, err := w.book.Subscribe(ctx, admin, func(s *Subscriber) { s.Hook = "https://hooks.example.org/secret" }); err != nil {
			t.Fatal(err)
		}
		if err := w.book.DeleteComponent(ctx, admin, 1); err != nil {
			t.Fatal(err)
		}
		w.restart()
		got := w.book.Audit(0, 10)
		if len(got) != 3 {
			t.Fatalf("%+v", got)
		}
		if e := got[2]; e.By != "deploy" || e.Did != "change" || e.Kind != "component" || e.What != 1 || e.Name != "web" ||
			!strings.Contains(string(e.Old), `"health":1`) || !strings.Contains(string(e.New), `"health":3`) {
			t.Errorf("%s %s %s", e.By, e.Old, e.New)
		}
		if got[0].Did != "delete" || got[0].New != nil || got[1].Did != "create" || got[1].Old != nil {
			t.Errorf("%+v", got)
		}
		for _, e := range got {
			if text := string(e.Old) + string(e.New); strings.Contains(text, "secret") || strings.Contains(text, `"code"`) {
				t.Errorf("there is a secret in %s", text)
			}
		}
		if older := w.book.Audit(got[1].ID, 10); len(older) != 1 || older[0].ID != got[2].ID {
			t.Errorf("%+v", older)
		}
	}, "web")
}

func TestAuditIsBounded(t *testing.T) {
	bubble(t, func(w *world) {
		for n := range maxEntries + 2000 {
			if _, err := w.book.SaveComponent(ctx, admin, 1, How{}, func(c *Component) { c.Order = n + 1 }); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(w.shelf.objects[kindAudit]); n != maxEntries {
			t.Errorf("%d entries are kept", n)
		}
		if n := len(w.book.Audit(0, 1<<20)); n < maxEntries || n > maxEntries*11/10 {
			t.Errorf("%d entries are in memory", n)
		}
	}, "web")
}

// What is wrong with what was to be written is said in sentences, and nothing has happened then.
func TestInvalid(t *testing.T) {
	bubble(t, func(w *world) {
		b, before := w.book, w.book.Read().Revision
		save := func(f func(*Component)) error {
			_, err := b.SaveComponent(ctx, admin, 1, How{}, f)
			return err
		}
		incident := func(f func(*Incident)) error {
			_, err := b.OpenIncident(ctx, admin, f)
			return err
		}
		for name, err := range map[string]error{
			"name":      save(func(c *Component) { c.Name = " " }),
			"long":      save(func(c *Component) { c.Name = strings.Repeat("x", 300) }),
			"link":      save(func(c *Component) { c.Link = "javascript:alert(1)" }),
			"health":    save(func(c *Component) { c.Health = 7 }),
			"meta":      save(func(c *Component) { c.Meta = []byte(`[1]`) }),
			"meta null": save(func(c *Component) { c.Meta = []byte(`null`) }),
			"broken":    save(func(c *Component) { c.Meta = []byte(`{`) }),
			"nameless":  incident(func(i *Incident) { i.Phase = Investigating }),
			"phase":     incident(func(i *Incident) { i.Name, i.Phase = "x", 5 }),
			"unknown":   incident(func(i *Incident) { i.Name, i.Components = "x", []Affected{{99, Major}} }),
			"backwards": func() error {
				_, err := b.SaveSchedule(ctx, admin, 0, func(s *Schedule) { s.Name, s.Until = "x", time.Now().Add(-time.Hour) })
				return err
			}(),
			"threshold": func() error {
				_, err := b.SaveMetric(ctx, admin, 0, func(m *Metric) { m.Name, m.Threshold = "x", 7 })
				return err
			}(),
			"address": func() error {
				_, _, err := b.Subscribe(ctx, admin, func(s *Subscriber) { s.Email = "a@b\r\nBcc: c@d" })
				return err
			}(),
		} {
			var bad *Invalid
			if !errors.As(err, &bad) || len(bad.Details) != 1 || !strings.HasSuffix(bad.Details[0], ".") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := b.Read().Revision; got != before {
			t.Errorf("something changed: revision %d, not %d", got, before)
		}
		for name, err := range map[string]error{
			"component": func() error {
				_, err := b.SaveComponent(ctx, admin, 9, How{}, func(*Component) {})
				return err
			}(),
			"update": func() error {
				_, err := b.AddUpdate(ctx, admin, 9, func(*Update) {})
				return err
			}(),
			"code": b.Leave(ctx, ""),
		} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, "web")
}

// Who asked for a change hears that it is not on disk.
func TestFullDisk(t *testing.T) {
	bubble(t, func(w *world) {
		w.shelf.fail = errors.New("no space left on device")
		_, err := w.book.SaveComponent(ctx, admin, 1, How{}, func(c *Component) { c.Name = "Shop" })
		if err == nil || !strings.Contains(err.Error(), "cannot be saved") {
			t.Errorf("%v", err)
		}
		w.health("Shop", Unknown)
	}, "web")
}
