package status

import "time"

// A Schedule is a maintenance that is to come, goes on or is over. It begins and ends by itself.
type Schedule struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	Message    string     `json:"message,omitempty"` // Markdown
	Stage      Stage      `json:"stage"`
	At         time.Time  `json:"at"`             // when it begins
	Until      time.Time  `json:"until,omitzero"` // when it ends; zero: when somebody ends it, at the latest after MaxMaintenance
	Began      time.Time  `json:"began,omitzero"`
	Ended      time.Time  `json:"ended,omitzero"`
	Components []Affected `json:"components,omitempty"` // that are under maintenance meanwhile
	Notify     bool       `json:"notify,omitempty"`     // subscribers hear of it
	Updates    []Update   `json:"updates,omitempty"`    // oldest first
	By         string     `json:"by,omitempty"`         // account
	Reason     string     `json:"reason,omitempty"`     // of a silence; not for everybody
	Silence    string     `json:"silence,omitempty"`    // the silence that goes with it; "": none
	Follows    bool       `json:"follows,omitempty"`    // the silence was there first, and says when this begins and ends
	Suppressed []Missed   `json:"suppressed,omitempty"` // failures that nobody was told of because of it, at most 100
	Created    time.Time  `json:"created"`
	Updated    time.Time  `json:"updated"`
}

// A Missed is a failure of which nobody was told.
type Missed struct {
	Component int64     `json:"component"`
	Health    Health    `json:"health"`
	At        time.Time `json:"at"`
}

// MaxMaintenance is how long a maintenance lasts that nobody ends (P-344).
const MaxMaintenance = 24 * time.Hour

// Update finds one of its updates, nil if there is none of that number.
func (s *Schedule) Update(id int64) *Update { return findUpdate(s.Updates, id) }

// end is when it is over at the latest.
func (s *Schedule) end() time.Time {
	begin := s.At
	if !s.Began.IsZero() {
		begin = s.Began
	}
	latest := begin.Add(MaxMaintenance)
	if s.Until.IsZero() {
		return latest
	}
	return s.Until
}
