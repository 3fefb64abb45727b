package engine

import (
	"context"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
	"orderly/internal/rule"
)

// A service is one watched thing at run time. The conductor owns it.
type service struct {
	spec   *model.Service
	probes []*model.Probe

	parents, children []*service

	adrift string     // the guard that says that the network of this host is why it does not answer; "": none does
	wards  []*service // of the guard: those with probes that ask elsewhere
	doubts []doubt    // of the guard: what waits for its next look

	monitored    bool
	initializing bool // not checked since it was last enabled
	checks       uint64
	checked      time.Time
	before       time.Time // the end of the check before that
	bookmark     model.Bookmark
	sample       model.Sample
	rules        []ruleState // one for each of spec.Rules
	access       rule.State  // can it be measured at all?
	accessError  string
	exec         rule.State // did the last action work?
	execError    string
	stale        string // the run of it that could not read its configuration again, which is why exec failed
	repairs      repairs
	acked        string    // "acknowledged by ann", while it fails
	ackedUntil   time.Time // zero: until it is well
	hushed       string    // what is added to what is told at the end of a silence; "" at other times
	backAt       time.Time // when it was well again after it had failed

	limits         []rule.State // one for each of spec.RestartLimits
	starts, cycles int          // what restart limits count
	restarts       int

	state model.ServiceState // as of since
	since time.Time
	was   model.ServiceState // before the daemon was restarted, as of wasSince
	wasAt time.Time
	dirty bool // something that is kept changed

	cycle   int  // intervals since the service was configured
	waiting bool // its schedule skipped the last interval
	epoch   int  // of its checks: an older one's outcome no longer counts
	busy    bool // a check runs
	cause   cause
	asOf    time.Time
	cancel  context.CancelFunc
	queued  bool // due, but no slot was free
	parked  bool // due, but a parent is still being checked
	watches []chan struct{}

	plan      *plan        // that claims it
	wanted    *plan        // of a rule, waiting for services that other plans claim
	blocked   bool         // a start waits until what the service depends on is well
	started   time.Time    // end of the last plan that started it
	deaths    int          // shortly after a start, in a row
	executing map[int]bool // by rule; made when it is needed
	nextCron  time.Time
	cron      *schedule
	said      allowance
	routine   *calendar.Routine // when a sign of life is due; nil: not at times of the clock
}

type ruleState struct {
	rule.State
	summary string
	unknown bool      // could not be judged at the last check
	told    time.Time // when people last heard of a change
	mourned bool      // of a unit: they heard that it ended, and not yet that it is back
}

func newService(spec *model.Service, now time.Time) *service {
	s := &service{spec: spec, initializing: true, state: model.StateInitializing, since: now}
	s.adopt(spec, now)
	s.monitored = spec.OnReboot != model.RebootNoStart
	return s
}

// adopt gives the service a new definition; what is known of rules that are still there stays.
func (s *service) adopt(spec *model.Service, now time.Time) {
	known := map[string]ruleState{}
	for i := range s.rules {
		known[s.spec.Rules[i].ID] = s.rules[i]
	}
	limits := s.limits
	if len(limits) != len(spec.RestartLimits) {
		limits = make([]rule.State, len(spec.RestartLimits))
	}
	s.spec, s.probes, s.limits = spec, spec.Probes(), limits
	s.rules = make([]ruleState, len(spec.Rules))
	for i := range spec.Rules {
		s.rules[i] = known[spec.Rules[i].ID]
	}
	s.schedule(now)
	s.followRoutine()
}

// forgetState is what unmonitoring does: when the service is enabled again, everything begins anew.
func (s *service) forgetState() {
	s.rules = make([]ruleState, len(s.spec.Rules))
	s.limits = make([]rule.State, len(s.spec.RestartLimits))
	s.access, s.exec, s.accessError, s.execError = rule.State{}, rule.State{}, "", ""
	s.starts, s.cycles, s.deaths, s.stale = 0, 0, 0, ""
	s.repairs, s.acked, s.ackedUntil = repairs{}, "", time.Time{}
	s.sample, s.adrift = model.Sample{}, ""
	s.initializing = true
}

// severity is how grave it is when a rule of the service fails.
func (s *service) severity(st *rule.State) model.Severity {
	if st.Mild {
		return s.spec.Severity.Least(model.Degraded)
	}
	return s.spec.Severity
}

// failing tells whether a rule fails, or the last action on the service did not work.
func (s *service) failing() bool {
	return s.exec.Phase == rule.Failed || s.repairs.GaveUp.Phase == rule.Failed || s.inTrouble()
}

// inTrouble tells whether a rule or a restart limit fails.
func (s *service) inTrouble() bool {
	for i := range s.rules {
		if s.rules[i].Phase == rule.Failed {
			return true
		}
	}
	for i := range s.limits {
		if s.limits[i].Phase == rule.Failed {
			return true
		}
	}
	return false
}

// ready tells whether dependants may be checked. What runs with an old configuration serves them as well.
func (s *service) ready() bool {
	serves := !s.failing() || s.stale != "" && s.repairs.GaveUp.Phase != rule.Failed && !s.inTrouble()
	return s.monitored && !s.initializing && s.accessError == "" && s.adrift == "" && serves
}

// run names the process that was seen last; "" if nobody knows.
func (s *service) run() string {
	pid := s.sample.Readings.Get(model.PID)
	if s.bookmark.Run != "" || !pid.Present() {
		return s.bookmark.Run
	}
	return "pid " + pid.Format(model.Count)
}

// outdated tells whether a service goes on with a configuration that it could not read again.
func (s *service) outdated() bool {
	now := s.run()
	return s.stale != "" && (now == "" || now == s.stale)
}

func (s *service) present() model.ServiceState {
	switch {
	case s.plan != nil && s.plan.running:
		return model.StateActing
	case !s.monitored:
		return model.StateUnmonitored
	case s.failing():
		return model.StateFailing
	case s.accessError != "", s.adrift != "":
		return model.StateUnknown
	case s.initializing:
		return model.StateInitializing
	}
	return model.StateOK
}
