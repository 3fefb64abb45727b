package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func bubble(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t)) })
}

func TestHealsAndTells(t *testing.T) { // S-restart-each
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		defer w.run(config(process("web")), false)()
		w.state("web", model.StateOK)
		expect(t, "a healthy start", w.story(), "")

		w.set("web", model.Exist, 0)
		w.sleep(30 * time.Second)
		expect(t, "healing", w.story(), "web failed, web action, web recovered")
		expect(t, "actions", w.actions(), "restart web")
		w.state("web", model.StateOK)
		if got := w.status("web").Restarts; got != 1 {
			t.Errorf("%d restarts counted, want 1", got)
		}
	})
}

func TestRestartsEveryCycleWhileDown(t *testing.T) {
	bubble(t, func(w *world) {
		w.with(func() {
			w.start["web"] = func() error { return errNotFound }
		})
		w.set("web", model.Exist, 0)
		defer w.run(config(process("web")), false)()
		w.sleep(65 * time.Second)
		expect(t, "actions", w.actions(), "restart web, restart web, restart web")
		expect(t, "events", w.story(), "web failed, web action_failed, web action_failed, web action_failed")
		st := w.status("web")
		if st.State != model.StateFailing || st.Problem != "process is not running" {
			t.Errorf("got %s, %q", st.State, st.Problem)
		}

		w.with(func() {
			w.start["web"] = nil
		})
		w.sleep(30 * time.Second)
		expect(t, "events", w.story(), "web recovered, web action, web recovered")
	})
}

// A rule that goes on failing acts in every cycle, unless it says once. Pins I-18.
func TestActsOnce(t *testing.T) {
	bubble(t, func(w *world) {
		for _, once := range []bool{false, true} {
			name := fmt.Sprintf("once-%v", once)
			w.set(name, model.Exist, 1)
			w.set(name, model.Memory, 20)
			s := process(name)
			s.Rules = append(s.Rules, model.Rule{
				Text: "memory > 10 B", Topic: model.TopicResource, Metric: model.Memory, Op: model.Greater, Operand: model.Num(10),
				Then: []model.Action{{Kind: model.ActAlert}, {Kind: model.ActRestart, Once: once}}, Else: []model.Action{{Kind: model.ActAlert}},
			})
			stop := w.run(config(s), false)
			w.sleep(65 * time.Second)
			if got, want := strings.Count(w.actions(), "restart "+name), map[bool]int{false: 3, true: 1}[once]; got != want {
				t.Errorf("%s: restarted %d times, want %d", name, got, want)
			}
			w.set(name, model.Memory, 5)
			w.sleep(30 * time.Second)
			expect(t, "actions at recovery", w.actions(), "")
			stop()
		}
	})
}

func TestExitIsHealedAtOnce(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		defer w.run(config(process("web")), false)()
		w.sleep(7 * time.Second)
		w.set("web", model.Exist, 0)
		w.engine.Exited("web", 1)
		synctest.Wait()
		expect(t, "at once", w.story(), "web failed, web action, web recovered")
	})
}

func TestQuickDeathsWaitLonger(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		defer w.run(config(process("web")), false)()
		die := func() {
			w.set("web", model.Exist, 0)
			w.engine.Exited("web", 1)
			synctest.Wait()
		}
		w.sleep(time.Second)
		die()
		expect(t, "first death", w.actions(), "restart web")
		die()
		expect(t, "second death, at once", w.actions(), "")
		w.sleep(500 * time.Millisecond)
		expect(t, "second death, a little later", w.actions(), "restart web")
		die()
		w.sleep(500 * time.Millisecond)
		expect(t, "third death, still waiting", w.actions(), "")
		w.sleep(500 * time.Millisecond)
		expect(t, "third death", w.actions(), "restart web")
	})
}

func TestHungCheckDelaysOnlyItself(t *testing.T) {
	bubble(t, func(w *world) {
		var services []*model.Service
		for i := range 100 {
			services = append(services, gauge(fmt.Sprintf("f%d", i)))
		}
		services = append(services, gauge("hung"))
		w.with(func() {
			w.hang["hung"] = 29 * time.Second
		})
		c := config(services...)
		c.Settings.Interval = time.Second
		defer w.run(c, false)()
		w.sleep(30*time.Second + 500*time.Millisecond)
		for i := range 100 {
			times := w.checksOf(fmt.Sprintf("f%d", i))
			if len(times) != 31 {
				t.Fatalf("f%d was checked %d times, want 31", i, len(times))
			}
			for k, at := range times {
				if at != time.Duration(k)*time.Second {
					t.Fatalf("check %d was at %v", k, at)
				}
			}
		}
		if n := len(w.checksOf("hung")); n != 2 {
			t.Errorf("the hung one was checked %d times, want 2: a check never overlaps itself", n)
		}
	})
}

func TestPanicIsContained(t *testing.T) {
	bubble(t, func(w *world) {
		w.with(func() {
			w.panics["bad"] = true
		})
		defer w.run(config(gauge("bad"), gauge("good")), false)()
		w.state("good", model.StateOK)
		w.state("bad", model.StateUnknown)
		expect(t, "events", w.story(), "bad failed")
		w.with(func() { delete(w.panics, "bad") })
		w.sleep(30 * time.Second)
		w.state("bad", model.StateOK)
		expect(t, "events", w.story(), "bad recovered")
	})
}

func TestUnmeasurableIsUnknown(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("disk", model.Size, 20)
		defer w.run(config(gauge("disk")), false)()
		w.state("disk", model.StateFailing)
		w.with(func() {
			w.broken["disk"] = errors.New("no answer from /disk for 30s")
		})
		w.sleep(30 * time.Second)
		st := w.status("disk")
		if st.State != model.StateFailing || st.Rules[0].State != model.RuleFailing {
			t.Errorf("not being measured must not recover a rule: %+v", st)
		}
		if st.Problem != "no answer from /disk for 30s" {
			t.Errorf("problem %q", st.Problem)
		}
	})
}

func TestAlertOnceActionTextAndRecovery(t *testing.T) { // S-alert-once, S-passive
	bubble(t, func(w *world) {
		passive := process("web")
		passive.Mode = model.Passive
		w.set("web", model.Exist, 0)
		defer w.run(config(passive), false)()
		w.sleep(95 * time.Second)
		if a := w.actions(); a != "" {
			t.Errorf("a passive service was acted on: %s", a)
		}
		if len(w.log) != 1 || w.log[0].Action != "alert" || w.log[0].Topic != model.TopicNonexist {
			t.Errorf("events: %+v", w.log)
		}
	})
}

func TestReminders(t *testing.T) { // S-reminder
	bubble(t, func(w *world) {
		w.set("f", model.Size, 20)
		c := config(gauge("f"))
		c.Routes = []model.Route{{Channel: "mail", Address: "a@example.org", Topics: model.AllTopics, Reminder: model.Reminder{Cycles: 3}}}
		defer w.run(c, false)()
		w.sleep(30 * 8 * time.Second)
		var counts []int
		for _, ev := range w.log {
			counts = append(counts, ev.Count)
		}
		expect(t, "told at failing cycles", fmt.Sprint(counts), "[1 3 6 9]")
	})
}

func TestExecOnceAndRepeated(t *testing.T) { // S-exec-once, S-exec-repeat
	bubble(t, func(w *world) {
		once := gauge("once", model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{"p"}}})
		again := gauge("again", model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{"p"}}, Repeat: 2})
		w.set("once", model.Size, 20)
		w.set("again", model.Size, 20)
		defer w.run(config(once, again), false)()
		w.sleep(30 * 5 * time.Second) // six failing cycles
		runs := w.actions()
		if got := strings.Count(runs, "exec p once"); got != 1 {
			t.Errorf("once ran %d times", got)
		}
		if got := strings.Count(runs, "exec p again"); got != 4 { // at counts 1, 2, 4, 6
			t.Errorf("again ran %d times, want 4", got)
		}
	})
}

func TestExecIsNotPiledUp(t *testing.T) {
	bubble(t, func(w *world) {
		s := gauge("f", model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{"p"}}, Repeat: 1})
		w.set("f", model.Size, 20)
		w.with(func() { w.slowness = 100 * time.Second })
		defer w.run(config(s), false)()
		w.sleep(95 * time.Second)
		expect(t, "runs", w.actions(), "exec p f")
	})
}

func TestRestartLimit(t *testing.T) { // S-restart-limit
	bubble(t, func(w *world) {
		s := process("web")
		s.RestartLimits = []model.RestartLimit{{Restarts: 2, Cycles: 5, Then: []model.Action{{Kind: model.ActUnmonitor}}, Text: "2 restarts within 5 cycles"}}
		w.with(func() {
			w.start["web"] = func() error { return errNotFound }
		})
		w.set("web", model.Exist, 0)
		defer w.run(config(s), false)()
		w.sleep(30 * time.Second)
		w.state("web", model.StateFailing)
		w.sleep(30 * time.Second) // the third cycle begins with two restarts
		w.state("web", model.StateUnmonitored)
		expect(t, "actions", w.actions(), "restart web, restart web")
		w.sleep(300 * time.Second)
		expect(t, "afterwards", w.actions(), "")
	})
}

func TestRestartLimitForgetsOldRestarts(t *testing.T) {
	bubble(t, func(w *world) {
		s := process("web")
		s.RestartLimits = []model.RestartLimit{{Restarts: 2, Cycles: 3, Then: []model.Action{{Kind: model.ActUnmonitor}}, Text: "2 restarts within 3 cycles"}}
		w.set("web", model.Exist, 1)
		defer w.run(config(s), false)()
		for range 5 {
			w.set("web", model.Exist, 0)
			w.sleep(30 * 5 * time.Second)
		}
		w.state("web", model.StateOK)
		expect(t, "actions", w.actions(), "restart web, restart web, restart web, restart web, restart web")
	})
}

func TestEveryNCycles(t *testing.T) { // O-every-cycles
	bubble(t, func(w *world) {
		s := gauge("f")
		s.Schedule.Cycles = 3
		defer w.run(config(s), false)()
		w.sleep(30 * 7 * time.Second)
		expect(t, "checks", fmt.Sprint(w.checksOf("f")), "[0s 1m30s 3m0s]")
		if !w.status("f").Waiting {
			t.Error("a skipped interval must show")
		}
	})
}

func TestCronRunsOncePerMatchingMinute(t *testing.T) { // O-every-cron
	bubble(t, func(w *world) { // bubbles begin at midnight UTC, 2000-01-01
		at := time.Now().In(time.Local)
		s := gauge("f")
		s.Schedule.Cron = fmt.Sprintf("%d,%d * * * *", (at.Minute()+2)%60, (at.Minute()+4)%60)
		not := gauge("n")
		not.Schedule.Cron, not.Schedule.Not = fmt.Sprintf("%d * * * *", (at.Minute()+1)%60), true
		defer w.run(config(s, not), false)()
		w.sleep(5*time.Minute + time.Second)
		expect(t, "at the minute", fmt.Sprint(w.checksOf("f")), "[2m0s 4m0s]")
		if n := len(w.checksOf("n")); n != 9 { // 11 intervals, 2 of them within the minute
			t.Errorf("not every: %d checks, want 9", n)
		}
	})
}

func TestStartDelayOnlyAfterReboot(t *testing.T) { // S-startdelay
	for rebooted, want := range map[bool]string{true: "[2m0s]", false: "[0s 1m0s 2m0s]"} {
		bubble(t, func(w *world) {
			c := config(gauge("f"))
			c.Settings.Interval, c.Settings.StartDelay = time.Minute, 2*time.Minute
			defer w.run(c, rebooted)()
			w.sleep(2*time.Minute + time.Second)
			expect(t, fmt.Sprintf("rebooted: %v", rebooted), fmt.Sprint(w.checksOf("f")), want)
		})
	}
}

func TestContentMatchesAreEachAnEvent(t *testing.T) {
	bubble(t, func(w *world) {
		s := gauge("log")
		s.Rules = []model.Rule{{
			Text: "content = \"x\"", Topic: model.TopicContent, Metric: model.OK, Op: model.Equal, Operand: model.Num(0),
			Probe: &model.Probe{Kind: model.ProbeContent}, Then: []model.Action{{Kind: model.ActAlert}},
		}}
		w.with(func() {
			w.results["log"] = model.Result{OK: false, Summary: "1 line matches", Evidence: "x"}
		})
		defer w.run(config(s), false)()
		w.sleep(30 * time.Second)
		w.with(func() {
			w.results["log"] = model.Result{OK: true}
		})
		w.sleep(60 * time.Second)
		expect(t, "events", w.story(), "log changed, log changed")
		w.with(func() {
			w.results["log"] = model.Result{Skipped: true}
		})
		w.sleep(30 * time.Second)
		if got := w.status("log").Rules[0].State; got != model.RuleUnknown {
			t.Errorf("a probe that was not asked is %s", got)
		}
	})
}

func TestStopsWithChecksRunning(t *testing.T) {
	bubble(t, func(w *world) {
		w.with(func() {
			w.hang["f"] = time.Hour
		})
		stop := w.run(config(gauge("f")), false)
		w.sleep(time.Second)
		before := time.Now()
		stop()
		if took := time.Since(before); took > 0 {
			t.Errorf("stopping took %v of a hung check's time", took)
		}
		if _, err := w.engine.Status(context.Background(), nil); !errors.Is(err, ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestHowLongItWasFailing(t *testing.T) { // M-034
	bubble(t, func(w *world) {
		s := gauge("f")
		s.Rules[0].Policy.Fail = model.Rate{Count: 3, Window: 3}
		c := config(s)
		c.Routes = []model.Route{{Channel: "mail", Address: "a@example.org", Topics: model.AllTopics, Reminder: model.Reminder{Cycles: 1, Lag: 1, Doubling: true}}}
		w.set("f", model.Size, 1)
		stop := w.run(c, false)
		w.sleep(time.Minute)
		w.set("f", model.Size, 20)
		w.sleep(2 * time.Minute)
		stop()
		defer w.run(c, false)()
		w.sleep(5 * time.Minute)
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		var told []string
		for _, ev := range w.log {
			f := ev.Failure
			told = append(told, fmt.Sprintf("%s after %d bad, %d counted, last well %v, failing since %v", ev.Kind, f.Bad, f.Cycles, f.LastOK.Sub(w.begun), f.Since.Sub(w.begun)))
		}
		expect(t, "told", strings.Join(told, "\n"), strings.Join([]string{
			"failed after 3 bad, 1 counted, last well 1m0s, failing since 2m30s",
			"still_failing after 4 bad, 2 counted, last well 1m0s, failing since 2m30s",
			"still_failing after 6 bad, 4 counted, last well 1m0s, failing since 2m30s",
			"still_failing after 10 bad, 8 counted, last well 1m0s, failing since 2m30s",
			"recovered after 15 bad, 13 counted, last well 1m0s, failing since 2m30s",
		}, "\n"))
	})
}
