package engine

import (
	"cmp"
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
// at minutes of the clock is not late before they come, and what is being repaired is not before that is done.
func (e *Engine) holds(s *service, now time.Time) time.Duration {
	const lapses = 3
	var repair time.Duration
	if s.plan != nil && s.plan.running {
		repair = s.plan.lasts()
	}
	if s.byCron() && s.nextCron.After(now) {
		return s.nextCron.Sub(now) + lapses*e.config.Settings.Interval + repair
	}
	return repair + lapses*e.period(s)*time.Duration(max(1, s.spec.Schedule.Cycles))
}

// lasts is how long a plan may take: each of its steps may need all the time that its programs have, and a check.
func (p *plan) lasts() (d time.Duration) {
	for _, st := range p.steps {
		spec := st.s.spec
		d += patience(spec)
		for _, way := range []struct {
			program *model.Program
			usual   time.Duration
		}{
			{spec.Stop, spec.Limits.StopTimeout},
			{spec.Start, spec.Limits.StartTimeout},
			{spec.Restart, spec.Limits.RestartTimeout},
		} {
			if way.program != nil {
				way.usual = cmp.Or(way.program.Timeout, way.usual)
			}
			d += way.usual
		}
	}
	return d
}
