package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// kept is a configuration with maintenances; tests begin at midnight on a Saturday, in UTC.
func kept(services []*model.Service, list ...model.Maintenance) *model.Config {
	c := config(services...)
	c.Settings.Maintenance = list
	return c
}

// silences lists what is in force and to come: "ID 01-01 02:00-01-01 04:00", with "later" where it has not begun.
func (w *world) listed() string {
	w.t.Helper()
	list, err := w.engine.Silences(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, s := range list {
		text := fmt.Sprintf("%s %s-%s", s.ID, s.From.UTC().Format("01-02 15:04"), s.Until.UTC().Format("01-02 15:04"))
		if s.Pending {
			text += " later"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestMaintenanceThatComesAgain(t *testing.T) { // P-340
	bubble(t, func(w *world) {
		f, g := gauge("f"), gauge("g")
		f.Groups = []string{"shop"}
		w.set("f", model.Size, 1)
		w.set("g", model.Size, 1)
		defer w.run(kept([]*model.Service{f, g}, model.Maintenance{
			ID: "maintenance-1", Groups: []string{"shop"}, Hours: []string{"sat-sun 02:00-04:00 UTC"}, Reason: "updates",
		}), false)()
		expect(t, "listed", w.listed(), "maintenance-1 01-01 02:00-01-01 04:00 later")
		w.sleep(3 * time.Hour)
		expect(t, "listed", w.listed(), "maintenance-1 01-01 02:00-01-01 04:00")
		w.story()
		w.set("f", model.Size, 20)
		w.set("g", model.Size, 20)
		w.sleep(30 * time.Minute)
		w.state("f", model.StateFailing)
		expect(t, "silenced", w.status("f").Silenced, "silenced until 04:00:00: updates")
		expect(t, "heard meanwhile", w.heard(), "g failed: size is 20 B (limit: > 10 B)")
		w.sleep(30 * time.Minute)
		expect(t, "heard at the end", w.heard(), "f failed: size is 20 B (limit: > 10 B) (since 03:00:30, in a silence that is over)")
		expect(t, "listed", w.listed(), "maintenance-1 01-02 02:00-01-02 04:00 later")
		w.sleep(23 * time.Hour)
		expect(t, "listed on the next day", w.listed(), "maintenance-1 01-02 02:00-01-02 04:00")
		expect(t, "story", w.story(), " silenced")
	})
}

func TestMaintenanceHoldsActionsAndSettles(t *testing.T) { // P-342, P-343
	m := model.Maintenance{ID: "maintenance-1", Cron: "0 2 * * *", Zone: "UTC", For: time.Hour, Hold: true, Settle: 2 * time.Minute}
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.set("f", model.Size, 1)
		defer w.run(kept([]*model.Service{process("web"), gauge("f")}, m), false)()
		w.sleep(2*time.Hour + time.Minute)
		w.story()
		w.set("web", model.Exist, 0)
		w.set("f", model.Size, 20)
		w.sleep(58 * time.Minute)
		expect(t, "done meanwhile", w.actions(), "")
		w.sleep(time.Minute + 5*time.Second)
		expect(t, "done at the end", w.actions(), "restart web")
		w.state("web", model.StateOK)
		expect(t, "heard while it settles", w.heard(), "")
		w.sleep(2 * time.Minute)
		expect(t, "heard when it has settled", w.heard(), "f failed: size is 20 B (limit: > 10 B) (since 02:01:30, in a silence that is over)")
	})
}

func TestMaintenanceThatEndsQuietly(t *testing.T) {
	m := model.Maintenance{ID: "maintenance-1", Cron: "0 2 * * *", Zone: "UTC", For: time.Hour, Quiet: true}
	reminded := gauge("f")
	reminded.Reminders = []model.Reminder{{Every: 10 * time.Minute}}
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		stop := w.run(kept([]*model.Service{reminded}, m), false)
		w.sleep(2*time.Hour + time.Minute)
		w.set("f", model.Size, 20)
		w.sleep(2 * time.Hour)
		expect(t, "heard", w.heard(), "")
		w.state("f", model.StateFailing)
		stop()
		defer w.run(kept([]*model.Service{reminded}, m), false)() // that is known after a restart
		w.sleep(time.Hour)
		expect(t, "heard after a restart", w.heard(), "")
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		expect(t, "heard of the end of what nobody knew", w.heard(), "")
		w.set("f", model.Size, 20)
		w.sleep(time.Minute)
		expect(t, "heard of the next failure", w.heard(), "f failed: size is 20 B (limit: > 10 B)")
	})
}

func TestMaintenanceIsEndedByHand(t *testing.T) {
	m := model.Maintenance{ID: "maintenance-1", Hours: []string{"02:00-04:00 UTC"}, Settle: time.Minute, Hold: true}
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		c := kept([]*model.Service{gauge("f")}, m)
		stop := w.run(c, false)
		w.sleep(2*time.Hour + time.Minute)
		w.set("f", model.Size, 20)
		w.sleep(time.Minute)
		w.story()
		if err := w.engine.EndSilence(context.Background(), "maintenance-1"); err != nil {
			t.Fatal(err)
		}
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "f failed: size is 20 B (limit: > 10 B) (since 02:01:30, in a silence that is over)")
		if err := w.engine.EndSilence(context.Background(), "maintenance-1"); err == nil {
			t.Error("it was ended twice")
		}
		stop()
		defer w.run(c, false)()
		w.sleep(10 * time.Minute)
		expect(t, "listed after a restart", w.listed(), "")
		w.sleep(24 * time.Hour)
		expect(t, "listed on the next day", w.listed(), "maintenance-1 01-02 02:00-01-02 04:00")
	})
}

func TestMaintenanceAndReload(t *testing.T) {
	m := model.Maintenance{ID: "maintenance-1", Hours: []string{"00:00-04:00 UTC"}}
	bubble(t, func(w *world) {
		services := []*model.Service{gauge("f")}
		defer w.run(kept(services, m), false)()
		expect(t, "listed", w.listed(), "maintenance-1 01-01 00:00-01-01 04:00")
		m.Hours = []string{"00:00-05:00 UTC"}
		w.apply(kept(services, m))
		expect(t, "listed, longer", w.listed(), "maintenance-1 01-01 00:00-01-01 05:00")
		w.apply(kept(services))
		expect(t, "listed, gone", w.listed(), "")
		expect(t, "story", w.story(), " silenced,  unsilenced")
	})
}

func TestMaintenanceWhileOrderlyIsAway(t *testing.T) {
	m := model.Maintenance{ID: "maintenance-1", Hours: []string{"02:00-04:00 UTC"}}
	bubble(t, func(w *world) {
		c := kept([]*model.Service{gauge("f")}, m)
		stop := w.run(c, false)
		w.sleep(3 * time.Hour)
		stop()
		w.story()
		time.Sleep(24 * time.Hour)
		defer w.run(c, false)()
		expect(t, "listed in the next one", w.listed(), "maintenance-1 01-02 03:00-01-02 04:00")
	})
}

func TestOccurrences(t *testing.T) { // clocks that are put forward and back
	berlin := "Europe/Berlin"
	for _, tt := range []struct {
		name       string
		m          model.Maintenance
		now        string
		end        string // "": it is not time for it
		next, then string
	}{
		{"before", model.Maintenance{Hours: []string{"sun 02:00-04:00 Europe/Berlin"}}, "2026-03-28T12:00:00Z", "", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}, // the clock leaps from 2 to 3
		{"in winter", model.Maintenance{Hours: []string{"sun 02:00-04:00 Europe/Berlin"}}, "2026-02-01T01:30:00Z", "2026-02-01T03:00:00Z", "", ""},
		{"in summer", model.Maintenance{Hours: []string{"sun 02:00-04:00 Europe/Berlin"}}, "2026-07-05T01:30:00Z", "2026-07-05T02:00:00Z", "", ""},
		{"an hour that comes twice", model.Maintenance{Hours: []string{"sun 02:00-04:00 Europe/Berlin"}}, "2026-10-25T00:10:00Z", "2026-10-25T03:00:00Z", "", ""},
		{"by a schedule", model.Maintenance{Cron: "30 2 * * *", Zone: berlin, For: time.Hour}, "2026-03-28T12:00:00Z", "", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"},
		{"in a schedule", model.Maintenance{Cron: "30 2 * * *", Zone: berlin, For: time.Hour}, "2026-07-01T01:29:59Z", "2026-07-01T01:30:00Z", "", ""},
		{"after a schedule", model.Maintenance{Cron: "30 2 * * *", Zone: berlin, For: time.Hour}, "2026-07-01T01:30:00Z", "", "2026-07-02T00:30:00Z", "2026-07-02T01:30:00Z"},
		{"one begins in another", model.Maintenance{Cron: "0,30 2 * * *", Zone: "UTC", For: time.Hour}, "2026-07-01T02:40:00Z", "2026-07-01T03:30:00Z", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := kept(nil, tt.m)
			e := New(Options{Keeper: newWorld(t), Journal: newWorld(t)})
			e.config = c
			now := moment(t, tt.now)
			e.planMaintenances(now)
			w := e.windows[0]
			if got := w.end(now); tt.end != "" && !got.Equal(moment(t, tt.end)) || tt.end == "" && got.After(now) {
				t.Errorf("it ends at %v, want %q", got.UTC(), tt.end)
			}
			from, until, ok := w.next(now)
			if ok != (tt.next != "") || ok && (!from.Equal(moment(t, tt.next)) || !until.Equal(moment(t, tt.then))) {
				t.Errorf("the next is %v-%v, want %q-%q", from.UTC(), until.UTC(), tt.next, tt.then)
			}
		})
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSilenceToCome(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		stop := w.run(config(gauge("f")), false)
		now := time.Now()
		s := w.silence(model.Silence{All: true, Hold: true, From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)})
		if !s.Pending {
			t.Error("it is in force")
		}
		w.sleep(30 * time.Minute)
		expect(t, "listed", w.listed(), "1 01-01 01:00-01-01 02:00 later")
		expect(t, "silenced", w.status("f").Silenced, "")
		stop()
		defer w.run(config(gauge("f")), false)()
		w.sleep(31 * time.Minute)
		w.set("f", model.Size, 20)
		w.sleep(time.Minute)
		expect(t, "silenced when it has begun", w.status("f").Silenced, "silenced until 02:00:00")
		expect(t, "story", w.story(), " silenced, f failed")
		w.sleep(time.Hour)
		expect(t, "heard", w.heard(), "f failed: size is 20 B (limit: > 10 B) (since 01:01:30, in a silence that is over)")

		later := w.silence(model.Silence{All: true, From: time.Now().Add(time.Hour), Until: time.Now().Add(2 * time.Hour)})
		w.story()
		if err := w.engine.EndSilence(context.Background(), later.ID); err != nil {
			t.Error(err)
		}
		expect(t, "story of what never began", w.story(), "")
		for _, bad := range []model.Silence{
			{All: true, From: time.Now().Add(2 * time.Hour), Until: time.Now().Add(time.Hour)},
			{All: true, Until: time.Now().Add(maxSilence + time.Minute)},
			{All: true, Until: time.Now().Add(time.Hour), Settled: time.Now().Add(maxSilence + time.Minute)},
		} {
			if _, err := w.engine.Silence(context.Background(), bad); err == nil {
				t.Errorf("%+v was accepted", bad)
			}
		}
	})
}
