package status

import (
	"time"

	"orderly/internal/model"
)

// A step is what happens next to an incident that checks opened.
type step string

const (
	stay     step = ""
	watching step = "watch"    // all is well again; it stays open for a while
	fix      step = "fix"      // it is over
	gone     step = "gone"     // nothing drives its components any more
	relapse  step = "relapse"  // it was well, and fails again
	turn     step = "turn"     // its components are in another state than was told
	unsteady step = "unstable" // it fails and recovers all the time from now on
	steady   step = "steady"   // it no longer does, and is well
)

// talk is how long automation is silent after it has said something of an incident that goes on (P-321).
const talk = 5 * time.Minute

// judge decides about an incident by how its components are. It returns when that is to be asked again; zero: not unless
// something changes.
func judge(page *model.StatusPage, i *Incident, of map[int64]standing, now time.Time) (step, time.Time) {
	a := i.Auto
	bad, well, unstable, left := false, true, false, false
	changed, hushed := false, false
	for _, one := range i.Components {
		st, there := of[one.Component]
		if !there || st.gone {
			continue
		}
		if st.paused {
			return stay, time.Time{}
		}
		left, hushed = true, hushed || st.hushed
		bad, well, unstable = bad || st.bad, well && st.well, unstable || st.unstable
		changed = changed || st.bad && st.health != a.Told[one.Component]
	}
	switch {
	case !left && a.Closing:
		return stay, time.Time{}
	case !left:
		return gone, time.Time{}
	case hushed && (bad || unstable):
		return stay, time.Time{} // that it is over is told all the same
	case unstable && a.Unstable:
		return stay, time.Time{}
	case unstable:
		return unsteady, time.Time{}
	case bad && (a.Unstable || !a.Well.IsZero()):
		return relapse, time.Time{}
	case bad && changed:
		if due := a.Last.Add(talk); now.Before(due) {
			return stay, due
		}
		return turn, time.Time{}
	case !bad && well:
		return whenWell(page, a, now)
	}
	return stay, time.Time{}
}

// whenWell decides about an incident all of whose components are well.
func whenWell(page *model.StatusPage, a *Auto, now time.Time) (step, time.Time) {
	switch due := a.Well.Add(page.Settle); {
	case a.Unstable:
		return steady, time.Time{}
	case a.Closing:
		return stay, time.Time{}
	case a.Well.IsZero() && page.Settle > 0:
		return watching, time.Time{}
	case a.Well.IsZero() || !now.Before(due):
		return fix, time.Time{}
	default:
		return stay, due
	}
}

// followCases has incidents follow from how components are.
func (d *draft) followCases(s *survey) {
	standings := map[int64]standing{}
	for _, c := range d.view.Components {
		if len(c.Checks) > 0 {
			standings[c.ID] = s.standing(c)
		}
	}
	taken := map[int64]bool{} // components of open incidents that checks opened
	for _, i := range d.view.Incidents {
		if i.Auto == nil || !i.Open() {
			continue
		}
		for range 3 { // one step may lead to the next at once
			next, due := judge(&d.view.Page, i, standings, d.now)
			if !due.IsZero() {
				d.due(due)
			}
			if next == stay {
				break
			}
			i = d.proceed(i, next, standings)
		}
		if i.Open() {
			for _, a := range i.Components {
				taken[a.Component] = true
			}
		}
	}
	d.openCases(standings, taken)
}
