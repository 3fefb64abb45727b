package alert

import (
	"cmp"
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

// deliver attempts what is due, in order, and moves the cursor. A delivery that must wait holds up only later
// ones to the same recipient; an outlet that does not work holds up all but those that have another way.
func (q *queue) deliver(ctx context.Context) {
	q.putToBed(time.Now())
	q.load.set(len(q.waiting) + len(q.bed.asleep))
	defer func() { q.load.set(len(q.waiting) + len(q.bed.asleep)) }()
	held := map[string]bool{}
	for i := 0; i < len(q.waiting) && ctx.Err() == nil; {
		d := &q.waiting[i]
		to, now := q.recipient(d.route), time.Now()
		direct, detour := q.when(d)
		if held[to] || now.Before(direct) && now.Before(detour) {
			held[to] = true
			i++
			continue
		}
		q.certain(ctx)
		if now.Before(direct) {
			q.divert(ctx, q.pack(i, now))
		} else if !q.attempt(ctx, q.pack(q.another(i), now)) {
			i = 0 // some that are too old may be gone
		}
	}
	q.advance()
	if now := time.Now(); !q.active.IsZero() && !now.Before(q.active.Add(idleRest)) {
		q.rest()
	}
}

// never is when what cannot be done is due.
func never() time.Time { return time.Now().Add(time.Hour) }

// when tells from when on a delivery can be attempted: at its own address, and at those who are told instead.
func (q *queue) when(d *delivery) (direct, detour time.Time) {
	free := time.Time{}
	if p := q.paces[q.recipient(d.route)]; p != nil && !q.ending && len(q.waiting) < maxWaiting {
		free = p.free
	}
	direct = latest(d.due, q.due, free)
	since := d.failing
	if since.IsZero() {
		since = q.broke
	}
	if len(d.route.Fallback) == 0 || since.IsZero() {
		return direct, never()
	}
	patience := cmp.Or(d.route.FallbackAfter, defaultFallbackAfter)
	if q.revoked {
		patience = 0 // time does not mend that
	}
	return direct, latest(since.Add(patience), d.detour, free)
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// pack tells which of the deliveries that wait leave in one message with the one at i, itself first: those to the same
// recipient in the same manner.
func (q *queue) pack(i int, now time.Time) (at []int) {
	d := &q.waiting[i]
	if q.ways.fits == nil {
		return []int{i}
	}
	to := q.recipient(d.route)
	p := parcel{route: d.route, now: now}
	for j := i; j < len(q.waiting); j++ {
		other := &q.waiting[j]
		if q.recipient(other.route) != to {
			continue
		}
		if j > i && (other.route.Text != d.route.Text || !slices.Equal(other.route.Params, d.route.Params)) {
			break
		}
		at = append(at, j)
		p.events = append(p.events, other.event)
	}
	return at[:q.ways.fits(q.plan().config, p)]
}

func (q *queue) parcel(at []int, now time.Time) parcel {
	p := parcel{route: q.waiting[at[0]].route, now: now}
	for _, i := range at {
		p.events = append(p.events, q.waiting[i].event)
	}
	return p
}

// attempt sends a message and draws the consequences. It tells whether the outlet as a whole works.
func (q *queue) attempt(ctx context.Context, at []int) bool {
	p := q.parcel(at, time.Now())
	_, err := q.sender.send(ctx, q.plan().config, p)
	q.active = time.Now()
	if err == nil || ctx.Err() == nil {
		q.tried(at, p, err)
	}
	err = q.blame(at, err)
	switch {
	case err != nil && ctx.Err() != nil: // that it was cut off says nothing
	case err != nil && !errors.Is(err, errLater) && !errors.Is(err, errHopeless) && !errors.Is(err, errNoWay):
		q.broken(err)
		return false
	case q.settle(ctx, at, err):
		q.over(at)
	}
	return true
}

// tried tells those who want to know how an attempt has ended.
func (q *queue) tried(at []int, p parcel, err error) {
	q.onRecord(p, "", err)
	for _, i := range at {
		q.waiting[i].noted = true
	}
	if q.attempted == nil {
		return
	}
	for _, ev := range p.events {
		q.attempted(p.route, ev, err)
	}
}

// over takes deliveries off those that wait. The places are in order.
func (q *queue) over(at []int) {
	for _, i := range slices.Backward(at) {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
}

// certain waits until the disk knows what has left, so that it does not leave again: but not for long, for
// a message is worth more than that.
func (q *queue) certain(ctx context.Context) {
	if !q.unsure || q.kept == nil {
		return
	}
	q.advance()
	ctx, cancel := context.WithTimeout(ctx, certainty)
	defer cancel()
	if err := q.kept(ctx); err != nil {
		q.log.Debug("it is not on disk what has left", "err", err)
	}
	q.unsure = false
}

// certainty is how long a message waits for the disk.
const certainty = 2 * time.Second

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

// settle draws the consequences of an attempt that does not concern the outlet as a whole, and tells whether these
// deliveries are over, one way or the other. Before one is given up, others are told in its place.
func (q *queue) settle(ctx context.Context, at []int, err error) (over bool) {
	d := &q.waiting[at[0]]
	if errors.Is(err, errNoWay) {
		if !q.instead(ctx, at) && !q.wayless {
			q.wayless = true
			q.tell(*d, "cannot deliver "+q.what(), err)
		}
		return true
	}
	q.works()
	if err == nil {
		q.record.note(d.route, time.Now())
		q.note(at)
		return true
	}
	now := time.Now()
	if d.failing.IsZero() {
		d.failing = now
	}
	d.failures++
	verdict := ""
	switch {
	case errors.Is(err, errHopeless):
		verdict = "cannot deliver "
	case d.expired(now) || q.ways.tries > 0 && (d.failures >= q.ways.tries || now.Sub(d.ripe()) > lastTry(q.ways.tries)):
		verdict = "gave up delivering "
	}
	if verdict != "" {
		if !q.instead(ctx, at) {
			q.tell(*d, verdict+q.channel+" to "+d.route.Address, err)
		}
		return true
	}
	q.log.Debug("a message waits", "to", d.route.Address, "err", err)
	d.due = now.Add(pause(d.failures))
	return false
}

// note notes that a message has left.
func (q *queue) note(at []int) {
	d := &q.waiting[at[0]]
	q.sent, q.unsure = true, true
	if s := spacingOf(q.ways, d.route); s.gather > 0 {
		to := q.recipient(d.route)
		if q.paces[to] == nil {
			q.paces[to] = &pace{}
		}
		q.paces[to].note(s, len(at), time.Now())
	}
	if len(q.waiting) > len(at) || len(q.bed.asleep) > 0 {
		q.noteLeft(at)
	}
}

// works notes that the outlet takes messages.
func (q *queue) works() {
	if !q.broke.IsZero() {
		if q.revoked {
			q.rounds++
		}
		q.log.Info("messages leave again", "given_up", q.given)
		q.ailing.forget(q.name)
	}
	q.broke, q.revoked, q.told, q.spared, q.given, q.due = time.Time{}, false, false, false, 0, time.Time{}
}

// visibleAfter is how long an outlet may take no messages before the journal says so.
const visibleAfter = time.Minute

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
	q.revoked = errors.Is(err, errRevoked)
	q.ailing.note(q.name, model.Ailment{Channel: q.channel, Address: q.address, Since: q.broke, Waiting: len(q.waiting), Error: err.Error()})
	q.holdUp(err)
	if !q.told && (q.revoked || now.Sub(q.broke) >= visibleAfter) && len(q.waiting) > 0 {
		q.told = true
		q.tell(q.waiting[0], "messages by "+q.what()+" cannot leave; they wait", err)
	}
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
