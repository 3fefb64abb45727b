package engine

import (
	"context"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestAcknowledge(t *testing.T) {
	bubble(t, func(w *world) {
		c := config(gauge("f"), gauge("g"))
		c.Routes = []model.Route{
			{Channel: "chat", Address: "team", Topics: model.AllTopics, Reminder: model.Reminder{Every: time.Hour}},
			{Channel: "call", Address: "boss", Topics: model.AllTopics, After: 30 * time.Minute},
		}
		w.set("f", model.Size, 20)
		w.set("g", model.Size, 20)
		stop := w.run(c, false)
		ack := func(name string) string {
			t.Helper()
			out, err := w.engine.Acknowledge(context.Background(), model.Command{Names: []string{name}}, "ann")
			if err != nil {
				t.Fatal(err)
			}
			return out[0].Done
		}
		w.sleep(10 * time.Minute)
		w.heard()
		expect(t, "at first", ack("f"), "is acknowledged")
		expect(t, "again", ack("F"), "is acknowledged by ann already")
		expect(t, "status", w.status("f").Acked, "acknowledged by ann")
		stop()
		defer w.run(c, false)()
		w.sleep(3 * time.Hour)
		expect(t, "only of the other they are reminded, and the boss is called", w.heard(), "g still_failing: size is 20 B (limit: > 10 B)\n"+
			"g still_failing: size is 20 B (limit: > 10 B)\ng still_failing: size is 20 B (limit: > 10 B)\ng still_failing: size is 20 B (limit: > 10 B)")
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		expect(t, "heard of the recovery", w.heard(), "f recovered: size is 1 B, no longer > 10 B")
		expect(t, "when it is well", ack("f"), "is well: there is nothing to acknowledge")
		w.set("f", model.Size, 20)
		w.sleep(35 * time.Minute)
		expect(t, "the next failure is another", w.heard(), "f failed: size is 20 B (limit: > 10 B)\nf still_failing: size is 20 B (limit: > 10 B)")
	})
}

// Whoever was told of what is acknowledged hears that it is over, also in a silence.
func TestRecoveryOfWhatIsAcknowledgedInASilence(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("f", model.Size, 20)
		defer w.run(config(gauge("f")), false)()
		w.sleep(time.Minute)
		if _, err := w.engine.Acknowledge(context.Background(), model.Command{Names: []string{"f"}}, "ann"); err != nil {
			t.Fatal(err)
		}
		w.silence(model.Silence{All: true, Until: time.Now().Add(time.Hour)})
		w.heard()
		w.set("f", model.Size, 1)
		w.sleep(time.Minute)
		expect(t, "heard", w.heard(), "f recovered: size is 1 B, no longer > 10 B")
		expect(t, "status", w.status("f").Acked, "")
	})
}

// reminded is when people were told since the last time that something goes on failing.
func (w *world) reminded() (out []string) {
	w.with(func() {
		for _, ev := range w.log {
			if ev.Kind == model.EventStillFailing && ev.Silenced == "" {
				out = append(out, ev.At.Sub(w.begun).String())
			}
		}
	})
	w.story()
	return out
}

func TestAcknowledgementExpires(t *testing.T) {
	bubble(t, func(w *world) {
		c := config(gauge("f"))
		c.Settings.AckFor = 2 * time.Hour
		c.Routes = []model.Route{{Channel: "call", Address: "boss", Topics: model.AllTopics, After: 30 * time.Minute}}
		w.set("f", model.Size, 20)
		stop := w.run(c, false)
		w.sleep(10 * time.Minute)
		out, err := w.engine.Acknowledge(context.Background(), model.Command{Names: []string{"f"}}, "ann")
		if err != nil || out[0].Done != "is acknowledged" {
			t.Fatal(out, err)
		}
		expect(t, "status", w.status("f").Acked, "acknowledged by ann until 02:10:00")
		stop()
		defer w.run(c, false)() // that is known after a restart
		w.story()
		w.sleep(2*time.Hour - time.Minute)
		if at := w.reminded(); at != nil {
			t.Errorf("people are told at %v", at)
		}
		w.sleep(2 * time.Hour)
		if at := w.reminded(); len(at) != 1 || at[0] != "2h10m0s" {
			t.Errorf("the boss is called at %v, want once when the acknowledgement has expired", at)
		}
		expect(t, "status", w.status("f").Acked, "")
	})
}

// Who says for how long looks after it for so long, whatever is configured, and may say so again.
func TestAcknowledgeUntil(t *testing.T) {
	bubble(t, func(w *world) {
		c := config(gauge("f"))
		c.Settings.AckFor = 30 * time.Minute
		c.Routes = []model.Route{{Channel: "call", Address: "boss", Topics: model.AllTopics, Reminder: model.Reminder{Every: 10 * time.Minute}}}
		w.set("f", model.Size, 20)
		defer w.run(c, false)()
		w.sleep(time.Minute)
		ack := func(length time.Duration) string {
			cmd := model.Command{Names: []string{"f"}, Until: time.Now().Add(length)}
			out, err := w.engine.Acknowledge(context.Background(), cmd, "ann")
			if err != nil {
				return err.Error()
			}
			return out[0].Done
		}
		expect(t, "for no time", ack(0), "cannot acknowledge: the time until which you look after it has passed")
		expect(t, "for years", ack(2*maxSilence), "cannot acknowledge: that would end more than a year from now")
		expect(t, "for an hour", ack(time.Hour), "is acknowledged")
		expect(t, "status", w.status("f").Acked, "acknowledged by ann until 01:01:00")
		w.sleep(30 * time.Minute)
		expect(t, "for longer", ack(4*time.Hour), "is acknowledged")
		expect(t, "status", w.status("f").Acked, "acknowledged by ann until 04:31:00")
		w.story()
		w.sleep(4 * time.Hour)
		w.sleep(5 * time.Minute)
		if at := w.reminded(); len(at) != 1 || at[0] != "4h31m0s" {
			t.Errorf("people are reminded at %v, want once when the acknowledgement has expired", at)
		}
		expect(t, "for days", ack(48*time.Hour), "is acknowledged")
		expect(t, "status", w.status("f").Acked, "acknowledged by ann until 2000-01-03 04:36:00")
	})
}

// Whoever would have been called during a silence is called after it.
func TestEscalationGoesOnAfterASilence(t *testing.T) {
	for _, before := range []bool{true, false} { // it failed before the silence, or in it
		bubble(t, func(w *world) {
			c := config(gauge("f"))
			c.Routes = []model.Route{{Channel: "call", Address: "boss", Topics: model.AllTopics, After: 10 * time.Minute}}
			w.set("f", model.Size, map[bool]float64{true: 20, false: 1}[before])
			defer w.run(c, false)()
			w.sleep(time.Minute)
			w.silence(model.Silence{All: true, Until: time.Now().Add(time.Hour)})
			w.set("f", model.Size, 20)
			w.story()
			w.sleep(time.Hour - time.Second)
			if at := w.reminded(); at != nil {
				t.Errorf("people are told at %v", at)
			}
			w.sleep(time.Hour)
			if at := w.reminded(); len(at) != 1 || at[0] != "1h1m0s" && at[0] != "1h1m30s" {
				t.Errorf("failed before: %v: the boss is called at %v", before, at)
			}
		})
	}
}
