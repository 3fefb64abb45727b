package status

import "time"

// A Group is components that belong together.
type Group struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	Order    int       `json:"order,omitempty"`
	Collapse Collapse  `json:"collapse,omitempty"`
	Visible  bool      `json:"visible,omitempty"` // to everybody, not only to who has logged in
	Quorum   bool      `json:"quorum,omitempty"`  // its health is not that of its worst component, but goes by how many are not well
	Key      string    `json:"key,omitempty"`     // of a group that the configuration names; "": made by people
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
}

// Collapse says when only the title of a group is seen at first. The numbers are Cachet's, of which those above
// CollapseWell are taken for it.
type Collapse int

// How a group is shown at first.
const (
	CollapseNever  Collapse = 0
	CollapseAlways Collapse = 1
	CollapseWell   Collapse = 2 // while all of it is operational
)
