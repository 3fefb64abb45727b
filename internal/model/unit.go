package model

import (
	"time"

	"orderly/internal/diag"
)

// A unit that ends more often than this in a minute is in a restart loop.
const (
	loopDeaths = 3
	loopWindow = time.Minute
)

// UnitRules are the rules that nobody has to write about a unit, besides that it exists: that its end is told of even
// when its init system starts it again at once, and that starting it again and again is one failure and not many.
func UnitRules(pos diag.Pos) []Rule {
	alert := []Action{{Kind: ActAlert}}
	return []Rule{
		{
			Text: "ends unasked", Topic: TopicPID, Metric: Deaths, Op: Changed,
			Then: alert, Implicit: true, Pos: pos,
		},
		{
			Text: "restart loop", Topic: TopicTimeout, Metric: Deaths, Over: loopWindow, Op: Greater, Operand: Num(loopDeaths),
			Then: alert, Else: alert, Implicit: true, Pos: pos,
		},
	}
}

// Loops tells whether the rule is one about restart loops. While it fails, the unit is its init system's business.
func (r *Rule) Loops() bool { return r.Metric == Deaths && r.Over > 0 }
