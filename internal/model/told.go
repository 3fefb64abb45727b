package model

import "time"

// A Told is how far it came with telling one recipient of one event. There are no secrets in it.
type Told struct {
	Seq      uint64    `json:"seq"` // of the event
	At       time.Time `json:"at"`  // of the last attempt
	Channel  string    `json:"channel"`
	Address  string    `json:"address,omitempty"`
	Error    string    `json:"error,omitempty"`      // why it has not arrived; "": it has, or waits for Quiet
	Instead  string    `json:"instead_of,omitempty"` // of whom, channel and address: that way did not work
	Together int       `json:"together,omitempty"`   // events in one message, if there were several
	Quiet    time.Time `json:"quiet_until,omitzero"` // nothing was tried: the recipient is not to be disturbed until then
}

// Arrived tells whether the message was taken.
func (t *Told) Arrived() bool { return t.Error == "" && t.Quiet.IsZero() }
