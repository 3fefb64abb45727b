package model

import "time"

// A Snapshot is all that is known of one service at one moment, in values rather than in text. It is never changed
// after it was handed out. [ServiceStatus] is its summary for people and scripts.
type Snapshot struct {
	Spec *Service

	State        ServiceState
	Monitored    bool
	Initializing bool // not checked since it was last enabled
	Waiting      bool // its schedule left out the last interval
	Since        time.Time
	Checked      time.Time // end of the last check; zero: never
	Checks       uint64
	Restarts     int // starts and restarts by orderly
	Cycle        int // intervals since it was configured

	Doing   string // "restart", while a plan runs
	Pending string // "stop", while one waits
	Denied  string // why the last check could not measure it

	Failing Topics // what is wrong, changes of the last check included
	Changed Topics // of these, what has only changed

	Rules    []RuleSnapshot // one for each of Spec.Rules
	Readings Readings       // last measurements
	Probes   []Result       // last answers, one for each of Spec.Probes(); none before the first check
	Sampled  time.Time      // when these were taken; for a program: when it was started
}

// A RuleSnapshot is where one rule stands.
type RuleSnapshot struct {
	Failed, Changed bool
	Unknown         bool // it could not be judged at the last check
	Since           time.Time
	Summary         string // why it fails
}

// Note adds what is wrong with the service. A failure outweighs a change of the same topic.
func (s *Snapshot) Note(t Topic, failed, changed bool) {
	bit := t.Bit()
	switch {
	case failed:
		s.Failing |= bit
		s.Changed &^= bit
	case changed && s.Failing&bit == 0:
		s.Failing |= bit
		s.Changed |= bit
	}
}
