package status

import (
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// A watch is a service that is checked, whether it has a component or not: what depends on it may have one.
type watch struct {
	spec    *model.Service
	parents []string // names of the services it depends on, as they are configured
	pulse
}

// A pulse is what the checks of one service found last.
type pulse struct {
	health Health        // of the last check; Unknown if that is too long ago
	run    int           // checks in a row that found the same, since this process began
	since  time.Time     // the first of these
	well   time.Time     // the one after which it was well often enough
	at     time.Time     // the last check
	holds  time.Duration // how long that counts
}

// inbox is what was heard of checks. Its lock is held for moments only, so that whoever checks never waits.
type inbox struct {
	mu      sync.Mutex
	watched map[string]*watch
	recover int
}

// Checked takes in what a check found. It does not block, and costs next to nothing while nothing changes.
func (b *Book) Checked(c model.Checked) {
	health := healthOf(c)
	if health == 0 {
		return
	}
	in := &b.inbox
	in.mu.Lock()
	w := in.watched[c.Service.Name]
	changed := w != nil && w.note(c, health, in.recover)
	in.mu.Unlock()
	if changed {
		b.poke()
	}
}

// note tells whether a check may change anything.
func (p *pulse) note(c model.Checked, health Health, enough int) bool {
	p.at, p.holds = c.At, c.Holds
	if health == p.health && p.run > enough {
		return false
	}
	if health != p.health || p.run == 0 {
		p.run, p.since = 0, c.At
	}
	p.health = health
	p.run++
	if p.run == max(1, enough) {
		p.well = c.At
	}
	return true
}

// forget is for a service that is not checked for a while: what was known of it counts no longer.
func (p *pulse) forget() { p.health, p.run = Unknown, 0 }

// healthOf is how a service is by a check; 0: that says nothing, because something is being done to it.
func healthOf(c model.Checked) Health {
	switch {
	case c.State == model.StateFailing || c.State == model.StateActing && c.Down:
		if c.Severity.AtLeast(model.Major) {
			return Major
		}
		return Degraded
	case c.State == model.StateOK:
		return Operational
	case c.State == model.StateUnknown:
		return Unknown
	}
	return 0
}

// unheard is how long what an earlier process knew of a service counts.
const unheard = 15 * time.Minute

// watch takes over the services of a configuration. What is known of those that stay is kept.
func (in *inbox) watch(services []*model.Service, page *model.StatusPage, known func(service string) Health, now time.Time) {
	names := map[string]string{}
	for _, s := range services {
		names[strings.ToLower(s.Name)] = s.Name
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.recover = page.Recover
	watched := make(map[string]*watch, len(services))
	for _, s := range services {
		w := in.watched[s.Name]
		if w == nil {
			w = &watch{pulse: pulse{health: known(s.Name), at: now, holds: unheard}}
		}
		w.spec, w.parents = s, nil
		for _, name := range s.Depends {
			if known, ok := names[strings.ToLower(name)]; ok {
				w.parents = append(w.parents, known)
			}
		}
		watched[s.Name] = w
	}
	in.watched = watched
}
