package monit

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// maxPoll is the longest poll time in seconds: a year.
const maxPoll = 31556952

func (c *compiler) setDaemon(s *SetDaemon) {
	c.daemon = s
	if v := s.Interval.Value; v < 1 || v > maxPoll {
		c.errorf(s.Interval.Pos(), "poll-time", "the poll time must be between 1 and %d seconds", maxPoll)
		return
	}
	c.made.Config.Settings.Interval = seconds(s.Interval.Value)
	c.made.Config.Settings.StartDelay = seconds(s.Delay.Value)
}

func (c *compiler) setFlag(s *SetFlag) {
	switch s.Name {
	case "init":
		c.init = s
		c.made.Config.Settings.Foreground = true
	case "terminal":
		c.made.Config.Settings.Batch = true
	case "fips":
		c.notYet(s.Pos(), "set fips", "run orderly with GODEBUG=fips140=on instead")
	}
}

func (c *compiler) setLimits(s *SetLimits) {
	l := &c.limits
	sizes := map[string]*int{
		"programOutput": &l.ProgramOutput, "sendExpectBuffer": &l.SendExpect,
		"fileContentBuffer": &l.FileContent, "httpContentBuffer": &l.HTTPContent,
	}
	times := map[string]*time.Duration{
		"networkTimeout": &l.NetworkTimeout, "programTimeout": &l.ProgramTimeout, "startTimeout": &l.StartTimeout,
		"stopTimeout": &l.StopTimeout, "restartTimeout": &l.RestartTimeout, "execTimeout": &l.ExecTimeout,
	}
	for _, limit := range s.Limits {
		value := limit.Value.Value * limit.Value.Unit.Scale()
		size := sizes[limit.Name]
		switch {
		case value <= 0:
			c.errorf(limit.Value.Pos(), "limit", "%s must be greater than 0", limit.Name)
		case size != nil && value > math.MaxInt32:
			c.errorf(limit.Value.Pos(), "limit", "%s must not exceed %d bytes", limit.Name, math.MaxInt32)
		case size != nil:
			*size = int(value)
		case times[limit.Name] != nil:
			*times[limit.Name] = seconds(value)
		}
	}
}

// facilities are what "set log syslog facility" may name.
var facilities = []string{
	"log_local0", "log_local1", "log_local2", "log_local3", "log_local4", "log_local5", "log_local6", "log_local7",
	"log_daemon", "log_user",
}

func (c *compiler) setLog(s *SetLog) {
	if f := s.Facility; f.Given() && !slices.Contains(facilities, strings.ToLower(f.Text)) {
		d := c.errorf(f.Pos(), "log-facility", "unknown log facility %s", quoted(f.Text))
		d.Hinted("one of %s", strings.Join(facilities, ", "))
		return
	}
	log := &c.made.Config.Settings.Log
	if !s.Path.Given() {
		*log = model.Log{Facility: cmp.Or(strings.TrimPrefix(strings.ToLower(s.Facility.Text), "log_"), "user")}
		return
	}
	if err := c.env.Appendable(s.Path.Text); err != nil {
		c.errorf(s.Path.Pos(), "log-file", "cannot write the log %s: %v", quoted(s.Path.Text), err)
		return
	}
	*log = model.Log{File: s.Path.Text}
}

func (c *compiler) setPath(s *SetPath) {
	files := &c.made.Config.Settings.Files
	switch s.Name {
	case "pidfile":
		files.PID = s.Path.Text
	case "idfile":
		files.ID = s.Path.Text
	case "statefile":
		files.State = s.Path.Text
	}
}

func (c *compiler) setEventQueue(s *SetEventQueue) {
	what := "the directory of set eventqueue is"
	if !s.Dir.Given() {
		what = "the slots of set eventqueue are"
	}
	c.warnf(s.Pos(), "superseded", "%s not used", what).
		Hinted("events that cannot be told yet always wait in orderly's journal on disk")
}

// positive reports a time that was given as 0.
func (c *compiler) positive(q Quantity, what string) bool {
	if q.Given() && q.Value <= 0 {
		c.errorf(q.Pos(), "zero", "the %s must be greater than 0", what)
		return false
	}
	return true
}

// timeout is the time that was given, or else the default.
func (c *compiler) timeout(q Quantity, otherwise time.Duration) time.Duration {
	if !q.Given() || !c.positive(q, "timeout") {
		return otherwise
	}
	return seconds(q.Value * q.Unit.Scale())
}

// maxTime keeps sums of times from overflowing; nobody means more than a century.
const maxTime = 100 * 365 * 24 * time.Hour

func seconds(v float64) time.Duration {
	return time.Duration(min(v*float64(time.Second), float64(maxTime)))
}

// overridden warns of a statement that a later one makes void.
func (c *compiler) overridden(earlier, later diag.Span, what string) {
	if earlier.Src == nil {
		return
	}
	c.warnf(later, "overridden", "only the last %s of an entry counts", what).Relate(earlier, "this one has no effect")
}
