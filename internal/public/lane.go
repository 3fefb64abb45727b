package public

import (
	"context"
	"errors"
	"slices"
	"time"

	"orderly/internal/status"
)

// A lane is a way to subscribers. Neither waits for the other.
type lane string

const (
	byMail lane = "mail"
	byHook lane = "hook"
)

// How long, and how often, it is tried to tell subscribers.
const (
	keepTrying  = 24 * time.Hour // then a message is of no use any more
	firstPause  = time.Minute    // before it is tried again; doubled each time
	maxPause    = time.Hour
	maxFailures = 3               // in a row, then the others wait as well
	keeping     = 5 * time.Second // for it to be on disk
)

func (b *outbox) poke(l lane) {
	select {
	case b.wake[l] <- struct{}{}:
	default:
	}
}

// run sends what is due on one lane.
func (b *outbox) run(ctx context.Context, l lane) {
	for ctx.Err() == nil {
		p, wait := b.due(l, time.Now())
		if p != nil {
			b.deliver(ctx, p)
			continue
		}
		if l == byMail && b.site.Mail != nil {
			b.site.Mail.Rest()
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-b.wake[l]:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// due is the oldest parcel that may be sent now, or how long there is none.
func (b *outbox) due(l lane, now time.Time) (*parcel, time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wait := time.Hour
	var first *parcel
	for _, p := range b.parcels {
		switch {
		case p.Lane != l:
		case p.Next.After(now):
			wait = min(wait, p.Next.Sub(now))
		case first == nil || p.ID < first.ID:
			first = p
		}
	}
	return first, wait
}

// deliver sends a parcel to all who do not have it.
func (b *outbox) deliver(ctx context.Context, p *parcel) {
	if b.site.Keeper != nil && p.Tries == 0 {
		flushing, cancel := context.WithTimeout(ctx, keeping)
		err := b.site.Keeper.Flush(flushing)
		cancel()
		if err != nil && ctx.Err() == nil {
			b.site.Log.Warn("subscribers are told what is not on disk yet", "err", err)
		}
	}
	b.mu.Lock()
	to := slices.Clone(p.To)
	b.mu.Unlock()
	var err error
	if p.Lane == byHook {
		err = b.hooks(ctx, p, to)
	} else {
		err = b.mails(ctx, p, to)
	}
	if ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(p.To) == 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.At) > keepTrying {
		b.site.Log.Warn("some subscribers were not told: it could not be sent for a day", "subscribers", len(p.To), "by", string(p.Lane), "err", err)
		p.To = nil
	}
	p.Tries++
	p.Next = now.Add(min(firstPause<<min(p.Tries-1, 10), maxPause))
	b.keep(p)
}

// done notes that somebody has a parcel, or never will.
func (b *outbox) done(p *parcel, id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.To = slices.DeleteFunc(p.To, func(o int64) bool { return o == id })
	b.keep(p)
}

// wanted finds a subscriber who is still to be told.
func (b *outbox) wanted(p *parcel, id int64) (*status.View, *status.Subscriber) {
	view := b.site.Book.Read()
	sub := view.Subscriber(id)
	if sub == nil || !p.Confirm && sub.Verified.IsZero() {
		return view, nil
	}
	return view, sub
}

// mails sends a parcel by mail, to one after the other.
func (b *outbox) mails(ctx context.Context, p *parcel, to []int64) (last error) {
	failures := 0
	for _, id := range to {
		view, sub := b.wanted(p, id)
		if sub == nil || sub.Email == "" {
			b.done(p, id)
			continue
		}
		err := b.site.Mail.Send(ctx, p.letter(view, sub))
		switch {
		case err == nil:
			failures = 0
			b.done(p, id)
		case errors.Is(err, ErrRefused):
			b.site.Log.Info("a subscriber of the status page does not take mail", "subscriber", id, "err", err)
			b.done(p, id)
		default:
			last = err
			if failures++; failures >= maxFailures || ctx.Err() != nil {
				return last
			}
		}
	}
	return last
}
