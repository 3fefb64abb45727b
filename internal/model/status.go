package model

import "time"

// ServiceState is the state of a service, by the names of the JSON contract.
type ServiceState string

// The states of a service.
const (
	StateOK           ServiceState = "ok"
	StateFailing      ServiceState = "failing"
	StateUnknown      ServiceState = "unknown"
	StateInitializing ServiceState = "initializing"
	StateUnmonitored  ServiceState = "unmonitored"
	StateActing       ServiceState = "acting" // a plan for it runs
)

// RuleState is the state of a rule, by the names of the JSON contract.
type RuleState string

// The states of a rule.
const (
	RuleOK           RuleState = "ok"
	RuleFailing      RuleState = "failing"
	RuleUnknown      RuleState = "unknown"
	RuleInitializing RuleState = "initializing"
)

// HostStatus is everything known of a host's services.
type HostStatus struct {
	Generation uint64          `json:"generation"`
	Host       string          `json:"host"`
	Services   []ServiceStatus `json:"services"`
	Ailing     []Ailment       `json:"ailing,omitempty"` // who cannot be told of anything

	Destinations []Destination `json:"destinations,omitempty"` // who can, and those as well; each once
}

// An Ailment is a destination of alerts that takes no messages. There are no secrets in it.
type Ailment struct {
	Channel string    `json:"channel"`
	Address string    `json:"address,omitempty"` // "" where the channel serves many, as mail does
	Since   time.Time `json:"since"`
	Waiting int       `json:"waiting"` // messages, as of the last attempt
	Error   string    `json:"error"`
}

// A Destination is somebody whom a configuration has alerts reach. There are no secrets in it.
type Destination struct {
	Channel string    `json:"channel"`
	Address string    `json:"address,omitempty"`
	Reached time.Time `json:"reached,omitzero"` // when a message, or a test, was taken last; zero: never so far
}

// ServiceStatus is a snapshot of one service. It is never changed after it was handed out.
type ServiceStatus struct {
	Name      string            `json:"name"`
	Kind      Kind              `json:"kind"`
	State     ServiceState      `json:"state"`
	Monitored bool              `json:"monitored"`
	Since     time.Time         `json:"since,omitzero"` // in this state
	PID       int               `json:"pid,omitempty"`
	Check     uint64            `json:"check"`    // checks done
	Restarts  int               `json:"restarts"` // starts and restarts by orderly, since it was configured
	Rules     []RuleStatus      `json:"rules"`
	Groups    []string          `json:"groups,omitempty"`
	Checked   time.Time         `json:"checked,omitzero"`       // end of the last check
	Waiting   bool              `json:"waiting,omitempty"`      // its schedule left out the last interval
	Needs     string            `json:"needs,omitempty"`        // a service it depends on that is not well: it is not checked until that is
	Doing     string            `json:"doing,omitempty"`        // "restart", while a plan runs
	Problem   string            `json:"problem,omitempty"`      // first thing that is wrong
	Silenced  string            `json:"silenced,omitempty"`     // why nobody is told of it
	Acked     string            `json:"acknowledged,omitempty"` // who looks after it, while it fails
	GaveUp    string            `json:"gave_up,omitempty"`      // that repairs did not help, and when it is tried again
	Values    map[Metric]string `json:"values,omitempty"`       // last measurements, formatted
}

// Ails tells whether a service is not well, also while something is done about it.
func (s *ServiceStatus) Ails() bool {
	return s.State == StateFailing || s.State == StateActing && s.Monitored && s.Problem != ""
}

// Rank is how much a service wants to be seen: 0 is what fails and nobody looks after, 6 what is not monitored.
func (s *ServiceStatus) Rank() int {
	switch {
	case s.State == StateFailing && s.Silenced == "" && s.Acked == "":
		return 0
	case s.State == StateFailing:
		return 1
	case s.State == StateActing:
		return 2
	case s.State == StateUnknown:
		return 3
	case s.State == StateInitializing:
		return 4
	case s.State == StateOK:
		return 5
	}
	return 6
}

// RuleStatus is a snapshot of one rule.
type RuleStatus struct {
	Text    string    `json:"text"`
	State   RuleState `json:"state"`
	Since   time.Time `json:"since,omitzero"`
	Value   string    `json:"value"`
	Summary string    `json:"summary"` // why it fails
}

// CommandKind is what a user asks for.
type CommandKind string

// The commands that concern services.
const (
	CommandStart     CommandKind = "start"
	CommandStop      CommandKind = "stop"
	CommandRestart   CommandKind = "restart"
	CommandReload    CommandKind = "reload" // the service itself reads its configuration again
	CommandMonitor   CommandKind = "monitor"
	CommandUnmonitor CommandKind = "unmonitor"
	CommandCheck     CommandKind = "check" // check now, and wait for the result

	CommandAcknowledge CommandKind = "acknowledge" // somebody looks after it
)

// A Command asks for something to be done to some services.
type Command struct {
	Kind  CommandKind `json:"kind"`
	Names []string    `json:"names,omitempty"`
	Group string      `json:"group,omitempty"`
	All   bool        `json:"all,omitempty"`
	Until time.Time   `json:"until,omitzero"` // acknowledge: until then at most; zero: for as long as the settings say
}

// An Outcome tells what a command did to one service.
type Outcome struct {
	Service  string `json:"service"`
	Done     string `json:"done"` // "restarted, pid 4711"; empty when it failed
	Error    string `json:"error,omitempty"`
	Evidence string `json:"evidence,omitempty"`
	Idle     bool   `json:"idle,omitempty"` // there was nothing to do: it ran already, or not at all
}

// Applied tells what a new configuration changed. Lists are sorted and never nil.
type Applied struct {
	Generation uint64   `json:"generation"`
	Added      []string `json:"added"`
	Changed    []string `json:"changed"`
	Removed    []string `json:"removed"`
	Unchanged  int      `json:"unchanged"`
	Warnings   []string `json:"warnings"`
}
