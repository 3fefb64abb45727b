package alert

import (
	"context"
	"time"

	"orderly/internal/model"
)

// defaultFallbackAfter is how long a destination may fail before others are told in its place.
const defaultFallbackAfter = time.Minute

// divert tells others in place of a destination that has failed for long. When none of them can be told either, it is
// tried again later.
func (q *queue) divert(ctx context.Context, at []int) {
	if q.instead(ctx, at) {
		q.over(at)
		q.ailing.waits(q.name, len(q.waiting))
		return
	}
	d := &q.waiting[at[0]]
	since := d.failing
	if since.IsZero() {
		since = q.broke
	}
	d.detour = time.Now().Add(pauseOf(time.Since(since)))
}

// instead tells the first of the fallbacks who can be, each event in a message of its own where his channel wants that.
func (q *queue) instead(ctx context.Context, at []int) bool {
	d := &q.waiting[at[0]]
	for _, r := range d.route.Fallback {
		r.Reminder = d.route.Reminder // he counts what the other was told
		if q.reach(ctx, r, q.parcel(at, time.Now()).events, labelOf(d.route)) {
			if !q.spared || q.broke.IsZero() { // once in an outage
				q.spared = true
				q.log.Info("somebody else is told", "by", r.Channel, "instead_to", r.Address)
			}
			q.note(at)
			return true
		}
	}
	return false
}

// reach tells a recipient of some events by his own channel, in place of somebody.
func (q *queue) reach(ctx context.Context, r model.Route, events []model.Event, instead string) bool {
	p := q.plan()
	ch, known := p.channels[r.Channel]
	if !known {
		return false
	}
	name := p.plainName(r) + "#" + digestOf(ch, r)
	s := q.spares[name]
	if s == nil {
		s = ch.open(q.means)
		q.spares[name] = s
	}
	for len(events) > 0 {
		msg := parcel{r, events[:1], time.Now()}
		if ch.fits != nil {
			msg.events = events
			msg.events = events[:ch.fits(p.config, msg)]
		}
		_, err := s.send(ctx, p.config, msg)
		q.active = time.Now()
		if err == nil || ctx.Err() == nil {
			q.onRecord(msg, instead, err)
		}
		if err != nil {
			q.log.Warn("a fallback cannot be told", "by", r.Channel, "instead_to", r.Address, "err", err)
			return false
		}
		events = events[len(msg.events):]
	}
	q.record.note(r, q.active)
	return true
}
