package web

import (
	"slices"

	"orderly/internal/model"
)

// A ruleRow is one rule with what was measured against its limit.
type ruleRow struct {
	model.RuleStatus
	Tone  tone
	Word  string
	Limit string // "< 80.0%": what is wanted; "": no number
	Share int    // how much of the limit is used, in per cent; -1: that cannot be said
	Then  string // what follows when it fails
}

// ruleRows are the rules of a service as they stand. Without a snapshot there are no limits.
func ruleRows(s *model.ServiceStatus, snap *model.Snapshot) []ruleRow {
	out := make([]ruleRow, len(s.Rules))
	for i, st := range s.Rules {
		out[i] = ruleRow{RuleStatus: st, Share: -1}
		out[i].Tone, out[i].Word = ruleTone(st.State, s.Monitored)
		if snap == nil || i >= len(snap.Spec.Rules) {
			continue
		}
		r := &snap.Spec.Rules[i]
		out[i].Limit, out[i].Share = limit(r, measured(snap, r))
		out[i].Then = follows(r.Then)
	}
	return out
}

func ruleTone(s model.RuleState, monitored bool) (tone, string) {
	switch {
	case !monitored:
		return quiet, "not watched"
	case s == model.RuleOK:
		return good, "ok"
	case s == model.RuleFailing:
		return bad, "failing"
	case s == model.RuleInitializing:
		return neutral, "not yet known"
	}
	return unknown, "unknown"
}

// measured is what a rule last looked at, absent if that is not known.
func measured(snap *model.Snapshot, r *model.Rule) model.Value {
	if r.Probe == nil {
		return snap.Readings.Total(r.Metric, r.Over)
	}
	i := slices.Index(snap.Spec.Probes(), r.Probe)
	if i < 0 || i >= len(snap.Probes) {
		return model.Value{}
	}
	return snap.Probes[i].Readings.Total(r.Metric, r.Over)
}

// wanted is the comparison that holds while all is well: rules describe trouble.
var wanted = map[model.Op]string{
	model.Greater: "≤", model.GreaterEqual: "<", model.Less: "≥", model.LessEqual: ">", model.Equal: "≠", model.NotEqual: "=",
}

// limit is what is wanted of a number, and how much of that is used.
func limit(r *model.Rule, value model.Value) (string, int) {
	sign := wanted[r.Op]
	if sign == "" || r.Operand.IsText() || !r.Operand.Present() || r.Metric.Unit() == model.Boolean {
		return "", -1
	}
	border := r.Limit(value)
	text := sign + " " + border.Format(r.Metric.Unit())
	if !value.Present() || value.IsText() || border.Number() <= 0 || value.Number() < 0 {
		return text, -1
	}
	part := value.Number() / border.Number()
	switch r.Op {
	case model.Greater, model.GreaterEqual:
	case model.Less, model.LessEqual: // the nearer to the limit, the fuller
		if part <= 1 {
			part = 1
		} else {
			part = 1 / part
		}
	default:
		return text, -1
	}
	return text, int(min(part, 1) * 100)
}

// follows is what a rule does, besides telling people.
func follows(actions []model.Action) string {
	for _, a := range actions {
		switch a.Kind {
		case model.ActAlert, model.ActIgnore:
		case model.ActExec:
			return "runs a program"
		default:
			return string(a.Kind)
		}
	}
	return ""
}
