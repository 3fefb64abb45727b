package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// Apply makes a sealed configuration the current one and returns when it is. Services whose definition did not
// change notice nothing; of changed ones, rules that are still there keep their state; a service that a plan works
// on changes over when the plan ends.
func (e *Engine) Apply(ctx context.Context, c *model.Config) (model.Applied, error) {
	var applied model.Applied
	if err := e.ask(ctx, func() { applied = e.apply(c) }); err != nil {
		return applied, fmt.Errorf("cannot apply the configuration: %w", err)
	}
	return applied, nil
}

func (e *Engine) apply(c *model.Config) model.Applied {
	now := time.Now()
	first := e.config == nil
	diff := model.Diff(e.config, c)
	e.config = c
	if first {
		e.begun(now)
	}
	e.generation++
	e.revision.Add(1)
	for _, name := range diff.Removed {
		e.remove(name)
	}
	e.order = e.order[:0:0]
	var fresh []*service
	for _, spec := range c.Services {
		s := e.services[key(spec.Name)]
		switch {
		case s == nil:
			s = newService(spec, now)
			e.services[key(spec.Name)] = s
			e.restore(s)
			fresh = append(fresh, s)
		case slices.Contains(diff.Changed, spec.Name):
			e.change(s, spec, now)
			fresh = append(fresh, s)
		}
		s.acceptDrift()
		e.order = append(e.order, s)
	}
	e.relate()
	e.watchOver()
	e.regroup(now)
	e.planMaintenances(now)
	if delay := c.Settings.StartDelay; first && e.Rebooted && delay > 0 {
		for _, g := range e.groups {
			g.next = now.Add(delay)
		}
		fresh = nil
		e.Log.Info("the host was started anew, so nothing is checked yet", "delay", delay)
	}
	e.firstChecks(fresh, now)
	sorted := func(names []string) []string {
		names = append([]string{}, names...)
		slices.Sort(names)
		return names
	}
	return model.Applied{
		Generation: e.generation, Added: sorted(diff.Added), Changed: sorted(diff.Changed), Removed: sorted(diff.Removed),
		Unchanged: len(diff.Unchanged), Warnings: []string{},
	}
}

// firstChecks checks new and changed services at once; that is the first of their cycles.
func (e *Engine) firstChecks(fresh []*service, now time.Time) {
	for _, s := range fresh {
		if s.cycle == 0 {
			s.cycle = 1
		}
		s.waiting = s.byCron() || s.excluded(now)
		if s.monitored && s.plan == nil && !s.waiting && !s.busy {
			s.parked, s.cause, s.asOf = true, byTick, now
		}
		e.touch(s, now)
	}
	for _, s := range fresh {
		e.release(s)
	}
}

// remove stops watching a service; what it names is left alone.
func (e *Engine) remove(name string) {
	s := e.services[key(name)]
	delete(e.services, key(name))
	e.abandon(s)
	s.parked, s.queued, s.monitored = false, false, false
	e.finished(s)
	e.Forget(s.spec.Name)
	e.Keeper.Remove(s.spec.Name)
	e.journal(s, model.Event{Kind: model.EventRemoved, Text: "is no longer configured", Silent: true})
}

func (e *Engine) change(s *service, spec *model.Service, now time.Time) {
	if s.plan != nil {
		s.plan.specs[s] = spec
		return
	}
	e.abandon(s)
	s.parked, s.queued = false, false
	if s.spec.Subject.Pidfile != spec.Subject.Pidfile || s.spec.Subject.Pattern != spec.Subject.Pattern {
		e.Forget(s.spec.Name)
	}
	s.adopt(spec, now)
}

// acceptDrift makes the next measurement the reference of rules that compare with the first one: reloading is
// how a user says that a changed file is as it should be.
func (s *service) acceptDrift() {
	for i := range s.rules {
		if s.spec.Rules[i].Op == model.Drifted {
			s.rules[i].Baseline = model.Value{}
		}
	}
}

// relate connects services with what they depend on.
func (e *Engine) relate() {
	for _, s := range e.order {
		s.parents, s.children = nil, nil
	}
	for _, s := range e.order {
		for _, name := range s.spec.Depends {
			if p := e.services[key(name)]; p != nil && p != s && !slices.Contains(s.parents, p) {
				s.parents, p.children = append(s.parents, p), append(p.children, s)
			}
		}
	}
}

// problem is the first thing that is wrong with a service, in one line.
func (s *service) problem() string {
	if s.accessError != "" {
		return s.accessError
	}
	for i := range s.rules {
		if s.rules[i].Phase == rule.Failed {
			return s.rules[i].summary
		}
	}
	for i := range s.limits {
		if s.limits[i].Phase == rule.Failed {
			return strings.TrimPrefix(s.spec.RestartLimits[i].Text, "if ")
		}
	}
	if s.exec.Phase == rule.Failed {
		return s.execError
	}
	return ""
}
