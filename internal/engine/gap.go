package engine

import (
	"fmt"
	"time"

	"orderly/internal/model"
)

// markEvery is how often is noted that orderly is at work, and so how exactly the beginning of a gap is known.
const markEvery = time.Minute

// wake notices that the conductor was away, before it does anything else: the host slept, or nobody ran it. It notes at
// regular times that it is at work, so that a later run notices as well.
func (e *Engine) wake(now time.Time) {
	wall := now.Round(0) // sleep does not count on the other clock
	last := e.seen
	e.seen = wall
	if e.config == nil {
		return
	}
	if !last.IsZero() && wall.Sub(last) > e.tolerance() {
		e.interrupted(last, wall)
	}
	e.mark(wall)
}

// mark notes that orderly is at work.
func (e *Engine) mark(wall time.Time) {
	since := wall.Sub(e.marked)
	if e.Options.Mark == nil || since >= 0 && since < markEvery {
		return
	}
	e.marked = wall
	e.Options.Mark(wall)
}

// tolerance is how long orderly may be away without a word: a few checks.
func (e *Engine) tolerance() time.Duration {
	return 3 * max(e.config.Settings.Interval, markEvery)
}

// begun notices, with the first configuration, that no orderly was at work for long.
func (e *Engine) begun(now time.Time) {
	e.seen = now.Round(0)
	if at := e.Options.Marked; !at.IsZero() && e.seen.Sub(at) > e.tolerance() {
		e.interrupted(at, e.seen)
	}
}

// interrupted tells of a gap. What should have been heard in it is given time to be heard once more, and checks that were under
// way are made again: that nobody answered in time says nothing.
func (e *Engine) interrupted(from, to time.Time) {
	e.resumed = to
	for _, s := range e.order {
		if s.busy {
			e.abandon(s)
			e.request(s, time.Now(), s.cause)
		}
	}
	e.Journal.Append(model.Event{
		Kind: model.EventInternal, At: to, Host: e.config.Settings.Host, Topic: model.TopicInstance,
		Text: "monitoring was interrupted " + span(from.Local(), to.Local()) + ": what happened meanwhile is not known",
	})
}

// missedOut tells whether this is the first check of a service since orderly was away.
func (d *decision) missedOut() bool { return !d.e.resumed.IsZero() && d.e.resumed.After(d.s.before) }

// span says from when to when, with dates where they are not the same.
func span(from, to time.Time) string {
	const clock, dated = "15:04", "2006-01-02 15:04"
	layout := clock
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		layout = dated
	}
	return fmt.Sprintf("%s-%s", from.Format(layout), to.Format(layout))
}
