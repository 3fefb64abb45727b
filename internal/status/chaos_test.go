package status

import (
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"orderly/internal/model"
	"orderly/internal/store"
)

// Whatever happens, in whatever order: a component has one open incident of the automation at most, nothing is green that no
// check found so, lists are in order, numbers are new, and a restart finds everything as it was.
func TestChaos(t *testing.T) {
	for seed := range uint64(20) {
		bubble(t, func(w *world) {
			r := rand.New(rand.NewPCG(seed, 6))
			names := []string{"a", "b", "c", "d"}
			highest := int64(0)
			for range 400 {
				name := names[r.IntN(len(names))]
				w.stir(r, name)
				w.sleep(time.Duration(r.IntN(40)) * time.Second)
				highest = w.sane(highest)
			}
			w.sleep(0)
			before := *w.book.Read()
			w.stop()
			again, err := Open(ctx, Options{Keeper: w.shelf})
			if err != nil {
				t.Fatal(err)
			}
			after := *again.Read()
			for n, pair := range [][2]any{
				{before.Components, after.Components}, {before.Incidents, after.Incidents}, {before.Schedules, after.Schedules},
			} {
				if !sameJSON(pair[0], pair[1]) {
					t.Errorf("seed %d: after a restart list %d is another", seed, n)
				}
			}
			w.open()
		}, "a", "b<a", "c", "d<b")
	}
}

func sameJSON(a, b any) bool {
	return reflect.DeepEqual(members(map[string]any{"x": a}), members(map[string]any{"x": b}))
}

// stir does one thing at random.
func (w *world) stir(r *rand.Rand, name string) {
	rule := []string{"x", "y"}[r.IntN(2)]
	incidents := w.book.Read().Incidents
	switch n := r.IntN(100); {
	case n < 70:
		w.check(name, []string{"ok", "ok", "ok", "failing", "failing", "mild", "unknown"}[r.IntN(7)])
	case n < 74:
		w.hear(model.EventFlapping, name, rule, "alert")
	case n < 80:
		w.hear(model.EventSteady, name, rule, "alert")
	case n < 84:
		w.hear(model.EventAction, name, rule, "restart")
	case n < 86:
		w.hear([]model.EventKind{model.EventMonitored, model.EventUnmonitored}[r.IntN(2)], name, "", "")
	case n < 88:
		w.says(Actor{Name: "x", Scope: model.ScopeManage, Script: r.IntN(2) == 0}, name, Health(1+r.IntN(6)), How{})
	case n < 90 && len(incidents) > 0:
		id := incidents[r.IntN(len(incidents))].ID
		_, _ = w.book.AddUpdate(ctx, admin, id, func(u *Update) { u.Message, u.Phase = "x", Phase(1+r.IntN(4)) })
	case n < 92 && len(incidents) > 0:
		_ = w.book.DeleteIncident(ctx, admin, incidents[r.IntN(len(incidents))].ID)
	case n < 94:
		_, _ = w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
			s.Name, s.At, s.Until = "x", time.Now().Add(time.Minute), time.Now().Add(5*time.Minute)
			s.Components = []Affected{{Component: w.component(name).ID}}
		})
	case n < 95:
		w.restart()
	default:
		w.sleep(5 * time.Minute)
	}
}

// sane checks what must always be so, and returns the highest number of an incident.
func (w *world) sane(highest int64) int64 {
	w.t.Helper()
	v := w.book.Read()
	open := map[int64]int64{}
	for _, i := range v.Incidents {
		if i.ID > highest {
			highest = i.ID
		}
		if i.Auto == nil || !i.Open() {
			continue
		}
		for _, a := range i.Components {
			if open[a.Component] != 0 {
				w.t.Errorf("component %d has incidents %d and %d", a.Component, open[a.Component], i.ID)
			}
			open[a.Component] = i.ID
		}
	}
	for _, c := range v.Components {
		if c.Health == Operational && c.Source == ByCheck && !slices.ContainsFunc(c.Checks, func(k Check) bool { return k.Health == Operational }) {
			w.t.Errorf("%s is green, but its checks say %+v", c.Name, c.Checks)
		}
	}
	if !slices.IsSortedFunc(v.Incidents, func(a, b *Incident) int { return int(a.ID - b.ID) }) {
		w.t.Error("incidents are out of order")
	}
	return highest
}

// The store keeps all of it: what was written is there when the database is opened again.
func TestKeptInTheStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	var id int64
	for _, round := range []string{"first", "second"} {
		kept, err := store.Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Open(ctx, Options{Keeper: kept})
		if err != nil {
			t.Fatal(err)
		}
		b.Configure(model.DefaultStatusPage(), []*model.Service{service("web")}, "box")
		if round == "first" {
			i, err := b.OpenIncident(ctx, admin, func(i *Incident) {
				i.Name, i.Phase, i.Components = "Fire", Investigating, []Affected{{1, Major}}
			})
			if err != nil {
				t.Fatal(err)
			}
			id = i.ID
		}
		i := b.Read().Incident(id)
		if i == nil || i.Name != "Fire" || b.Read().Component(1).Health != Major || len(b.Audit(0, 9)) != 1 {
			t.Errorf("in the %s round there is %+v", round, i)
		}
		kept.Close()
	}
}
