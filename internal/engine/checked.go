package engine

import (
	"time"

	"orderly/internal/model"
	"orderly/internal/rule"
)

// tellChecked tells whoever counts checks.
func (e *Engine) tellChecked(d *decision, err error) {
	if e.Checked == nil {
		return
	}
	s := d.s
	c := model.Checked{
		Service: s.spec, At: d.now, Failed: err != nil, Told: d.told, State: s.state,
		Severity: s.gravity(), Held: e.held(s, d.now), Holds: e.holds(s, d.now),
	}
	if err == nil {
		c.Took = max(0, d.now.Sub(s.sample.At))
		sample := s.sample
		c.Sample = &sample
	}
	for i := range s.rules {
		c.Failed = c.Failed || s.rules[i].Bad > 0
		c.Down = c.Down || s.rules[i].Phase == rule.Failed
	}
	e.Checked(c)
}

// gravity is how grave it is that a service fails: as grave as the worst that fails of it.
func (s *service) gravity() model.Severity {
	mild := false
	for i := range s.rules {
		if s.rules[i].Phase == rule.Failed {
			if !s.rules[i].Mild {
				return s.spec.Severity
			}
			mild = true
		}
	}
	if mild {
		return s.spec.Severity.Least(model.Degraded)
	}
	return s.spec.Severity
}

// holds is how long what a check found may be taken for true: a late check is no gap, a second one missed is. What is checked
// at minutes of the clock is not late before they come.
func (e *Engine) holds(s *service, now time.Time) time.Duration {
	const lapses = 3
	if s.byCron() && s.nextCron.After(now) {
		return s.nextCron.Sub(now) + lapses*e.config.Settings.Interval
	}
	return lapses * e.period(s) * time.Duration(max(1, s.spec.Schedule.Cycles))
}
