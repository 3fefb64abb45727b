package top

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// The wishes of a screen, and the answers to them.
type (
	// look wants to know how everything is and what happened since a time; the answer is seen.
	look struct{ since time.Time }
	seen struct {
		host   model.HostStatus
		events []model.Event // oldest first; those that are known already among them
		err    error
	}

	// tell wants to know everything of a service; the answer is told.
	tell struct {
		service string
		now     time.Time
	}
	told struct {
		service string
		story   story.Story
		graphs  []client.Graph
		events  []model.Event
		err     error
	}

	// order and hush want something done; the answer is done.
	order struct {
		service string
		kind    model.CommandKind
	}
	hush struct {
		service string
		until   time.Time
	}
	done struct {
		text string
		err  error
	}

	leave struct{} // wants the end
	pause struct{} // wants to give the terminal back for a while
)

const (
	// patience bounds each wish.
	patience = 5 * time.Second
	// past is how far back events are of interest, and drawn how far back measurements are.
	past  = 24 * time.Hour
	drawn = time.Hour
	// maxEvents is how many of the last events are kept.
	maxEvents = 40
)

// A desk fulfils wishes. It waits for all of them in the end.
type desk struct {
	witness   Witness
	commander Commander
	user      string

	mu      sync.Mutex // no wish begins beside the end
	closed  bool
	pending sync.WaitGroup
}

// close returns when no wish is pending any more, and none will be.
func (d *desk) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.pending.Wait()
}

// begin tells whether a wish may begin. Then pending counts it.
func (d *desk) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.pending.Add(1)
	return true
}

// fulfil returns the answer to a wish, at the end nil.
func (d *desk) fulfil(ctx context.Context, wish any) any {
	if !d.begin() {
		return nil
	}
	defer d.pending.Done()
	switch wish.(type) {
	case order, hush: // are done also for who leaves at once
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch w := wish.(type) {
	case look:
		return d.look(ctx, w)
	case tell:
		return d.tell(ctx, w)
	case order:
		err := d.commander.Ask(ctx, model.Command{Kind: w.kind, Names: []string{w.service}})
		return done{fmt.Sprintf("asked to %s %s", w.kind, w.service), impatient(ctx, err)}
	case hush:
		_, err := d.commander.Silence(ctx, model.Silence{Names: []string{w.service}, Until: w.until, By: d.user, Reason: "orderly top"})
		return done{fmt.Sprintf("nobody is told of %s until %s", w.service, w.until.Local().Format("15:04")), impatient(ctx, err)}
	}
	return nil
}

func (d *desk) look(ctx context.Context, w look) seen {
	host, err := d.witness.Status(ctx, client.StatusQuery{})
	if err != nil {
		return seen{err: impatient(ctx, err)}
	}
	events, err := d.lately(ctx, client.EventQuery{Since: w.since})
	return seen{host, events, impatient(ctx, err)}
}

func (d *desk) tell(ctx context.Context, w tell) told {
	t := told{service: w.service}
	if t.story, t.err = d.witness.Why(ctx, w.service); t.err == nil {
		t.events, t.err = d.lately(ctx, client.EventQuery{Service: w.service, Since: w.now.Add(-past)})
	}
	if t.err == nil {
		q := client.HistoryQuery{Service: w.service, From: w.now.Add(-drawn), To: w.now, Points: int(drawn / time.Minute)}
		if past, err := d.witness.History(ctx, q); err == nil { // without graphs there is enough to tell
			t.graphs = past.Graphs
		}
	}
	t.err = impatient(ctx, t.err)
	return t
}

// lately returns the last events.
func (d *desk) lately(ctx context.Context, q client.EventQuery) ([]model.Event, error) {
	var out []model.Event
	for ev, err := range d.witness.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		if out = append(out, ev); len(out) >= 2*maxEvents {
			out = append(out[:0], out[len(out)-maxEvents:]...)
		}
	}
	return out, ctx.Err()
}

// impatient says of a wish that took too long that it did.
func impatient(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("orderly does not answer within %d s", patience/time.Second)
	}
	return err
}
