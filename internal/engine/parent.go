package engine

import (
	"slices"
	"time"

	"orderly/internal/rule"
)

// ponders tells whether people are not told yet that a rule fails, because what the service depends on may be why, or was.
// Then it is looked at again, which is after its parents, when they may be told. What they were told stays told.
func (e *Engine) ponders(s *service, st *ruleState, now time.Time) bool {
	if len(s.parents) == 0 || st.Phase != rule.Failed || st.Count > 1 && st.Owed == rule.None {
		return false
	}
	due := st.Since.Add(e.config.Settings.Hold)
	if calm := e.config.Settings.Settle; calm > 0 {
		if at := s.rescued().Add(calm); at.After(due) {
			due = at
		}
	}
	if !now.Before(due) {
		return false
	}
	if !e.expects(s, due) {
		e.afterwards(s, due, byExit)
	}
	return true
}

// rescued is when the last of the services that this one depends on was well again after it had failed.
func (s *service) rescued() (last time.Time) {
	for _, p := range s.ancestors() {
		if p.backAt.After(last) {
			last = p.backAt
		}
	}
	return last
}

// ancestors are the services that this one depends on, directly or not: each once, the nearest first.
func (s *service) ancestors() []*service {
	out := s.parents
	for i := 0; i < len(out); i++ {
		for _, p := range out[i].parents {
			if !slices.Contains(out, p) {
				out = append(out[:len(out):len(out)], p)
			}
		}
	}
	return out
}

// obstacle is the first service that keeps this one from being looked at because it is not well, or nil. Where people are
// told at once, as by Monit, only parents count. One of these that was left out itself is as it was when it was last
// looked at, so that otherwise what it depends on counts as well.
func (e *Engine) obstacle(s *service) *service {
	needs := s.parents
	if e.config.Settings.Hold > 0 {
		needs = s.ancestors()
	}
	if i := slices.IndexFunc(needs, func(p *service) bool { return !p.ready() }); i >= 0 {
		return needs[i]
	}
	return nil
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
