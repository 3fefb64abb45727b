// Package rule decides. Given a measurement and what is known of a rule, it tells what the measurement means
// ([Judge]) and what follows from it ([State.Observe]). It is pure: no I/O, no clock, no locks.
//
// The window arithmetic is Monit's, with the corrections of its version 6.1.
package rule

import (
	"strings"

	"orderly/internal/model"
	"orderly/internal/pattern"
)

// An Outcome is what one measurement means for one rule.
type Outcome int8

// Unknown neither fails nor recovers a rule. Changed and Unchanged are the outcomes of rules that report each change.
const (
	Unknown Outcome = iota
	Pass
	Fail
	Changed
	Unchanged
)

func (o Outcome) bad() bool { return o == Fail || o == Changed }

// Judge compares a measurement with what the rule calls trouble. It keeps in the state what rules about
// change compare with; an absent value is Unknown.
func Judge(r *model.Rule, v model.Value, s *State) Outcome {
	if !v.Present() {
		return Unknown
	}
	if r.Probe != nil && r.Probe.Kind == model.ProbeContent && r.Metric == model.OK {
		if compare(r, v) {
			return Changed
		}
		return Unchanged
	}
	before := s.Baseline
	switch r.Op {
	case model.Changed, model.NotChanged:
		s.Baseline = v
		switch {
		case !before.Present():
			return Unknown
		case r.Op == model.NotChanged:
			return failIf(before == v)
		case before == v:
			return Unchanged
		}
		return Changed
	case model.Drifted:
		if !before.Present() {
			s.Baseline, before = v, v
		}
		return failIf(before != v)
	}
	return failIf(compare(r, v))
}

func failIf(trouble bool) Outcome {
	if trouble {
		return Fail
	}
	return Pass
}

// compare tells whether the condition holds, that is: whether there is trouble.
func compare(r *model.Rule, v model.Value) bool {
	switch r.Op {
	case model.Matches:
		return matches(r.Operand.Text(), v.Text())
	case model.NotMatches:
		return !matches(r.Operand.Text(), v.Text())
	}
	if v.IsText() || r.Operand.IsText() {
		equal := strings.EqualFold(v.Text(), r.Operand.Text())
		return equal == (r.Op == model.Equal)
	}
	return r.Op.Holds(v.Number(), r.Operand.Number())
}

// matches is false for what is no pattern; configuration checks that it is one.
func matches(ere, text string) bool {
	re, err := pattern.Compile(ere)
	return err == nil && re.MatchString(text)
}
