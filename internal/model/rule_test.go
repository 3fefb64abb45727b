package model

import "testing"

// What a measurement below each of several limits means: A-045.
func TestSteps(t *testing.T) {
	certificate := Rule{Op: Less, Operand: Num(30), Steps: []float64{14, 7}}
	status := Rule{Op: NotEqual, Operand: Num(0), Mild: []int{2}}
	for _, c := range []struct {
		name  string
		rule  Rule
		value Value
		step  int
		limit float64
		mild  bool
	}{
		{"before the first", certificate, Num(40), 0, 30, true},
		{"past the first", certificate, Num(29), 0, 30, true},
		{"at a step", certificate, Num(14), 0, 30, true},
		{"past a step", certificate, Num(13.9), 1, 14, true},
		{"past the last", certificate, Num(6.9), 2, 7, false},
		{"past its end", certificate, Num(-3), 2, 7, false},
		{"not measured", certificate, Value{}, 0, 30, true},
		{"a text", certificate, Str("soon"), 0, 30, true},
		{"without steps", Rule{Op: Less, Operand: Num(30)}, Num(1), 0, 30, false},
		{"a mild value", status, Num(2), 0, 0, true},
		{"another value", status, Num(1), 0, 0, false},
	} {
		if got := c.rule.Step(c.value); got != c.step {
			t.Errorf("%s: step %d, want %d", c.name, got, c.step)
		}
		if got := c.rule.Limit(c.value); got != Num(c.limit) {
			t.Errorf("%s: limit %v, want %v", c.name, got, c.limit)
		}
		if got := c.rule.IsMild(c.value); got != c.mild {
			t.Errorf("%s: mild %v, want %v", c.name, got, c.mild)
		}
	}
}
