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

// pulsing is a heartbeat with the rules that its settings imply.
func pulsing(name string, h model.Heartbeat) *model.Service {
	alert := []model.Action{{Kind: model.ActAlert}}
	s := &model.Service{Name: name, Kind: model.KindHeartbeat, Heartbeat: &h}
	add := func(text string, m model.Metric, op model.Op, operand float64) {
		s.Rules = append(s.Rules, model.Rule{
			Text: text, Topic: model.TopicHeartbeat, Metric: m, Op: op, Operand: model.Num(operand), Then: alert, Else: alert, Implicit: true,
		})
	}
	if h.Period > 0 {
		add("late", model.SilentFor, model.Greater, (h.Period + h.Grace).Seconds())
	}
	if h.Cron != "" {
		add("late", model.Overdue, model.Greater, h.Grace.Seconds())
	}
	if h.MaxRun > 0 {
		add("hangs", model.Running, model.Greater, h.MaxRun.Seconds())
	}
	add("fails", model.BeatStatus, model.NotEqual, 0)
	return s
}

// say has the job say something.
func (w *world) say(name string, sig model.Signal) {
	w.t.Helper()
	if err := w.engine.Hear(context.Background(), name, sig); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

var (
	began   = model.Signal{Kind: model.SignalStart}
	success = model.Signal{Kind: model.SignalEnd}
	failure = model.Signal{Kind: model.SignalFail}
)

func TestFailureIsToldAtOnce(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(pulsing("backup", model.Heartbeat{Period: time.Hour, Grace: time.Minute})), false)()
		w.heard()
		w.say("backup", model.Signal{Kind: model.SignalEnd, Status: 3, Body: "no space left"})
		w.with(func() {
			if last := w.log[len(w.log)-1]; last.Evidence != "no space left" {
				t.Errorf("the evidence is %q", last.Evidence)
			}
		})
		expect(t, "failed", w.heard(), "backup failed: ended with exit status 3")
		w.say("backup", failure)
		w.sleep(30 * time.Minute)
		expect(t, "failed again", w.heard(), "")
		w.say("backup", success)
		expect(t, "success", w.heard(), "backup recovered: succeeded")

		for range 3 { // nothing passes between the signals
			w.engine.post(func() {
				w.engine.hear("backup", failure, time.Now())
				w.engine.hear("backup", success, time.Now())
			})
		}
		w.sleep(0)
		expect(t, "none is lost", w.heard(), strings.TrimSuffix(strings.Repeat("backup failed: said that it failed\nbackup recovered: succeeded\n", 3), "\n"))
	})
}

func TestWhatJobsSayIsKept(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(pulsing("backup", model.Heartbeat{Period: time.Hour, Grace: time.Minute})), false)()
		w.story()
		w.say("backup", model.Signal{Kind: model.SignalLog, Body: "half done", By: "curl/8"})
		w.say("backup", model.Signal{Kind: model.SignalStart, Run: "r1", Body: "begins"})
		w.say("backup", model.Signal{Kind: model.SignalEnd, Body: "3 files"})
		w.say("backup", success)
		var got []string
		w.with(func() {
			for _, ev := range w.log {
				got = append(got, fmt.Sprintf("%s %v %s: %s", ev.Kind, ev.Silent, ev.Text, ev.Evidence))
			}
		})
		expect(t, "events", strings.Join(got, "\n"),
			"heard true had something to say, by curl/8: half done\nheard true has begun, run r1: begins\nheard true ended well: 3 files")
		w.sleep(59 * time.Minute)
		w.say("backup", model.Signal{Kind: model.SignalLog})
		w.story()
		w.sleep(2*time.Minute + time.Millisecond)
		expect(t, "a note is no sign of life", w.story(), "backup failed")
	})
}

// Who floods us with bodies fills no disk, and is heard all the same.
func TestWhatJobsSayIsBounded(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(pulsing("backup", model.Heartbeat{Period: time.Hour, Grace: time.Minute})), false)()
		kept := func(days int) (bytes int) {
			w.story()
			for range days * 24 * 60 {
				w.say("backup", model.Signal{Kind: model.SignalEnd, Body: strings.Repeat("x", model.MaxBody)})
				w.say("backup", model.Signal{Kind: model.SignalLog, Body: strings.Repeat("x", model.MaxBody)})
				w.sleep(time.Minute)
			}
			w.with(func() {
				for _, ev := range w.log {
					bytes += len(ev.Evidence) + entry
				}
			})
			return bytes
		}
		if n := kept(1); n < saidAtOnce || n > 1_000_000 {
			t.Errorf("%d bytes are kept on the first day", n)
		}
		if n := kept(1); n < 300_000 || n > 700_000 {
			t.Errorf("%d bytes are kept on the next day", n)
		}
		w.story()
		w.say("backup", model.Signal{Kind: model.SignalFail, Body: strings.Repeat("x", model.MaxBody)})
		expect(t, "and heard", w.story(), "backup failed")
		w.say("backup", success)
		for range 24 * 60 {
			w.say("backup", success)
			w.sleep(time.Minute)
		}
		w.story()
		w.say("backup", model.Signal{Kind: model.SignalLog, Body: strings.Repeat("x", model.MaxBody)})
		expect(t, "signals without a body use nothing up", w.story(), "backup heard")
	})
}

func TestRunsThatTakeTooLong(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(pulsing("backup", model.Heartbeat{Period: time.Hour, Grace: 10 * time.Minute, MaxRun: 30 * time.Minute})), false)()
		w.heard()
		w.sleep(69 * time.Minute)
		w.say("backup", began)
		w.sleep(29 * time.Minute)
		expect(t, "under way", w.heard(), "")
		w.say("backup", success)
		if got := w.status("backup").Values[model.RunTime]; got != "29 min" {
			t.Errorf("it took %q", got)
		}
		w.say("backup", began)
		w.sleep(30*time.Minute + 2*time.Millisecond)
		expect(t, "hangs", w.heard(), "backup failed: has been running for more than 30 min")
		w.say("backup", began)
		w.sleep(time.Minute)
		expect(t, "that it began anew does not make it well", w.heard(), "")
		w.say("backup", success)
		expect(t, "finished", w.heard(), "backup recovered: no longer runs for too long")

		for i := range 100 { // runs that overlap
			w.say("backup", model.Signal{Kind: model.SignalStart, Run: fmt.Sprint(i)})
		}
		if got := w.status("backup").Values[model.Runs]; got != "32" {
			t.Errorf("%s runs are remembered", got)
		}
		w.sleep(10 * time.Minute)
		w.say("backup", model.Signal{Kind: model.SignalEnd, Run: "99"})
		if got := w.status("backup").Values; got[model.Runs] != "31" || got[model.RunTime] != "10 min" {
			t.Errorf("after the end of one: %v", got)
		}
	})
}

func TestScheduleWithSummerTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, first := range []time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),   // 2:30 is left out, and so it is 3:00
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), // 2:30 for the first time
	} {
		bubble(t, func(w *world) {
			at := func(at time.Time) { w.sleep(time.Until(at)) }
			at(first.Add(-12 * time.Hour))
			defer w.run(config(pulsing("backup", model.Heartbeat{Cron: "30 2 * * *", Zone: "Europe/Berlin", Grace: 10 * time.Minute})), false)()
			w.heard()
			at(first.Add(9 * time.Minute))
			expect(t, "within its grace", w.heard(), "")
			at(first.Add(11 * time.Minute))
			expect(t, "late", w.heard(), "backup failed: no sign of life 10 min after it was due")
			at(first.Add(6 * time.Hour))
			expect(t, "told once", w.heard(), "")
			w.say("backup", success)
			expect(t, "there it is", w.heard(), "backup recovered: gave a sign of life again")

			y, m, d := first.In(berlin).Date()
			at(time.Date(y, m, d+1, 2, 31, 0, 0, berlin))
			w.say("backup", success)
			at(time.Date(y, m, d+2, 2, 39, 0, 0, berlin))
			expect(t, "in time", w.heard(), "")
			at(time.Date(y, m, d+2, 2, 41, 0, 0, berlin))
			expect(t, "late again", w.heard(), "backup failed: no sign of life 10 min after it was due")
		})
	}
}

func TestPulseOutlivesARestart(t *testing.T) {
	bubble(t, func(w *world) {
		c := func() *model.Config {
			return config(pulsing("backup", model.Heartbeat{Period: 3 * time.Hour, Grace: time.Minute, MaxRun: 30 * time.Minute}))
		}
		stop := w.run(c(), false)
		w.say("backup", failure)
		w.say("backup", began)
		w.heard()
		stop()
		time.Sleep(time.Minute)
		stop = w.run(c(), false)
		w.sleep(29*time.Minute + time.Second)
		expect(t, "it was told before; the run still counts", w.heard(), "backup failed: has been running for more than 30 min")
		stop()
		time.Sleep(time.Minute)
		stop = w.run(c(), false)
		w.sleep(time.Hour)
		expect(t, "told once", w.heard(), "")
		stop()
		time.Sleep(time.Minute)
		defer w.run(c(), true)()
		w.sleep(time.Minute)
		expect(t, "told once, the host was started anew", w.heard(), "")
		w.say("backup", success)
		expect(t, "and well again", w.heard(), "backup recovered: no longer runs for too long\nbackup recovered: succeeded")
	})
}

func TestGap(t *testing.T) {
	bubble(t, func(w *world) {
		c := func() *model.Config {
			return config(pulsing("backup", model.Heartbeat{Period: time.Hour, Grace: 5 * time.Minute}), pulsing("sync", model.Heartbeat{Period: time.Hour, Grace: 5 * time.Minute}))
		}
		stop := w.run(c(), false)
		w.sleep(10 * time.Minute)
		w.heard()
		stop()
		time.Sleep(2 * time.Minute)
		stop = w.run(c(), false)
		expect(t, "a short absence", w.heard(), "")
		stop()
		from := time.Now()
		time.Sleep(2 * time.Hour)
		defer w.run(c(), false)()
		expect(t, "after the gap", w.heard(), fmt.Sprintf(" internal: monitoring was interrupted %s-%s: what happened meanwhile is not known",
			from.Local().Format("15:04"), time.Now().Local().Format("15:04")))
		w.sleep(4 * time.Minute)
		w.say("sync", success)
		expect(t, "one grace", w.heard(), "")
		w.sleep(time.Minute)
		expect(t, "still overdue", w.heard(), "backup failed: time without a sign of life is 2h17m (limit: > 1h5m)")
		w.sleep(66 * time.Minute)
		expect(t, "one grace only", w.heard(), "sync failed: time without a sign of life is 1h5m (limit: > 1h5m)")

		if err := w.engine.ask(context.Background(), func() { w.engine.seen = w.engine.seen.Add(-21 * time.Minute) }); err != nil { // as if the host had slept
			t.Fatal(err)
		}
		w.sleep(time.Minute)
		now := time.Now().Local()
		if got := w.heard(); !strings.HasPrefix(got, " internal: monitoring was interrupted") || strings.Count(got, "\n") > 0 {
			t.Errorf("after a sleep until %v: %q", now, got)
		}
	})
}

func TestSpan(t *testing.T) {
	at := time.Date(2026, 5, 1, 23, 50, 0, 0, time.UTC)
	expect(t, "one day", span(at, at.Add(9*time.Minute)), "23:50-23:59")
	expect(t, "two days", span(at, at.Add(time.Hour)), "2026-05-01 23:50-2026-05-02 00:50")
}

func TestFailureWithoutARule(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(heartbeat("job", time.Hour)), false)()
		if err := w.engine.Hear(context.Background(), "job", failure); !errors.Is(err, ErrNoStatus) {
			t.Errorf("%v", err)
		}
		w.say("job", success)
	})
}

func TestPing(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f")), false)()
		if err := w.engine.Ping(context.Background()); err != nil {
			t.Error(err)
		}
		hold := make(chan struct{})
		w.engine.post(func() { <-hold })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := w.engine.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a conductor that is stuck answers: %v", err)
		}
		close(hold)
	})
}
