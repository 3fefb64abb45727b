package alert

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// note puts on record how far it came, in words.
func (w *town) note(t model.Told) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.record == nil {
		w.record = map[uint64]map[string]string{}
	}
	if w.record[t.Seq] == nil {
		w.record[t.Seq] = map[string]string{}
	}
	how := t.At.Sub(w.began).String()
	if t.Error != "" {
		how += ", " + t.Error
	}
	if !t.Quiet.IsZero() {
		how += ", quiet until " + t.Quiet.UTC().Format(time.TimeOnly)
	}
	if t.Instead != "" {
		how += ", instead of " + t.Instead
	}
	w.record[t.Seq][t.Channel+" "+t.Address] = how
}

// recorded fails unless this is on record of an event.
func (w *town) recorded(seq uint64, want map[string]string) {
	w.t.Helper()
	w.change(func() {
		if !maps.Equal(w.record[seq], want) {
			w.t.Errorf("of event %d is on record %q, want %q", seq, w.record[seq], want)
		}
	})
}

func TestWhoWasToldIsOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.reported = []string{}
		w.down["dead"] = errors.New("connection refused")
		w.open(chats("ops=1", "night=dead"))
		w.happen("a")
		w.recorded(1, map[string]string{"chat ops": "0s", "chat night": "0s, connection refused"})
		w.happen("b") // which waits behind the other
		w.recorded(2, map[string]string{"chat ops": "0s"})
		pass(2 * time.Second)
		w.recorded(2, map[string]string{"chat ops": "0s", "chat night": "1s, connection refused"})
		w.change(func() { delete(w.down, "dead") })
		pass(5 * time.Minute)
		w.recorded(1, map[string]string{"chat ops": "0s", "chat night": "3s"})
		w.recorded(2, map[string]string{"chat ops": "0s", "chat night": "3s"})
		w.end()
	})
}

func TestWhoWasToldInsteadIsOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.down["1"] = fmt.Errorf("%w: 404", errHopeless)
		w.down["dead"] = errors.New("refused")
		w.open(chatOr("1", "dead", "spare"))
		w.happen("a")
		w.recorded(1, map[string]string{
			"chat ops":   "0s, refused for good: 404",
			"chat dead":  "0s, refused, instead of chat ops",
			"chat spare": "0s, instead of chat ops",
		})
		w.end()
	})
}

func TestQuietHoursAreOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTown(t, newMemory())
		w.open(asleep("chat", "1=1"))
		w.fails("web", model.Major)
		w.recorded(1, map[string]string{"chat 1": "0s, quiet until 07:00:00"})
		pass(7 * time.Hour)
		w.recorded(1, map[string]string{"chat 1": "7h0m0s"})
		w.end()
	})
}

// What many events are told of in one message is on record of each of them.
func TestMessagesOfSeveralEventsAreOnRecord(t *testing.T) {
	var got []model.Told
	q := &queue{noted: func(t model.Told) { got = append(got, t) }}
	p := parcel{route: model.Route{Channel: "chat", Address: "ops"}, events: []model.Event{{Seq: 4}, {Seq: 7}}}
	q.onRecord(p, "", nil)
	if len(got) != 2 || got[0].Seq != 4 || got[1].Seq != 7 || got[0].Together != 2 || !got[1].Arrived() {
		t.Errorf("on record is %+v", got)
	}
}
