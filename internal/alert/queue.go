package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

const (
	maxWaiting = 256             // deliveries in memory; more events stay in the journal
	idleRest   = time.Second     // without a message before the sender rests
	linger     = 5 * time.Second // for what is undelivered when the daemon stops
)

// How soon the journal has to keep what was done. A daemon that is killed before begins there again.
//
// For a message that has left this means a second copy, so it is noted at once, but for the moment in which others may
// join it. An event that nobody wanted is only passed over a second time. Noting each of those at once would make
// a busy journal commit fifty times a second for nothing; so they go along with whatever is written next.
const (
	sentKept    = 20 * time.Millisecond
	skippedKept = time.Second
)

// queue takes the events of the journal to one outlet. Everything but changed belongs to the goroutine of run.
type queue struct {
	*outlet
	sender  sender
	journal Journal
	log     *slog.Logger
	report  func(model.Event)
	plan    func() *plan
	changed chan struct{} // capacity 1: there is a new plan

	taken   uint64     // last event taken from the journal
	waiting []delivery // in the order of events; the cursor stays before the first
	broke   time.Time  // when the outlet as a whole ceased to work; zero while it works
	due     time.Time  // of its next attempt
	given   int        // deliveries given up since it last worked
	sent    bool       // a message has left since the cursor moved
	wayless bool       // it was said that there is no way out
	active  time.Time  // last message; zero while the sender rests
}

func newQueue(a *Alert, o *outlet) *queue {
	log := a.Log.With("channel", o.channel)
	if o.address != "" {
		log = log.With("to", o.address)
	}
	return &queue{
		outlet: o, sender: o.open(), journal: a.Journal, log: log, report: a.Report,
		plan: a.plan.Load, changed: make(chan struct{}, 1),
	}
}

// nudge lets the queue try again what waits. Any goroutine may call it.
func (q *queue) nudge() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// run delivers until ctx ends and lingers for what is left then. When own ends, it lets everything go at once.
func (q *queue) run(ctx, own context.Context) {
	work, stop := context.WithCancel(own)
	defer stop()
	ended := context.AfterFunc(ctx, func() { time.AfterFunc(linger, stop) })
	defer ended()

	q.taken = place(q.journal, q.name)
	if q.alone {
		q.taken = max(q.taken, place(q.journal, q.since)) // it has done more since this place was noted
	}
	events := make(chan model.Event)
	var feeder sync.WaitGroup
	feeder.Go(func() {
		for ev := range q.journal.Follow(work, q.taken) {
			select {
			case events <- ev:
			case <-work.Done():
				return
			}
		}
	})
	defer feeder.Wait()
	defer stop()
	defer q.sender.rest()
	q.serve(ctx, work, events)
	q.drain(work, events)
	if own.Err() != nil && len(q.waiting) > 0 {
		q.log.Info("a destination is gone", "waiting", len(q.waiting))
	}
}

// serve works until ctx or the work ends. The work itself is cut off by another context, which ends later.
func (q *queue) serve(ctx, work context.Context, events <-chan model.Event) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil && work.Err() == nil {
		intake := events
		if len(q.waiting) >= maxWaiting {
			intake = nil
		}
		timer.Reset(q.nextDue(time.Now()))
		select {
		case ev := <-intake:
			q.take(ev)
		case <-q.changed:
			q.hurry()
		case <-timer.C:
		case <-ctx.Done():
			return
		case <-work.Done():
			return
		}
		q.deliver(work)
	}
}

// drain makes one attempt at everything that happened before now.
func (q *queue) drain(work context.Context, events <-chan model.Event) {
	last := q.journal.Last()
	for q.taken < last && q.due.IsZero() && len(q.waiting) < maxWaiting {
		select {
		case ev := <-events:
			q.take(ev)
			q.deliver(work)
		case <-work.Done():
			return
		}
	}
}

// nextDue is how long there is nothing to do, should no event come.
func (q *queue) nextDue(now time.Time) time.Duration {
	wait := time.Hour
	if !q.active.IsZero() {
		wait = q.active.Add(idleRest).Sub(now)
	}
	first := map[string]bool{} // the others of a recipient wait for the first
	for _, d := range q.waiting {
		if to := q.recipient(d.route); !first[to] {
			first[to] = true
			wait = min(wait, max(d.due.Sub(now), q.due.Sub(now)))
		}
	}
	return wait
}

// take adds the deliveries of an event. Those that an earlier run has made although others of the same event had to
// wait are known by a cursor of the recipient.
func (q *queue) take(ev model.Event) {
	q.taken = ev.Seq
	p := q.plan()
	for _, r := range recipients(p.config, ev) {
		if _, is := p.channels[r.Channel]; !is || p.name(r) != q.name || q.delivered(r, ev) {
			continue
		}
		q.waiting = append(q.waiting, delivery{route: r, event: ev})
		if q.address != "" {
			return // several routes may lead there
		}
	}
}

func (q *queue) delivered(r model.Route, ev model.Event) bool {
	return q.journal.Cursor(q.recipient(r)) >= ev.Seq ||
		q.since != "" && q.journal.Cursor(q.recipientOf(q.since, r)) >= ev.Seq
}

func (q *queue) recipient(r model.Route) string { return q.recipientOf(q.name, r) }

// recipientOf names the cursor of a recipient. Who has an outlet to himself has no other.
func (q *queue) recipientOf(name string, r model.Route) string {
	if q.address != "" {
		return name
	}
	return name + " " + strings.ToLower(r.Address)
}

// hurry makes everything due: what kept it from leaving may have been put right. Whoever is served by another outlet
// now is left to that.
func (q *queue) hurry() {
	q.wayless = false
	q.due = time.Time{}
	kept, p := q.waiting[:0], q.plan()
	for _, d := range q.waiting {
		if r, ok := p.renew(q.name, d.route); ok {
			d.route, d.due = r, time.Time{}
			kept = append(kept, d)
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
}

// deliver attempts what is due, in order, and moves the cursor. A delivery that must wait holds up only later
// ones to the same recipient; an outlet that does not work holds up all.
func (q *queue) deliver(ctx context.Context) {
	held := map[string]bool{}
	for i := 0; i < len(q.waiting) && ctx.Err() == nil; {
		d := &q.waiting[i]
		now := time.Now()
		if now.Before(q.due) {
			break
		}
		to := q.recipient(d.route)
		if held[to] || now.Before(d.due) {
			held[to] = true
			i++
			continue
		}
		_, err := q.sender.send(ctx, q.plan().config, d.route, d.event)
		q.active = time.Now()
		if err != nil && ctx.Err() != nil {
			break // that it was cut off says nothing
		}
		if err != nil && !errors.Is(err, errLater) && !errors.Is(err, errHopeless) && !errors.Is(err, errNoWay) {
			q.broken(err)
			break
		}
		if q.settle(d, err) {
			q.waiting = slices.Delete(q.waiting, i, i+1)
		}
	}
	q.advance()
	if now := time.Now(); !q.active.IsZero() && !now.Before(q.active.Add(idleRest)) {
		q.sender.rest()
		q.active = time.Time{}
	}
}

// what is delivered here, in words.
func (q *queue) what() string {
	if q.address != "" {
		return q.channel + " to " + q.address
	}
	return q.channel
}

// settle draws the consequences of an attempt that does not concern the outlet as a whole, and tells whether the
// delivery is over, one way or the other.
func (q *queue) settle(d *delivery, err error) (over bool) {
	if errors.Is(err, errNoWay) {
		if !q.wayless {
			q.wayless = true
			q.tell(*d, "cannot deliver "+q.what(), err)
		}
		return true
	}
	q.works()
	switch {
	case err == nil:
		q.sent = true
		if len(q.waiting) > 1 {
			q.journal.Done(q.recipient(d.route), d.event.Seq, sentKept)
		}
		return true
	case errors.Is(err, errHopeless):
		q.tell(*d, "cannot deliver "+q.channel+" to "+d.route.Address, err)
		return true
	case d.expired(time.Now()):
		q.tell(*d, "gave up delivering "+q.channel+" to "+d.route.Address, err)
		return true
	}
	q.log.Debug("a message waits", "to", d.route.Address, "err", err)
	d.failures++
	d.due = time.Now().Add(pause(d.failures))
	return false
}

// works notes that the outlet takes messages.
func (q *queue) works() {
	if !q.broke.IsZero() {
		q.log.Info("messages leave again", "given_up", q.given)
	}
	q.broke, q.given, q.due = time.Time{}, 0, time.Time{}
}

// broken notes that the outlet does not take messages, and gives up those that have waited for too long.
// It says each once until the outlet works again.
func (q *queue) broken(err error) {
	now := time.Now()
	if q.broke.IsZero() {
		q.broke = now
		q.log.Warn("messages cannot leave; they wait", "err", err)
	}
	wait := pauseOf(now.Sub(q.broke))
	if b := (busy{}); errors.As(err, &b) {
		wait = max(wait, min(b.after, longestBusy))
	}
	q.due = now.Add(wait)
	q.waiting = slices.DeleteFunc(q.waiting, func(d delivery) bool {
		if !d.expired(now) {
			return false
		}
		if q.given++; q.given == 1 {
			q.tell(d, "gave up delivering "+q.what()+" that is older than a day", err)
		}
		return true
	})
}

// tell reports an event that nobody is alerted of, lest the report of a failure fails in its turn.
func (q *queue) tell(d delivery, text string, err error) {
	q.log.Error(text, "service", d.event.Service, "err", err)
	q.report(model.Event{
		At: time.Now(), Host: d.event.Host, Service: d.event.Service, Kind: model.EventInternal, Topic: model.TopicInstance,
		Text: fmt.Sprintf("%s: %v", text, err), Evidence: d.event.Text, Silent: true,
	})
}

// advance moves the cursor up to what was delivered, given up or meant for nobody.
func (q *queue) advance() {
	done := q.taken
	if len(q.waiting) > 0 {
		done = q.waiting[0].event.Seq - 1
	}
	within := skippedKept
	if q.sent {
		within = sentKept
	}
	q.journal.Done(q.name, done, within)
	q.sent = false
}
