package alert

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// mortal is a journal that keeps a cursor only once the time for that is over, as a disk may.
type mortal struct {
	*memory
	kept map[string]uint64
}

func newMortal(events []model.Event, cursors map[string]uint64) *mortal {
	m := &mortal{newMemory(), maps.Clone(cursors)}
	m.events, m.cursors = events, maps.Clone(cursors)
	return m
}

func (m *mortal) Done(name string, seq uint64, within time.Duration) {
	m.memory.Done(name, seq, within)
	time.AfterFunc(within, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.kept[name] = max(m.kept[name], seq)
	})
}

// flush keeps everything at once.
func (m *mortal) flush(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(m.kept, m.cursors)
	return nil
}

// killed is what the next process finds.
func (m *mortal) killed() *mortal {
	m.mu.Lock()
	defer m.mu.Unlock()
	return newMortal(m.events, m.kept)
}

// Pins I-30: however often the daemon is killed in the middle of sending, no destination misses anything, each
// hears things in order, and again at most the one message that was leaving.
func TestKilledAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const (
			events = 300
			takes  = 7 * time.Millisecond // to send a message
		)
		journal := newMortal(nil, map[string]uint64{})
		heard := map[string][]string{}
		kills := 0
		for next := 0; kills < 60; kills++ {
			w := newTown(t, journal.memory)
			w.takes, w.keeper, w.kept = takes, journal, journal.flush
			w.open(chats("ops=1", "dev=2"))
			for range 20 {
				if next < events {
					w.happen(fmt.Sprint(next))
					next++
				}
				pass(3 * time.Millisecond)
			}
			pass(time.Duration(kills%11) * time.Millisecond)
			journal = journal.killed()
			w.change(func() {
				for to, lines := range w.arrived {
					heard[to] = append(heard[to], lines...)
				}
			})
			w.end()
		}
		for _, to := range []string{"1", "2"} {
			last, again := -1, 0
			for _, line := range heard[to] {
				_, text, _ := strings.Cut(line, " ")
				n, err := strconv.Atoi(text)
				switch {
				case err != nil || n > last+1 || n < last:
					t.Fatalf("%s hears of %s after %d", to, text, last)
				case n <= last:
					again++
				default:
					last = n
				}
			}
			if last != events-1 || again > kills {
				t.Errorf("%s hears of %d events, %d times again, at %d kills", to, last+1, again, kills)
			}
		}
	})
}
