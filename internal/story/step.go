package story

import (
	"strings"
	"time"

	"orderly/internal/model"
)

// A Step is one thing that happened, or several of a kind.
type Step struct {
	At       time.Time       `json:"at"`
	Until    time.Time       `json:"until,omitzero"` // of several: the last
	More     int             `json:"more,omitempty"` // of several: how many; 0: this is one
	Kind     model.EventKind `json:"kind,omitempty"` // of several of different kinds: ""
	Word     string          `json:"what"`           // "failed", "restart", "restart failed"
	Text     string          `json:"text"`
	Rule     string          `json:"rule,omitempty"`
	Follows  string          `json:"follows,omitempty"` // what is done about it
	Failure  *model.Failure  `json:"failure,omitempty"`
	Evidence string          `json:"evidence,omitempty"`
	Told     []model.Told    `json:"told,omitempty"`
	Untold   string          `json:"untold,omitempty"` // why nobody was told
}

// wordOf are the words for kinds of events. Others do not belong to a story.
var wordOf = map[model.EventKind]string{
	model.EventFailed:       "failed",
	model.EventStillFailing: "still failing",
	model.EventRecovered:    "recovered",
	model.EventChanged:      "changed",
	model.EventAction:       "done",
	model.EventActionFailed: "failed to act",
	model.EventMonitored:    "monitored",
	model.EventUnmonitored:  "not monitored",
	model.EventFlapping:     "flapping",
	model.EventSteady:       "steady again",
	model.EventAcknowledged: "acknowledged",
	model.EventSilenced:     "silenced",
	model.EventUnsilenced:   "audible again",
	model.EventInternal:     "orderly",
}

// stepOf is what an event adds to a story. That something goes on adds to it only if people were told.
func stepOf(ev model.Event, told []model.Told) (Step, bool) {
	s := Step{At: ev.At, Kind: ev.Kind, Word: wordOf[ev.Kind], Text: ev.Text, Rule: ev.Rule, Failure: ev.Failure, Told: told}
	switch ev.Kind {
	case model.EventFailed, model.EventChanged:
		s.Follows = following(ev.Action)
	case model.EventStillFailing:
		if len(told) == 0 {
			return s, false
		}
	case model.EventAction:
		if ev.Action != "" {
			s.Word = ev.Action
		}
	case model.EventActionFailed:
		if ev.Action != "" {
			s.Word = ev.Action + " failed"
		}
		s.Evidence = model.Printable(strings.TrimSpace(ev.Evidence), maxStepEvidence)
	case model.EventInternal:
		if ev.Silent { // about a message that did not arrive, which is on record
			return s, false
		}
	}
	if s.Word != "" && len(told) == 0 {
		s.Untold = untold(ev)
	}
	return s, s.Word != ""
}

// maxStepEvidence bounds Step.Evidence, in bytes.
const maxStepEvidence = 1 << 10

// following is the action that is more than telling people.
func following(action string) string {
	if action == string(model.ActAlert) || action == string(model.ActIgnore) {
		return ""
	}
	return action
}

// untold is why nobody hears of an event of which people are told mostly.
func untold(ev model.Event) string {
	switch ev.Kind {
	case model.EventFailed, model.EventRecovered, model.EventChanged, model.EventFlapping, model.EventSteady, model.EventActionFailed:
	default:
		return ""
	}
	switch {
	case ev.Silenced != "":
		return ev.Silenced
	case ev.Silent && ev.Action == string(model.ActIgnore):
		return "the rule says to ignore it"
	case ev.Silent && ev.Kind == model.EventActionFailed:
		return "they know already"
	case ev.Silent:
		return "this is not told"
	}
	return noAlert
}

// noAlert is why nobody was told when nothing kept people from being told.
const noAlert = "no alert is meant for it"
