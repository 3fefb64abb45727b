package engine

import (
	"cmp"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

var eventKinds = map[rule.Effect]model.EventKind{
	rule.BeginFail: model.EventFailed, rule.StillFail: model.EventStillFailing,
	rule.Recover: model.EventRecovered, rule.Change: model.EventChanged,
}

// event journals an effect that is worth it and returns the event as it was journaled, or with Kind "" when it
// was not. That a failure goes on is an event only when someone wants to be reminded. Hush is why nobody is told, or "".
func (d *decision) event(effect rule.Effect, ev model.Event, st *rule.State, hush string) model.Event {
	ev.Kind, ev.Count = eventKinds[effect], st.Count
	ev.Service, ev.At, ev.Host = d.s.spec.Name, d.now, d.e.config.Settings.Host
	ev.Silenced, ev.Failure, ev.Severity = owe(st, effect, hush), d.failure, d.s.severity(st)
	if effect == rule.StillFail && ev.Silenced == "" {
		ev.Silenced = d.s.acked
	}
	d.catchUp(effect, st, ev.Silenced)
	if ev.Failure != nil {
		ev.Failure.Affects = d.s.dependants()
	}
	switch effect {
	case rule.BeginFail, rule.Recover, rule.Change:
		ev.Seq = d.e.Journal.Append(ev)
	case rule.StillFail:
		if slices.ContainsFunc(d.s.spec.Reminders, func(r model.Reminder) bool { return d.due(r, st.Count) }) {
			ev.Seq = d.e.Journal.Append(ev)
		}
	}
	d.told = d.told || ev.Rule != "" && ev.Seq != 0
	return ev
}

// catchUp remembers since when people may not be told, so that who would have been reminded or called meanwhile is so
// afterwards, once.
func (d *decision) catchUp(effect rule.Effect, st *rule.State, hush string) {
	before := st.Hushed
	switch {
	case effect == rule.BeginFail && hush != "":
		st.Hushed = st.Since
	case effect == rule.StillFail && hush != "":
		if st.Hushed.IsZero() {
			st.Hushed = d.failure.Before
		}
	case effect == rule.StillFail && !st.Hushed.IsZero():
		d.failure.Before, st.Hushed = st.Hushed, time.Time{}
	case effect == rule.BeginFail || effect == rule.Recover:
		st.Hushed = time.Time{}
	}
	d.s.dirty = d.s.dirty || !st.Hushed.Equal(before)
}

// due tells whether somebody wants to be reminded in this failing cycle.
func (d *decision) due(r model.Reminder, count int) bool {
	if d.failure == nil {
		return false
	}
	return r.Due(count, d.failure.Since, d.failure.Before, d.now)
}

// naming is what will be done, in one word, for messages.
func (d *decision) naming(actions []model.Action, effect rule.Effect) string {
	for _, a := range actions {
		if a.Early > 0 && effect != rule.Brewing {
			continue
		}
		switch a.Kind {
		case model.ActAlert:
			continue
		case model.ActStart, model.ActStop, model.ActRestart, model.ActReload:
			if d.s.spec.Mode == model.Passive {
				return string(model.ActAlert)
			}
		}
		return string(a.Kind)
	}
	if len(actions) == 0 && effect == rule.Settle {
		return string(model.ActIgnore)
	}
	return string(model.ActAlert)
}

// follow collects what the effect asks to be done. Starting and stopping is repeated in every cycle that still
// fails, programs only where the rule says so.
func (d *decision) follow(effect rule.Effect, then, otherwise []model.Action, i int, ev model.Event, st *rule.State) {
	count, actions := st.Count, then
	switch effect {
	case rule.None, rule.Settle:
		return
	case rule.Brewing:
		d.early(then, i, ev, st)
		return
	case rule.Recover:
		actions = otherwise
	}
	for _, a := range actions {
		switch a.Kind {
		case model.ActExec:
			if a.Early > 0 || effect == rule.StillFail && (a.Repeat == 0 || count%a.Repeat != 0) {
				continue
			}
		case model.ActStart, model.ActStop, model.ActRestart, model.ActReload:
			if a.Once && effect == rule.StillFail {
				continue
			}
			if a.Kind != model.ActStop && a.Kind != model.ActReload && len(d.s.spec.RestartLimits) > 0 {
				d.s.starts++
				d.s.dirty = true
			}
			if d.s.spec.Mode == model.Passive {
				continue
			}
		case model.ActUnmonitor:
			d.unmonitors = d.unmonitors || !d.e.held(d.s, d.now)
		case model.ActAlert, model.ActIgnore:
			continue
		}
		if d.e.held(d.s, d.now) {
			st.Held = effect == rule.BeginFail || effect == rule.Change || st.Held
			continue
		}
		st.Held = st.Held && effect != rule.Change // one act makes up for all changes
		d.wants = append(d.wants, want{a, i, ev})
	}
}

// early collects the programs that are run while failures do not count yet.
func (d *decision) early(then []model.Action, i int, ev model.Event, st *rule.State) {
	for _, a := range then {
		if st.Phase != rule.Failed && st.Bad <= a.Early && !d.e.held(d.s, d.now) {
			d.wants = append(d.wants, want{a, i, ev})
		}
	}
}

// act does what was decided. Of several starts and stops of a service the first one counts.
func (d *decision) act() {
	for _, w := range d.wants {
		switch w.action.Kind {
		case model.ActExec:
			d.e.execute(d.s, w)
		case model.ActUnmonitor:
			d.e.unmonitor(d.s, d.now, "by rule: "+w.event.Rule)
		default:
			s := d.s
			if w.action.On != "" {
				s = d.e.services[key(w.action.On)]
			}
			switch {
			case s == nil || !s.monitored:
			case s.plan == nil && s.wanted == nil:
				d.e.repair(s, w, d.now)
			case w.change() && cmp.Or(s.plan, s.wanted).cause.Seq != w.event.Seq:
				d.e.repairLater(s, w, d.now)
			}
		}
	}
}

// execute runs a program of a rule beside everything else. While it runs the same rule does not run it again.
func (e *Engine) execute(s *service, w want) {
	if s.executing[w.rule] {
		return
	}
	if s.executing == nil {
		s.executing = map[int]bool{}
	}
	s.executing[w.rule] = true
	e.acts(+1)
	spec, executing, ctx := s.spec, s.executing, e.ctx
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		out := e.Actor.Exec(ctx, spec, w.action.Exec, w.event)
		e.post(func() {
			delete(executing, w.rule)
			e.acts(-1)
			ev := model.Event{Kind: model.EventAction, Topic: model.TopicExec, Action: string(model.ActExec), Rule: w.event.Rule, Text: out.Done, Evidence: out.Evidence, Silent: true}
			if out.Error != "" {
				ev.Kind, ev.Text, ev.Silent = model.EventActionFailed, out.Error, false
			}
			e.journal(s, ev)
		})
	}()
}

// journal appends an event about a service.
func (e *Engine) journal(s *service, ev model.Event) {
	ev.Service, ev.At, ev.Host, ev.Severity = s.spec.Name, time.Now(), e.config.Settings.Host, s.spec.Severity
	e.Journal.Append(ev)
}

// actionFailed notes that a plan did not work; people are told once, until it works again.
func (e *Engine) actionFailed(s *service, now time.Time, out model.Outcome, what string) {
	var effect rule.Effect
	s.exec, effect = s.exec.Observe(model.Policy{}, rule.Fail, now)
	s.execError, s.stale = out.Error, ""
	e.journal(s, model.Event{
		Kind: model.EventActionFailed, Topic: model.TopicExec, Action: what, Text: out.Error, Evidence: out.Evidence,
		Count: s.exec.Count, Silent: effect != rule.BeginFail, Silenced: owe(&s.exec, effect, e.hush(s, &s.exec, effect, now)),
	})
}

// actionWorked notes that a service is as it was to be, and tells whether that ended a failure, which is an event of its own.
func (e *Engine) actionWorked(s *service, now time.Time, text string) (recovered bool) {
	var effect rule.Effect
	s.exec, effect = s.exec.Observe(model.Policy{}, rule.Pass, now)
	s.execError, s.stale = "", ""
	if effect == rule.Recover {
		e.journal(s, model.Event{
			Kind: model.EventRecovered, Topic: model.TopicExec, Action: string(model.ActAlert), Text: text, Count: 1,
			Silenced: owe(&s.exec, effect, e.hush(s, &s.exec, effect, now)),
		})
	}
	return effect == rule.Recover
}
