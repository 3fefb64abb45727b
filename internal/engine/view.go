package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// Status returns what is known of some services, or of all when names is empty, in file order. The error is of
// type *UnknownError, or tells that the call itself ended early.
func (e *Engine) Status(ctx context.Context, names []string) (model.HostStatus, error) {
	var out model.HostStatus
	var failed error
	err := e.ask(ctx, func() {
		targets, now := e.order, time.Now()
		if len(names) > 0 {
			targets, failed = e.targets(model.Command{Names: names})
		}
		out = model.HostStatus{Generation: e.generation, Services: make([]model.ServiceStatus, 0, len(targets))}
		if e.config != nil {
			out.Host = e.config.Settings.Host
		}
		for _, s := range targets {
			st := s.status()
			if p := e.obstacle(s); p != nil && s.monitored {
				st.Needs = p.spec.Name
			}
			st.Silenced = e.silencedBy(s, false, now)
			out.Services = append(out.Services, st)
		}
	})
	return out, cmp.Or(failed, err)
}

func (s *service) status() model.ServiceStatus {
	st := model.ServiceStatus{
		Name: s.spec.Name, Kind: s.spec.Kind, State: s.state, Monitored: s.monitored, Since: s.since,
		PID: int(s.sample.Readings.Get(model.PID).Number()), Check: s.checks, Restarts: s.restarts,
		Rules: make([]model.RuleStatus, len(s.rules), len(s.rules)+len(s.limits)), Groups: slices.Clone(s.spec.Groups),
		Checked: s.checked, Waiting: s.waiting, Problem: s.problem(), Values: map[model.Metric]string{},
	}
	if s.plan != nil && s.plan.running {
		st.Doing = string(s.plan.kind)
	}
	st.Acked = s.acked
	if s.repairs.GaveUp.Phase == rule.Failed {
		st.GaveUp = s.repairs.Why
	}
	st.Needs = s.adrift
	for i := range s.rules {
		value, res := s.measurement(&s.spec.Rules[i])
		st.Rules[i] = s.rules[i].status(&s.spec.Rules[i], value, s.monitored)
		if s.rules[i].unknown && s.monitored && res != nil { // what kept it from being measured
			st.Rules[i].Summary = cmp.Or(res.Summary, res.Evidence)
		}
	}
	for i := range s.limits {
		r := ruleState{State: s.limits[i]}
		st.Rules = append(st.Rules, r.status(&model.Rule{Text: s.spec.RestartLimits[i].Text}, model.Value{}, s.monitored))
	}
	for _, r := range s.sample.All() {
		if r.Over == 0 {
			st.Values[r.Metric] = r.Value.Format(r.Metric.Unit())
		}
	}
	return st
}

func (r *ruleState) status(spec *model.Rule, value model.Value, monitored bool) model.RuleStatus {
	st := model.RuleStatus{Text: spec.Text, State: model.RuleOK, Since: r.Since, Summary: r.summary}
	if value.Present() && spec.Metric != model.OK {
		st.Value = value.Format(spec.Metric.Unit())
	}
	switch {
	case !monitored:
		st.State = model.RuleUnknown
	case r.Phase == rule.Failed:
		st.State = model.RuleFailing
	case r.unknown && r.Seen:
		st.State = model.RuleUnknown
	case !r.Seen:
		st.State = model.RuleInitializing
	}
	return st
}

// Readings returns the last measurements of a service, details included. They must not be changed.
func (e *Engine) Readings(ctx context.Context, name string) (model.Readings, error) {
	var out model.Readings
	err := e.ask(ctx, func() {
		if s := e.services[key(name)]; s != nil {
			out = s.sample.All()
		}
	})
	return out, err
}

// Ping returns when the conductor has had a turn: proof that it makes progress.
func (e *Engine) Ping(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case e.inbox <- func() { close(done) }:
	case <-e.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-e.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
