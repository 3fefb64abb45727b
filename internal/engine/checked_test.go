package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// monitor is a service as Minitor's files have them.
func monitor(after int, r model.Reminder) *model.Service {
	tell := []model.Action{{Kind: model.ActAlert}}
	return &model.Service{
		Name: "web", Kind: model.KindProgram, Subject: model.Subject{Program: &model.Program{Args: []string{"x"}}, AsShell: true},
		Routes: []model.Route{{Channel: "exec", Address: "a", Reminder: r}},
		Rules: []model.Rule{{
			Text: "status != 0", Topic: model.TopicStatus, Metric: model.Status, Op: model.NotEqual, Operand: model.Num(0),
			Policy: model.Policy{Fail: model.Rate{Count: after, Window: after}}, Then: tell, Else: tell,
		}},
	}
}

// Pins M-034: whoever counts checks hears of each, and events carry what the check wrote, all of it, to the recovery.
func TestChecksAreTold(t *testing.T) {
	bubble(t, func(w *world) {
		output := strings.Repeat("x", 5000)
		w.set("web", model.Status, 1)
		w.with(func() {
			w.more["web"] = model.Readings{}
			out := w.more["web"]
			out.Add(model.Output, model.Str(output))
			w.more["web"] = out
		})
		var told []string
		w.checked = func(c model.Checked) {
			word := "up"
			if c.Down {
				word = "down"
			}
			told = append(told, fmt.Sprintf("%s %t %t", word, c.Failed, c.Told))
		}
		stop := w.run(config(monitor(3, model.Reminder{Cycles: 1, Lag: 1, Doubling: true})), false)
		w.sleep(6*30*time.Second + time.Second)
		w.set("web", model.Status, 0)
		w.sleep(30 * time.Second)
		stop()
		expect(t, "checks", strings.Join(told, ", "), "up true false, up true false, down true true, down true true, down true false, down true true, down true false, up false true")
		for _, ev := range w.log {
			if ev.Rule != "" && ev.Evidence != output {
				t.Errorf("%s carries %d bytes", ev.Kind, len(ev.Evidence))
			}
		}
		expect(t, "events", w.story(), "web failed, web still_failing, web still_failing, web recovered")
	})
}

// Pins M-046: what is mild is told as such, and anew when it becomes grave; the recovery is as grave as what has ended.
func TestMildFailures(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []float64 // of one check after the other
		want     string
	}{
		{"mild", []float64{2, 2, 0}, "failed degraded, recovered degraded"},
		{"grave", []float64{1, 2, 0}, "failed , recovered "},
		{"worse", []float64{2, 2, 1, 2, 0}, "failed degraded, failed , recovered "},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				s := monitor(1, model.Reminder{})
				s.Rules[0].Mild = []int{2, 3}
				w.set("web", model.Status, c.statuses[0])
				stop := w.run(config(s), false)
				w.sleep(time.Second)
				for _, status := range c.statuses[1:] {
					w.set("web", model.Status, status)
					w.sleep(30 * time.Second)
				}
				stop()
				var told []string
				for _, ev := range w.log {
					if ev.Rule != "" {
						told = append(told, fmt.Sprintf("%s %s", ev.Kind, ev.Severity))
					}
				}
				expect(t, "events", strings.Join(told, ", "), c.want)
			})
		})
	}
}

// Whoever keeps the uptime is told how grave a failure is, whether it is maintained, and how long a check speaks for.
func TestChecksSayWhatTheyStandFor(t *testing.T) {
	bubble(t, func(w *world) {
		s := monitor(1, model.Reminder{})
		s.Rules[0].Mild = []int{2}
		s.Schedule.Cycles = 2
		var told []string
		w.checked = func(c model.Checked) {
			told = append(told, fmt.Sprintf("%s %s %t %v", c.State, c.Severity, c.Held, c.Holds))
		}
		w.set("web", model.Status, 2)
		stop := w.run(config(s), false)
		w.sleep(time.Second)
		w.silence(deploy(90 * time.Second))
		w.set("web", model.Status, 1)
		w.sleep(time.Minute)
		w.set("web", model.Status, 0)
		w.sleep(time.Minute)
		stop()
		expect(t, "checks", strings.Join(told, ", "), "failing degraded false 3m0s, failing  true 3m0s, ok  false 3m0s, ok  false 3m0s")
	})
}

func TestChecksByTheClockStandUntilTheNext(t *testing.T) {
	bubble(t, func(w *world) {
		s := monitor(1, model.Reminder{})
		s.Schedule.Cron = "0 3 * * *"
		var told []string
		w.checked = func(c model.Checked) { told = append(told, c.Holds.Truncate(time.Minute).String()) }
		w.set("web", model.Status, 0)
		stop := w.run(config(s), false)
		w.sleep(28 * time.Hour)
		stop()
		expect(t, "checks", strings.Join(told, ", "), "24h1m0s, 24h1m0s")
	})
}

// Pins M-111: a program is run with the first failures, before people are told, and what came of it is in the journal.
func TestProgramsBeforePeopleAreTold(t *testing.T) {
	bubble(t, func(w *world) {
		s := monitor(4, model.Reminder{})
		s.Rules[0].Then = append(s.Rules[0].Then, model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{"fix"}}, Early: 2})
		w.set("web", model.Status, 1)
		stop := w.run(config(s), false)
		w.sleep(8*30*time.Second + time.Second)
		expect(t, "done in an outage", w.actions(), "exec fix web, exec fix web")
		expect(t, "events", w.story(), "web action, web action, web failed")
		w.set("web", model.Status, 0)
		w.sleep(30 * time.Second)
		w.set("web", model.Status, 1)
		w.sleep(30 * time.Second)
		expect(t, "done in the next", w.actions(), "exec fix web")
		stop()
		for _, ev := range w.log {
			if ev.Kind == model.EventFailed && ev.Action != "alert" {
				t.Errorf("people are told that what follows is %q", ev.Action)
			}
		}
	})
}

// Nobody checks what is being repaired. What was found before counts until that is over, however long it takes.
func TestARepairIsNoGap(t *testing.T) {
	bubble(t, func(w *world) {
		web := process("web")
		web.Limits = model.Limits{StartTimeout: 4 * time.Minute, StopTimeout: time.Minute}
		w.set("web", model.Exist, 0)
		w.slowness = 5 * time.Minute
		var told []model.Checked
		w.checked = func(c model.Checked) { told = append(told, c) }
		stop := w.run(config(web), false)
		w.sleep(6 * time.Minute)
		stop()
		if len(told) < 2 || told[0].State != model.StateActing || !told[0].Down {
			t.Fatalf("told: %+v", told)
		}
		gap := told[1].At.Sub(told[0].At)
		if gap < w.slowness || told[0].Holds < gap {
			t.Errorf("what was found counts for %s, and the repair took %s", told[0].Holds, gap)
		}
		expect(t, "how long a check without a repair counts", told[1].Holds.String(), "1m30s")
	})
}
