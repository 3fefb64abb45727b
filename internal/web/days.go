package web

import (
	"strings"
	"time"

	"orderly/internal/history"
)

// barDays is how many days the bars of a service show.
const barDays = 90

// A bar is one day of a service.
type bar struct {
	history.Day
	X int
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
