package calendar

import (
	"fmt"
	"time"
)

// A Routine is when jobs run that follow a schedule in a time zone. It is immutable.
type Routine struct {
	cron Cron
	zone *time.Location
}

// ParseRoutine reads a schedule of five fields and the name of a time zone, as in the IANA database; "" is that of this
// host.
func ParseRoutine(schedule, zone string) (Routine, error) {
	cron, err := ParseCron(schedule)
	if err != nil {
		return Routine{}, err
	}
	if zone == "" {
		return Routine{cron, time.Local}, nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Routine{}, fmt.Errorf("cannot read time zone %q: this host does not know it", zone)
	}
	return Routine{cron, loc}, nil
}

// Next returns when a job runs next, later than after, in the zone of the routine. It reports false when it never does.
//
// Where clocks are put forward, what falls into the hour that is left out runs at its end; where they are put back,
// nothing runs twice. What runs in every hour follows the clock as it is.
func (r Routine) Next(after time.Time) (time.Time, bool) {
	after = after.In(r.zone)
	if r.cron.hour.upTo(23) == steps(0, 23, 1) {
		return r.cron.Next(after)
	}
	for wall := faceOf(after); ; {
		next, ok := r.cron.Next(wall)
		if !ok {
			return time.Time{}, false
		}
		if at := instant(next, r.zone); at.After(after) {
			return at, true
		}
		wall = next
	}
}

// faceOf is what a clock on the wall shows at t, as if it were in UTC: a time without leaps.
func faceOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is when clocks of a zone first show a face, or the first they show after it.
func instant(face time.Time, zone *time.Location) time.Time {
	at := time.Date(face.Year(), face.Month(), face.Day(), face.Hour(), face.Minute(), 0, 0, zone)
	begin, end := at.ZoneBounds()
	switch shown := faceOf(at); {
	case shown.After(face): // left out: at is behind the leap
		return begin
	case shown.Before(face):
		return end
	}
	if begin.IsZero() {
		return at
	}
	_, offset := at.Zone()
	_, before := begin.Add(-time.Nanosecond).Zone()
	if first := at.Add(time.Duration(offset-before) * time.Second); before > offset && first.Before(begin) {
		return first
	}
	return at
}
