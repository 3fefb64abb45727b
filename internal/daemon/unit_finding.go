package daemon

import (
	"fmt"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
)

// A finding is what a look means.
type finding struct {
	look
	fresh  bool // it ended since what the engine knows
	exist  model.Value
	run    string
	ends   int
	deaths []time.Time
	reason string
}

func (l *life) finding(now look, b model.Bookmark) finding {
	f := finding{look: now, fresh: l.ends > b.Ends, run: l.run, ends: l.ends, deaths: l.deaths}
	switch {
	case now.up() || now.done():
		f.exist = model.Bool(true)
	case !now.down():
	case now.State != control.UnitRestarting || now.at.Sub(l.since) >= restartGrace:
		f.exist = model.Bool(false)
	}
	f.reason = l.reason(now, l.ends-b.Ends)
	return f
}

// reason says why the unit is as it is.
func (l *life) reason(now look, fresh int) string {
	system := now.System
	switch {
	case now.gone && now.PID == 0:
		return fmt.Sprintf("its process has gone, but %s says it runs", system)
	case now.gone:
		return fmt.Sprintf("process %d has gone, but %s says it runs", now.PID, system)
	case identity(now.Unit) != "" && fresh > 0, now.State == control.UnitRunning && fresh > 0:
		return l.again(now, fresh)
	case now.State == control.UnitRestarting:
		return joined(now.Result, system+" is about to start it again")
	case now.State == control.UnitFailed && now.Restarts > 0 && !now.Alone && now.Result != "":
		return system + " has given up: " + now.Result
	case now.State == control.UnitFailed && now.Restarts > 0 && !now.Alone:
		return system + " has given up"
	case now.State == control.UnitFailed:
		return joined(now.Result, system+" does not start it again")
	case now.State == control.UnitStopped && !now.done():
		return joined(now.Result, fmt.Sprintf("%s says: %s", system, now.Detail))
	}
	return ""
}

// again says how a unit came to run in another run than the one known.
func (l *life) again(now look, fresh int) string {
	if l.was == 0 && now.PID > 0 {
		return joined(l.cause, fmt.Sprintf("it runs anew since orderly last looked, pid %d", now.PID))
	}
	text := now.System + " started it again"
	if fresh > 1 {
		text += fmt.Sprintf(" %d times", fresh)
	}
	if now.PID > 0 {
		text += fmt.Sprintf(", pid %d -> %d", l.was, now.PID)
	}
	return joined(l.cause, text)
}

// joined puts two texts one after the other.
func joined(first, second string) string {
	if first == "" || second == "" {
		return first + second
	}
	return first + "; " + second
}

// complete adds to what the host measured what is known of the unit.
func (f *finding) complete(out *model.Sample, s *model.Service) {
	readings := make(model.Readings, 0, len(out.Readings)+8)
	if f.exist.Present() {
		readings.Add(model.Exist, f.exist)
	}
	for _, r := range out.Readings {
		if r.Metric != model.Exist {
			readings = append(readings, r)
		}
	}
	state := f.State
	if f.gone {
		state = control.UnitFailed
	}
	readings.Add(model.UnitState, model.Str(string(state)))
	readings.Add(model.UnitDetail, model.Str(f.Detail))
	if f.Restarts >= 0 {
		readings.Add(model.UnitRestarts, model.Num(float64(f.Restarts)))
	}
	readings.Add(model.Deaths, model.Num(float64(f.ends)))
	f.total(&readings, s)
	out.Readings = readings
	out.Bookmark.Run, out.Bookmark.Ends, out.Bookmark.Died = f.run, f.ends, keepDeaths(f.deaths, s, f.at)
	out.Reason = f.reason
}

// total adds the deaths within the times that rules ask for. A unit that does not run has not recovered from them, but it
// may have had too many already.
func (f *finding) total(out *model.Readings, s *model.Service) {
	for i := range s.Rules {
		r := &s.Rules[i]
		if r.Metric != model.Deaths || r.Over <= 0 || r.Probe != nil || out.Total(r.Metric, r.Over).Present() {
			continue
		}
		n := 0
		for _, t := range f.deaths {
			if f.at.Sub(t) < r.Over {
				n++
			}
		}
		if f.up() || f.done() || r.Op.Holds(float64(n), r.Operand.Number()) {
			*out = append(*out, model.Reading{Metric: r.Metric, Over: r.Over, Value: model.Num(float64(n))})
		}
	}
}

// said returns the last words of a unit that just ended or does not run; silent tells that they are to be sought, since
// that moment.
func (l *life) said(f finding) (words string, since time.Time, silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !f.fresh && (!f.down() || f.done()):
		return "", time.Time{}, false
	case l.heard:
		return l.words, time.Time{}, false
	}
	since = l.began
	if f.up() {
		since = l.before
	}
	if since.IsZero() {
		since = f.at.Add(-longAgo)
	}
	return "", since, true
}

// say remembers the last words of a unit until it runs again.
func (l *life) say(f finding, words string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last.State == f.State && l.last.gone == f.gone && f.down() {
		l.words, l.heard = words, true
	}
}
