package web

import (
	"strings"
	"time"

	"orderly/internal/history"
)

// barDays is how many days the bars of a service show.
const barDays = 90

// A level is how good a day was.
type level string

// The levels. A day of which nothing is known is never a good one.
const (
	dayNone        level = "none"
	dayMaintenance level = "maintenance"
	dayFull        level = "full"
	dayNearly      level = "nearly" // at least 99.9 %
	dayFair        level = "fair"   // at least 99 %, or only degraded
	dayPartial     level = "partial"
	dayMajor       level = "major" // less than 95 %
)

// A bar is one day of a service.
type bar struct {
	history.Day
	X     int
	Level level
}

func barOf(day history.Day, i int) bar { return bar{day, i * 7, levelOf(day)} }

func levelOf(day history.Day) level {
	up, measured := day.Uptime()
	switch {
	case !measured && day.Maintenance > 0:
		return dayMaintenance
	case !measured:
		return dayNone
	case up == 1 && day.Degraded == 0:
		return dayFull
	case up == 1:
		return dayFair
	case up >= 0.999:
		return dayNearly
	case up >= 0.99:
		return dayFair
	case up >= 0.95 || day.Down == 0:
		return dayPartial
	}
	return dayMajor
}

// Name is the day for people.
func (b bar) Name() string { return b.Date.Format("Mon 2 Jan") }

// Words say how the day was.
func (b bar) Words() string {
	up, measured := b.Uptime()
	if !measured && b.Maintenance == 0 {
		return "not measured"
	}
	var parts []string
	if measured {
		parts = append(parts, percent(up))
	}
	for _, p := range []struct {
		seconds int
		word    string
	}{{b.Down, "down"}, {b.Partial, "partly down"}, {b.Degraded, "degraded"}, {b.Maintenance, "in maintenance"}} {
		if p.seconds > 0 {
			parts = append(parts, span(time.Duration(p.seconds)*time.Second)+" "+p.word)
		}
	}
	return strings.Join(parts, ", ")
}
