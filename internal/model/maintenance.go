package model

import "time"

// A Maintenance is a time that comes again and again, in which nobody is told of some services. Each occurrence is a
// [Silence] whose ID is that of the maintenance.
type Maintenance struct {
	ID       string        // unique in a Config: "maintenance-" and a name or a number
	Services []string      `json:",omitempty"` // names; without these and Groups: all services
	Groups   []string      `json:",omitempty"`
	Hours    []string      `json:",omitempty"` // parts of the week, as calendar.ParseWindow reads them
	Cron     string        `json:",omitempty"` // or when it begins, as calendar.ParseCron reads it,
	Zone     string        `json:",omitempty"` // in this time zone; "": that of the host
	For      time.Duration `json:",omitempty"` // with Cron: how long it lasts
	Reason   string        `json:",omitempty"`
	Hold     bool          `json:",omitempty"` // rules do not act meanwhile either
	Settle   time.Duration `json:",omitempty"` // how long after it people are not told yet: see Silence.Settled
	Quiet    bool          `json:",omitempty"` // Silence.Quiet
}

// DefaultSettle is how long services have to become well again after a maintenance of a configuration.
const DefaultSettle = 2 * time.Minute

// All tells whether it is of all services.
func (m *Maintenance) All() bool { return len(m.Services) == 0 && len(m.Groups) == 0 }
