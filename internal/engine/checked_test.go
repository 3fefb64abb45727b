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
