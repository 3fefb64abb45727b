package monit

import (
	"strconv"

	"orderly/internal/model"
)

// The states of an event.
const (
	stateSucceeded  = 0
	stateFailed     = 1
	stateChanged    = 2
	stateNotChanged = 4
)

// instanceName is what events of orderly itself are about.
const instanceName = "Monit"

// event tells what happened. It is told with the services as they are now, which may be later.
func (d *document) event(ev *model.Event, services []model.Snapshot) {
	name, kind := ev.Service, model.KindSystem
	var rule *model.Rule
	if name == "" {
		name = instanceName
	}
	for i := range services {
		if spec := services[i].Spec; spec.Name == ev.Service {
			kind, rule = spec.Kind, ruleOf(ev, spec)
			break
		}
	}
	d.raw("<event>")
	d.integer("<collected_sec>", ev.At.Unix())
	d.integer("<collected_usec>", int64(ev.At.Nanosecond()/1000))
	d.cdata("<service>", name)
	d.integer("<type>", typeNumber(kind))
	d.eventID(ev, kind, rule)
	d.integer("<state>", stateOf(ev, rule))
	d.integer("<action>", actionOf(ev))
	d.cdata("<message>", messageOf(ev))
	d.end("<event>")
}

// eventID is the class of an event, and as an attribute its type if that is known.
func (d *document) eventID(ev *model.Event, kind model.Kind, rule *model.Rule) {
	id := topicTypes[ev.Topic]
	if rule != nil {
		id = eventType(kind, rule)
	}
	d.raw("<id")
	if id != 0 {
		d.raw(` type="`)
		*d.markup = strconv.AppendInt(*d.markup, int64(id), 10)
		d.raw(`"`)
	}
	d.raw(">")
	*d.markup = strconv.AppendUint(*d.markup, uint64(ev.Topic.Bit()), 10)
	d.end("<id>")
}

// ruleOf is the rule that an event came from, nil if it is not known any more.
func ruleOf(ev *model.Event, s *model.Service) *model.Rule {
	for i := range s.Rules {
		if r := &s.Rules[i]; r.Text == ev.Rule && r.Topic == ev.Topic {
			return r
		}
	}
	return nil
}

func stateOf(ev *model.Event, rule *model.Rule) int64 {
	steady := rule != nil && rule.Op == model.NotChanged
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing:
		if steady {
			return stateNotChanged
		}
		return stateFailed
	case model.EventActionFailed, model.EventInternal:
		return stateFailed
	case model.EventRecovered:
		if steady {
			return stateChanged
		}
		return stateSucceeded
	}
	return stateChanged
}

// actionOf is what follows from an event. What a user has done is only told.
func actionOf(ev *model.Event) int64 {
	switch ev.Kind {
	case model.EventStarted, model.EventReloaded:
		return actionNumber(string(model.ActStart))
	case model.EventStopped:
		return actionNumber(string(model.ActStop))
	case model.EventFailed, model.EventStillFailing, model.EventRecovered, model.EventChanged:
		if ev.Action != "" {
			return actionNumber(ev.Action)
		}
	}
	return actionNumber(string(model.ActAlert))
}

// actionNumber is Monit's number of an action, 0 for none.
func actionNumber(action string) int64 {
	switch action {
	case string(model.ActAlert):
		return 1
	case string(model.ActRestart):
		return 2
	case string(model.ActStop):
		return 3
	case string(model.ActExec):
		return 4
	case string(model.ActUnmonitor):
		return 5
	case string(model.ActStart):
		return 6
	case string(model.CommandMonitor):
		return 7
	}
	return 0
}

// messageOf is the text of an event. Those that collectors show by themselves are in Monit's words.
func messageOf(ev *model.Event) string {
	switch ev.Kind {
	case model.EventStarted:
		return instanceName + " " + Version + " started"
	case model.EventStopped:
		return instanceName + " " + Version + " stopped"
	case model.EventReloaded:
		return instanceName + " reloaded"
	case model.EventAction, model.EventMonitored, model.EventUnmonitored:
		if ev.Topic == model.TopicAction && ev.Action != "" {
			return ev.Action + " action done"
		}
	}
	if ev.Evidence == "" {
		return ev.Text
	}
	return ev.Text + "\n" + ev.Evidence
}
