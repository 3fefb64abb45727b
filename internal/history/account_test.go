package history

import (
	"math/rand/v2"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestWhatTimeCountsAs(t *testing.T) {
	for _, c := range []struct {
		name string
		c    model.Checked
		want string
	}{
		{"well", model.Checked{State: model.StateOK}, "up 30"},
		{"failing", model.Checked{State: model.StateFailing}, "down 30"},
		{"critical", model.Checked{State: model.StateFailing, Severity: model.Critical}, "down 30"},
		{"degraded", model.Checked{State: model.StateFailing, Severity: model.Degraded}, "degraded 30"},
		{"of no account", model.Checked{State: model.StateFailing, Severity: model.Info}, "degraded 30"},
		{"degraded, but well", model.Checked{State: model.StateOK, Severity: model.Degraded}, "up 30"},
		{"restarted because it failed", model.Checked{State: model.StateActing, Down: true}, "down 30"},
		{"restarted because somebody wants it", model.Checked{State: model.StateActing}, "up 30"},
		{"maintained", model.Checked{State: model.StateFailing, Held: true}, "maintenance 30"},
		{"maintained and well", model.Checked{State: model.StateOK, Held: true}, "maintenance 30"},
		{"unknown", model.Checked{State: model.StateUnknown}, ""},
		{"not looked at yet", model.Checked{State: model.StateInitializing}, ""},
		{"unmonitored", model.Checked{State: model.StateUnmonitored, Held: true}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.checked(c.c)
				time.Sleep(interval)
				w.check(model.StateOK)
				expect(t, "counts", w.uptime(), c.want)
			})
		})
	}
}

// From one check to the next it is as the first one found it.
func TestTimeCountsAsTheStateThatHeld(t *testing.T) {
	bubble(t, func(w *world) {
		w.span(model.StateOK, 10*time.Minute)
		w.span(model.StateFailing, 5*time.Minute)
		w.check(model.StateOK)
		expect(t, "counts", w.uptime(), "up 600 down 300")
		if share, measured := w.h.Uptime("WEB", time.Now().Add(-15*time.Minute), time.Now()); !measured || share < 0.66 || share > 0.67 {
			t.Errorf("uptime is %v, %v", share, measured)
		}
		if _, measured := w.h.Uptime("web", time.Now().AddDate(0, 0, -2), time.Now().AddDate(0, 0, -1)); measured {
			t.Error("there is an uptime of the time before")
		}
		if _, measured := w.h.Uptime("db", time.Unix(0, 0), time.Now()); measured {
			t.Error("there is an uptime of what nobody knows")
		}
	})
}

// What the last check found holds until the next one is late, and counts as soon as it was found.
func TestTimeCountsBeforeTheNextCheck(t *testing.T) {
	bubble(t, func(w *world) {
		w.span(model.StateOK, 10*time.Minute)
		w.check(model.StateFailing)
		time.Sleep(20 * time.Second)
		expect(t, "counts", w.uptime(), "up 600 down 20")
		if days := w.h.Days("web", time.UTC, 1, time.Now()); days[0].Down != 20 {
			t.Errorf("today is %+v", days[0])
		}
		time.Sleep(time.Hour)
		expect(t, "counts when no check comes", w.uptime(), "up 600 down 90")
		w.check(model.StateOK)
		expect(t, "counts when it comes much too late", w.uptime(), "up 600")
	})
}

// D-27, A-044: what was not looked at was neither up nor down.
func TestGapsAreNotMeasured(t *testing.T) {
	for _, c := range []struct {
		name string
		gap  func(w *world)
		want string
	}{
		{"two checks missed", func(*world) { time.Sleep(90 * time.Second) }, "up 1290"},
		{"three checks missed", func(*world) { time.Sleep(91 * time.Second) }, "up 1200"},
		{"a slow check", func(w *world) {
			time.Sleep(2 * time.Minute)
			w.checked(model.Checked{State: model.StateOK, Took: 30 * time.Second})
		}, "up 1320"},
		{"suspended", func(w *world) { time.Sleep(time.Second); w.jump += 8 * time.Hour }, "up 1200"},
		{"clock put back", func(w *world) { time.Sleep(interval); w.jump -= 5 * time.Minute }, "up 1800"},
		{"restarted", func(w *world) { w.restart(); time.Sleep(time.Minute) }, "up 1200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.span(model.StateOK, 10*time.Minute)
				c.gap(w)
				w.span(model.StateOK, 10*time.Minute)
				if c.name == "clock put back" { // five minutes were there twice, and what the last check found holds on
					c.want = "up 1290"
				}
				expect(t, "counts", w.uptime(), c.want)
			})
		})
	}
}

// A restart loses nothing that was measured, kill -9 the last minute at most.
func TestUptimeOutlivesTheDaemon(t *testing.T) {
	for _, c := range []struct {
		name    string
		restart func(*world)
		lost    int
	}{{"restart", (*world).restart, 0}, {"kill -9", (*world).kill, 60}} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				total := 0
				for round := range 7 {
					d := time.Duration(20+round) * time.Minute
					w.span(model.StateOK, d-time.Minute)
					w.span(model.StateFailing, time.Minute)
					total += int(d / time.Second)
					c.restart(w)
				}
				got := w.h.Tally("web", time.Unix(0, 0), time.Now())
				if lost := total - got.Measured(); lost < 0 || lost > 7*c.lost {
					t.Errorf("%s of %d seconds", words(got), total)
				}
				if c.lost == 0 {
					expect(t, "counts", words(got), "up 9240 down 420")
				}
			})
		})
	}
}

// While the past cannot be read nothing of it is overwritten.
func TestThePastIsReadLater(t *testing.T) {
	bubble(t, func(w *world) {
		w.span(model.StateOK, 10*time.Minute)
		w.end()
		w.kept.broken = true
		w.start()
		w.span(model.StateOK, 5*time.Minute)
		expect(t, "of the present", w.uptime(), "up 300")
		w.kept.mu.Lock()
		w.kept.broken = false
		w.kept.mu.Unlock()
		w.span(model.StateOK, 5*time.Minute)
		expect(t, "of both", w.uptime(), "up 1200")
		w.restart()
		expect(t, "kept", w.uptime(), "up 1200")
	})
}

// Whatever clocks and checks do, an hour has 3600 seconds, and what is on disk is what is in memory.
func TestAnHourIsAnHour(t *testing.T) {
	states := []model.ServiceState{model.StateOK, model.StateOK, model.StateOK, model.StateFailing, model.StateUnknown}
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		bubble(t, func(w *world) {
			w.jump = 1000 * time.Hour
			for range 2000 {
				c := model.Checked{State: states[random.IntN(len(states))], Held: random.IntN(10) == 0}
				if random.IntN(3) == 0 {
					c.Severity = model.Degraded
				}
				w.checked(c)
				time.Sleep(time.Duration(random.Int64N(int64(100 * time.Second))))
				switch random.IntN(60) {
				case 0:
					w.jump += time.Duration(random.Int64N(int64(3*time.Hour))) - 90*time.Minute
				case 1:
					w.jump += time.Duration(random.Int64N(int64(90*time.Hour))) - 45*time.Hour
				case 2:
					w.restart()
				}
			}
			before := hours(w)
			w.restart()
			after := hours(w)
			for hour, was := range before {
				if n := was.Measured() + was.Maintenance; n > 3600 {
					t.Errorf("seed %d: hour %d has %d seconds", seed, hour, n)
				}
				if after[hour] != was {
					t.Errorf("seed %d: hour %d was %s, is %s after a restart", seed, hour, words(was), words(after[hour]))
				}
			}
		})
	}
}

// hours lists all the hours of a world.
func hours(w *world) (out []model.Tally) {
	for at := time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2001; at = at.Add(time.Hour) {
		tally := w.h.Tally("web", at, at.Add(time.Hour))
		tally.At = time.Time{}
		out = append(out, tally)
	}
	return out
}
