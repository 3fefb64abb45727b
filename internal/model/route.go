package model

import (
	"slices"
	"time"

	"orderly/internal/diag"
)

// Severity is how grave it is when a service fails.
type Severity string

// The severities, from the least to the gravest. A service that says nothing is Major.
const (
	Info     Severity = "info"
	Degraded Severity = "degraded"
	Major    Severity = "major"
	Critical Severity = "critical"
)

// Severities lists them, the least first.
var Severities = []Severity{Info, Degraded, Major, Critical}

// AtLeast tells whether s is as grave as o or graver. The empty severity is Major on the left and nothing on the right.
func (s Severity) AtLeast(o Severity) bool {
	if s == "" {
		s = Major
	}
	return slices.Index(Severities, s) >= slices.Index(Severities, o)
}

// Least is the less grave of two severities.
func (s Severity) Least(o Severity) Severity {
	if s.AtLeast(o) {
		return o
	}
	return s
}

// A Route sends some events to one address on one channel.
type Route struct {
	Channel       string        // "mail"
	Address       string        // what the channel makes of it
	Server        *MailServer   `json:",omitempty"` // mail leaves through it alone; nil: through those of Settings
	Topics        Topics        // what the recipient wants to hear of
	Kinds         []EventKind   `json:",omitempty"` // nil: every kind that people are told of
	Least         Severity      `json:",omitempty"` // only what is at least so grave; of a recovery, what it ends
	Groups        []string      `json:",omitempty"` // only services of one of these groups; nil: all services, and orderly itself
	Hours         []string      `json:",omitempty"` // only at these times, as calendar.ParseWindow reads them; nil: always
	Quiet         []string      `json:",omitempty"` // at these times messages wait, and are told at their end; nil: at any time somebody is told
	QuietBut      Severity      `json:",omitempty"` // what is at least so grave is told at once, also then; "": Critical
	After         time.Duration `json:",omitempty"` // only of what has been failing for so long and nobody has acknowledged; 0: at once
	Reminder      Reminder      `json:",omitzero"`  // of what goes on failing
	Format        MailFormat    // overrides Settings.Mail.Format
	Params        Params        `json:",omitempty"` // of the channel; what is secret of it is never in Address
	Program       *Program      `json:",omitempty"` // channel exec: its arguments are templates
	Calls         string        `json:",omitempty"` // what its templates call the service; "": by its name
	Text          string        `json:",omitempty"` // template of what is said, in place of the channel's own words
	Fallback      []Route       `json:",omitempty"` // who is told instead, the first who can be, when this has failed for FallbackAfter
	Private       bool          `json:",omitempty"` // only people read there who may know how the host is within
	FallbackAfter time.Duration `json:",omitempty"` // 0: a minute
	Mute          bool          `json:",omitempty"` // in a service: nothing of it goes to Address, whatever the global routes say; without Address: to any of them

	Pos diag.Pos `json:"-"`
}

// Confides tells whether a recipient may know how the host is within, such as what its logs say. Rooms are for everybody
// unless it is said that they are not.
func (r Route) Confides() bool {
	return r.Private || slices.Contains([]string{"mail", "exec", "log"}, r.Channel)
}
