package engine

import (
	"slices"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

// maxRuns bounds how many runs of a job are remembered that began and did not end; the oldest are forgotten first.
const maxRuns = 32

// usualGrace is how late a sign of life may be where nothing was said about that.
const usualGrace = time.Minute

// A pulse is a heartbeat with all that is known of it.
type pulse struct {
	spec *model.Heartbeat
	due  *calendar.Routine // nil: it has no schedule
	mark model.Bookmark
}

// pulse puts together what is known of a heartbeat.
func (s *service) pulse() pulse {
	p := pulse{spec: s.spec.Heartbeat, due: s.routine, mark: s.bookmark}
	if p.spec == nil {
		p.spec = &model.Heartbeat{Grace: usualGrace}
	}
	return p
}

// known is what was heard besides signs of life.
func (p pulse) known() model.Pulse {
	if p.mark.Pulse == nil {
		return model.Pulse{}
	}
	return *p.mark.Pulse
}

// heard is what is to be remembered after a signal.
func (p pulse) heard(sig model.Signal, now time.Time) model.Bookmark {
	k := p.known()
	switch sig.Kind {
	case model.SignalLog:
		return p.mark
	case model.SignalStart:
		k.Runs = append(p.others(k.Runs, sig.Run, now), model.Run{ID: sig.Run, Since: now.UnixNano()})
		k.Runs = k.Runs[max(0, len(k.Runs)-maxRuns):]
	default:
		p.mark.BeatAt = now.UnixNano()
		k.Status, k.Body = statusOf(sig), sig.Body
		k.Took = 0
		for _, r := range k.Runs {
			if r.ID == sig.Run {
				k.Took = now.Sub(time.Unix(0, r.Since))
			}
		}
		k.Runs = p.others(k.Runs, sig.Run, now)
		if k.Status == 0 {
			k.Body = ""
			k.Runs = slices.DeleteFunc(k.Runs, func(r model.Run) bool { return p.lost(r, now) })
		}
	}
	p.mark.Pulse = &k
	return p.mark
}

// statusOf is how a run ended.
func statusOf(sig model.Signal) int {
	if sig.Kind == model.SignalFail {
		return model.StatusFailed
	}
	return sig.Status
}

// others are the runs but one. What took too long stays: that a job began anew does not make it well.
func (p pulse) others(runs []model.Run, id string, now time.Time) (out []model.Run) {
	for _, r := range runs {
		if r.ID != id || p.lost(r, now) {
			out = append(out, r)
		}
	}
	return out
}

// lost tells whether a run takes longer than it may.
func (p pulse) lost(r model.Run, now time.Time) bool {
	return p.spec.MaxRun > 0 && now.Sub(time.Unix(0, r.Since)) > p.spec.MaxRun
}

// last is the last sign of life. That a run began is one where it is known how long it may take.
func (p pulse) last(now time.Time) time.Time {
	at := p.mark.BeatAt
	for _, r := range p.known().Runs {
		if p.spec.MaxRun > 0 && !p.lost(r, now) {
			at = max(at, r.Since)
		}
	}
	return time.Unix(0, at)
}

// excuse is until when nothing is said about what did not come: orderly itself was away until resumed, and could not
// have heard it. Zero: there is no excuse.
func (p pulse) excuse(now, resumed time.Time) time.Time {
	until := resumed.Add(p.spec.Grace)
	if resumed.IsZero() || !now.Before(until) || p.last(now).After(resumed) {
		return time.Time{}
	}
	return until
}

// sample is what is known as a measurement. A heartbeat is waited for from the first look on.
func (p pulse) sample(now, resumed time.Time) model.Sample {
	if p.mark.BeatAt == 0 {
		p.mark.BeatAt = now.UnixNano()
	}
	k := p.known()
	out := model.Sample{At: now, Bookmark: p.mark, Evidence: k.Body}
	out.Readings.Add(model.BeatStatus, model.Num(float64(k.Status)))
	out.Readings.Add(model.Runs, model.Num(float64(len(k.Runs))))
	if k.Took > 0 {
		out.Readings.Add(model.RunTime, model.Num(k.Took.Seconds()))
	}
	if !p.excuse(now, resumed).IsZero() {
		return out
	}
	running, overdue := time.Duration(0), time.Duration(0)
	if len(k.Runs) > 0 {
		running = now.Sub(time.Unix(0, k.Runs[0].Since))
	}
	out.Readings.Add(model.Running, model.Num(max(0, running.Seconds())))
	out.Readings.Add(model.SilentFor, model.Num(max(0, now.Sub(p.last(now)).Seconds())))
	if p.due != nil {
		if due, ok := p.due.Next(p.last(now)); ok {
			overdue = now.Sub(due)
		}
		out.Readings.Add(model.Overdue, model.Num(max(0, overdue.Seconds())))
	}
	return out
}

// turns are the times at which rules may come to hold although nothing is heard.
func (p pulse) turns(rules []model.Rule, now, resumed time.Time) (at []time.Time) {
	if until := p.excuse(now, resumed); !until.IsZero() {
		return []time.Time{until}
	}
	for i := range rules {
		r := &rules[i]
		limit := time.Duration(r.Operand.Number()*float64(time.Second)) + time.Millisecond
		switch r.Metric {
		case model.SilentFor:
			at = append(at, p.last(now).Add(limit))
		case model.Overdue:
			if p.due == nil {
				continue
			}
			if due, ok := p.due.Next(p.last(now)); ok {
				at = append(at, due.Add(limit))
			}
		case model.Running:
			if runs := p.known().Runs; len(runs) > 0 {
				at = append(at, time.Unix(0, runs[0].Since).Add(limit))
			}
		}
	}
	return at
}
