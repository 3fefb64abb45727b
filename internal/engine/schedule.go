package engine

import (
	"slices"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

// A group is the services of one period: they are due at the same instant, so that they share what is measured once.
type group struct {
	period  time.Duration
	next    time.Time // deadlines are absolute: a late tick does not move the next one
	members []*service
}

// A once is a check of one service outside of the ticks.
type once struct {
	at    time.Time
	s     *service
	cause cause
}

// A schedule is a parsed cron pattern.
type schedule struct{ calendar.Cron }

// cause is why a check runs.
type cause int8

const (
	byTick    cause = iota // its interval has passed
	byExit                 // the kernel reported that the process ended
	byPlan                 // a plan on it has ended
	byRequest              // a user asked, or it is new
	bySilence              // nothing was heard for so long that a rule may hold; it is checked as byExit
	byRepair               // a repair that had to wait is due: no check at all
)

// schedule reads the service's cron pattern, if it has one. The configuration has checked that it parses.
func (s *service) schedule(now time.Time) {
	s.cron, s.nextCron = nil, time.Time{}
	if s.spec.Schedule.Cron == "" {
		return
	}
	c, err := calendar.ParseCron(s.spec.Schedule.Cron)
	if err != nil {
		return
	}
	s.cron = &schedule{c}
	if s.byCron() {
		s.waiting = true
		s.nextCron, _ = c.Next(now)
	}
}

// byCron tells whether the service is due at minutes of the clock rather than every interval.
func (s *service) byCron() bool { return s.cron != nil && !s.spec.Schedule.Not }

// allowed tells whether the service may be checked in this minute, as far as the clock matters to it.
func (s *service) allowed(now time.Time) bool {
	return s.cron == nil || s.cron.Matches(now) != s.spec.Schedule.Not
}

// excluded tells whether this is a minute in which the service is not to be checked.
func (s *service) excluded(now time.Time) bool {
	return s.cron != nil && s.spec.Schedule.Not && s.cron.Matches(now)
}

func (e *Engine) period(s *service) time.Duration {
	if d := s.spec.Schedule.Every; d > 0 {
		return d
	}
	return e.config.Settings.Interval
}

// regroup puts every service into the group of its period. Groups that go on keep their phase.
func (e *Engine) regroup(now time.Time) {
	old := e.groups
	e.groups = nil
	for _, s := range e.order {
		if s.byCron() {
			continue
		}
		period := e.period(s)
		i := slices.IndexFunc(e.groups, func(g *group) bool { return g.period == period })
		if i < 0 {
			g := &group{period: period, next: now.Add(period)}
			if k := slices.IndexFunc(old, func(g *group) bool { return g.period == period }); k >= 0 {
				g.next = old[k].next
			}
			e.groups, i = append(e.groups, g), len(e.groups)
		}
		e.groups[i].members = append(e.groups[i].members, s)
	}
	e.followClock()
}

// followClock asks for the checks at minutes of the clock, in place of those that were asked for before.
func (e *Engine) followClock() {
	e.later = slices.DeleteFunc(e.later, func(o *once) bool { return o.cause == byTick })
	for _, s := range e.order {
		if s.byCron() && !s.nextCron.IsZero() {
			e.afterwards(s, s.nextCron, byTick)
		}
	}
}

// setTimer wakes the conductor when the next check is due. The timer does not hear of a clock that is set: where one
// is followed, it is looked at every minute.
func (e *Engine) setTimer(now time.Time) {
	wait := markEvery
	for _, g := range e.groups {
		wait = min(wait, g.next.Sub(now))
	}
	for _, o := range e.later {
		if wait = min(wait, o.at.Sub(now)); o.cause == byTick {
			wait = min(wait, time.Minute)
		}
	}
	if e.config != nil {
		wait = e.nextSilence(now, wait)
		wait = e.nextMinute(now, wait)
	}
	e.timer.Reset(max(wait, 0))
}

// setBack tells whether the clock was set back since the last tick: minutes that were not due for long may be near again.
func (e *Engine) setBack(now time.Time) bool {
	wall := now.Round(0) // without the reading that no one can set
	back := wall.Before(e.wall.Add(-time.Minute))
	e.wall = wall
	return back
}

// tick starts what is due.
func (e *Engine) tick(now time.Time) {
	if e.setBack(now) {
		for _, s := range e.order {
			if s.byCron() {
				s.nextCron, _ = s.cron.Next(now)
			}
		}
		e.followClock()
	}
	e.expire(now)
	e.maintain(now)
	for _, g := range e.groups {
		if g.next.After(now) {
			continue
		}
		at := g.next
		if missed := now.Sub(at) / g.period; missed > 0 { // the host slept, or was overloaded
			at = at.Add(missed * g.period)
		}
		g.next = at.Add(g.period)
		e.startCycle(g, now)
	}
	due := e.later
	e.later = nil
	for _, o := range due {
		if o.at.After(now) {
			e.later = append(e.later, o)
		} else if e.services[key(o.s.spec.Name)] == o.s {
			e.extra(o, now)
		}
	}
}

// extra runs a check whose time has come outside of the ticks of a group.
func (e *Engine) extra(o *once, now time.Time) {
	s := o.s
	if o.cause == byRepair {
		e.repairNow(s, now)
		return
	}
	if o.cause == bySilence {
		e.request(s, now, byExit)
		return
	}
	if o.cause == byTick { // the minute of a cron pattern, unless another one was set meanwhile
		if !s.byCron() || !o.at.Equal(s.nextCron) {
			return
		}
		if s.nextCron, _ = s.cron.Next(now); s.nextCron.After(now) {
			e.afterwards(s, s.nextCron, byTick)
		}
		s.cycle++
	}
	if s.busy && o.cause == byTick {
		e.overruns++
		return
	}
	e.request(s, now, o.cause)
}

// startCycle makes every member that is due wait for its parents, or starts its check.
func (e *Engine) startCycle(g *group, now time.Time) {
	due := make([]*service, 0, len(g.members))
	for _, s := range g.members {
		s.cycle++
		if s.monitored && s.plan == nil && e.scheduled(s, now) {
			due = append(due, s)
		}
	}
	for _, s := range due { // mark all first: a child waits for a parent that is due in the same cycle
		switch {
		case s.busy || s.parked || s.queued:
			e.overruns++
		default:
			s.parked, s.cause, s.asOf = true, byTick, now
		}
	}
	for _, s := range due {
		e.release(s)
	}
}

// scheduled tells whether the service's own schedule includes this interval.
func (e *Engine) scheduled(s *service, now time.Time) bool {
	s.waiting = false
	switch sched := s.spec.Schedule; {
	case s.cron != nil:
		s.waiting = s.excluded(now)
	case sched.Cycles > 1:
		s.waiting = (s.cycle-1)%sched.Cycles != 0
	}
	return !s.waiting
}

// release starts a parked check when all parents are done with theirs, or gives it up when one of them is not well:
// a broken parent raises one alarm, not its children's too.
func (e *Engine) release(s *service) {
	if !s.parked {
		return
	}
	for _, p := range s.parents {
		if p.busy || p.parked || p.queued {
			return
		}
	}
	s.parked = false
	if s.monitored && (s.plan == nil || s.cause == byPlan) && e.obstacle(s) == nil {
		e.dispatch(s)
		return
	}
	e.finished(s)
}

// request asks for a check outside of the ticks. One that is already under way serves as well, unless it
// began before what is asked about.
func (e *Engine) request(s *service, now time.Time, c cause) {
	switch {
	case !s.monitored, c != byPlan && s.plan != nil:
		e.finished(s)
		return
	case s.busy:
		e.abandon(s)
	case s.parked || s.queued:
		return
	}
	s.parked, s.cause, s.asOf = true, c, now
	if c == byExit {
		e.consult(s, now)
	}
	e.release(s)
}

// afterwards asks for a check at a later time.
func (e *Engine) afterwards(s *service, at time.Time, c cause) {
	e.later = append(e.later, &once{at, s, c})
}

// class is what a check mostly waits for. Each class has its own slots, so that hung connections cannot keep
// checks of the host from running.
type class int8

const (
	onKernel class = iota // reading what the kernel keeps in memory never hangs, so few at a time are fastest
	onDisk
	onNetwork
	onProgram
	classes = iota
)

// slots bound how many checks of a class run at once.
var slots = [classes]int{onKernel: 8, onDisk: 64, onNetwork: 2048, onProgram: 256}

func (s *service) class() class {
	for _, p := range s.probes {
		if !p.Kind.OfSubject() {
			return onNetwork
		}
	}
	switch s.spec.Kind {
	case model.KindProgram:
		return onProgram
	case model.KindHost:
		return onNetwork
	case model.KindProcess, model.KindSystem, model.KindNetwork:
		return onKernel
	}
	return onDisk
}

// dispatch runs the check now if a slot is free, else as soon as one is.
func (e *Engine) dispatch(s *service) {
	if s.spec.Kind == model.KindHeartbeat {
		e.feel(s)
		return
	}
	c := s.class()
	if e.running[c] >= slots[c] {
		s.queued = true
		e.queues[c] = append(e.queues[c], s)
		return
	}
	e.run(s, c)
}

// freed gives a slot to the next in the queue.
func (e *Engine) freed(c class) {
	e.running[c]--
	for len(e.queues[c]) > 0 && e.running[c] < slots[c] {
		s := e.queues[c][0]
		e.queues[c] = e.queues[c][1:]
		if !s.queued {
			continue
		}
		s.queued = false
		if !s.monitored || e.services[key(s.spec.Name)] != s || (s.plan != nil && s.cause != byPlan) {
			e.finished(s)
			continue
		}
		e.run(s, c)
	}
}
