package status

import (
	"errors"
	"testing"
	"time"

	"orderly/internal/model"
)

// says has an actor set the health of a component.
func (w *world) says(by Actor, name string, h Health, how How) *Component {
	w.t.Helper()
	c, err := w.book.SaveComponent(ctx, by, w.component(name).ID, how, func(c *Component) { c.Health = h })
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// Pins P-326: what somebody says counts until the checks find something else than before.
func TestOverride(t *testing.T) {
	bubble(t, func(w *world) {
		w.checks("web", "ok", 3)
		if c := w.says(admin, "web", Partial, How{}); c.Health != Partial || c.Source != ByHand || c.Said == nil || c.Said.By != "ada" {
			t.Errorf("%+v", c)
		}
		w.checks("web", "ok", 5)
		w.health("web", Partial)
		w.check("web", "failing")
		w.health("web", Major)
		if c := w.component("web"); c.Said != nil || c.Source != ByCheck {
			t.Errorf("%+v", c)
		}
		w.says(admin, "web", Operational, How{})
		w.health("web", Operational)
		if c := w.says(admin, "web", Major, How{}); c.Said != nil || c.Source != ByCheck {
			t.Errorf("what the check says is an override: %+v", c.Said)
		}
		w.says(admin, "web", Degraded, How{Until: time.Now().Add(time.Hour)})
		w.health("web", Degraded)
		for range 119 {
			w.checks("web", "failing", 1)
		}
		w.health("web", Degraded)
		w.checks("web", "failing", 1)
		w.health("web", Major)
	}, "web")
}

// Pins P-360 and d.7: who outweighs whom.
func TestPrecedence(t *testing.T) {
	bubble(t, func(w *world) {
		script := Actor{Name: "deploy", Scope: model.ScopeUpdate, Script: true}
		step := func(want Health, from Source) {
			t.Helper()
			w.health("web", want)
			if c := w.component("web"); c.Source != from {
				t.Errorf("%q says so, not %q", c.Source, from)
			}
		}
		w.check("db", "ok")
		w.check("web", "ok")
		step(Operational, ByCheck)
		w.says(script, "web", Degraded, How{})
		step(Degraded, ByScript)
		w.check("db", "failing")
		step(Unknown, ByDependency)
		w.says(admin, "web", Partial, How{})
		step(Partial, ByHand)
		s, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
			s.Name, s.Stage, s.Components = "Move", InProgress, []Affected{{Component: w.component("web").ID}}
		})
		if err != nil {
			t.Fatal(err)
		}
		step(Maintenance, ByMaintenance)
		if _, err := w.book.SaveSchedule(ctx, admin, s.ID, func(s *Schedule) { s.Stage = Complete }); err != nil {
			t.Fatal(err)
		}
		step(Partial, ByHand)
	}, "db", "web<db")
}

// Pins P-325: what somebody has changed is theirs, but for the end.
func TestTakenOver(t *testing.T) {
	for _, c := range []struct {
		name     string
		handsOff bool
		phase    Phase // that somebody sets; 0: none, only the name
		want     string
	}{
		{"renamed", false, 0, "mine (fixed: fixed)"},
		{"hands off", true, 0, "mine (investigating: investigating)"},
		{"identified", false, Identified, "mine (identified: identified)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.page.HandsOff = c.handsOff
				w.configure()
				w.check("web", "failing")
				if _, err := w.book.ChangeIncident(ctx, admin, 1, func(i *Incident) {
					i.Name = "mine"
					if c.phase != 0 {
						i.Phase = c.phase
					}
				}); err != nil {
					t.Fatal(err)
				}
				w.hear(model.EventAction, "web", "if failed", "restart")
				w.checks("web", "ok", 4)
				w.checks("web", "failing", 4)
				w.checks("web", "ok", 20)
				w.health("web", Operational)
				w.incidents(c.want)
				if i := w.book.Read().Incidents[0]; i.Taken != "ada" || len(i.Updates) != 1 {
					t.Errorf("taken by %q, with %d updates", i.Taken, len(i.Updates))
				}
			}, "web")
		})
	}
}

// Pins P-327: who closes an incident has the components be as their checks say, and they open no other before they are well.
func TestClosedByHand(t *testing.T) {
	for name, fix := range map[string]func(*world) error{
		"incident": func(w *world) error {
			_, err := w.book.ChangeIncident(ctx, admin, 1, func(i *Incident) { i.Phase = Fixed })
			return err
		},
		"update": func(w *world) error {
			_, err := w.book.AddUpdate(ctx, admin, 1, func(u *Update) { u.Phase, u.Message = Fixed, "done" })
			return err
		},
		"deleted": func(w *world) error { return w.book.DeleteIncident(ctx, admin, 1) }, // P-328
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.check("web", "failing")
				if err := fix(w); err != nil {
					t.Fatal(err)
				}
				n := len(w.book.Read().Incidents)
				w.checks("web", "failing", 10)
				w.health("web", Major)
				if len(w.book.Read().Incidents) != n {
					t.Error("it was opened again")
				}
				w.checks("web", "ok", 4)
				w.check("web", "failing")
				if len(w.book.Read().Incidents) != n+1 {
					t.Error("the next failure has no incident")
				}
			}, "web")
		})
	}
}

// Pins P-327 and P-103 for components that nothing checks.
func TestUncheckedComponents(t *testing.T) {
	bubble(t, func(w *world) {
		c, err := w.book.SaveComponent(ctx, admin, 0, How{}, func(c *Component) { c.Name, c.Health = "Shop", Operational })
		if err != nil || c.Health != Operational || c.Source != ByNobody {
			t.Fatal(c, err)
		}
		i, err := w.book.OpenIncident(ctx, admin, func(i *Incident) {
			i.Name, i.Message, i.Phase, i.Components = "Fire", "There is one.", Investigating, []Affected{{Component: c.ID, Health: Major}}
		})
		if err != nil {
			t.Fatal(err)
		}
		w.health("Shop", Major)
		if _, err := w.book.AddUpdate(ctx, admin, i.ID, func(u *Update) {
			u.Phase, u.Message, u.Components = Identified, "It is out.", []Affected{{Component: c.ID, Health: Partial}}
		}); err != nil {
			t.Fatal(err)
		}
		w.health("Shop", Partial)
		w.restart()
		w.health("Shop", Partial)
		if _, err := w.book.AddUpdate(ctx, admin, i.ID, func(u *Update) { u.Phase, u.Message = Fixed, "All is well." }); err != nil {
			t.Fatal(err)
		}
		w.health("Shop", Operational)
		w.incidents("Fire (fixed: identified fixed)")
		if _, err := w.book.ChangeUpdate(ctx, admin, i.ID, 1, func(u *Update) { u.Message = "Out." }); err != nil {
			t.Fatal(err)
		}
		w.incidents("Fire (fixed: identified fixed)") // P-102
		if err := w.book.DeleteUpdate(ctx, admin, i.ID, 1); err != nil {
			t.Fatal(err)
		}
		w.incidents("Fire (fixed: fixed)")
	})
}

// Pins P-328 and P-301: a component that is deleted closes its incidents, and its number is gone for ever.
func TestDeletedComponent(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("a", "failing")
		w.check("b", "failing")
		w.incidents("a and b: major outage (investigating: )")
		if err := w.book.DeleteComponent(ctx, admin, w.component("a").ID); err != nil {
			t.Fatal(err)
		}
		w.incidents("a and b: major outage (investigating: )")
		if err := w.book.DeleteComponent(ctx, admin, w.component("b").ID); err != nil {
			t.Fatal(err)
		}
		w.incidents("a and b: major outage (fixed: fixed)")
		w.restart() // its services are still there
		if id := w.component("a").ID; id != 3 {
			t.Errorf("it has number %d again", id)
		}
		if err := w.book.DeleteComponent(ctx, admin, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v", err)
		}
	}, "a", "b")
}
