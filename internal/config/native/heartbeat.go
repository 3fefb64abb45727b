package native

import (
	"slices"
	"time"

	"orderly/internal/model"
)

// A heartbeat is how often something gives a sign of life, and how late that may be.
type heartbeat struct {
	period, grace time.Duration
	graced        bool // a grace was given
}

// usualGrace is how late a sign of life may be when nothing else is said.
const usualGrace = time.Minute

// beat adds the rule about signs of life that are overdue, unless there is one.
func (h *heartbeat) beat(s *model.Service) {
	if h.period == 0 || slices.ContainsFunc(s.Rules, aboutSilence) {
		return
	}
	limit := h.period + usualGrace
	if h.graced {
		limit = h.period + h.grace
	}
	alert := []model.Action{{Kind: model.ActAlert}}
	s.Rules = slices.Insert(s.Rules, 0, model.Rule{
		Text: "no sign of life for " + formatDuration(limit), Topic: model.TopicHeartbeat, Metric: model.SilentFor,
		Op: model.Greater, Operand: model.Num(limit.Seconds()), Then: alert, Else: alert, Implicit: true, Pos: s.Pos,
	})
}

func aboutSilence(r model.Rule) bool { return r.Metric == model.SilentFor }

// addPeriod writes how often a sign of life is expected, where that was not said by a rule.
func addPeriod(n *node, s *model.Service) {
	i := slices.IndexFunc(s.Rules, aboutSilence)
	if i < 0 || !s.Rules[i].Implicit {
		return
	}
	limit := time.Duration(s.Rules[i].Operand.Number() * float64(time.Second))
	if limit > usualGrace {
		n.text("period", formatDuration(limit-usualGrace))
		return
	}
	n.text("period", formatDuration(limit))
	n.text("grace", formatDuration(0))
}
