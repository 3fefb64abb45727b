package alert

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

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
