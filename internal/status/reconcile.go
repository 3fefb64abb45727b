package status

import (
	"context"
	"time"

	"orderly/internal/model"
)

// reconcile makes everything follow from what is known now: maintenance from the time, components from checks and what
// people say, incidents from components. It may be called at any time; where nothing follows, nothing changes.
func (d *draft) reconcile() {
	d.next = time.Time{}
	d.followSilences()
	d.followSchedules()
	s := d.survey()
	for _, c := range d.view.Components {
		s.refresh(c)
	}
	for _, c := range d.view.Components {
		d.refreshHealth(c)
	}
	d.followCases(s)
	d.publish()
	s.end()
}

// publish tells of incidents that were written before they were to be seen.
func (d *draft) publish() {
	for _, i := range d.view.Incidents {
		switch {
		case i.Published.After(d.now):
			d.due(i.Published)
		case i.Published.After(d.b.looked):
			d.changed = true
			d.tellIncident(IncidentOpened, i, nil, nil)
		}
	}
}

// due asks for another look at a time.
func (d *draft) due(at time.Time) {
	if d.next.IsZero() || at.Before(d.next) {
		d.next = at
	}
}

// refreshHealth settles who says how a component is.
func (d *draft) refreshHealth(c *Component) {
	one := *c
	if c.Said != nil && !c.Said.Until.IsZero() {
		if c.Said.Until.After(d.now) {
			d.due(c.Said.Until)
		} else {
			one.Said = nil
		}
	}
	d.settleHealth(&one)
	if one.Health == c.Health && one.Source == c.Source && one.Said == c.Said {
		return
	}
	d.setComponent(&one)
	if one.Health != c.Health {
		d.notices = append(d.notices, Notice{Kind: ComponentTurned, At: d.now, Component: &one, Was: c.Health})
	}
}

// Heard takes in an event of the journal. Events must come in their order; one that came before may come again.
func (b *Book) Heard(ev model.Event) {
	switch ev.Kind {
	case model.EventSilenced, model.EventUnsilenced, model.EventReloaded:
		select {
		case b.hearing <- struct{}{}:
		default:
		}
		return
	case model.EventAction, model.EventActionFailed, model.EventAcknowledged, model.EventFlapping, model.EventSteady,
		model.EventMonitored, model.EventUnmonitored:
	default:
		return
	}
	b.settle(func(d *draft) {
		d.reconcile() // checks that were made before count before
		d.hear(ev)
		d.reconcile()
	})
	b.poke()
}

// settle makes a change that nobody waits for.
func (b *Book) settle(change func(*draft)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.change(func(d *draft) error {
		change(d)
		return nil
	})
}

// Run lets time pass: maintenance begins and ends, incidents are closed, subscribers are told. It returns when ctx ends.
func (b *Book) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	fetch := true
	for {
		if fetch {
			b.fetchSilences(ctx)
		}
		b.settle((*draft).reconcile)
		b.keepSilences(ctx)
		b.tell()
		timer.Reset(b.pause())
		fetch = false
		select {
		case <-ctx.Done():
			return
		case <-b.hearing:
			fetch = true
		case <-b.wake:
		case <-timer.C:
			fetch = b.silencesDue()
		}
	}
}

// pause is how long nothing changes by itself, at most an hour.
func (b *Book) pause() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, next := b.now(), b.next
	if due := b.silent.ask; !due.IsZero() && (next.IsZero() || due.Before(next)) {
		next = due
	}
	if next.IsZero() {
		return time.Hour
	}
	return min(max(next.Sub(now), time.Millisecond), time.Hour)
}
