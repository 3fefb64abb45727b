package status

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins P-208, P-342, P-343 and P-345: it begins and ends by itself, suppresses incidents, silences services.
func TestSchedule(t *testing.T) {
	bubble(t, func(w *world) {
		w.checks("web", "ok", 3)
		s, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
			s.Name, s.At, s.Until = "New disk", time.Now().Add(10*time.Minute), time.Now().Add(40*time.Minute)
			s.Components = []Affected{{Component: 1, Health: Maintenance}}
		})
		if err != nil {
			t.Fatal(err)
		}
		w.checks("web", "ok", 20)
		w.health("web", Maintenance)
		if len(w.hush.log) != 1 || w.hush.log[0] != "silence page-1 web hold=true for 30m0s" {
			t.Errorf("silences: %q", w.hush.log)
		}
		w.checks("web", "failing", 59)
		w.health("web", Maintenance)
		w.incidents()
		w.checks("web", "failing", 1)
		w.health("web", Major)
		w.incidents() // people are not told before services had time to come back
		w.checks("web", "failing", 4)
		w.incidents("web: major outage (investigating: )")
		v := w.book.Read().Schedule(s.ID)
		if v.Stage != Complete || v.Ended.Sub(v.Began) != 30*time.Minute || v.By != "ada" || len(v.Suppressed) != 1 || v.Suppressed[0].Health != Major {
			t.Errorf("%+v", v)
		}
	}, "web")
}

// Pins P-343: what failed before keeps its incident.
func TestIncidentGoesOnAfterMaintenance(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "failing")
		w.page.Settle = time.Minute
		w.configure()
		if _, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
			s.Name, s.Stage, s.Until, s.Components = "Repair", InProgress, time.Now().Add(10*time.Minute), []Affected{{Component: 1}}
		}); err != nil {
			t.Fatal(err)
		}
		w.hear(model.EventAction, "web", "if failed", "restart")
		w.checks("web", "ok", 10)
		w.checks("web", "failing", 18)
		w.incidents("web: major outage (investigating: )")
		w.checks("web", "ok", 8)
		w.incidents("web: major outage (fixed: watching fixed)")
	}, "web")
}

// Pins P-344: a maintenance that nobody ends is over after a day, and says so.
func TestForgottenMaintenance(t *testing.T) {
	bubble(t, func(w *world) {
		if _, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
			s.Name, s.Stage, s.Components = "Repair", InProgress, []Affected{{Component: 1}}
		}); err != nil {
			t.Fatal(err)
		}
		w.sleep(MaxMaintenance - time.Second)
		w.health("web", Maintenance)
		w.restart()
		w.health("web", Maintenance)
		w.sleep(2 * time.Second)
		w.health("web", Unknown)
		if s := w.book.Read().Schedules[0]; s.Stage != Complete || len(s.Updates) != 1 || s.Updates[0].Message != wordForgotten {
			t.Errorf("%+v", s)
		}
	}, "web")
}

// Ending early ends the silence as well, and so does deleting.
func TestScheduleEndsEarly(t *testing.T) {
	for name, end := range map[string]func(*world) error{
		"complete": func(w *world) error {
			_, err := w.book.SaveSchedule(ctx, admin, 1, func(s *Schedule) { s.Stage = Complete })
			return err
		},
		"deleted": func(w *world) error { return w.book.DeleteSchedule(ctx, admin, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.check("web", "ok")
				if _, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) {
					s.Name, s.Stage, s.Components = "Repair", InProgress, []Affected{{Component: 1}}
				}); err != nil {
					t.Fatal(err)
				}
				w.sleep(time.Minute)
				w.health("web", Maintenance)
				if err := end(w); err != nil {
					t.Fatal(err)
				}
				w.sleep(time.Second)
				w.health("web", Operational)
				if !slices.Contains(w.hush.log, "end page-1") {
					t.Errorf("silences: %q", w.hush.log)
				}
			}, "web")
		})
	}
}

// Pins P-340: a silence that holds rules back is a maintenance of its components, as long as it lasts.
func TestSilencesAreMaintenance(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "ok")
		s := model.Silence{ID: "run-1", Names: []string{"web"}, Until: time.Now().Add(2 * time.Minute), Hold: true, By: "root", Reason: "deploy 7"}
		begin := func() {
			if _, err := w.hush.Silence(ctx, s); err != nil {
				t.Fatal(err)
			}
			w.hear(model.EventSilenced, "web", "", "")
		}
		begin()
		w.health("web", Maintenance)
		v := w.book.Read().Schedules[0]
		if v.Name != "Maintenance: web" || v.Reason != "deploy 7" || strings.Contains(v.Name+v.Message, "deploy") || v.Stage != InProgress {
			t.Errorf("%+v", v)
		}
		w.sleep(time.Minute)
		s.From, s.Until = v.At, time.Now().Add(2*time.Minute) // it is prolonged, of which there is no event
		w.hush.set(s)
		w.sleep(90 * time.Second)
		w.health("web", Maintenance)
		if err := w.hush.EndSilence(ctx, "run-1"); err != nil {
			t.Fatal(err)
		}
		w.hear(model.EventUnsilenced, "web", "", "")
		w.health("web", Unknown) // it was not checked for too long
		if v := w.book.Read().Schedules; len(v) != 1 || v[0].Stage != Complete {
			t.Errorf("%+v", v)
		}
		s.From, s.Until = time.Time{}, time.Now().Add(time.Minute)
		begin()
		if v := w.book.Read().Schedules; len(v) != 2 || v[1].Stage != InProgress {
			t.Errorf("%+v", v)
		}
		w.sleep(61 * time.Second)
		if v := w.book.Read().Schedules; v[1].Stage != Complete {
			t.Errorf("%+v", v[1])
		}
	}, "web")
}

// A maintenance of the configuration is announced, and is gone when the configuration no longer has it.
func TestMaintenanceToCome(t *testing.T) {
	bubble(t, func(w *world) {
		from := time.Now().Add(time.Hour)
		sunday := model.Silence{ID: "maintenance-1", All: true, Every: "sun 3-4", Pending: true, From: from, Until: from.Add(time.Hour)}
		w.hush.set(sunday)
		w.hear(model.EventReloaded, "", "", "")
		if v := w.book.Read().Schedules; len(v) != 1 || v[0].Stage != Upcoming || !v[0].At.Equal(from) {
			t.Fatalf("%+v", v)
		}
		sunday.Pending = false
		w.hush.set(sunday)
		w.sleep(time.Hour + time.Second)
		w.health("web", Maintenance)
		sunday.Pending, sunday.From, sunday.Until = true, from.Add(7*24*time.Hour), from.Add(169*time.Hour)
		w.hush.set(sunday)
		w.sleep(time.Hour)
		if v := w.book.Read().Schedules; len(v) != 2 || v[0].Stage != Complete || v[1].Stage != Upcoming {
			t.Fatalf("%+v", v)
		}
		w.hush.set()
		w.hear(model.EventReloaded, "", "", "")
		if v := w.book.Read().Schedules; len(v) != 1 {
			t.Errorf("%+v", v)
		}
	}, "web")
}

// While a service is silenced it has no incident; if it still fails afterwards, it has one then.
func TestSilencedFailures(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "ok")
		if _, err := w.hush.Silence(ctx, model.Silence{ID: "1", Names: []string{"web"}, Until: time.Now().Add(10 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
		w.hear(model.EventSilenced, "web", "", "")
		w.checks("web", "failing", 19)
		w.health("web", Major)
		w.incidents()
		w.checks("web", "failing", 2)
		w.incidents("web: major outage (investigating: )")
	}, "web")
}

// Pins A-033 on the page: in a silence that began later, an incident ends with what it is about, and does not begin anew.
func TestSilencedRecovery(t *testing.T) {
	bubble(t, func(w *world) {
		w.check("web", "ok")
		w.checks("web", "failing", 2)
		w.incidents("web: major outage (investigating: )")
		if _, err := w.hush.Silence(ctx, model.Silence{ID: "1", Names: []string{"web"}, Until: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		w.hear(model.EventSilenced, "web", "", "")
		w.checks("web", "ok", 4)
		w.health("web", Operational)
		w.incidents("web: major outage (watching: watching)")
		w.checks("web", "failing", 2)
		w.incidents("web: major outage (watching: watching)")
		w.checks("web", "ok", 20)
		w.incidents("web: major outage (fixed: watching fixed)")
	}, "web")
}

func TestScheduleUpdates(t *testing.T) {
	bubble(t, func(w *world) {
		if _, err := w.book.SaveSchedule(ctx, admin, 0, func(s *Schedule) { s.Name, s.At = "Move", time.Now().Add(time.Hour) }); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"soon", "now"} {
			if u, err := w.book.AddScheduleUpdate(ctx, admin, 1, func(u *Update) { u.Message = text }); err != nil || u.By != "ada" {
				t.Fatal(u, err)
			}
		}
		if u, err := w.book.ChangeScheduleUpdate(ctx, admin, 1, 2, func(u *Update) { u.Message, u.ID = "at once", 9 }); err != nil || u.ID != 2 || u.Message != "at once" {
			t.Error(u, err)
		}
		if _, err := w.book.ChangeScheduleUpdate(ctx, admin, 1, 1, nil); err != nil {
			t.Error(err)
		}
		w.restart()
		if s := w.book.Read().Schedule(1); len(s.Updates) != 1 || s.Update(2).Message != "at once" {
			t.Errorf("%+v", s)
		}
		if _, err := w.book.ChangeScheduleUpdate(ctx, admin, 1, 1, nil); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
