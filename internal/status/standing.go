package status

import (
	"slices"
	"time"

	"orderly/internal/model"
)

// A survey is how the services and their components are at one moment, as the checks say.
type survey struct {
	d         *draft
	watched   map[string]*watch // copies
	forgotten []string          // services that are not checked for now
	blocked   map[string]bool   // services that are not checked because of another; memory of isBlocked
	paused    map[string]bool
}

// A standing is how a component is by its checks, for those who decide about incidents.
type standing struct {
	gone     bool   // no service drives it
	paused   bool   // nothing is told now: it is under maintenance
	hushed   bool   // nobody is to be told of trouble now: it is silenced
	unstable bool   // it fails and recovers all the time
	bad      bool   // a check has found so
	well     bool   // the checks have found so often enough
	health   Health // reported
	since    time.Time
	child    bool // it depends on others, which may be why
}

// survey looks at everything that is watched.
func (d *draft) survey() *survey {
	s := &survey{d: d, blocked: map[string]bool{}, paused: map[string]bool{}}
	in := &d.b.inbox
	in.mu.Lock()
	s.watched = make(map[string]*watch, len(in.watched))
	copies := make([]watch, 0, len(in.watched))
	for name, w := range in.watched {
		copies = append(copies, *w)
		s.watched[name] = &copies[len(copies)-1]
	}
	in.mu.Unlock()
	for _, c := range d.view.Components {
		for _, k := range c.Checks {
			if s.isPaused(k) {
				s.paused[k.Service] = true
			}
		}
	}
	for name, w := range s.watched {
		s.age(name, w)
	}
	s.isolate()
	return s
}

// isPaused tells whether a service is not monitored. One that was checked since that was said, is.
func (s *survey) isPaused(k Check) bool {
	w := s.watched[k.Service]
	return k.Paused && (w == nil || w.run == 0)
}

// age forgets what has not been looked at for too long (P-312). Something that is being started may take its time.
func (s *survey) age(name string, w *watch) {
	if w.health == Unknown {
		return
	}
	due := w.at.Add(w.holds)
	if w.spec.Start != nil || w.spec.Restart != nil {
		due = due.Add(w.spec.Limits.StopTimeout + w.spec.Limits.StartTimeout)
	}
	if s.d.now.Before(due) {
		s.d.due(due)
		return
	}
	s.forget(name, w)
}

func (s *survey) forget(name string, w *watch) {
	if w.health != Unknown || w.run > 0 {
		w.forget()
		s.forgotten = append(s.forgotten, name)
	}
}

// isolate sees whether this host has lost its network. What is checked elsewhere then stays as it was (P-311).
func (s *survey) isolate() {
	isolated := false
	for _, w := range s.watched {
		isolated = isolated || w.spec.Connectivity != nil && w.health.Bad()
	}
	if isolated != s.d.view.Isolated {
		s.d.view.Isolated, s.d.changed = isolated, true
	}
}

// end tells those who hear of checks what is no longer taken for known.
func (s *survey) end() {
	in := &s.d.b.inbox
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, name := range s.forgotten {
		if w := in.watched[name]; w != nil && w.at.Equal(s.watched[name].at) {
			w.forget()
		}
	}
}

// isBlocked tells whether a service is not checked because one that it depends on is not well or not watched.
func (s *survey) isBlocked(name string, depth int) bool {
	if known, ok := s.blocked[name]; ok || depth > 100 {
		return known
	}
	w := s.watched[name]
	is := w != nil && slices.ContainsFunc(w.parents, func(parent string) bool {
		p := s.watched[parent]
		return s.paused[parent] || p != nil && p.health.Bad() && p.run > 0 || s.isBlocked(parent, depth+1)
	})
	s.blocked[name] = is
	return is
}

// counted are the checks of a component that say something now: neither paused nor blocked.
func (s *survey) counted(c *Component) (counted []*watch, blocked bool) {
	for _, k := range c.Checks {
		w := s.watched[k.Service]
		switch {
		case w == nil || s.isPaused(k):
			continue
		case s.isBlocked(k.Service, 0):
			s.forget(k.Service, w)
			blocked = true
			continue
		}
		counted = append(counted, w)
	}
	return counted, blocked
}

// together is how a component is by several services (P-300, P-314): the worst of them counts, but one that works in part
// has a partial outage.
func together(healths []Health) Health {
	count := map[Health]int{}
	for _, h := range healths {
		count[h]++
	}
	switch n := len(healths); {
	case n == 0:
		return Unknown
	case count[Major] == n:
		return Major
	case count[Major]+count[Partial] > 0:
		return Partial
	case count[Degraded] > 0:
		return Degraded
	case count[Unknown] > 0:
		return Unknown
	}
	return Operational
}

// report is what the checks of a component say, when that has lasted long enough to be told: bad news at once, good news
// only after some more checks and some time (P-324, P-331).
func (s *survey) report(c *Component) (h Health, waits bool) {
	counted, blocked := s.counted(c)
	healths := make([]Health, len(counted))
	var wellAt time.Time
	enough := true
	for n, w := range counted {
		healths[n] = w.health
		enough = enough && w.run >= max(1, s.d.view.Page.Recover)
		if w.well.After(wellAt) {
			wellAt = w.well
		}
	}
	h = together(healths)
	waits = blocked && len(counted) == 0
	if c.Unstable() && !waits {
		return Degraded, false
	}
	if h == Operational && c.Reported.Bad() {
		due := wellAt.Add(s.d.view.Page.Delay)
		switch {
		case !enough:
			return c.Reported, false
		case s.d.now.Before(due):
			s.d.due(due)
			return c.Reported, false
		}
	}
	return h, waits
}

// refresh has a component be as its checks say.
func (s *survey) refresh(c *Component) {
	if len(c.Checks) == 0 || c.Gone {
		return
	}
	h, waits := s.report(c)
	one := *c
	one.Checks = s.checks(c)
	if h != c.Reported && h != Unknown && c.Said != nil && h != c.Said.Over {
		one.Said = nil
	}
	one.Reported, one.Waits = h, waits
	one.Ignored = c.Ignored && h != Operational
	if one.Reported.Bad() && !c.Reported.Bad() {
		s.d.miss(&one)
	}
	if !alikeChecked(&one, c) {
		s.d.setComponent(&one)
	}
}

// checks are those of a component as they are now.
func (s *survey) checks(c *Component) []Check {
	out := c.Checks
	for n, k := range c.Checks {
		w := s.watched[k.Service]
		if w == nil || w.health == k.Health && k.Paused == s.isPaused(k) {
			continue
		}
		if &out[0] == &c.Checks[0] {
			out = slices.Clone(c.Checks)
		}
		out[n].Health, out[n].Paused = w.health, s.isPaused(k)
	}
	return out
}

func alikeChecked(a, b *Component) bool {
	return &a.Checks[0] == &b.Checks[0] && a.Reported == b.Reported && a.Waits == b.Waits && a.Said == b.Said && a.Ignored == b.Ignored
}

// settleHealth decides who says how a component is (d.7).
func (d *draft) settleHealth(c *Component) {
	h, from := c.Base, ByNobody
	byHand, hand := c.said(d.now, false)
	byScript, script := c.said(d.now, true)
	switch {
	case d.maintained()[c.ID]:
		h, from = Maintenance, ByMaintenance
	case hand:
		h, from = byHand, ByHand
	case c.Waits:
		h, from = Unknown, ByDependency
	case script:
		h, from = byScript, ByScript
	case c.Reported != 0:
		h, from = c.Reported, ByCheck
	case h == 0:
		h = Unknown
	}
	if c.Health != h {
		c.Health, c.Since = h, d.now
	}
	c.Source = from
}

// standing is how a component is for those who decide about incidents.
func (s *survey) standing(c *Component) standing {
	if c == nil || c.Gone || len(c.Checks) == 0 {
		return standing{gone: true}
	}
	counted, _ := s.counted(c)
	st := standing{health: c.Reported, unstable: c.Unstable(), paused: s.d.paused(c), hushed: s.hushed(c), well: c.Reported == Operational}
	for _, w := range counted {
		st.child = st.child || len(w.parents) > 0
		st.well = st.well && w.run >= max(1, s.d.view.Page.Recover)
		if w.health.Bad() && w.run > 0 {
			st.bad = c.Reported.Bad()
			if st.since.IsZero() || w.since.Before(st.since) {
				st.since = w.since
			}
		}
	}
	st.well = st.well && !st.unstable && len(counted) > 0
	return st
}

// covers tells whether a silence is of a service.
func covers(s *model.Silence, spec *model.Service) bool {
	return s.All || slices.Contains(s.Names, spec.Name) || s.Group != "" && slices.Contains(spec.Groups, s.Group) ||
		slices.ContainsFunc(s.Groups, func(g string) bool { return slices.Contains(spec.Groups, g) })
}
