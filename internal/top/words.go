package top

import (
	"fmt"
	"time"

	"orderly/internal/model"
)

// stateWord is the state of a service in words, and how it looks.
func stateWord(s *model.ServiceStatus) (string, style) {
	switch s.State {
	case model.StateOK:
		return "ok", green
	case model.StateFailing:
		return "failing", loud
	case model.StateUnmonitored:
		return "not monitored", grey
	case model.StateInitializing:
		return "starting up", plain
	case model.StateActing:
		return doing(s.Doing), yellow
	}
	return "unknown", yellow
}

// doing is a command as something that is under way.
func doing(kind string) string {
	switch kind {
	case "start":
		return "starting"
	case "stop":
		return "stopping"
	case "restart":
		return "restarting"
	case "reload":
		return "reloading"
	}
	return "acting"
}

func ruleWord(s model.RuleState, monitored bool) (string, style) {
	switch {
	case !monitored:
		return "not watched", grey
	case s == model.RuleOK:
		return "ok", green
	case s == model.RuleFailing:
		return "failing", loud
	case s == model.RuleInitializing:
		return "not known yet", plain
	}
	return "unknown", yellow
}

func eventWord(ev *model.Event) (string, style) {
	switch ev.Kind {
	case model.EventFailed, model.EventFlapping, model.EventInternal:
		return string(ev.Kind), red
	case model.EventStillFailing:
		return "still failing", red
	case model.EventRecovered, model.EventSteady:
		return string(ev.Kind), green
	case model.EventChanged:
		return "changed", yellow
	case model.EventAction:
		return first(ev.Action, "done"), yellow
	case model.EventActionFailed:
		return first(ev.Action, "action") + " failed", red
	}
	return string(ev.Kind), plain
}

// stepStyle is how a step of a story looks.
func stepStyle(k model.EventKind) style {
	_, look := eventWord(&model.Event{Kind: k})
	return look
}

func first(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// span is a length of time in the largest unit that says enough, so that little of what is shown changes each second.
func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d d", d/(24*time.Hour))
}

// clock is a time as short as it can be understood beside now.
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format("Jan _2 15:04")
}

// trouble is what is wrong with a service, or else remarkable about it, in a few words.
func trouble(s *model.ServiceStatus) (string, style) {
	switch {
	case s.Problem != "" && s.GaveUp != "":
		return s.Problem + "; " + s.GaveUp, plain
	case s.Problem != "" && s.Acked != "":
		return s.Problem + " (" + s.Acked + ")", plain
	case s.Problem != "" && s.Silenced != "":
		return s.Problem + " (" + s.Silenced + ")", plain
	case s.Problem != "":
		return s.Problem, plain
	case s.Needs != "":
		return "waits for " + s.Needs, grey
	case s.Silenced != "":
		return s.Silenced, grey
	case s.Waiting:
		return "waits for its time", grey
	}
	return "", plain
}
