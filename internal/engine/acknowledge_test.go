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
