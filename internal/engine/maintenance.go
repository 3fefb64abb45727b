package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

// A window is a maintenance whose times have been read.
type window struct {
	*model.Maintenance
	hours   []calendar.Window
	routine *calendar.Routine // nil: hours say when
}

// planMaintenances reads those of a new configuration and begins the one that it is time for. Those that are configured no
// more end.
func (e *Engine) planMaintenances(now time.Time) {
	e.windows, e.maintained = nil, time.Time{}
	for i := range e.config.Settings.Maintenance {
		m := &e.config.Settings.Maintenance[i]
		w := window{Maintenance: m}
		for _, text := range m.Hours {
			if hours, err := calendar.ParseWindow(text); err == nil { // configuration checks that it can be read
				w.hours = append(w.hours, hours)
			}
		}
		if m.Cron != "" {
			if routine, err := calendar.ParseRoutine(m.Cron, m.Zone); err == nil {
				w.routine = &routine
			}
		}
		e.windows = append(e.windows, w)
	}
	e.expire(now) // an earlier occurrence, while orderly was away
	e.maintain(now)
}

// maintain begins and ends what comes again, once in a minute.
func (e *Engine) maintain(now time.Time) {
	minute := now.Truncate(time.Minute)
	if minute.Equal(e.maintained) {
		return
	}
	e.maintained = minute
	for _, w := range e.windows {
		if end := w.end(now); end.After(now) {
			e.keepUp(w.silence(now, end), now)
		}
	}
	var over []model.Silence
	e.silences = slices.DeleteFunc(e.silences, func(s model.Silence) bool {
		if s.Every == "" || slices.ContainsFunc(e.windows, func(w window) bool { return w.ID == s.ID }) {
			return false
		}
		if !s.Ended {
			over = append(over, s)
		}
		return true
	})
	if over != nil {
		e.endSilences(over, "is no longer configured", now)
	}
}

// keepUp begins an occurrence, or has the silence that it is go on as is configured now. One that somebody has ended
// stays ended.
func (e *Engine) keepUp(s model.Silence, now time.Time) {
	i := slices.IndexFunc(e.silences, func(o model.Silence) bool { return o.ID == s.ID })
	if i >= 0 {
		o := e.silences[i]
		if s.From = o.From; o.Ended || sameSilence(o, s) {
			return
		}
	}
	e.putSilence(s, now)
}

func sameSilence(a, b model.Silence) bool {
	return a.Until.Equal(b.Until) && a.Settled.Equal(b.Settled) && a.Quiet == b.Quiet && a.Hold == b.Hold && a.All == b.All && a.Reason == b.Reason &&
		a.Every == b.Every && slices.Equal(a.Names, b.Names) && slices.Equal(a.Groups, b.Groups)
}

// end is when the occurrence that it is time for ends, or not after now.
func (w window) end(now time.Time) time.Time {
	if w.routine == nil {
		return calendar.Over(w.hours, now)
	}
	begin, ok := w.routine.Next(now.Add(-w.For))
	if !ok || begin.After(now) {
		return now
	}
	for { // another one may have begun meanwhile
		next, ok := w.routine.Next(begin)
		if !ok || next.After(now) {
			return begin.Add(w.For)
		}
		begin = next
	}
}

// next is when the next occurrence begins and ends, if there is none now.
func (w window) next(now time.Time) (from, until time.Time, ok bool) {
	if w.end(now).After(now) {
		return now, now, false
	}
	if w.routine != nil {
		from, ok = w.routine.Next(now)
		return from, from.Add(w.For), ok
	}
	for _, hours := range w.hours {
		if at, found := hours.Next(now); found && (!ok || at.Before(from)) {
			from, ok = at, true
		}
	}
	return from, calendar.Over(w.hours, from), ok
}

func (w window) silence(from, until time.Time) model.Silence {
	return model.Silence{
		ID: w.ID, Names: w.Services, Groups: w.Groups, All: w.All(), From: from, Until: until, Reason: w.Reason,
		Hold: w.Hold, Settled: until.Add(w.Settle), Quiet: w.Quiet, Every: w.every(),
	}
}

// every says when it comes again.
func (w window) every() string {
	if w.routine == nil {
		return strings.Join(w.Hours, ", ")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", w.Cron, w.Zone)) + " for " + model.FormatSeconds(w.For.Seconds())
}

// nextMaintenances are the next occurrences of those that it is not time for.
func (e *Engine) nextMaintenances(now time.Time) (out []model.Silence) {
	for _, w := range e.windows {
		if from, until, ok := w.next(now); ok {
			s := w.silence(from, until)
			s.Pending = true
			out = append(out, s)
		}
	}
	return out
}

// nextMinute wakes the conductor at the next full minute if something comes again: that begins and ends with minutes of the
// clock, which may be set.
func (e *Engine) nextMinute(now time.Time, wait time.Duration) time.Duration {
	if len(e.windows) == 0 {
		return wait
	}
	return min(wait, now.Truncate(time.Minute).Add(time.Minute).Sub(now))
}
