package minitor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
	"orderly/internal/rule"
)

// due are the failures, of so many in a row, at which Minitor runs its alerts: the words of its documentation as a program.
func due(failures, after, every int) (out []int) {
	sent := 0
	for f := 1; f <= failures; f++ {
		n := f - after
		is := false
		switch {
		case n < 0:
		case every > 0:
			is = n%every == 0
		case every == 0:
			is = n == 0
		default:
			is = n >= 1<<sent-1
		}
		if is {
			sent++
			out = append(out, f)
		}
	}
	return out
}

// told are the failures at which the rule and the reminder of a monitor tell people.
func told(s *model.Service, failures int) (out []int) {
	var st rule.State
	var effect rule.Effect
	now := time.Unix(0, 0)
	for f := 1; f <= failures; f++ {
		st, effect = st.Observe(s.Rules[0].Policy, rule.Fail, now)
		switch effect {
		case rule.BeginFail:
			out = append(out, f)
		case rule.StillFail:
			if s.Routes[0].Reminder.Due(st.Count, now, now, now) {
				out = append(out, f)
			}
		}
	}
	return out
}

// Pins M-030, M-031, M-032 and the table of the cadence: alerts come with the same failures, in all dialects.
func TestCadence(t *testing.T) {
	for after := 1; after <= 20; after++ {
		for _, every := range []int{-5, -1, 0, 1, 2, 3, 10, 1440} {
			text := fmt.Sprintf("monitors: [{name: a, command: 'false', alert_after: %d, alert_every: %d}]", after, every)
			var diags diag.List
			s := Compile(diag.NewSource("x.yml", []byte(text)), box, &diags).Config.Services[0]
			if got, want := told(s, 100), due(100, after, every); !slices.Equal(got, want) {
				t.Errorf("alert_after %d, alert_every %d: %d, want %d", after, every, got, want)
			}
		}
	}
	for _, c := range []struct {
		after, every int
		want         []int
	}{
		{1, -1, []int{1, 2, 4, 8, 16, 32}},
		{3, -1, []int{3, 4, 6, 10, 18, 34}},
		{4, -1, []int{4, 5, 7, 11, 19, 35}},
		{2, 3, []int{2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35}},
		{1, 0, []int{1}},
		{5, 0, []int{5}},
	} {
		if got := due(36, c.after, c.every); !slices.Equal(got, c.want) {
			t.Errorf("%d, %d: %d, want %d", c.after, c.every, got, c.want)
		}
	}
}

// Pins M-022: each dialect has its defaults.
func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		after      int
		reminder   model.Reminder
	}{
		{"Python", "monitors: [{name: a, command: 'false', alerts: [log]}]", 4, model.Reminder{Cycles: 1, Lag: 1, Doubling: true}},
		{"Go", "check_interval: 5s\nmonitors: [{name: a, command: 'false'}]", 1, model.Reminder{}},
		{"HCL", "check_interval = \"5s\"\nmonitor \"a\" {\n command = [\"false\"]\n alert_down = [\"log\"]\n}", 1, model.Reminder{Cycles: 1, Lag: 1, Doubling: true}},
		{"neither", "monitors: [{name: a, command: 'false'}]", 1, model.Reminder{Cycles: 1, Lag: 1, Doubling: true}},
	} {
		var diags diag.List
		s := Compile(diag.NewSource("x", []byte(c.text)), box, &diags).Config.Services
		if len(s) != 1 || diags.HasErrors() {
			t.Errorf("%s: %v", c.name, diags)
			continue
		}
		if got := max(1, s[0].Rules[0].Policy.Fail.Count); got != c.after || s[0].Routes[0].Reminder != c.reminder {
			t.Errorf("%s: after %d, then %+v", c.name, got, s[0].Routes[0].Reminder)
		}
	}
}
