package alert

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

const (
	maxWaiting = 1024            // deliveries in memory; more events stay in the journal
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
	means   Means
	sender  sender
	journal Journal
	log     *slog.Logger
	report  func(model.Event)
	kept    func(context.Context) error

	attempted func(model.Route, model.Event, error) // nil: nobody wants to know
	noted     func(model.Told)                      // likewise
	ailing    *ailments
	record    *record
	load      load
	plan      func() *plan
	changed   chan struct{} // capacity 1: there is a new plan

	taken   uint64     // last event taken from the journal
	waiting []delivery // in the order of events; the cursor stays before the first
	paces   map[string]*pace
	spares  map[string]sender // those of fallbacks that were used
	ending  bool              // nothing gathers any more
	broke   time.Time         // when the outlet as a whole ceased to work; zero while it works
	revoked bool              // it does not let us in
	rounds  int               // how often it did again
	told    bool              // of that
	spared  bool              // somebody was told in its place since
	due     time.Time         // of its next attempt
	given   int               // deliveries given up since it last worked
	sent    bool              // a message has left since the cursor moved
	unsure  bool              // a message has left of which the disk may not know
	wayless bool              // it was said that there is no way out
	active  time.Time         // last message; zero while the sender rests
	bed     bed               // what waits for the end of quiet hours
}

func newQueue(a *Alert, o *outlet) *queue {
	log := a.Log.With("channel", o.channel)
	if o.address != "" {
		log = log.With("to", o.address)
	}
	return &queue{
		outlet: o, means: a.Means, sender: o.ways.open(a.Means), journal: a.Journal, log: log, report: a.Report, kept: a.Kept, attempted: a.Attempted, noted: a.Noted,
		ailing: &a.ailing, record: &a.record, load: load{all: &a.waiting}, plan: a.plan.Load, changed: make(chan struct{}, 1), paces: map[string]*pace{}, spares: map[string]sender{},
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
	defer q.rest()
	defer q.ailing.forget(q.name)
	defer q.load.set(0)
	q.serve(ctx, work, events)
	q.drain(work, events)
	if waiting := len(q.waiting) + len(q.bed.asleep); own.Err() != nil && waiting > 0 {
		q.log.Info("a destination is gone", "waiting", waiting)
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

// drain makes one attempt at everything that happened before now, and at what was gathering.
func (q *queue) drain(work context.Context, events <-chan model.Event) {
	defer func() {
		q.ending = true
		q.deliver(work)
	}()
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
	if len(q.bed.asleep) > 0 {
		wait = min(wait, q.bed.wakes.Sub(now))
	}
	first := map[string]bool{} // the others of a recipient wait for the first
	for i := range q.waiting {
		d := &q.waiting[i]
		if to := q.recipient(d.route); !first[to] {
			first[to] = true
			direct, detour := q.when(d)
			wait = min(wait, direct.Sub(now), detour.Sub(now))
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
	left := func(to string) bool { return q.journal.Cursor(to) >= ev.Seq || q.hasPassed(to, ev.Seq) }
	return left(q.recipient(r)) || q.since != "" && left(q.recipientOf(q.since, r))
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
	q.wake(func(*delivery) bool { return true })
	kept, p := q.waiting[:0], q.plan()
	for _, d := range q.waiting {
		if r, ok := p.renew(q.name, d.route); ok {
			d.route, d.due, d.asked = r, time.Time{}, time.Time{}
			kept = append(kept, d)
		}
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
}

// advance moves the cursor up to what was delivered, given up or meant for nobody.
func (q *queue) advance() {
	done := q.taken
	if seq := q.undone(); seq > 0 {
		done = seq - 1
	}
	within := skippedKept
	if q.sent {
		within = sentKept
	}
	q.journal.Done(q.name, done, within)
	q.sent = false
}

// rest lets go of connections.
func (q *queue) rest() {
	q.sender.rest()
	for _, s := range q.spares {
		s.rest()
	}
	q.active = time.Time{}
}

// what is delivered here, in words.
func (q *queue) what() string {
	if q.address != "" {
		return q.channel + " to " + q.address
	}
	return q.channel
}
