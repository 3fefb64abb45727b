package status

import (
	"errors"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-325: who takes an incident over is alone with it until it is given back.
func TestTakeAndReturn(t *testing.T) {
	bubble(t, func(w *world) {
		w.page.HandsOff = true
		w.configure()
		w.checks("web", "ok", 3)
		w.checks("web", "failing", 2)
		w.incidents("web: major outage (investigating: )")
		id := w.book.Read().Incidents[0].ID
		if i, err := w.book.TakeIncident(ctx, admin, id); err != nil || i.Taken != "ada" {
			t.Fatalf("%+v, %v", i, err)
		}
		w.restart()
		w.checks("web", "ok", 20)
		w.incidents("web: major outage (investigating: investigating)") // it is over, and not for the checks to close
		if i, err := w.book.ReturnIncident(ctx, admin, id); err != nil || i.Taken != "" {
			t.Fatalf("%+v, %v", i, err)
		}
		w.checks("web", "ok", 20)
		w.incidents("web: major outage (fixed: investigating fixed)")
		var invalid *Invalid
		if _, err := w.book.TakeIncident(ctx, admin, id); !errors.As(err, &invalid) {
			t.Errorf("what is over is taken over: %v", err)
		}
		if _, err := w.book.TakeIncident(ctx, admin, 99); !errors.Is(err, ErrNotFound) {
			t.Errorf("what is not there: %v", err)
		}
		mine, err := w.book.OpenIncident(ctx, admin, func(i *Incident) { i.Name, i.Phase = "x", Identified })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.book.ReturnIncident(ctx, admin, mine.ID); !errors.As(err, &invalid) {
			t.Errorf("what no check opened is given to the checks: %v", err)
		}
		if _, err := w.book.ReturnIncident(ctx, Actor{Name: "bob", Scope: model.ScopeRead}, mine.ID); !errors.Is(err, ErrForbidden) {
			t.Errorf("who may only read gives it back: %v", err)
		}
	}, "web")
}

func TestArrange(t *testing.T) {
	bubble(t, func(w *world) {
		names := func() (s string) {
			for _, c := range w.book.Read().Seen(false) {
				s += c.Name + " "
			}
			return s
		}
		a, b, c := w.component("a").ID, w.component("b").ID, w.component("c").ID
		if err := w.book.ArrangeComponents(ctx, admin, []int64{c, a, b}); err != nil || names() != "c a b " {
			t.Errorf("%s, %v", names(), err)
		}
		before := w.book.Read()
		if err := w.book.ArrangeComponents(ctx, admin, []int64{a, 99, b}); err == nil || names() != "c a b " || w.book.Read().Revision != before.Revision {
			t.Errorf("half of it was done: %s, %v", names(), err)
		}
		script := Actor{Name: "deploy", Scope: model.ScopeUpdate}
		if err := w.book.ArrangeComponents(ctx, script, []int64{a}); !errors.Is(err, ErrForbidden) {
			t.Errorf("who tells how things are arranges them: %v", err)
		}
		w.sleep(time.Minute)
		w.restart()
		if got := names(); got != "c a b " {
			t.Errorf("after a restart: %s", got)
		}
		var ids []int64
		for _, name := range []string{"x", "y"} {
			g, err := w.book.SaveGroup(ctx, admin, 0, func(g *Group) { g.Name = name })
			if err != nil {
				t.Fatal(err)
			}
			ids = append([]int64{g.ID}, ids...)
		}
		if err := w.book.ArrangeGroups(ctx, admin, ids); err != nil || w.book.Read().OrderedGroups(false)[0].Name != "y" {
			t.Errorf("groups: %v", err)
		}
		if err := w.book.ArrangeGroups(ctx, script, ids); !errors.Is(err, ErrForbidden) {
			t.Errorf("who tells how things are arranges groups: %v", err)
		}
	}, "a", "b", "c")
}
