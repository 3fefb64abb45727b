package daemon

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
	"orderly/internal/store"
)

const (
	// diagnosing is how long people wait for the first word at most, so that it can say how the host was.
	diagnosing = 3 * time.Second
	// leeway is how much sooner a diagnosis ends, so that what was found until then is not too late.
	leeway = 200 * time.Millisecond
	// diagnosisEvery is how far two diagnoses of one service are apart.
	diagnosisEvery = time.Minute
	// maxDiagnoses is how many may be waited for: of a mass failure the first ones tell why.
	maxDiagnoses = 16
)

// diagnoses are how the host was when something failed. They are made one after the other, beside everything else; who
// follows the journal through them gets an event with its diagnosis, or without it when that takes too long.
type diagnoses struct {
	look func(ctx context.Context, ev model.Event) string // must return when ctx ends
	keep func(seq uint64, text string)
	want chan *diagnosis
	on   atomic.Bool // somebody wants them, and run runs

	mu      sync.Mutex // guards the rest, and that an event is known here before followers see it
	pending map[uint64]*diagnosis
	last    map[string]time.Time // by service
}

// A diagnosis is one that is wanted.
type diagnosis struct {
	event model.Event
	until time.Time
	text  string        // once done is closed
	done  chan struct{} // closed when there is a text, or will be none
}

func newDiagnoses(look func(context.Context, model.Event) string, keep func(uint64, string)) *diagnoses {
	return &diagnoses{look: look, keep: keep, want: make(chan *diagnosis, maxDiagnoses), pending: map[uint64]*diagnosis{}, last: map[string]time.Time{}}
}

// append journals an event, and asks for a diagnosis of it if it is one that people want to understand. It does not wait.
func (d *diagnoses) append(s *store.Store, ev model.Event) uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	ev.Seq = s.Append(ev)
	now := time.Now()
	if !d.on.Load() || !puzzling(ev) || now.Sub(d.last[ev.Service]) < diagnosisEvery {
		return ev.Seq
	}
	wanted := &diagnosis{event: ev, until: now.Add(diagnosing), done: make(chan struct{})}
	select {
	case d.want <- wanted:
		d.pending[ev.Seq] = wanted
		d.note(ev.Service, now)
	default:
	}
	return ev.Seq
}

// note remembers that a service is diagnosed now, and forgets what no longer matters.
func (d *diagnoses) note(service string, now time.Time) {
	for name, at := range d.last {
		if now.Sub(at) >= diagnosisEvery {
			delete(d.last, name)
		}
	}
	d.last[service] = now
}

// puzzling tells whether people are told of something that broke.
func puzzling(ev model.Event) bool {
	if ev.Service == "" || ev.Silent || ev.Silenced != "" {
		return false
	}
	switch ev.Kind {
	case model.EventFailed, model.EventActionFailed:
		return true
	case model.EventChanged:
		return ev.Topic == model.TopicPID // a process ended that somebody else started again
	}
	return false
}

// run makes diagnoses until ctx ends.
func (d *diagnoses) run(ctx context.Context) {
	for {
		select {
		case w := <-d.want:
			d.make(ctx, w)
		case <-ctx.Done():
			d.mu.Lock()
			defer d.mu.Unlock()
			d.on.Store(false)
			for seq, w := range d.pending {
				close(w.done)
				delete(d.pending, seq)
			}
			return
		}
	}
}

func (d *diagnoses) make(ctx context.Context, w *diagnosis) {
	text := ""
	if end := w.until.Add(-leeway); time.Now().Before(end) {
		within, cancel := context.WithDeadline(ctx, end)
		text = d.look(within, w.event)
		cancel()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.text = text; text != "" {
		d.keep(w.event.Seq, text)
	}
	close(w.done)
	delete(d.pending, w.event.Seq)
}

// await returns an event with its diagnosis, if that comes in time.
func (d *diagnoses) await(ctx context.Context, ev model.Event) model.Event {
	d.mu.Lock()
	w := d.pending[ev.Seq]
	d.mu.Unlock()
	if w == nil {
		return ev
	}
	patience := time.NewTimer(time.Until(w.until))
	defer patience.Stop()
	select {
	case <-w.done:
		ev.Diagnosis = w.text
	case <-patience.C:
	case <-ctx.Done():
	}
	return ev
}

// A diagnosed is the journal as those get it who tell people.
type diagnosed struct {
	*store.Store
	diagnoses *diagnoses
}

func (d *instance) diagnosed() diagnosed { return diagnosed{d.store, d.diagnoses} }

// Follow is Store.Follow, with diagnoses.
func (j diagnosed) Follow(ctx context.Context, from uint64) iter.Seq[model.Event] {
	return func(yield func(model.Event) bool) {
		for ev := range j.Store.Follow(ctx, from) {
			if ev.Diagnosis == "" {
				ev = j.diagnoses.await(ctx, ev)
			}
			if !yield(ev) {
				return
			}
		}
	}
}
