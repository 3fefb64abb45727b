package public

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/status"
)

// forgetful keeps no history: what is in memory has to do.
type forgetful struct{}

func (forgetful) SaveRollups(model.Span, []model.SeriesRollup) {}
func (forgetful) SaveTallies([]model.ServiceTally)             {}

func (forgetful) Tallies(context.Context, time.Time) iter.Seq2[model.ServiceTally, error] {
	return func(func(model.ServiceTally, error) bool) {}
}

func (forgetful) Rollups(context.Context, model.Span, model.Series, time.Time, time.Time) ([]model.Rollup, error) {
	return nil, nil
}

func (forgetful) SeriesOf(context.Context, string) ([]model.Series, error) { return nil, nil }

// live has the page show what is really measured, in place of a made-up past.
func (w *world) live() func(until time.Time, ok bool) {
	h := history.New(forgetful{}, model.DefaultRetention(), slog.New(slog.DiscardHandler))
	w.site.Past = h
	const interval = time.Minute
	return func(until time.Time, ok bool) {
		for ; time.Now().Before(until); time.Sleep(interval) {
			c := model.Checked{Service: w.specs[0], At: time.Now(), State: model.StateOK, Holds: 3 * interval}
			if !ok {
				c.State, c.Down = model.StateFailing, true
			}
			h.Checked(c)
			w.book.Checked(c)
		}
	}
}

// days is what programs are told of the days of the page: "03-25: up 100 down 20; ".
func (w *world) days() string {
	var answer struct{ Days []tableRow }
	if err := json.Unmarshal([]byte(w.body("/export.json")), &answer); err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	for _, d := range answer.Days {
		fmt.Fprintf(&out, "%s: up %d down %d; ", strings.TrimPrefix(d.Date, "2000-"), d.Up, d.Down)
	}
	return out.String()
}

// troubled tells whether a day of the first page has an incident; the day has to be there.
func (w *world) troubled(day string) bool {
	w.t.Helper()
	body, title := w.body("/"), `"><h3><time datetime="`+day+`">`
	if !strings.Contains(body, title) {
		w.t.Errorf("at %s the page has no day %s", time.Now().UTC(), day)
	}
	return !strings.Contains(body, "calm"+title)
}

// An hour around midnight that was bad is on both days, also on a day of 23 or 25 hours; in another zone it is elsewhere, from
// the moment that zone is configured, and so are incidents. Nothing has to happen for a new day to begin.
func TestDaysGoBy(t *testing.T) {
	for _, c := range []struct {
		name, saturday, sunday, monday string // clocks change on Sunday
		berlin, india                  string
	}{
		{
			"23 hours", "2000-03-25", "2000-03-26", "2000-03-27",
			"03-25: up 41400 down 1800; 03-26: up 81000 down 1800; 03-27: up 120 down 0; ",
			"03-25: up 27000 down 0; 03-26: up 82800 down 3600; 03-27: up 12720 down 0; ",
		},
		{
			"25 hours", "2000-10-28", "2000-10-29", "2000-10-30",
			"10-28: up 41400 down 1800; 10-29: up 88200 down 1800; 10-30: up 120 down 0; ",
			"10-28: up 30600 down 0; 10-29: up 82800 down 3600; 10-30: up 16320 down 0; ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				berlin, err := time.LoadLocation("Europe/Berlin")
				if err != nil {
					t.Skip(err)
				}
				sunday, err := time.ParseInLocation(time.DateOnly, c.sunday, berlin)
				if err != nil {
					t.Fatal(err)
				}
				monday := sunday.AddDate(0, 0, 1)
				w := newWorld(t, service("Shop", ""))
				check := w.live()
				time.Sleep(time.Until(sunday.Add(-12 * time.Hour)))
				check(sunday.Add(-30*time.Minute), true)
				i := w.incident(func(i *status.Incident) {
					i.Name, i.Message, i.Phase, i.Visible = "The shop is closed", "", status.Investigating, true
				})
				check(sunday.Add(30*time.Minute), false)
				w.update(i.ID, status.Fixed, "It is open.")
				check(monday, true)
				if !w.troubled(c.saturday) || w.troubled(c.sunday) {
					t.Error("in Berlin the incident is not of Saturday alone")
				}
				check(monday.Add(2*time.Minute), true)
				if w.troubled(c.monday) {
					t.Error("Monday began with an incident")
				}
				if got := w.days(); got != c.berlin {
					t.Errorf("in Berlin: %s", got)
				}
				w.page.Zone = "Asia/Kolkata"
				w.configure()
				if got := w.days(); got != c.india {
					t.Errorf("in India: %s", got)
				}
				if w.troubled(c.saturday) || !w.troubled(c.sunday) {
					t.Error("in India the incident is not of Sunday alone")
				}
			})
		})
	}
}
