package model

import "time"

// A Silence is a time in which nobody is told of some services. Checks, history and, unless it holds them back, repairs
// go on. Who still fails when it ends is told of then.
type Silence struct {
	ID     string    `json:"id"` // unique; one that begins under an ID that is there takes its place
	Names  []string  `json:"names,omitempty"`
	Group  string    `json:"group,omitempty"`
	All    bool      `json:"all,omitempty"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Reason string    `json:"reason,omitempty"` // "deploy"
	By     string    `json:"by,omitempty"`     // who asked for it
	Hold   bool      `json:"hold,omitempty"`   // rules do not act meanwhile either
}
