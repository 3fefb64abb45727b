package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// repairs is what is remembered of what rules did to a service, where model.Repair bounds that.
type repairs struct {
	Times   []time.Time   `json:"times,omitempty"` // of those that count towards giving up
	Wait    time.Duration `json:"wait,omitempty"`  // after the next
	Last    time.Time     `json:"last,omitzero"`   // of the last
	Next    time.Time     `json:"next,omitzero"`   // not before; zero while it rests: never
	GaveUp  rule.State    `json:"gaveup,omitzero"`
	Rounds  int           `json:"rounds,omitempty"`  // how often it gave up in a row
	Resting bool          `json:"resting,omitempty"` // it gave up, until Next
	Why     string        `json:"why,omitempty"`

	pending *want // until Next
}

// repairsRule stands for a rule in events about giving up.
const repairsRule = "repairs"

// jitter is by how much a wait is made longer, at most: services that failed together need not be repaired together.
const jitter = 0.1

// repair does what a rule wants of a service, or waits with it, or gives up.
func (e *Engine) repair(s *service, w want, now time.Time) {
	kind, bounds, past := model.CommandKind(w.action.Kind), s.spec.Repair, &s.repairs
	switch {
	case s.looping() != nil && !s.abandoned():
		return // its init system starts it already, and two who do that hinder each other
	case bounds == nil || kind == model.CommandStop:
		e.begin(newPlan(kind, s, w.event, nil))
		return
	case w.change():
		e.followChange(s, w, now)
		return
	}
	past.Times = slices.DeleteFunc(past.Times, func(t time.Time) bool { return now.Sub(t) > bounds.Within })
	switch {
	case past.Resting || now.Before(past.Next):
		e.postpone(s, w)
	case bounds.Times > 0 && len(past.Times) >= bounds.Times:
		e.giveUp(s, now)
		e.postpone(s, w)
	default:
		past.note(bounds, now)
		e.begin(newPlan(kind, s, w.event, nil))
	}
}

// followChange does what a change calls for, which does not count towards giving up, and may be what helps.
func (e *Engine) followChange(s *service, w want, now time.Time) {
	past := &s.repairs
	switch {
	case past.Resting:
	case now.Before(past.Next):
		e.postpone(s, w)
		return
	default:
		past.Next = now.Add(s.spec.Repair.Wait)
	}
	e.begin(newPlan(model.CommandKind(w.action.Kind), s, w.event, nil))
}

// planDelay is after which time it is seen again whether another plan for a service has ended.
const planDelay = time.Second

// repairLater keeps what a rule wants until the plan for the service has ended.
func (e *Engine) repairLater(s *service, w want, now time.Time) {
	s.repairs.pending = &w
	e.afterwards(s, now.Add(planDelay), byRepair)
}

// postpone keeps what a rule wants until its time has come, if that ever comes.
func (e *Engine) postpone(s *service, w want) {
	past := &s.repairs
	if past.Next.IsZero() {
		return
	}
	if past.pending == nil {
		e.afterwards(s, past.Next, byRepair)
	}
	past.pending = &w
}

// note counts a repair and says when the next may be.
func (p *repairs) note(bounds *model.Repair, now time.Time) {
	p.Wait = min(max(2*p.Wait, bounds.Wait), max(bounds.MaxWait, bounds.Wait))
	p.Last, p.Next = now, now.Add(p.Wait+time.Duration(rand.Float64()*jitter*float64(p.Wait)))
	if bounds.Times > 0 {
		p.Times = append(p.Times, now)
	}
}

// giveUp says aloud that repairs do not help. The first time, and when it is for good.
func (e *Engine) giveUp(s *service, now time.Time) {
	bounds, past := s.spec.Repair, &s.repairs
	past.Rounds++
	past.Why = fmt.Sprintf("gave up: %d repairs within %s did not help", len(past.Times), model.FormatSeconds(bounds.Within.Seconds()))
	past.Resting, past.Next = true, time.Time{}
	if again := bounds.Retry > 0 && (bounds.Rounds == 0 || past.Rounds < bounds.Rounds); again {
		past.Next = now.Add(bounds.Retry)
		past.Why += "; tries again in " + model.FormatSeconds(bounds.Retry.Seconds())
	} else {
		past.Why += "; nothing more is done until somebody does"
		past.GaveUp.Phase = rule.New // which is worth saying again
	}
	e.tellGivingUp(s, rule.Fail, past.Why, now)
}

// tellGivingUp journals that it gave up on a service, or that this is over.
func (e *Engine) tellGivingUp(s *service, o rule.Outcome, text string, now time.Time) {
	var effect rule.Effect
	s.repairs.GaveUp, effect = s.repairs.GaveUp.Observe(model.Policy{}, o, now)
	if effect == rule.BeginFail || effect == rule.Recover {
		e.journal(s, model.Event{
			Kind: eventKinds[effect], Topic: model.TopicTimeout, Rule: repairsRule, Action: string(model.ActAlert), Text: text,
			Count: 1, Silenced: owe(&s.repairs.GaveUp, effect, e.hush(s, &s.repairs.GaveUp, effect, now)),
		})
	}
	e.touch(s, now)
}

// repairNow does what waited for its time, if the rule still wants it.
func (e *Engine) repairNow(s *service, now time.Time) {
	past := &s.repairs
	w := past.pending
	past.pending = nil
	busy := s.plan != nil || s.wanted != nil
	if w != nil && busy && w.change() {
		e.repairLater(s, *w, now)
		return
	}
	if w == nil || busy || !s.monitored || e.held(s, now) || !e.stillWanted(w) {
		return
	}
	if past.Resting && !w.change() {
		past.Resting, past.Times = false, nil
	}
	e.repair(s, *w, now)
}

// stillWanted tells whether the rule that led to an action still fails.
func (e *Engine) stillWanted(w *want) bool {
	owner := e.services[key(w.event.Service)]
	switch {
	case w.change():
		return owner != nil
	case owner == nil || w.rule >= len(owner.rules):
		return false
	case w.rule < 0:
		return owner.failing()
	}
	return owner.rules[w.rule].Phase == rule.Failed
}

// well forgets the repairs of a service that has been well for long enough, and tells if it had been given up.
func (e *Engine) well(s *service, now time.Time) {
	past := &s.repairs
	if s.spec.Repair == nil || past.Last.IsZero() || s.inTrouble() || s.exec.Phase == rule.Failed {
		return
	}
	if past.GaveUp.Phase == rule.Failed {
		e.tellGivingUp(s, rule.Pass, "is well again, after it was given up", now)
	}
	if now.Sub(past.Last) >= max(s.spec.Repair.MaxWait, s.spec.Repair.Wait) {
		s.repairs = repairs{Times: past.Times, GaveUp: past.GaveUp}
	}
}
