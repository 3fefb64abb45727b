package alert

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

const (
	maxHeld   = 4 * maxWaiting // deliveries in memory that wait for the end of quiet hours; with more of them nothing is quiet
	maxPassed = 64             // messages that left before others, of which the disk knows; after a crash others may leave again
)

// quietUntil is when a recipient may be told of an event that comes at a time: later than that if he has quiet hours then
// and the event is not grave enough to disturb him.
func quietUntil(r model.Route, ev model.Event, at time.Time) time.Time {
	if len(r.Quiet) == 0 || ev.Service != "" && ev.Severity.AtLeast(cmp.Or(r.QuietBut, model.Critical)) {
		return at
	}
	var hours []calendar.Window
	for _, text := range r.Quiet {
		if w, err := calendar.ParseWindow(text); err == nil { // configuration checks that it can be read
			hours = append(hours, w)
		}
	}
	return calendar.Over(hours, at)
}

// heldBack tells whether an event came in the quiet hours of a recipient.
func heldBack(r model.Route, ev model.Event) bool { return quietUntil(r, ev, ev.At).After(ev.At) }

// ripe is from when on a delivery could leave, had all gone well.
func (d *delivery) ripe() time.Time { return quietUntil(d.route, d.event, d.event.At) }

// quietEnd is when the recipient may be disturbed: not after now if he may be now. It is what counts when a message would
// leave, not when something happened: what waits in vain until night waits for the morning.
func (d *delivery) quietEnd(now time.Time) time.Time {
	if len(d.route.Quiet) == 0 || d.loud {
		return now
	}
	if !now.Before(d.asked) {
		d.quiet = quietUntil(d.route, d.event, now)
		d.asked = latest(d.quiet, now.Truncate(time.Minute).Add(time.Minute)) // hours are of minutes
	}
	return d.quiet
}

// A bed holds the deliveries that wait for the end of quiet hours.
type bed struct {
	asleep  []delivery // in the order of events
	wakes   time.Time  // when the first of them may leave
	crowded int        // of so many some are forgotten; 0: not yet
}

// putToBed takes what must not leave now off what waits, and puts back what may.
func (q *queue) putToBed(now time.Time) {
	if len(q.bed.asleep) > 0 && !now.Before(q.bed.wakes) {
		q.wake(func(d *delivery) bool { return !d.quietEnd(now).After(now) })
	}
	kept := q.waiting[:0]
	for i := range q.waiting {
		d := &q.waiting[i]
		if d.quietEnd(now).After(now) {
			q.onHold(d, d.quiet, nil)
			q.bed.add(*d)
			continue
		}
		kept = append(kept, *d)
	}
	if len(kept) == len(q.waiting) {
		return
	}
	clear(q.waiting[len(kept):])
	q.waiting = kept
	q.makeRoom()
}

// wake puts some of what sleeps back among what waits.
func (q *queue) wake(up func(*delivery) bool) {
	asleep := q.bed.asleep
	q.bed = bed{}
	for i := range asleep {
		d := &asleep[i]
		if up(d) {
			q.waiting = append(q.waiting, *d)
		} else {
			q.bed.add(*d)
		}
	}
	slices.SortStableFunc(q.waiting, func(a, b delivery) int { return cmp.Compare(a.event.Seq, b.event.Seq) })
}

// add puts a delivery behind those of events that were earlier, and of the same.
func (b *bed) add(d delivery) {
	if len(b.asleep) == 0 || d.quiet.Before(b.wakes) {
		b.wakes = d.quiet
	}
	at, _ := slices.BinarySearchFunc(b.asleep, d.event.Seq+1, func(d delivery, seq uint64) int { return cmp.Compare(d.event.Seq, seq) })
	b.asleep = slices.Insert(b.asleep, at, d)
}

// makeRoom bounds what sleeps. Where nothing can be forgotten, everything leaves although it is night.
func (q *queue) makeRoom() {
	if n := len(q.bed.asleep); n < max(maxWaiting, q.bed.crowded) {
		return
	}
	q.condense()
	n := len(q.bed.asleep)
	q.bed.crowded = min(2*n, maxHeld)
	if n < maxHeld {
		return
	}
	q.log.Warn("so much waits for the end of quiet hours that it is told now", "messages", n)
	q.wake(func(d *delivery) bool { d.loud = true; return true })
}

// condense forgets, of what waits for the end of quiet hours, what nobody will ask for then: of each rule the first and the
// last event tell how it was and how it is.
func (q *queue) condense() {
	type about struct{ to, service, rule, kind string }
	of := func(d *delivery) about {
		what := about{q.recipient(d.route), d.event.Service, d.event.Rule, string(d.event.Kind)}
		if progress(d.event.Kind) {
			what.kind = ""
		}
		return what
	}
	last, seen := map[about]int{}, map[about]bool{}
	for i := range q.bed.asleep {
		last[of(&q.bed.asleep[i])] = i
	}
	kept := q.bed.asleep[:0]
	for i := range q.bed.asleep {
		what := of(&q.bed.asleep[i])
		if !seen[what] || last[what] == i {
			seen[what] = true
			kept = append(kept, q.bed.asleep[i])
		}
	}
	clear(q.bed.asleep[len(kept):])
	q.bed.asleep = kept
}

// progress tells whether events of a kind belong to the story of a rule that fails.
func progress(k model.EventKind) bool {
	return slices.Contains([]model.EventKind{model.EventFailed, model.EventStillFailing, model.EventRecovered}, k)
}

// undone is the number of the first event of which something waits or sleeps, 0 if there is none.
func (q *queue) undone() (seq uint64) {
	for _, list := range [][]delivery{q.waiting, q.bed.asleep} {
		if len(list) > 0 && (seq == 0 || list[0].event.Seq < seq) {
			seq = list[0].event.Seq
		}
	}
	return seq
}

// noteLeft notes on disk what has left to one recipient, before it is taken off what waits. His cursor may not pass what is
// still to come for him; what left before that is noted one by one.
func (q *queue) noteLeft(at []int) {
	to := q.recipient(q.waiting[at[0]].route)
	next := uint64(math.MaxUint64) // of what is still to come
	for i := range q.waiting {
		if d := &q.waiting[i]; q.recipient(d.route) == to && !slices.Contains(at, i) {
			next = d.event.Seq
			break
		}
	}
	for i := range q.bed.asleep {
		if d := &q.bed.asleep[i]; q.recipient(d.route) == to {
			next = min(next, d.event.Seq)
			break
		}
	}
	upTo := uint64(0)
	for _, i := range at {
		if seq := q.waiting[i].event.Seq; seq < next {
			upTo = seq
		} else {
			q.notePassed(to, seq)
		}
	}
	if upTo > 0 {
		q.journal.Done(to, upTo, sentKept)
	}
}

// notePassed notes that a message left before others to the same recipient. There is room for the next when
// everything up to it is done.
func (q *queue) notePassed(to string, seq uint64) {
	for n := range maxPassed {
		if place := passed(to, n); q.journal.Cursor(place) < q.undone() {
			q.journal.Done(place, seq, sentKept)
			return
		}
	}
}

// hasPassed tells whether a message left before others.
func (q *queue) hasPassed(to string, seq uint64) bool {
	for n := range maxPassed {
		switch q.journal.Cursor(passed(to, n)) {
		case seq:
			return true
		case 0:
			return false
		}
	}
	return false
}

func passed(to string, n int) string { return fmt.Sprintf("%s/passed/%d", to, n) }
