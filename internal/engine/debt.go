package engine

import (
	"cmp"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// toldFor is how long people are not told again that a unit has ended and runs again: if that goes on, it is a restart loop.
const toldFor = time.Minute

// hush is why nobody is told what follows from a state, or "". Whoever knows of a failure hears in a silence that it is over,
// so that he need not worry until that ends.
func (e *Engine) hush(s *service, st *rule.State, effect rule.Effect, now time.Time) string {
	return e.silencedBy(s, effect == rule.Recover && known(st), now)
}

func (d *decision) hush(st *rule.State, effect rule.Effect) string {
	return d.e.hush(d.s, st, effect, d.now)
}

// known tells whether people know of a failure.
func known(st *rule.State) bool { return st.Owed != rule.BeginFail || st.Known }

// hushOf is hush for one rule. What a unit in a restart loop does is told once, by the rule about that.
func (d *decision) hushOf(r *model.Rule, st *ruleState, effect rule.Effect) string {
	if why := d.hush(&st.State, effect); why != "" {
		return why
	}
	switch {
	case st.Flapping:
		return "it is flapping"
	case d.e.ponders(d.s, st, d.now):
		return "what it depends on is looked at first"
	case r.Loops():
		return ""
	case d.s.looping() != nil && !d.s.abandoned():
		return "it is in a restart loop"
	case r.Metric == model.Deaths && d.missedOut():
		return "it ended while monitoring was interrupted"
	case r.Metric == model.Deaths && d.s.missing():
		return "people were told that it does not run"
	case r.Metric == model.Deaths && d.now.Sub(st.told) < toldFor:
		return "people were told of one less than a minute ago"
	}
	return ""
}

// reborn is how long a unit that ended has to be back before people are told so: it may end again at once.
const reborn = 10 * time.Second

// alive tells people that a unit is back of which they heard that it ended.
func (d *decision) alive(r *model.Rule, st *ruleState) {
	s := d.s
	if there := s.sample.Readings.Get(model.Exist); !st.mourned || d.now.Sub(st.told) < reborn || !there.Present() || there.Number() == 0 {
		return
	}
	st.mourned = false
	if s.looping() != nil {
		return
	}
	d.event(rule.Recover, model.Event{Topic: r.Topic, Rule: r.Text, Text: s.running("is running again"), Action: string(model.ActAlert)}, &st.State, d.hush(&st.State, rule.Recover))
}

// running adds to a text which process it is that runs.
func (s *service) running(text string) string {
	if pid := s.sample.Readings.Get(model.PID); pid.Present() {
		text += ", pid " + pid.Format(model.Count)
	}
	return text
}

// looping is the rule about restart loops that fails, or nil.
func (s *service) looping() *model.Rule {
	for i := range s.rules {
		if r := &s.spec.Rules[i]; r.Loops() && s.rules[i].Phase == rule.Failed {
			return r
		}
	}
	return nil
}

// missing tells whether a rule says that the service does not exist.
func (s *service) missing() bool {
	for i := range s.rules {
		if s.spec.Rules[i].Metric == model.Exist && s.rules[i].Phase == rule.Failed {
			return true
		}
	}
	return false
}

// abandoned tells whether the init system has given a unit up.
func (s *service) abandoned() bool {
	return slices.Contains([]string{"failed", "stopped"}, s.sample.Readings.Get(model.UnitState).Text())
}

// settleDebts tells people what they were not told, if it is still so and they may be told now, and does what was held
// back.
func (d *decision) settleDebts() {
	s := d.s
	d.settleDebt(&s.access, model.Event{Topic: model.TopicData, Text: s.accessError, Action: string(model.ActAlert)}, d.hush(&s.access, s.access.Owed))
	d.settleDebt(&s.exec, model.Event{Topic: model.TopicExec, Text: s.execError, Action: string(model.ActAlert)}, d.hush(&s.exec, s.exec.Owed))
	for i := range s.limits {
		st, l := &s.limits[i], &s.spec.RestartLimits[i]
		ev := d.settleDebt(st, model.Event{Topic: model.TopicTimeout, Rule: l.Text, Text: l.Text, Action: d.naming(l.Then, rule.BeginFail)}, d.hush(st, st.Owed))
		d.makeUp(st, l.Then, -1, ev)
	}
	for i := range s.rules {
		st, r := &s.rules[i], &s.spec.Rules[i]
		if st.Owed == rule.None && !st.Held {
			continue
		}
		value, res := s.measurement(r)
		ev := model.Event{Topic: r.Topic, Rule: r.Text, Text: st.summary, Action: d.naming(r.Then, rule.BeginFail), Evidence: s.evidence(r, res)}
		if st.Owed == rule.Recover {
			ev.Evidence = ""
			ev.Text, ev.Action = rule.Describe(s.spec.Kind, r, value, st.Baseline, res, rule.Recover), d.naming(r.Else, rule.Recover)
		}
		d.makeUp(&st.State, r.Then, i, d.settleDebt(&st.State, ev, d.hushOf(r, st, st.Owed)))
	}
	if d.e.silencedBy(s, false, d.now) == "" {
		s.hushed = ""
	}
}

// owe notes what people are not told, and returns why they are not. Of what is again as they were told last they are
// told nothing.
func owe(st *rule.State, effect rule.Effect, hush string) string {
	if effect == rule.Recover && st.Known { // that it became graver need not be told any more
		st.Owed, st.Waived, st.Known = rule.None, false, false
	}
	switch {
	case effect == rule.StillFail && st.Waived:
		return cmp.Or(hush, "it began in a silence after which nobody is told")
	case effect == rule.StillFail && st.Owed == rule.BeginFail:
		return cmp.Or(hush, "people are told first that it fails")
	case effect != rule.BeginFail && effect != rule.Recover:
	case st.Owed != rule.None && st.Owed != effect:
		st.Owed, st.Waived = rule.None, false
		return cmp.Or(hush, "nobody was told of what came before")
	case hush != "":
		st.Owed = effect
	}
	return hush
}

// waive keeps what a silence that ends quietly owes to people from being told, unless another silence is to tell it.
func (e *Engine) waive(over *model.Silence, now time.Time) {
	if !over.Quiet {
		return
	}
	for _, s := range e.order {
		if !covers(over, s.spec) || e.silencedBy(s, false, now) != "" {
			continue
		}
		for _, st := range s.debts() {
			if st.Owed == rule.BeginFail && !st.Waived {
				st.Waived, s.dirty = true, true
			}
		}
		e.settle(s, now)
	}
}

// debts are the states of a service that people may have to be told of.
func (s *service) debts() []*rule.State {
	out := []*rule.State{&s.access, &s.exec, &s.repairs.GaveUp}
	for i := range s.limits {
		out = append(out, &s.limits[i])
	}
	for i := range s.rules {
		out = append(out, &s.rules[i].State)
	}
	return out
}

// settleDebt journals what is owed, unless there is a reason to hush.
func (d *decision) settleDebt(st *rule.State, ev model.Event, hush string) model.Event {
	ev.Count, ev.Service, ev.At, ev.Host = st.Count, d.s.spec.Name, d.now, d.e.config.Settings.Host
	ev.Kind, ev.Severity = eventKinds[rule.BeginFail], d.s.severity(st)
	if st.Owed == rule.None || st.Waived || hush != "" {
		return ev
	}
	ev.Kind = eventKinds[st.Owed]
	if st.Owed == rule.Recover && ev.Text == "" {
		ev.Text = "is well again"
	}
	ev.Failure = &model.Failure{Since: st.Since, LastOK: st.LastOK, Bad: st.Bad, Cycles: st.Count, Affects: d.s.dependants()}
	ev.Text += " (since " + st.Since.Local().Format("15:04:05") + d.s.hushed + ")"
	st.Owed, d.s.dirty = rule.None, true
	ev.Seq = d.e.Journal.Append(ev)
	return ev
}

// makeUp does what was held back, if it is still called for.
func (d *decision) makeUp(st *rule.State, then []model.Action, i int, ev model.Event) {
	if !st.Held || d.e.held(d.s, d.now) {
		return
	}
	st.Held, d.s.dirty = false, true
	switch st.Phase {
	case rule.Failed:
		d.follow(rule.BeginFail, then, nil, i, ev, st)
	case rule.WasChanged, rule.Steady:
		ev.Kind, ev.Text = model.EventChanged, cmp.Or(ev.Text, "it has changed while nothing was to be done")
		d.follow(rule.Change, then, nil, i, ev, st)
	}
}
