package rule

import (
	"math"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// observed is a state after results: "." good, "x" bad.
func observed(results string) (s State) {
	for _, c := range results {
		o := Pass
		if c == 'x' {
			o = Fail
		}
		s, _ = s.Observe(model.Policy{}, o, time.Time{})
		s.Flapping = s.Flaps()
	}
	return s
}

func TestFlaps(t *testing.T) { // P-330
	for _, c := range []struct {
		results string
		flaps   bool
		changes int
	}{
		{"", false, 0},
		{strings.Repeat(".", 30), false, 0},
		{strings.Repeat(".", 30) + "x", false, 1},
		{strings.Repeat("x", 30) + ".", false, 1},
		{strings.Repeat(".", 30) + "x.x.x", false, 5},
		{strings.Repeat(".", 30) + "x.x.x.x.x", true, 9},
		{strings.Repeat("x.", 15), true, 20},
		{strings.Repeat("x.", 15) + strings.Repeat(".", 10), true, 10},
		{strings.Repeat("x.", 15) + strings.Repeat(".", 15), false, 5},
		{strings.Repeat("xx...", 8), false, 8},
	} {
		s := observed(c.results)
		if s.Flapping != c.flaps || s.Changes() != c.changes {
			t.Errorf("%s: flapping %v with %d changes, want %v with %d", c.results, s.Flapping, s.Changes(), c.flaps, c.changes)
		}
	}
	if r := changeRate(0b10101_01010_10101_01010_1); math.Abs(r-1) > 1e-9 {
		t.Errorf("what changes always has the rate %v", r)
	}
}
