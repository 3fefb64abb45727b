package engine

import (
	"fmt"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// A decision is what one check of one service leads to.
type decision struct {
	e   *Engine
	s   *service
	now time.Time

	failure *model.Failure // of what was observed last
	told    bool           // something was journaled that a rule found

	wants      []want // actions, in the order of the rules
	unmonitors bool
}

// A want is an action that follows from an event.
type want struct {
	action model.Action
	rule   int // index, or -1
	event  model.Event
}

// change tells whether it follows from a change of something else, as of a configuration file: that is no failure, and is
// not found again if nothing is done about it.
func (w *want) change() bool { return w.event.Kind == model.EventChanged && w.action.On != "" }

// judge compares the sample with every rule, in order. Rules whose measurement is missing are left as they are.
func (d *decision) judge(err error) {
	s := d.s
	d.judgeAccess(err)
	if err != nil {
		d.settleDebts()
		return
	}
	if s.cause == byTick || s.cause == byExit {
		d.judgeLimits()
	}
	for i := range s.spec.Rules {
		if !s.monitored || d.unmonitors {
			return
		}
		d.judgeRule(i)
	}
	d.settleDebts()
	there := s.sample.Readings.Get(model.Exist)
	if s.exec.Phase == rule.Failed && !s.inTrouble() && !s.outdated() && (!there.Present() || there.Number() != 0) {
		d.e.actionWorked(s, d.now, "is well again")
	}
}

func (d *decision) judgeAccess(err error) {
	o, text := rule.Pass, "can be measured again"
	if err != nil {
		o, text = rule.Fail, err.Error()
	}
	d.s.accessError = ""
	if err != nil {
		d.s.accessError = text
		for i := range d.s.rules {
			d.s.rules[i].unknown = true
		}
	}
	effect := d.observe(&d.s.access, model.Policy{}, o)
	d.event(effect, model.Event{Topic: model.TopicData, Text: text, Action: string(model.ActAlert)}, &d.s.access, d.hush(&d.s.access, effect))
}

// judgeLimits counts cycles since the first start and reacts when starting again does not help.
func (d *decision) judgeLimits() {
	s := d.s
	if s.starts > 0 && s.cause == byTick {
		s.cycles++
		s.dirty = true
	}
	longest := 0
	for i := range s.spec.RestartLimits {
		l := &s.spec.RestartLimits[i]
		longest = max(longest, l.Cycles)
		o := rule.Unknown
		switch {
		case s.starts >= l.Restarts && s.cycles <= l.Cycles:
			o = rule.Fail
		case s.sample.Readings.Get(model.Exist).Number() != 0:
			o = rule.Pass
		}
		effect := d.observe(&s.limits[i], model.Policy{}, o)
		text, actions := fmt.Sprintf("restarted %d times within %d cycles", s.starts, max(1, s.cycles)), l.Then
		if effect == rule.Recover {
			text, actions = "runs again", nil
		}
		ev := d.event(effect, model.Event{Topic: model.TopicTimeout, Rule: l.Text, Text: text, Action: d.naming(actions, effect)}, &s.limits[i], d.hush(&s.limits[i], effect))
		d.follow(effect, l.Then, nil, -1, ev, &s.limits[i])
	}
	if s.cycles > longest {
		s.starts, s.cycles = 0, 0
	}
}

// judgeRule observes one rule. Between cycles only rules that need no counting are observed, and a failure
// that is known already is not counted again.
func (d *decision) judgeRule(i int) {
	s, r := d.s, &d.s.spec.Rules[i]
	st := &s.rules[i]
	value, res := s.measurement(r)
	before := st.Baseline
	o := rule.Judge(r, value, &st.State)
	s.dirty = s.dirty || st.Baseline != before
	if st.unknown = o == rule.Unknown && !value.Present(); st.unknown {
		return
	}
	st.Seen = st.Seen || o == rule.Unknown // a first measurement, for others to be compared with
	if s.cause != byTick && (!rule.Single(r.Policy, o) || o == rule.Fail && st.Phase == rule.Failed) {
		return
	}
	if o == rule.Unchanged && r.Metric == model.Deaths {
		d.alive(r, st)
	}
	effect := d.observe(&st.State, r.Policy, o)
	effect = d.worsen(effect, r, st, value)
	d.flap(r, st)
	if effect == rule.None || r.Metric == model.Deaths && !r.Loops() && s.looping() != nil { // one more of many
		if o == rule.Pass {
			st.summary = ""
		}
		return
	}
	text := rule.Describe(s.spec.Kind, r, value, before, res, effect)
	if s.spec.Kind == model.KindUnit && r.Metric == model.Exist && effect == rule.Recover {
		text = s.running(text)
	}
	if s.sample.Reason != "" && (r.Metric == model.Exist || r.Metric == model.Deaths) && effect != rule.Recover {
		text += ": " + s.sample.Reason
	}
	if st.summary = text; effect == rule.Recover || effect == rule.Settle {
		st.summary = ""
	}
	actions := r.Then
	if effect == rule.Recover || effect == rule.Settle {
		actions = r.Else
	}
	ev := model.Event{Topic: r.Topic, Rule: r.Text, Text: text, Action: d.naming(actions, effect)}
	if effect == rule.BeginFail || effect == rule.Change || s.spec.Subject.AsShell {
		ev.Evidence = s.evidence(r, res)
	}
	ev.Silent = len(actions) == 0 || actions[0].Kind == model.ActIgnore
	why := d.hushOf(r, st, effect)
	if why == "" && r.Metric == model.Deaths && effect == rule.Change {
		st.told, st.mourned = d.now, true
	}
	ev = d.event(effect, ev, &st.State, why)
	d.follow(effect, r.Then, r.Else, i, ev, &st.State)
}

// observe adds an outcome to a state and notes whether that changed anything worth keeping.
func (d *decision) observe(st *rule.State, p model.Policy, o rule.Outcome) rule.Effect {
	before := *st
	after, effect := before.Observe(p, o, d.now)
	if before.Bad == 0 && after.Bad == 1 && before.Seen {
		after.LastOK = d.s.before
	}
	d.failure = failureOf(effect, before, after, d.s.before)
	if after != before {
		*st, d.s.dirty = after, true
	}
	return effect
}

// worsen notes how grave a failure is. One that was mild and no longer is, or that passes a step, begins anew for those who are
// told.
func (d *decision) worsen(effect rule.Effect, r *model.Rule, st *ruleState, v model.Value) rule.Effect {
	mild, step := r.IsMild(v), r.Step(v)
	switch {
	case effect == rule.BeginFail:
		st.Mild, st.Step, st.Known = mild, step, false
	case effect == rule.StillFail && (st.Mild && !mild || step > st.Step):
		st.Mild, st.Step, st.Known = st.Mild && mild, max(step, st.Step), known(&st.State)
		return rule.BeginFail
	}
	return effect
}

// failureOf is how long something has been failing up to an effect; nil if it is no failure.
func failureOf(effect rule.Effect, before, after rule.State, last time.Time) *model.Failure {
	switch effect {
	case rule.BeginFail, rule.StillFail:
		f := &model.Failure{Since: after.Since, LastOK: after.LastOK, Bad: after.Bad, Cycles: after.Count}
		if effect == rule.StillFail {
			f.Before = last
		}
		return f
	case rule.Recover:
		return &model.Failure{Since: before.Since, Before: last, LastOK: before.LastOK, Bad: before.Bad, Cycles: before.Count}
	}
	return nil
}

// maxEvidence bounds the output of a program that an event carries, in bytes: that of probes is bounded alike.
const maxEvidence = 2 << 10

// evidence is what was seen that a rule did not compare: what a probe was answered, or what a program wrote beside its status.
func (s *service) evidence(r *model.Rule, res *model.Result) string {
	switch {
	case res != nil:
		return res.Evidence
	case r.Metric == model.Exist || r.Metric == model.Deaths || r.Metric == model.BeatStatus:
		return s.sample.Evidence
	case r.Metric != model.Status:
		return ""
	}
	text := s.sample.Readings.Get(model.Output).Text()
	if len(text) > maxEvidence && !s.spec.Subject.AsShell {
		text = strings.ToValidUTF8(text[:maxEvidence], "")
	}
	return text
}

// measurement finds what a rule is about in the last sample.
func (s *service) measurement(r *model.Rule) (model.Value, *model.Result) {
	if r.Probe == nil {
		return s.sample.Readings.Total(r.Metric, r.Over), nil
	}
	for i, p := range s.probes {
		if p != r.Probe || i >= len(s.sample.Probes) {
			continue
		}
		res := &s.sample.Probes[i]
		switch {
		case res.Skipped:
			return model.Value{}, nil
		case r.Metric == model.OK:
			return model.Bool(res.OK), res
		}
		return res.Readings.Get(r.Metric), res
	}
	return model.Value{}, nil
}
