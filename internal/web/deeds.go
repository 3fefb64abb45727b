package web

import (
	"context"
	"maps"
	"time"

	"orderly/internal/model"
)

// recall is how far back repairs are looked for at first, and recallMost how many events are read at once.
const (
	recall     = 7 * 24 * time.Hour
	recallMost = 10_000
)

// deeds are what was last done to each service. They are read from the journal when somebody looks.
type deeds struct {
	journal Journal
	turn    chan struct{}
	seen    uint64
	primed  bool
	last    map[string]model.Event // never changed once it was handed out
}

// look reads what is new in the journal. What cannot be read now is read the next time.
func (d *deeds) look(ctx context.Context, now time.Time) map[string]model.Event {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil
	}
	if d.primed && d.journal.Last() == d.seen {
		return d.last
	}
	q, newest := Query{After: d.seen, Limit: recallMost}, d.journal.Last()
	if !d.primed {
		q.Since = now.Add(-recall)
	}
	events, err := d.journal.Events(ctx, q)
	if err != nil {
		return d.last
	}
	d.primed = true
	if len(events) < recallMost || q.After == 0 {
		d.seen = newest
	}
	next := maps.Clone(d.last)
	if next == nil {
		next = map[string]model.Event{}
	}
	for _, ev := range events {
		d.seen = max(d.seen, ev.Seq)
		if ev.Service != "" && (ev.Kind == model.EventAction || ev.Kind == model.EventActionFailed) {
			next[ev.Service] = ev
		}
	}
	d.last = next
	return d.last
}
