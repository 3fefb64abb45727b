package engine

import (
	"cmp"
	"context"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// Snapshots returns all that is known of some services, or of all when names is empty, in file order, and the number
// of the configuration they are of. The error is of type *UnknownError, or tells that the call itself ended early.
func (e *Engine) Snapshots(ctx context.Context, names []string) ([]model.Snapshot, uint64, error) {
	var out []model.Snapshot
	var samples []model.Sample
	var generation uint64
	var failed error
	err := e.ask(ctx, func() {
		targets := e.order
		if len(names) > 0 {
			targets, failed = e.targets(model.Command{Names: names})
		}
		generation = e.generation
		out, samples = make([]model.Snapshot, len(targets)), make([]model.Sample, len(targets))
		for i, s := range targets {
			s.snapshot(&out[i])
			samples[i] = s.sample
		}
	})
	for i := range samples { // beside the conductor: there may be thousands
		out[i].Readings = samples[i].All()
	}
	return out, generation, cmp.Or(failed, err)
}

// Revision changes whenever something about a service changes that is more than a measurement. What was made of older
// snapshots may be used until it does, or for as long as older measurements are good enough.
func (e *Engine) Revision() uint64 { return e.revision.Load() }

func (s *service) snapshot(out *model.Snapshot) {
	*out = model.Snapshot{
		Spec: s.spec, State: s.present(), Monitored: s.monitored, Initializing: s.initializing, Waiting: s.waiting,
		Since: s.since, Checked: s.checked, Checks: s.checks, Restarts: s.restarts, Cycle: s.cycle,
		Denied: s.accessError, Rules: make([]model.RuleSnapshot, len(s.rules)),
		Probes: s.sample.Probes, Sampled: s.sample.At,
	}
	switch {
	case s.plan != nil && s.plan.running:
		out.Doing = string(s.plan.kind)
	case s.plan != nil:
		out.Pending = string(s.plan.kind)
	case s.wanted != nil:
		out.Pending = string(s.wanted.kind)
	}
	for i := range s.rules {
		r := &s.rules[i]
		failed, changed := r.Phase == rule.Failed, r.Phase == rule.WasChanged
		out.Rules[i] = model.RuleSnapshot{Failed: failed, Changed: changed, Unknown: r.unknown && r.Seen, Since: r.Since, Summary: r.summary}
		out.Note(s.spec.Rules[i].Topic, failed, changed)
	}
	for i := range s.limits {
		out.Note(model.TopicTimeout, s.limits[i].Phase == rule.Failed, false)
	}
	out.Note(model.TopicTimeout, s.repairs.GaveUp.Phase == rule.Failed, false)
	out.Note(model.TopicExec, s.exec.Phase == rule.Failed, false)
	out.Note(model.TopicData, s.accessError != "", false)
}
