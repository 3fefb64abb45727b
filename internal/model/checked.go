package model

import "time"

// A Checked tells of one check that was made and judged.
type Checked struct {
	Service *Service
	At      time.Time     // when it was judged
	Took    time.Duration // to measure
	Failed  bool          // some rule found its measurement bad, or there was none
	Told    bool          // that was worth telling: a rule fails from now on or recovers, or somebody is reminded
	Down    bool          // some rule fails, often enough to count
	State   ServiceState  // that follows

	Severity Severity      // of what fails, the worst of it; of nothing that fails it says nothing
	Held     bool          // a silence keeps rules from acting: it is maintained
	Holds    time.Duration // how long the state may be taken for true without another check: three intervals, and while it is repaired as long as that may take

	Sample *Sample // what was measured, not to be changed; nil: it could not be
}
