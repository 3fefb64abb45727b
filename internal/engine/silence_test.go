package engine

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// silence begins one and fails the test if it cannot.
func (w *world) silence(s model.Silence) model.Silence {
	w.t.Helper()
	out, err := w.engine.Silence(context.Background(), s)
	if err != nil {
		w.t.Fatalf("silence: %v", err)
	}
	return out
}

// deploy is a silence as Inspeqtor's users make one.
func deploy(d time.Duration) model.Silence {
	return model.Silence{ID: "deploy", All: true, Hold: true, Mute: true, Until: time.Now().Add(d), Reason: "deploy"}
}

func TestWhatFailsDuringASilenceIsToldAtItsEnd(t *testing.T) { // I-21
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		defer w.run(config(gauge("f")), false)()
		w.silence(deploy(5 * time.Minute))
		w.set("f", model.Size, 20)
		w.sleep(2 * time.Minute)
		w.state("f", model.StateFailing)
		if why := w.status("f").Silenced; !strings.HasSuffix(why, ": deploy") {
			t.Errorf("silenced %q", why)
		}
		expect(t, "heard meanwhile", w.heard(), "")
		w.sleep(3 * time.Minute)
		told := w.heard() // after the notice that orderly was away
		expect(t, "heard", told[strings.Index(told, "\n")+1:], "f failed: size is 20 B (limit: > 10 B) (since 00:00:30, in a silence that is over)")
		if left, _ := w.engine.Silences(context.Background()); len(left) != 0 {
			t.Errorf("silences left: %v", left)
		}
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		expect(t, "heard after", w.heard(), "f recovered: size is 1 B, no longer > 10 B")
	})
}

// Whoever knows of a failure hears in a silence that it is over, but not in a deploy.
func TestWhatIsAsPeopleKnowItIsNotTold(t *testing.T) { // A-033, D-59, I-21
	const (
		well   = "f recovered: size is 1 B, no longer > 10 B"
		failed = "f failed: size is 20 B (limit: > 10 B)"
		over   = ", in a silence that is over)"
	)
	for _, c := range []struct {
		name                 string
		mute                 bool
		before, during, then float64
		meanwhile, end       string
	}{
		{"failed and recovered", false, 1, 20, 1, "", ""},
		{"recovered and failed", false, 20, 1, 20, well, failed + " (since 00:03:30" + over},
		{"recovered", false, 20, 1, 1, well, ""},
		{"failing all the time", false, 20, 20, 20, "", ""},
		{"failed and recovered in a deploy", true, 1, 20, 1, "", ""},
		{"recovered and failed in a deploy", true, 20, 1, 20, "", ""},
		{"recovered in a deploy", true, 20, 1, 1, "", well + " (since 00:01:30" + over},
		{"failing all through a deploy", true, 20, 20, 20, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.set("f", model.Size, c.before)
				stop := w.run(config(gauge("f")), false)
				w.sleep(time.Minute)
				w.silence(model.Silence{Names: []string{"F"}, Mute: c.mute, Until: time.Now().Add(5 * time.Minute)})
				stop() // what people know is known over a restart
				w.story()
				defer w.run(config(gauge("f")), false)()
				w.set("f", model.Size, c.during)
				w.sleep(2 * time.Minute)
				w.set("f", model.Size, c.then)
				w.sleep(2 * time.Minute)
				expect(t, "heard meanwhile", w.heard(), c.meanwhile)
				w.sleep(10 * time.Minute)
				expect(t, "heard at the end", w.heard(), c.end)
			})
		})
	}
}

// Where one of several silences is mute, nobody hears anything before its end.
func TestRecoveryInSeveralSilences(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 20)
		defer w.run(config(gauge("f")), false)()
		w.sleep(time.Minute)
		w.silence(model.Silence{All: true, Until: time.Now().Add(time.Hour)})
		w.silence(deploy(5 * time.Minute))
		w.heard()
		w.set("f", model.Size, 1)
		w.sleep(4 * time.Minute)
		expect(t, "heard in the deploy", w.heard(), "")
		w.sleep(2 * time.Minute)
		expect(t, "heard in the silence", w.heard(), "f recovered: size is 1 B, no longer > 10 B (since 00:01:30, in a silence that is over)")
	})
}

// People know that something fails that only became graver in a silence.
func TestRecoveryOfWhatBecameGraver(t *testing.T) {
	for _, mute := range []bool{false, true} {
		bubble(t, func(w *world) {
			f := gauge("f")
			f.Rules[0].Mild = []int{20}
			w.set("f", model.Size, 20)
			defer w.run(config(f), false)()
			w.sleep(time.Minute)
			w.silence(model.Silence{All: true, Mute: mute, Until: time.Now().Add(time.Hour)})
			w.heard()
			w.set("f", model.Size, 30)
			w.sleep(time.Minute)
			expect(t, "heard of its becoming graver", w.heard(), "")
			w.set("f", model.Size, 1)
			w.sleep(2 * time.Hour)
			heard := w.heard()
			if !strings.HasPrefix(heard, "f recovered: ") || strings.Contains(heard, "\n") {
				t.Errorf("mute: %v: heard of the recovery: %q", mute, heard)
			}
		})
	}
}

func TestEndedByCommandBetweenChecks(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		defer w.run(config(gauge("f")), false)()
		s := w.silence(model.Silence{Names: []string{"f"}, Until: time.Now().Add(time.Hour)})
		expect(t, "ID", s.ID, "1")
		w.set("f", model.Size, 20) // it is not checked again before the silence ends
		if err := w.engine.EndSilence(context.Background(), s.ID); err != nil {
			t.Fatal(err)
		}
		w.sleep(0)
		expect(t, "heard", w.heard(), "f failed: size is 20 B (limit: > 10 B)")
		if err := w.engine.EndSilence(context.Background(), s.ID); !errors.Is(err, ErrNoSilence) {
			t.Errorf("ended twice: %v", err)
		}
	})
}

func TestNothingIsRepairedWhileADeployHoldsItBack(t *testing.T) { // I-21
	once := process("once")
	once.Rules[0].Then[0].Once = true
	program := gauge("f", model.Action{Kind: model.ActExec, Exec: &model.Program{Args: []string{"clean"}}})
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.set("once", model.Exist, 1)
		w.set("f", model.Size, 1)
		defer w.run(config(process("web"), once, program), false)()
		w.silence(deploy(5 * time.Minute))
		w.set("web", model.Exist, 0)
		w.set("once", model.Exist, 0)
		w.set("f", model.Size, 20)
		w.sleep(4 * time.Minute)
		expect(t, "done meanwhile", w.actions(), "")
		w.silence(deploy(30 * time.Second)) // "finish deploy"
		w.sleep(time.Minute)
		done := w.actions()
		for _, want := range []string{"restart web", "restart once", "exec clean f"} {
			if strings.Count(done, want) != 1 {
				t.Errorf("%q was not done once at the end: %s", want, done)
			}
		}
		w.state("web", model.StateOK)
		w.state("once", model.StateOK)
	})
}

// What a change calls for and was held back is made up for, once for all changes, and not if nothing has changed.
func TestChangesWhileADeployHoldsRepairsBack(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changes int
		restart bool // of orderly, meanwhile
		late    bool // it changes once more, right at the end
		want    string
	}{
		{"nothing", 0, false, false, ""},
		{"one", 1, false, false, "reload web"},
		{"three", 3, false, false, "reload web"},
		{"one, and orderly starts anew", 1, true, false, "reload web"},
		{"one, and one at the end", 1, false, true, "reload web"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				web, conf := process("web"), gauge("conf")
				web.Reload = &model.Program{Args: []string{"reload"}}
				conf.Rules = []model.Rule{{
					Text: "changed size", Topic: model.TopicSize, Metric: model.Size, Op: model.Changed,
					Then: []model.Action{{Kind: model.ActReload, On: "web", Once: true}},
				}}
				w.set("web", model.Exist, 1)
				w.set("conf", model.Size, 1)
				stop := w.run(config(web, conf), false)
				defer func() { stop() }()
				w.silence(deploy(5 * time.Minute))
				for n := range tt.changes {
					w.set("conf", model.Size, float64(n+2))
					w.sleep(time.Minute)
				}
				if tt.restart {
					stop()
					stop = w.run(config(web, conf), false)
				}
				w.sleep(5*time.Minute - time.Duration(tt.changes)*time.Minute - time.Second)
				expect(t, "done meanwhile", w.actions(), "")
				if tt.late {
					w.set("conf", model.Size, 100)
				}
				w.sleep(5 * time.Minute)
				expect(t, "done at the end", w.actions(), tt.want)
			})
		})
	}
}

func TestSilencesOutliveTheDaemon(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		stop := w.run(config(gauge("f")), false)
		w.silence(deploy(5 * time.Minute))
		w.set("f", model.Size, 20)
		w.sleep(time.Minute)
		stop()
		w.story()
		defer w.run(config(gauge("f")), false)()
		w.sleep(time.Minute)
		expect(t, "heard meanwhile", w.heard(), "")
		w.sleep(5 * time.Minute)
		told := w.heard() // after the notice that orderly was away
		expect(t, "heard", told[strings.Index(told, "\n")+1:], "f failed: size is 20 B (limit: > 10 B) (since 00:00:30, in a silence that is over)")
	})
}

func TestSilenceOverWhileTheDaemonWasAway(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 1)
		stop := w.run(config(gauge("f")), false)
		w.silence(deploy(2 * time.Minute))
		w.set("f", model.Size, 20)
		w.sleep(time.Minute)
		stop()
		w.story()
		time.Sleep(time.Hour)
		defer w.run(config(gauge("f")), false)()
		w.sleep(time.Second)
		told := w.heard() // after the notice that orderly was away
		expect(t, "heard", told[strings.Index(told, "\n")+1:], "f failed: size is 20 B (limit: > 10 B) (since 00:00:30, in a silence that is over)")
	})
}

func TestSilenceRefused(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f")), false)()
		for _, s := range []model.Silence{
			{All: true, Until: time.Now()},
			{Names: []string{"g"}, Until: time.Now().Add(time.Hour)},
			{Group: "g", Until: time.Now().Add(time.Hour)},
			{Until: time.Now().Add(time.Hour)},
		} {
			if _, err := w.engine.Silence(context.Background(), s); err == nil {
				t.Errorf("%+v was accepted", s)
			}
		}
		w.with(func() { w.disk = errors.New("the disk is full") })
		if _, err := w.engine.Silence(context.Background(), deploy(time.Hour)); err == nil {
			t.Error("that it cannot be saved was not told")
		}
	})
}

func TestSilenceOfAGroupOnly(t *testing.T) {
	a, b := gauge("a"), gauge("b")
	a.Groups = []string{"shop"}
	bubble(t, func(w *world) {
		defer w.run(config(a, b), false)()
		w.silence(model.Silence{Group: "shop", Until: time.Now().Add(time.Hour)})
		w.set("a", model.Size, 20)
		w.set("b", model.Size, 20)
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "b failed: size is 20 B (limit: > 10 B)")
	})
}

// What is told at the end of a silence carries what was seen, as it would have before.
func TestWhatIsToldLateHasItsEvidence(t *testing.T) {
	probed := gauge("f")
	probed.Rules = []model.Rule{{
		Text: "failed port 80", Topic: model.TopicConnection, Metric: model.OK, Op: model.Equal, Operand: model.Num(0),
		Probe: &model.Probe{Kind: model.ProbePort, Host: "localhost", Port: 80, Timeout: time.Second},
		Then:  []model.Action{{Kind: model.ActAlert}}, Else: []model.Action{{Kind: model.ActAlert}},
	}}
	bubble(t, func(w *world) {
		w.with(func() { w.results["f"] = model.Result{OK: true} })
		defer w.run(config(probed), false)()
		w.silence(deploy(5 * time.Minute))
		w.with(func() { w.results["f"] = model.Result{Summary: "connection refused", Evidence: "SYN\n"} })
		w.sleep(6 * time.Minute)
		for _, ev := range w.log {
			if ev.Kind == model.EventFailed && ev.Silenced == "" {
				expect(t, "evidence", ev.Evidence, "SYN\n")
				return
			}
		}
		t.Error("nobody was told")
	})
}

// A journal that cannot be read back is no silence, and nothing worse.
func TestSilencesThatCannotBeRead(t *testing.T) {
	bubble(t, func(w *world) {
		w.silences = []byte(`[{"id":`)
		defer w.run(config(gauge("f")), false)()
		expect(t, "listed", w.listed(), "")
	})
}
