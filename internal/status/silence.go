package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// silences is what is known of the times in which nobody is told of services. A silence that keeps rules from acting, or
// that comes again, is a maintenance; and a maintenance of the page has a silence of its services made.
type silences struct {
	known bool // they were asked for
	list  []model.Silence
	ask   time.Time // for them again; zero: not unless something happens
}

const (
	askLimit  = 10 * time.Second
	askAgain  = 15 * time.Second
	ownPrefix = "page-" // of the IDs of silences that are made for the page
)

// fetchSilences asks for the silences.
func (b *Book) fetchSilences(ctx context.Context) {
	if b.opt.Silencer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	list, err := b.opt.Silencer.Silences(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if err != nil {
		b.silent.ask = now.Add(askAgain)
		return
	}
	b.silent = silences{known: true, list: list}
	for n := range list {
		for _, at := range []time.Time{list[n].From, list[n].Until, list[n].Over()} {
			if at.After(now) && (b.silent.ask.IsZero() || at.Before(b.silent.ask)) {
				b.silent.ask = at
			}
		}
	}
}

// silencesDue tells whether silences are to be asked for.
func (b *Book) silencesDue() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.silent.ask.IsZero() && !b.silent.ask.After(b.now())
}

// followSilences has a maintenance for each silence that is one.
func (d *draft) followSilences() {
	if !d.b.silent.known {
		return
	}
	for n := range d.b.silent.list {
		if s := &d.b.silent.list[n]; (s.Hold || s.Every != "") && !strings.HasPrefix(s.ID, ownPrefix) {
			d.followSilence(s)
		}
	}
	for _, s := range d.view.Schedules {
		if s.Follows && s.Stage != Complete && !slices.ContainsFunc(d.b.silent.list, func(o model.Silence) bool { return s.of(&o) }) {
			d.endFollowing(s)
		}
	}
}

// of tells whether a maintenance is that of a silence: the one that began, or is to begin, at this time.
func (s *Schedule) of(o *model.Silence) bool {
	return s.Follows && s.Silence == o.ID && s.At.Equal(o.From) && (s.Stage != Complete || o.Ended || !o.Until.After(s.Ended))
}

func (d *draft) followSilence(o *model.Silence) {
	stage := InProgress
	switch {
	case o.Pending || o.From.After(d.now):
		stage = Upcoming
	case o.Ended || !o.Until.After(d.now):
		stage = Complete
	}
	have := first(d.view.Schedules, func(s *Schedule) bool { return s.of(o) })
	if have == nil && stage == Complete {
		return
	}
	affected := d.covered(o)
	if have == nil && len(affected) == 0 {
		return
	}
	one := Schedule{Created: d.now, By: o.By, Reason: o.Reason, Silence: o.ID, Follows: true, At: o.From}
	if have != nil {
		one = *have
	} else {
		one.ID = d.number(kindSchedule)
	}
	one.Name, one.Until, one.Components = d.maintenanceOf(affected), o.Until, affected
	one.Stage = max(one.Stage, stage)
	d.advance(&one)
	if have != nil && have.Stage == one.Stage && have.Until.Equal(one.Until) && slices.Equal(have.Components, one.Components) {
		return
	}
	one.Updated = d.now
	d.setSchedule(&one)
	switch {
	case one.Stage == InProgress && (have == nil || have.Stage == Upcoming):
		d.tellSchedule(ScheduleBegun, &one, nil)
	case one.Stage == Complete && have.Stage != Complete:
		d.tellSchedule(ScheduleEnded, &one, nil)
	}
}

// endFollowing is for a maintenance whose silence is gone.
func (d *draft) endFollowing(s *Schedule) {
	if s.Stage == Upcoming {
		d.view.Schedules, d.changed, d.under = without(d.view.Schedules, s.ID), true, nil
		d.drop(kindSchedule, s.ID)
		return
	}
	one := *s
	one.Stage, one.Updated = Complete, d.now
	d.advance(&one)
	d.setSchedule(&one)
	d.tellSchedule(ScheduleEnded, &one, nil)
}

// covered are the components that a silence is about.
func (d *draft) covered(o *model.Silence) []Affected {
	var out []Affected
	in := &d.b.inbox
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, c := range d.view.Components {
		if !c.Gone && slices.ContainsFunc(c.Checks, func(k Check) bool {
			w := in.watched[k.Service]
			return w != nil && covers(o, w.spec)
		}) {
			out = append(out, Affected{Component: c.ID, Health: Maintenance})
		}
	}
	return out
}

// keepSilences makes the silences of maintenances that go on, and has those of others end, so that nobody is alerted
// meanwhile (P-342).
func (b *Book) keepSilences(ctx context.Context) {
	if b.opt.Silencer == nil {
		return
	}
	b.making.Lock()
	defer b.making.Unlock()
	v, now := b.Read(), b.now()
	for _, s := range v.Schedules {
		if s.Follows || s.Stage != InProgress {
			continue
		}
		names, until := v.services(s), s.end()
		if len(names) > 0 && until.After(now) && !b.made[s.ID].Equal(until) && b.silence(ctx, model.Silence{
			ID: ownPrefix + fmt.Sprint(s.ID), Names: names, Until: until, Settled: until.Add(afterglow), Hold: true, By: s.By, Reason: s.Name,
		}) {
			b.made[s.ID] = until
		}
	}
	for id, until := range b.made {
		if s := v.Schedule(id); s != nil && s.Stage == InProgress {
			continue
		}
		if until.After(now) {
			b.endSilence(ctx, id)
		}
		delete(b.made, id)
	}
}

// silence makes a silence, now or, where that does not work, a little later.
func (b *Book) silence(ctx context.Context, s model.Silence) bool {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	_, err := b.opt.Silencer.Silence(ctx, s)
	if err != nil {
		b.opt.Log.Warn("cannot silence services for a maintenance of the status page", "id", s.ID, "err", err)
		b.mu.Lock()
		b.silent.ask = b.now().Add(askAgain)
		b.mu.Unlock()
	}
	return err == nil
}

// endSilence ends one before its time.
func (b *Book) endSilence(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	if err := b.opt.Silencer.EndSilence(ctx, ownPrefix+fmt.Sprint(id)); err != nil {
		b.opt.Log.Info("the silence of a maintenance of the status page was over already", "maintenance", id, "err", err)
	}
}

// services are those of the components of a maintenance.
func (v *View) services(s *Schedule) (names []string) {
	for _, a := range s.Components {
		if c := v.Component(a.Component); c != nil && !c.Gone {
			for _, k := range c.Checks {
				names = append(names, k.Service)
			}
		}
	}
	return names
}
