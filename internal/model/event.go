package model

import "time"

// An Event is something that happened. The journal numbers them; they never change afterwards, but for Diagnosis.
type Event struct {
	Seq      uint64    `json:"seq"`
	At       time.Time `json:"at"`
	Host     string    `json:"host"`
	Service  string    `json:"service,omitempty"`
	Rule     string    `json:"rule,omitempty"` // Rule.Text
	Kind     EventKind `json:"kind"`
	Topic    Topic     `json:"topic,omitempty"`
	Action   string    `json:"action,omitempty"` // what follows: "restart", or what was done
	Text     string    `json:"text"`             // one line for people
	Evidence string    `json:"evidence,omitempty"`
	Severity Severity  `json:"severity,omitempty"` // of the service; "": major

	Count  int  `json:"count,omitempty"`  // cycles in this state, 1 at the change
	Silent bool `json:"silent,omitempty"` // nobody is told: the action is ignore, or a program's own bookkeeping

	Failure *Failure `json:"failure,omitempty"` // of events of a rule that fails or no longer does

	Silenced string `json:"silenced,omitempty"` // nobody is told because of a silence; this is its reason and end

	// Diagnosis is how the host was when this happened, in lines for people, at most MaxDiagnosis bytes. It is of no concern
	// to the public. It is the one thing that is added to an event later: within a few seconds.
	Diagnosis string `json:"diagnosis,omitempty"`
}

// MaxDiagnosis bounds Event.Diagnosis, in bytes.
const MaxDiagnosis = 8 << 10

// A Failure is how long something has been failing, up to an event.
type Failure struct {
	Since  time.Time `json:"since"`            // it counts as failing, or counted
	Before time.Time `json:"before,omitzero"`  // the cycle before this one
	LastOK time.Time `json:"last_ok,omitzero"` // when it was last seen to be well, before that; zero: never
	Bad    int       `json:"bad"`              // measurements in a row that were bad, those that did not count yet included
	Cycles int       `json:"cycles"`           // of these, since it counts as failing; 1 at the first

	Affects []string `json:"affects,omitempty"` // services that depend on this one and are not looked at while it is not well
}

// EventKind is what sort of thing happened, by the names of the JSON contract.
type EventKind string

// The kinds of event.
const (
	EventFailed       EventKind = "failed"
	EventStillFailing EventKind = "still_failing" // only where someone wants to be reminded
	EventRecovered    EventKind = "recovered"
	EventChanged      EventKind = "changed"
	EventAction       EventKind = "action" // something was done, and worked
	EventActionFailed EventKind = "action_failed"
	EventMonitored    EventKind = "monitored"
	EventUnmonitored  EventKind = "unmonitored"
	EventAdded        EventKind = "added"
	EventRemoved      EventKind = "removed"
	EventStarted      EventKind = "started" // orderly itself
	EventStopped      EventKind = "stopped"
	EventReloaded     EventKind = "reloaded"
	EventFlapping     EventKind = "flapping"     // it fails and recovers all the time; until it is steady, nobody is told
	EventSteady       EventKind = "steady"       // it no longer does
	EventAcknowledged EventKind = "acknowledged" // somebody looks after it: no reminders, no escalation
	EventSilenced     EventKind = "silenced"     // a silence began
	EventUnsilenced   EventKind = "unsilenced"   // it ended
	EventHeard        EventKind = "heard"        // a job had something to say; nobody is told
	EventInternal     EventKind = "internal"     // about orderly: a full disk, a check that panicked
)
