package status

import "time"

// Level is how everything is, taken together.
type Level string

// The levels, by the words of Cachet's API (P-052).
const (
	LevelSuccess Level = "success"
	LevelInfo    Level = "info"
	LevelDanger  Level = "danger"
)

// A Summary is how everything is, taken together (P-053).
type Summary struct {
	Level Level
	Total int    // components
	Worst Health // of them; Operational where there are none
}

// Message is the summary in Cachet's words.
func (s Summary) Message() string {
	one, many := "System operational", "All systems are operational"
	switch s.Level {
	case LevelInfo:
		one, many = "The system is experiencing issues", "Some systems are experiencing issues"
	case LevelDanger:
		one, many = "The system is experiencing major issues", "Some systems are experiencing major issues"
	}
	if s.Total > 1 {
		return many
	}
	return one
}

// Summary sums up what a reader sees.
func (v *View) Summary(guest bool, now time.Time) Summary {
	seen := v.Seen(guest)
	s := Summary{Level: LevelSuccess, Total: len(seen), Worst: Operational}
	majors := 0
	for _, c := range seen {
		if c.Health == Major {
			majors++
		}
		if c.Health.Worse(s.Worst) {
			s.Worst = c.Health
		}
	}
	switch {
	case s.Total > 0 && majors*100 >= v.Page.Major*s.Total && majors > 0:
		s.Level = LevelDanger
	case s.Worst != Operational || v.anyOpen(now):
		s.Level = LevelInfo
	}
	return s
}

func (v *View) anyOpen(now time.Time) bool {
	for _, i := range v.Incidents {
		if i.Open() && i.Shown(now) {
			return true
		}
	}
	return false
}

// GroupHealth is how a group is for a reader, and false of one without components (P-313). With a quorum, a third of the
// members must not work to make a partial outage, two thirds to make a major one, and fewer make a degraded performance.
func (v *View) GroupHealth(g *Group, guest bool) (Health, bool) {
	worst, total, bad := Operational, 0, 0
	for _, c := range v.Components {
		if c.Group != g.ID || !c.Enabled || guest && c.Private {
			continue
		}
		total++
		if c.Health == Partial || c.Health == Major {
			bad++
		}
		if c.Health.Worse(worst) {
			worst = c.Health
		}
	}
	if g.Quorum && bad > 0 {
		switch {
		case 3*bad >= 2*total:
			worst = Major
		case 3*bad >= total:
			worst = Partial
		default:
			worst = Degraded
		}
	}
	return worst, total > 0
}
