package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// A job is one check to be made by a worker.
type job struct {
	ctx    context.Context
	cancel context.CancelFunc
	s      *service
	spec   *model.Service
	asOf   time.Time
	mark   model.Bookmark
	epoch  int
	class  class
}

// lingering bounds how many workers wait for more to do. Their stacks have grown already, which is half the cost
// of a quick check.
const lingering = 8

// run has a worker measure the service; the sample comes back to the conductor.
func (e *Engine) run(s *service, c class) {
	j := job{ctx: e.ctx, cancel: nothing, s: s, spec: s.spec, asOf: s.asOf, mark: s.bookmark, epoch: s.epoch, class: c}
	if c == onNetwork || c == onProgram { // what only looks at this host has deadlines of its own and need not be cancelled
		j.ctx, j.cancel = context.WithTimeout(e.ctx, patience(s.spec))
	}
	s.busy, s.cancel, s.waiting = true, j.cancel, false
	e.running[c]++
	select {
	case e.jobs <- j:
	default:
		e.work.Add(1)
		go e.worker(j)
	}
}

func nothing() {}

// worker makes one check, then others for as long as few workers wait for any.
func (e *Engine) worker(j job) {
	defer e.work.Done()
	for {
		sample, err := e.sense(j.ctx, j.spec, j.asOf, j.mark)
		j.cancel()
		s, epoch, class := j.s, j.epoch, j.class // a closure over all of the job would be twice as large
		e.post(func() {
			e.measured(s, epoch, sample, err)
			e.freed(class)
		})
		if e.lingering.Add(1) > lingering {
			e.lingering.Add(-1)
			return
		}
		select {
		case j = <-e.jobs:
			e.lingering.Add(-1)
		case <-e.ctx.Done():
			return
		}
	}
}

// sense calls Sense and turns a panic into an error: nothing a check meets may stop another check.
func (e *Engine) sense(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (sample model.Sample, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("a check panicked", "service", s.Name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the check itself broke: %v", p)
		}
	}()
	return e.Sense(ctx, s, asOf, b)
}

// patience bounds a whole check, as a backstop: each step in it has a shorter deadline of its own.
func patience(s *model.Service) time.Duration {
	d := 30 * time.Second
	if s.Subject.Program != nil {
		d += s.Limits.ProgramTimeout + s.Subject.Program.Timeout
	}
	for i := range s.Rules {
		if p := s.Rules[i].Probe; p != nil {
			d += 4 * p.Timeout * time.Duration(max(1, p.Retry, p.Count))
		}
	}
	return d
}

// abandon lets go of a running check: its outcome no longer counts. It still holds its slot until it returns.
func (e *Engine) abandon(s *service) {
	if s.busy {
		s.cancel()
		s.busy = false
	}
	s.epoch++
}

// measured takes over what a check found.
func (e *Engine) measured(s *service, epoch int, sample model.Sample, err error) {
	if epoch != s.epoch || e.ctx.Err() != nil {
		return
	}
	now := time.Now()
	s.busy, s.cancel = false, nil
	s.checks++
	s.before, s.checked = s.checked, now
	if err == nil {
		s.dirty = s.dirty || s.bookmark != sample.Bookmark
		s.bookmark, s.sample = sample.Bookmark, sample
	}
	d := &decision{e: e, s: s, now: now}
	if d.judge(err); s.monitored {
		s.initializing = false
	}
	e.well(s, now)
	e.watchSilence(s)
	e.settle(s, now)
	if e.Log.Enabled(e.ctx, slog.LevelDebug) {
		e.Log.Debug("checked", "service", s.spec.Name, "state", string(s.state), "check", s.checks)
	}
	e.finished(s)
	d.act()
}

// finished lets those go on who waited for this service's check: its children, and whoever asked for it.
func (e *Engine) finished(s *service) {
	for _, w := range s.watches {
		close(w)
	}
	s.watches = nil
	for _, c := range s.children {
		e.release(c)
		if c.blocked && c.plan == nil && c.parentsReady() {
			c.blocked = false
			e.begin(newPlan(model.CommandStart, c, model.Event{Kind: model.EventRecovered, Rule: "depends on " + s.spec.Name}, nil))
		}
	}
}

// stirred looks at once at a service whose process has ended, for example. One that dies again and again right after its
// start is given a little longer each time, at most until its next cycle.
func (e *Engine) stirred(name string) {
	s := e.services[key(name)]
	if s == nil || !s.monitored || s.plan != nil {
		return
	}
	now := time.Now()
	if lived := now.Sub(s.started); s.started.IsZero() || lived >= time.Second {
		s.deaths = 0
		e.request(s, now, byExit)
		return
	}
	s.deaths++
	pause := min(250*time.Millisecond<<min(s.deaths, 12), e.period(s))
	e.afterwards(s, now.Add(pause), byExit)
}

// A decision is what one check of one service leads to.
type decision struct {
	e   *Engine
	s   *service
	now time.Time

	failure *model.Failure // of what was observed last

	wants      []want // actions, in the order of the rules
	unmonitors bool
}

// A want is an action that follows from an event.
type want struct {
	action model.Action
	rule   int // index, or -1
	event  model.Event
}

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
	if s.exec.Phase == rule.Failed && !s.inTrouble() && (!there.Present() || there.Number() != 0) {
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
	d.event(effect, model.Event{Topic: model.TopicData, Text: text, Action: string(model.ActAlert)}, &d.s.access, d.hush())
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
		ev := d.event(effect, model.Event{Topic: model.TopicTimeout, Rule: l.Text, Text: text, Action: d.naming(actions, effect)}, &s.limits[i], d.hush())
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
	d.flap(r, st)
	if effect == rule.None || r.Metric == model.Deaths && !r.Loops() && s.looping() != nil { // one more of many
		if o == rule.Pass {
			st.summary = ""
		}
		return
	}
	text := rule.Describe(s.spec.Kind, r, value, before, res, effect)
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
	if effect == rule.BeginFail || effect == rule.Change {
		ev.Evidence = s.evidence(r, res)
	}
	ev.Silent = len(actions) == 0 || actions[0].Kind == model.ActIgnore
	ev = d.event(effect, ev, &st.State, d.hushOf(r, st))
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
	case r.Metric == model.Exist || r.Metric == model.Deaths:
		return s.sample.Evidence
	case r.Metric != model.Status:
		return ""
	}
	text := s.sample.Readings.Get(model.Output).Text()
	if len(text) > maxEvidence {
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
