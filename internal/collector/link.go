package collector

import (
	"context"
	"errors"
	"sync"
	"time"

	"orderly/internal/model"
)

const (
	keepAge     = 7 * 24 * time.Hour // an event older than this says nothing any more
	grace       = 100 * time.Millisecond
	linger      = 5 * time.Second // for what is not posted when the daemon stops
	maxRefusals = 5               // of one event, while others are accepted
)

// How soon the journal has to keep what was done. An event that is posted again after a crash is one that collectors know
// already, so there is no hurry; one that nobody is told of is only passed over again.
const (
	postedKept  = 100 * time.Millisecond
	skippedKept = time.Second
)

// A link tells one collector. Everything but settings and changed belongs to the goroutine of run.
type link struct {
	agent   *Agent
	name    string
	changed chan struct{} // capacity 1: there are new settings

	mu       sync.Mutex
	settings setting

	start    uint64       // where the first run begins
	taken    uint64       // last event taken from the journal
	waiting  *model.Event // the one after those that are done; the others wait in the journal
	now      setting      // what is in force
	zip      compression
	beatDue  time.Time
	againDue time.Time // when to tell once more what has been failing; zero: there is no need
	due      time.Time // nothing is tried before
	failures int       // in a row
	refusals int       // of the event that waits
	accepted bool      // a status was accepted since its first refusal
}

func newLink(a *Agent, name string, start uint64, s setting) *link {
	return &link{agent: a, name: name, start: start, changed: make(chan struct{}, 1), settings: s}
}

// configure takes effect when what is being posted has been. Any goroutine may call it.
func (l *link) configure(s setting) {
	l.mu.Lock()
	l.settings = s
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// adopt begins anew with the settings: the collector may be another one behind the same address.
func (l *link) adopt(now time.Time) {
	l.mu.Lock()
	l.now = l.settings
	l.mu.Unlock()
	l.zip, l.failures, l.due = undecided, 0, time.Time{}
	l.beatDue = now.Add(grace) // what has happened is told first
}

// run posts until ctx ends, and lingers then for what is left. When own ends it returns at once.
func (l *link) run(ctx, own context.Context) {
	work, stop := context.WithCancel(own)
	defer stop()
	ended := context.AfterFunc(ctx, func() { time.AfterFunc(linger, stop) })
	defer ended()

	l.taken = l.resume()
	events := make(chan model.Event)
	var feeder sync.WaitGroup
	feeder.Go(func() {
		for ev := range l.agent.Journal.Follow(work, l.taken) {
			select {
			case events <- ev:
			case <-work.Done():
				return
			}
		}
	})
	defer feeder.Wait()
	defer stop()
	l.adopt(time.Now())
	l.agent.Log.Info("M/Monit heartbeat started", "collector", shownAs(&l.now.Collector))
	l.serve(ctx, work, events)
	l.drain(work, events)
	l.agent.Log.Info("M/Monit heartbeat stopped", "collector", shownAs(&l.now.Collector))
}

// resume finds the place where an earlier run stopped. A cursor of its own tells that there was one, because that of the link is
// not moved while the very first event waits.
func (l *link) resume() uint64 {
	journal, began := l.agent.Journal, l.name+"/began"
	if journal.Cursor(began) == 0 {
		journal.Done(began, l.start+1, skippedKept)
	}
	return max(journal.Cursor(l.name), journal.Cursor(began)-1)
}

// serve works until ctx ends. What it does meanwhile is cut off by another context, which ends later.
func (l *link) serve(ctx, work context.Context, events <-chan model.Event) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil && work.Err() == nil {
		intake := events
		if l.waiting != nil {
			intake = nil
		}
		timer.Reset(time.Until(l.next()))
		select {
		case ev := <-intake:
			l.take(ev, time.Now())
		case <-l.changed:
			l.adopt(time.Now())
		case <-timer.C:
		case <-ctx.Done():
			return
		case <-work.Done():
			return
		}
		l.act(work)
	}
}

// drain makes one attempt at everything that happened before now.
func (l *link) drain(work context.Context, events <-chan model.Event) {
	last := l.agent.Journal.Last()
	l.beatDue, l.againDue = time.Now().Add(time.Hour), time.Time{}
	for l.due.IsZero() && (l.waiting != nil || l.taken < last) {
		if l.waiting == nil {
			select {
			case ev := <-events:
				l.take(ev, time.Now())
			case <-work.Done():
				return
			}
		}
		l.act(work)
	}
}

// next is when there is something to do, should no event come.
func (l *link) next() time.Time {
	at := l.beatDue
	if !l.againDue.IsZero() && l.againDue.Before(at) && l.told() {
		at = l.againDue
	}
	if l.waiting != nil {
		at = l.due
	}
	if at.Before(l.due) {
		at = l.due
	}
	return at
}

// told tells whether the collector knows everything that has happened so far.
func (l *link) told() bool { return l.waiting == nil && l.taken >= l.agent.Journal.Last() }

// take makes an event wait, or passes over it.
func (l *link) take(ev model.Event, now time.Time) {
	l.taken = ev.Seq
	if !told(&ev) || now.Sub(ev.At) > keepAge {
		l.agent.Journal.Done(l.name, ev.Seq, skippedKept)
		return
	}
	l.waiting, l.refusals, l.accepted = &ev, 0, false
}

// act posts what is due: the event that waits, what is to be told once more, and the status. An event that is refused
// does not keep the status from being posted.
func (l *link) act(ctx context.Context) {
	if time.Now().Before(l.due) || ctx.Err() != nil {
		return
	}
	if l.waiting != nil {
		err := l.deliver(ctx)
		var refused *refusal
		if err != nil && !errors.As(err, &refused) {
			return
		}
	}
	if !l.againDue.IsZero() && !time.Now().Before(l.againDue) && l.told() && !l.tellAgain(ctx) {
		return
	}
	if time.Now().Before(l.beatDue) {
		return
	}
	if err := l.post(ctx, nil); err != nil {
		l.broken("status", err)
		l.accepted, l.refusals = false, 0
		return
	}
	l.accepted = true
	l.beatDue = time.Now().Add(l.now.beat)
	if l.waiting == nil {
		l.works()
	}
}

// deliver posts the event that waits. It stays where it is unless the collector takes it, or cannot be made to.
func (l *link) deliver(ctx context.Context) error {
	ev := l.waiting
	err := l.post(ctx, ev)
	var refused *refusal
	switch {
	case errors.Is(err, errGone):
		l.agent.Log.Debug("a collector is not told of a service that is gone", "service", ev.Service)
		l.settle(skippedKept)
		return nil
	case err == nil:
		l.works()
		if ev.Kind == model.EventStarted || ev.Kind == model.EventReloaded {
			l.againDue = time.Now().Add(l.now.beat) // when everything has been checked
		} else if !l.againDue.IsZero() && l.againDue.Before(ev.At) {
			l.againDue = ev.At // what is told once more comes after that
		}
		l.settle(postedKept)
		return nil
	case errors.As(err, &refused) && refused.hopeless():
		if l.refusals++; l.refusals == 1 {
			l.accepted = false
		}
		if l.refusals >= maxRefusals && l.accepted {
			l.agent.Log.Error("M/Monit: event message to "+shownAs(&l.now.Collector)+" is refused for good", "service", ev.Service, "event", ev.Text, "answer", refused.line)
			l.settle(postedKept)
			return nil
		}
	}
	l.broken("event", err)
	return err
}

// settle is done with the event that waits.
func (l *link) settle(within time.Duration) {
	l.agent.Journal.Done(l.name, l.waiting.Seq, within)
	l.waiting = nil
}

// tellAgain posts what has been failing since before the configuration was read: who was told of that has forgotten it.
// It tells whether that is over.
func (l *link) tellAgain(ctx context.Context) bool {
	services, err := l.agent.services(ctx)
	if err != nil {
		l.broken("event", err)
		return false
	}
	since := l.agent.Backend.Instance().Incarnation
	for i := range services {
		for _, ev := range failing(&services[i], since, l.againDue) {
			if err := l.post(ctx, &ev); err != nil && !errors.Is(err, errGone) {
				l.broken("event", err)
				return false
			}
		}
	}
	l.againDue = time.Time{}
	return true
}

// works notes that the collector takes messages.
func (l *link) works() {
	if l.failures > 0 {
		l.agent.Log.Info("M/Monit: messages to " + shownAs(&l.now.Collector) + " are accepted again")
	}
	l.failures, l.due = 0, time.Time{}
}

// broken notes that it does not, which is said once until it does.
func (l *link) broken(what string, err error) {
	if l.failures == 0 {
		place := shownAs(&l.now.Collector)
		var refused *refusal
		switch {
		case errors.As(err, &refused):
			l.agent.Log.Error("M/Monit: failed to send message to " + place + " -- " + refused.line)
		case errors.Is(err, errUnreachable):
			l.agent.Log.Error("M/Monit: cannot open a connection to " + place)
		}
		l.agent.Log.Error("M/Monit: "+what+" message to "+place+" failed", "err", err)
	}
	l.failures++
	l.due = time.Now().Add(min(time.Second<<min(l.failures-1, 10), l.now.beat))
}
