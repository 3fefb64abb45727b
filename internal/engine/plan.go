package engine

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// A plan starts, stops or restarts a service and what depends on it, in order. It runs when it is asked for, in a
// goroutine of its own. It claims the services it touches: they are not checked meanwhile, and plans that claim
// the same service run one after the other.
type plan struct {
	kind  model.CommandKind
	root  *service
	cause model.Event                 // what led to it; of kind "" when a user asked
	done  func([]model.Outcome)       // called by the conductor; may be nil
	steps []step                      // computed when the plan begins
	mine  map[*service]bool           // monitoring was changed by a user meanwhile: leave it
	specs map[*service]*model.Service // definitions that take effect when the plan ends

	running  bool
	outcomes []model.Outcome
}

func newPlan(kind model.CommandKind, root *service, cause model.Event, done func([]model.Outcome)) *plan {
	return &plan{kind: kind, root: root, cause: cause, done: done, mine: map[*service]bool{}, specs: map[*service]*model.Service{}}
}

// begin starts the plan, or lets it wait until the services it needs are free.
func (e *Engine) begin(p *plan) {
	if !p.user() && !capable(p.root.spec, p.kind) {
		return
	}
	p.steps = order(p.kind, p.root)
	for _, st := range p.steps {
		if st.s.plan != nil {
			p.root.wanted = p
			e.plans = append(e.plans, p)
			e.revision.Add(1)
			return
		}
	}
	if p.user() {
		p.root.repairs = repairs{GaveUp: p.root.repairs.GaveUp, Last: p.root.repairs.Last} // somebody looks after it
	}
	p.running, p.root.wanted = true, nil
	p.cause.Host = e.config.Settings.Host
	e.acts(+1)
	now := time.Now()
	for _, st := range p.steps {
		if st.s.plan == nil {
			st.s.plan, st.s.blocked = p, false
			e.abandon(st.s)
			st.s.parked, st.s.queued = false, false
			e.touch(st.s, now)
		}
	}
	for _, st := range p.steps {
		e.finished(st.s)
	}
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		e.carryOut(p)
	}()
}

func (p *plan) user() bool { return p.cause.Kind == "" }

// carryOut runs in the plan's goroutine. Specs are immutable, so it may read them; all else belongs to the conductor.
func (e *Engine) carryOut(p *plan) {
	for i, st := range p.steps {
		out := e.perform(st, p.cause)
		e.post(func() { e.stepped(p, st, out) })
		if !st.gate {
			continue
		}
		reason := ""
		if st.do != model.CommandStop {
			reason = e.gate(st)
		}
		if out.Error != "" || reason != "" {
			e.post(func() { e.broken(p, i, reason) })
			break
		}
	}
	e.post(func() { e.ended(p) })
}

func (e *Engine) perform(st step, cause model.Event) (out model.Outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = model.Outcome{Service: st.s.spec.Name, Error: fmt.Sprintf("cannot %s: the action itself broke: %v", st.do, r)}
		}
	}()
	switch st.do {
	case model.CommandStart:
		return e.Actor.Start(e.ctx, st.s.spec, cause)
	case model.CommandStop:
		return e.Actor.Stop(e.ctx, st.s.spec, cause)
	case model.CommandReload:
		return e.Actor.Reload(e.ctx, st.s.spec, cause)
	default:
		return e.Actor.Restart(e.ctx, st.s.spec, cause)
	}
}

// gate checks a service within a plan and returns why what depends on it cannot go on, or "".
func (e *Engine) gate(st step) (reason string) {
	ctx, cancel := context.WithTimeout(e.ctx, patience(st.s.spec))
	defer cancel()
	checked := make(chan struct{})
	if e.ask(ctx, func() {
		st.s.watches = append(st.s.watches, checked)
		e.request(st.s, time.Now(), byPlan)
	}) != nil {
		return "orderly is stopping"
	}
	select {
	case <-checked:
	case <-ctx.Done():
		return "its check does not end"
	}
	if e.ask(ctx, func() {
		if !st.s.ready() {
			reason = cmp.Or(st.s.problem(), "it is not well")
		}
	}) != nil {
		return "orderly is stopping"
	}
	return reason
}

// stepped takes over what a step did. People are told of what a user had done to the service that was named.
func (e *Engine) stepped(p *plan, st step, out model.Outcome) {
	s, now := st.s, time.Now()
	out.Service = s.spec.Name
	p.outcomes = append(p.outcomes, out)
	if out.Error != "" {
		e.actionFailed(s, now, out, string(st.do))
		if st.do == model.CommandReload {
			s.stale = cmp.Or(s.run(), "unknown")
		}
	} else {
		told := e.actionWorked(s, now, out.Done)
		if !out.Idle || p.user() {
			e.journal(s, model.Event{Kind: model.EventAction, Topic: model.TopicAction, Action: string(st.do), Rule: p.cause.Rule, Text: out.Done, Silent: told || !p.user() || s != p.root})
		}
	}
	switch {
	case st.do == model.CommandStop && !st.keep:
		if !p.mine[s] && s.monitored { // even if it did not stop in time: it must not be started when it has stopped at last
			e.off(s)
		}
	case st.do == model.CommandStop, st.do == model.CommandReload:
	default:
		if s.started = now; !out.Idle {
			s.restarts++
		}
		if !p.mine[s] {
			s.monitored, s.initializing = true, true
		}
	}
	e.touch(s, now)
}

// broken ends a plan whose gate is shut: the rest is not done. A start that waits for what the service depends on is made
// up for when that is well, and so is the start of what was stopped already on behalf of a restart.
func (e *Engine) broken(p *plan, at int, reason string) {
	culprit, s, now := p.steps[at].s, p.root, time.Now()
	out := model.Outcome{Service: s.spec.Name}
	switch {
	case p.kind == model.CommandStart:
		s.monitored, s.initializing, s.blocked = true, true, true
		if s.exec.Phase == rule.Failed {
			break
		}
		out.Error = fmt.Sprintf("cannot start: %s, which it depends on, is not well", culprit.spec.Name)
		if reason != "" {
			out.Error += ": " + reason
		}
		e.actionFailed(s, now, out, string(p.kind))
	case culprit != s: // which people are told of; nothing is wrong with the service itself
		out.Error = fmt.Sprintf("cannot %s: %s, which depends on it, does not stop", p.kind, culprit.spec.Name)
		e.journal(s, model.Event{Kind: model.EventActionFailed, Topic: model.TopicExec, Action: string(p.kind), Rule: p.cause.Rule, Text: out.Error, Silent: true})
	}
	if out.Error != "" {
		p.outcomes = append(p.outcomes, out)
	}
	for _, st := range p.steps[:at] {
		st.s.blocked = st.s.blocked || st.keep && st.s.monitored
	}
	e.touch(s, now)
}

// ended frees the services, checks those that are monitored at once, and lets the next plans begin.
func (e *Engine) ended(p *plan) {
	now := time.Now()
	p.running = false
	freed := e.free(p, now)
	checked := make([]chan struct{}, len(freed))
	for i, s := range freed {
		checked[i] = make(chan struct{})
		s.watches = append(s.watches, checked[i])
	}
	for _, s := range freed {
		e.request(s, now, byPlan)
	}
	if p.done != nil {
		e.work.Add(1)
		go func() {
			defer e.work.Done()
			e.await(checked, 3*time.Second)
			e.post(func() { p.done(p.outcomes) })
		}()
	}
	e.resume()
	e.acts(-1)
}

// free takes the services out of a plan, each as it is configured by now, and returns those to be checked.
func (e *Engine) free(p *plan, now time.Time) (checkable []*service) {
	changed := false
	for _, st := range p.steps {
		s := st.s
		if s.plan != p {
			continue
		}
		s.plan = nil
		if e.services[key(s.spec.Name)] != s {
			continue
		}
		if spec := p.specs[s]; spec != nil {
			s.adopt(spec, now)
			changed = true
		}
		e.touch(s, now)
		if s.monitored && !s.blocked {
			checkable = append(checkable, s)
		}
	}
	if changed {
		e.relate()
		e.watchOver()
		e.regroup(now)
	}
	return checkable
}

// resume begins the plans that waited, or lets them wait on for others.
func (e *Engine) resume() {
	waiting := e.plans
	e.plans = nil
	for _, next := range waiting {
		next.root.wanted = nil
		if e.services[key(next.root.spec.Name)] == next.root {
			e.begin(next)
		} else if next.done != nil {
			next.done([]model.Outcome{{Service: next.root.spec.Name, Error: "cannot " + string(next.kind) + ": it is no longer configured"}})
		}
	}
}

// await waits for checks to end, at most so long: a command tells what it did, not what a slow probe thinks of it.
func (e *Engine) await(checked []chan struct{}, limit time.Duration) {
	ctx, cancel := context.WithTimeout(e.ctx, limit)
	defer cancel()
	for _, c := range checked {
		select {
		case <-c:
		case <-ctx.Done():
			return
		}
	}
}

func key(name string) string { return strings.ToLower(name) }
