package model

import (
	"strings"
	"time"
)

// A Silence is a time in which nobody is told of some services, but that something is over which people were told of before.
// Checks, history and, unless it holds them back, repairs go on. Who still fails when it ends is told of then.
type Silence struct {
	ID     string    `json:"id"` // unique; one that begins under an ID that is there takes its place
	Names  []string  `json:"names,omitempty"`
	Group  string    `json:"group,omitempty"`
	Groups []string  `json:"groups,omitempty"` // of a maintenance of the configuration
	All    bool      `json:"all,omitempty"`
	From   time.Time `json:"from"` // it is in force from then on
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"` // "deploy"
	By     string    `json:"by,omitempty"`     // who asked for it
	Hold   bool      `json:"hold,omitempty"`   // rules do not act meanwhile either
	Mute   bool      `json:"mute,omitempty"`   // that something is over is not told before its end either, as in deploys of Inspeqtor

	Settled time.Time `json:"settled,omitzero"`    // if later than Until: from Until to then rules act again, so that services may come back, and nobody is told yet
	Quiet   bool      `json:"quiet_end,omitempty"` // who still fails at its end is not told of either, until it is well and fails again

	Every   string `json:"every,omitempty"`   // of a maintenance that comes again: when
	Pending bool   `json:"pending,omitempty"` // it has not begun
	Ended   bool   `json:"ended,omitempty"`   // of a maintenance: somebody ended this occurrence before its time
}

// Active tells whether people are not told at a time because of it.
func (s *Silence) Active(now time.Time) bool {
	return !s.Pending && !s.Ended && s.Over().After(now)
}

// Over is when people are told again.
func (s *Silence) Over() time.Time {
	if s.Settled.After(s.Until) {
		return s.Settled
	}
	return s.Until
}

// Holds tells whether rules do not act at a time because of it.
func (s *Silence) Holds(now time.Time) bool { return s.Hold && s.Active(now) && s.Until.After(now) }

// Whom says which services it is about: "all services", "the group shop", "web, db".
func (s *Silence) Whom() string {
	if s.All {
		return "all services"
	}
	groups := s.Groups
	if s.Group != "" {
		groups = append([]string{s.Group}, groups...)
	}
	var parts []string
	switch len(groups) {
	case 0:
	case 1:
		parts = append(parts, "the group "+groups[0])
	default:
		parts = append(parts, "the groups "+strings.Join(groups, ", "))
	}
	return strings.Join(append(parts, s.Names...), ", ")
}
