package alert

import (
	"slices"
	"strings"

	"orderly/internal/model"
)

// recipients are the routes an event takes, those of the service first. An event of a service that is not
// configured any more takes the global ones. While it is silenced, nobody is told by whatever channel; collectors keep
// a history, so that they get it all the same.
func recipients(c *model.Config, ev model.Event) []model.Route {
	if ev.Silent || ev.Silenced != "" {
		return nil
	}
	routes := c.Routes
	if s := c.Find(ev.Service); s != nil {
		routes = routesOfRule(s, ev.Rule)
		if routes == nil {
			routes = routesOf(s, c.Routes)
		}
	}
	var out []model.Route
	for _, r := range routes {
		if !r.Mute && r.Topics.Has(ev.Topic) && suits(c, r, ev) && wants(r, ev) {
			out = append(out, r)
		}
	}
	return out
}

// routesOfRule are the routes that a rule names itself, if it does.
func routesOfRule(s *model.Service, text string) []model.Route {
	for i := range s.Rules {
		if text != "" && s.Rules[i].Text == text {
			return s.Rules[i].Routes
		}
	}
	return nil
}

// routesOf are the routes in force for a service: its own, and the global ones to whom it does not name.
func routesOf(s *model.Service, global []model.Route) []model.Route {
	var out []model.Route
	for _, r := range s.Routes {
		muted := func(m model.Route) bool { return m.Mute && sameRecipient(m, r) }
		if !slices.ContainsFunc(s.Routes, muted) {
			out = append(out, r)
		}
	}
	if slices.ContainsFunc(s.Routes, func(r model.Route) bool { return r.Mute && r.Address == "" }) {
		return out
	}
	for _, r := range global {
		if !slices.ContainsFunc(s.Routes, func(own model.Route) bool { return sameRecipient(own, r) }) {
			out = append(out, r)
		}
	}
	return out
}

// sameRecipient tells whether two routes reach one and the same. Who is muted is named without parameters.
func sameRecipient(a, b model.Route) bool {
	if a.Channel != b.Channel || !strings.EqualFold(a.Address, b.Address) {
		return false
	}
	ch := channels[a.Channel]
	return a.Mute || b.Mute || digestOf(ch, a) == digestOf(ch, b)
}

// reminds tells whether an event of something that goes on failing is one of the reminders of a route.
func reminds(r model.Route, ev model.Event) bool {
	f := ev.Failure
	if f == nil {
		return r.Reminder.Due(ev.Count, ev.At, ev.At, ev.At)
	}
	return r.Reminder.Due(ev.Count, f.Since, f.Before, ev.At)
}

// wants tells whether the kind of event is one that people are told of.
func wants(r model.Route, ev model.Event) bool {
	if r.Kinds != nil && !slices.Contains(r.Kinds, ev.Kind) {
		return false
	}
	switch ev.Kind {
	case model.EventFailed, model.EventRecovered, model.EventChanged, model.EventFlapping, model.EventSteady,
		model.EventAction, model.EventActionFailed, model.EventMonitored, model.EventUnmonitored,
		model.EventStarted, model.EventStopped, model.EventReloaded, model.EventInternal:
		return true
	case model.EventStillFailing:
		return first(r, ev) || reminds(r, ev)
	}
	return false // bookkeeping: the journal shows it to whoever asks
}
