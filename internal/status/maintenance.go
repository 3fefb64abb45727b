package status

import (
	"slices"
	"time"

	"orderly/internal/model"
)

const (
	// afterglow is how long after a maintenance failures open no incident: services may need a while (P-343).
	afterglow = 2 * time.Minute
	maxMissed = 100
)

// maintained are the components that are under maintenance.
func (d *draft) maintained() map[int64]bool {
	if d.under == nil {
		d.under = map[int64]bool{}
		for _, s := range d.view.Schedules {
			if s.Stage == InProgress {
				for _, a := range s.Components {
					d.under[a.Component] = true
				}
			}
		}
	}
	return d.under
}

// followSchedules begins and ends maintenance whose time has come.
func (d *draft) followSchedules() {
	for _, s := range d.view.Schedules {
		if s.Stage == Complete {
			continue
		}
		if !s.Follows {
			s = d.letPass(s)
		}
		switch {
		case s.Stage == Upcoming:
			d.due(s.At)
		case s.Stage == InProgress && !s.Follows:
			d.due(s.end())
		}
	}
	for _, s := range d.view.Schedules {
		if s.Stage == Complete && d.now.Before(s.Ended.Add(afterglow)) {
			d.due(s.Ended.Add(afterglow))
		}
	}
}

// letPass begins or ends a maintenance if its time has come.
func (d *draft) letPass(s *Schedule) *Schedule {
	if s.Stage == Upcoming && !s.At.After(d.now) {
		one := *s
		one.Stage, one.Began, one.Updated = InProgress, d.now, d.now
		if s.At.Before(d.now.Add(-time.Minute)) {
			one.Began = s.At // nobody was there to begin it
		}
		s = &one
		d.setSchedule(s)
		if s.end().After(d.now) {
			d.tellSchedule(ScheduleBegun, s, nil)
		}
	}
	if s.Stage == InProgress && !s.end().After(d.now) {
		one := *s
		one.Stage, one.Ended, one.Updated = Complete, s.end(), d.now
		if one.Until.IsZero() {
			d.noteSchedule(&one, Update{Message: wordForgotten})
		}
		s = &one
		d.setSchedule(s)
		d.tellSchedule(ScheduleEnded, s, nil)
	}
	return s
}

// miss notes that nobody is told of a failure because of maintenance (P-345).
func (d *draft) miss(c *Component) {
	if !d.maintained()[c.ID] {
		return
	}
	for _, s := range d.view.Schedules {
		if s.Stage == InProgress && affects(s.Components, c.ID) && len(s.Suppressed) < maxMissed {
			one := *s
			one.Suppressed = append(slices.Clip(s.Suppressed), Missed{Component: c.ID, Health: c.Reported, At: d.now})
			d.setSchedule(&one)
		}
	}
}

// paused tells whether a component is under maintenance, or was until just now.
func (d *draft) paused(c *Component) bool {
	return d.maintained()[c.ID] || slices.ContainsFunc(d.view.Schedules, func(o *Schedule) bool {
		return o.Stage == Complete && d.now.Before(o.Ended.Add(afterglow)) && affects(o.Components, c.ID)
	})
}

// hushed tells whether a service of a component is silenced.
func (s *survey) hushed(c *Component) bool {
	return slices.ContainsFunc(s.d.b.silent.list, func(o model.Silence) bool {
		return o.Active(s.d.now) && slices.ContainsFunc(c.Checks, func(k Check) bool {
			w := s.watched[k.Service]
			return w != nil && covers(&o, w.spec)
		})
	})
}
