package alert

import (
	"slices"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

// suits tells whether an event is of the services, the gravity, the time and the patience that a route is for. Events of
// orderly itself have no gravity and belong to no group.
func suits(c *model.Config, r model.Route, ev model.Event) bool {
	s := c.Find(ev.Service)
	switch {
	case ev.Service != "" && !ev.Severity.AtLeast(r.Least):
		return false
	case r.Groups != nil && (s == nil || !slices.ContainsFunc(s.Groups, func(g string) bool { return slices.Contains(r.Groups, g) })):
		return false
	case r.Hours != nil && !slices.ContainsFunc(r.Hours, func(text string) bool { return within(text, ev) }):
		return false
	}
	return r.After == 0 || late(r, ev)
}

// within tells whether an event is in a part of the week. Configuration checks that it is one.
func within(text string, ev model.Event) bool {
	w, err := calendar.ParseWindow(text)
	return err == nil && w.Contains(ev.At)
}

// late tells whether an event is of something that has been failing for so long that a route hears of it: then, when it is
// reminded, and when that ends.
func late(r model.Route, ev model.Event) bool {
	f := ev.Failure
	if f == nil || ev.At.Sub(f.Since) < r.After {
		return false
	}
	return ev.Kind == model.EventStillFailing || ev.Kind == model.EventRecovered
}

// first tells whether this is when a route that waits hears of a failure.
func first(r model.Route, ev model.Event) bool {
	f := ev.Failure
	return r.After > 0 && f != nil && model.Reminder{Every: r.After, Once: true}.Due(ev.Count, f.Since, f.Before, ev.At)
}
