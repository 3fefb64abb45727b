package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"orderly/internal/model"
)

// heartbeat is one that is overdue after a time.
func heartbeat(name string, limit time.Duration) *model.Service {
	return &model.Service{Name: name, Kind: model.KindHeartbeat, Rules: []model.Rule{{
		Text: "late", Topic: model.TopicHeartbeat, Metric: model.SilentFor, Op: model.Greater, Operand: model.Num(limit.Seconds()),
		Then: []model.Action{{Kind: model.ActAlert}}, Else: []model.Action{{Kind: model.ActAlert}},
	}}}
}

func TestHeartbeat(t *testing.T) { // I-22
	bubble(t, func(w *world) {
		stop := w.run(config(heartbeat("backup", 61*time.Minute)), false)
		beat := func() {
			t.Helper()
			if err := w.engine.Beat(context.Background(), "BACKUP"); err != nil {
				t.Fatal(err)
			}
			w.sleep(0)
		}
		w.sleep(time.Hour)
		beat()
		w.sleep(61 * time.Minute)
		expect(t, "in time", w.story(), "")
		w.sleep(2 * time.Millisecond) // it is looked at when it is overdue, not in the next cycle
		expect(t, "overdue", w.story(), "backup failed")
		w.sleep(time.Hour)
		expect(t, "told once", w.story(), "")
		beat()
		expect(t, "heard again", w.story(), "backup recovered")

		w.sleep(30 * time.Minute)
		stop()
		time.Sleep(20 * time.Minute)
		defer w.run(config(heartbeat("backup", 61*time.Minute)), false)()
		w.sleep(10 * time.Minute)
		expect(t, "after a restart of orderly", w.story(), " internal")
		w.sleep(2 * time.Minute)
		expect(t, "what was heard before it counts", w.story(), "backup failed")
	})
}

func TestBeatOfWhatIsNone(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f"), heartbeat("backup", time.Hour)), false)()
		for _, name := range []string{"f", "bakcup"} {
			var unknown *UnknownError
			if err := w.engine.Beat(context.Background(), name); !errors.As(err, &unknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.with(func() { w.disk = errors.New("the disk is full") })
		if err := w.engine.Beat(context.Background(), "backup"); err == nil {
			t.Error("that it cannot be saved was not told")
		}
	})
}
