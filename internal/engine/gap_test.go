package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// asleep is as if the host had slept for some time until now.
func (w *world) asleep(d time.Duration) {
	if err := w.engine.ask(context.Background(), func() { w.engine.seen = w.engine.seen.Add(-d) }); err != nil {
		w.t.Fatal(err)
	}
}

// Whoever did not answer while the host slept is asked again before anybody hears of it.
func TestChecksUnderWayWhenTheHostSleeps(t *testing.T) {
	bubble(t, func(w *world) {
		w.with(func() { w.results["site"] = model.Result{OK: true} })
		defer w.run(config(site("site"), process("web")), false)()
		w.sleep(time.Second)
		w.with(func() {
			w.results["site"], w.hang["site"] = model.Result{Summary: "no answer within 5s"}, 10*time.Second
		})
		w.sleep(30 * time.Second) // it is being asked now, and will not have answered
		w.with(func() { w.results["site"], w.hang["site"] = model.Result{OK: true}, 0 })
		w.story()
		w.asleep(6 * time.Hour)
		w.sleep(time.Minute)
		if heard := w.heard(); strings.Count(heard, "monitoring was interrupted") != 1 || strings.Contains(heard, "site") {
			t.Errorf("heard %s", heard)
		}
		w.state("site", model.StateOK)
	})
}

// That a unit ended and runs again while nobody looked is in the journal, and nobody is called for it.
func TestUnitsThatEndedInAGap(t *testing.T) {
	for _, tt := range []struct {
		name string
		away time.Duration
		want string // heard of the unit
	}{
		{"a short restart", time.Minute, "web changed: ended unasked"},
		{"hours", 2 * time.Hour, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				web := &model.Service{Name: "web", Kind: model.KindUnit, Subject: model.Subject{Unit: "web"}, Rules: model.UnitRules(diag.Pos{})}
				w.set("web", model.Exist, 1)
				w.set("web", model.Deaths, 3)
				stop := w.run(config(web), false)
				w.sleep(time.Minute)
				stop()
				w.story()
				time.Sleep(tt.away)
				w.set("web", model.Deaths, 4)
				defer w.run(config(web), false)()
				w.sleep(time.Second)
				var heard []string
				for line := range strings.SplitSeq(w.heard(), "\n") {
					if strings.HasPrefix(line, "web") {
						heard = append(heard, line)
					}
				}
				expect(t, "heard", strings.Join(heard, "\n"), tt.want)
				w.sleep(2 * time.Minute)
				w.set("web", model.Deaths, 5)
				w.sleep(2 * time.Minute)
				if later := w.heard(); !strings.Contains(later, "web changed: ended unasked") {
					t.Errorf("heard of the next end: %q", later)
				}
			})
		})
	}
}
