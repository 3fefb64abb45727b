package collector

import (
	"time"

	"orderly/internal/model"
)

// told tells whether collectors are told of an event: changes of state, what users did, and what orderly itself did. That
// a failure goes on is no change.
func told(ev *model.Event) bool {
	switch ev.Kind {
	case model.EventFailed, model.EventRecovered, model.EventChanged, model.EventAction, model.EventActionFailed,
		model.EventMonitored, model.EventUnmonitored, model.EventStarted, model.EventStopped, model.EventReloaded:
		return !ev.Silent
	}
	return false
}

// failing makes events of the rules that failed before a time and still do. They carry a time of their own, the same
// however often they are made.
func failing(s *model.Snapshot, before, at time.Time) []model.Event {
	if !s.Monitored {
		return nil
	}
	var out []model.Event
	for i := range s.Rules {
		state, rule := &s.Rules[i], &s.Spec.Rules[i]
		if !state.Failed || !state.Since.Before(before) || silent(rule) {
			continue
		}
		text := state.Summary
		if text == "" {
			text = rule.Text
		}
		out = append(out, model.Event{
			At: at, Service: s.Spec.Name, Rule: rule.Text, Kind: model.EventFailed, Topic: rule.Topic,
			Action: string(model.ActAlert), Text: text,
		})
	}
	return out
}

// silent tells whether nobody is told when a rule fails.
func silent(r *model.Rule) bool { return len(r.Then) == 0 || r.Then[0].Kind == model.ActIgnore }
