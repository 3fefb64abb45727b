package engine

import (
	"slices"
	"time"

	"orderly/internal/rule"
)

// ponders tells whether people are not told yet that a rule fails, because what the service depends on may be why. Then
// it is looked at again, which is after its parents, when they may be told.
func (e *Engine) ponders(s *service, st *ruleState, now time.Time) bool {
	hold := e.config.Settings.Hold
	if hold <= 0 || len(s.parents) == 0 || st.Phase != rule.Failed {
		return false
	}
	due := st.Since.Add(hold)
	if !now.Before(due) {
		return false
	}
	if !e.expects(s, due) {
		e.afterwards(s, due, byExit)
	}
	return true
}

// consult has what a service depends on looked at before the service itself, when something happened to that. What broke
// both is then found where it began.
func (e *Engine) consult(s *service, now time.Time) {
	for _, p := range s.parents {
		if p.monitored && p.plan == nil && !p.busy && !p.parked && !p.queued {
			e.request(p, now, byExit)
		}
	}
}

// dependants are the names of the services that are not looked at while this one is not well.
func (s *service) dependants() (names []string) {
	for _, c := range slices.Concat(descendants(s), s.wards) {
		if c.monitored {
			names = append(names, c.spec.Name)
		}
	}
	return names
}
