// Package notice holds what a message about an event can say, and the templates of users that say it.
//
// Entry points: [Of] for the facts, [Parse] for a template.
package notice

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// A Notice is the facts of one message, by the names that templates use.
type Notice struct {
	MonitorName string // what the service is called where this goes, which need not be its name
	Service     string // its name
	Host        string
	Rule        string // the condition in the user's words; "" where no rule is concerned
	Kind        string // "failed", "still_failing", "recovered", ... as in the journal
	Text        string // the event in one line
	Message     string // "web check has failed 3 times", "web check is up again!"; of other events their Text
	Evidence    string // what was seen, as the journal keeps it; may have several lines

	Diagnosis       string // how the host was when it failed; several lines, "" where the recipient need not know
	LastCheckOutput string // what the check wrote: its end, at most 16 KiB, without newlines at the end
	Action          string // what follows, or was done: "restart"

	Affects []string // services that are not checked meanwhile, because they depend on this one; nil when it is over

	AlertCount   int  // messages of this outage to this recipient, this one included; 0 where nothing fails
	FailureCount int  // bad measurements in a row
	IsUp         bool // nothing fails, or no longer

	LastSuccess time.Time     // when it was last well before that; zero: never
	Since       time.Time     // it fails, or failed
	At          time.Time     // of the event
	Duration    time.Duration // from Since to At; 0 where nothing fails
	Delay       time.Duration // from At until this message was sent
}

// maxOutput bounds LastCheckOutput in bytes.
const maxOutput = 16 << 10

// Of gathers the facts of an event for the recipient at the end of a route. Delay is left to whoever sends it.
func Of(r model.Route, ev model.Event) Notice {
	n := Notice{
		MonitorName: cmp.Or(r.Calls, ev.Service), Service: ev.Service, Host: ev.Host, Rule: ev.Rule, Kind: string(ev.Kind), Text: ev.Text,
		Message: ev.Text, Evidence: ev.Evidence, LastCheckOutput: output(ev.Evidence), Action: ev.Action, At: ev.At, IsUp: true,
	}
	if r.Confides() {
		n.Diagnosis = ev.Diagnosis
	}
	switch ev.Kind {
	case model.EventFailed, model.EventStillFailing:
		n.IsUp = false
		if ev.Failure != nil {
			n.Affects = ev.Failure.Affects
		}
	case model.EventActionFailed:
		n.IsUp = false
		return n
	case model.EventRecovered:
	default:
		return n
	}
	n.count(r, ev)
	n.Message = n.MonitorName + " check is up again!"
	if !n.IsUp {
		n.Message = fmt.Sprintf("%s check has failed %d times", n.MonitorName, n.FailureCount)
	}
	return n
}

// count tells how often and for how long. Events of older journals say only in how many cycles.
func (n *Notice) count(r model.Route, ev model.Event) {
	f := ev.Failure
	if f == nil {
		if !n.IsUp {
			n.FailureCount, n.AlertCount = ev.Count, 1+max(r.Reminder.Times(ev.Count, ev.At, ev.At), 0)
		}
		return
	}
	last := ev.At
	if n.IsUp && !f.Before.IsZero() {
		last = f.Before // reminders ended with the last failing cycle
	}
	if f.Cycles > 0 || !n.IsUp { // a test tells of what never failed
		n.AlertCount = 1 + max(r.Reminder.Times(f.Cycles, f.Since, last), 0)
	}
	n.FailureCount, n.LastSuccess, n.Since = f.Bad, f.LastOK, f.Since
	n.Duration = max(ev.At.Sub(f.Since), 0)
}

// output is the end of what a program wrote, fit for a message.
func output(text string) string {
	if cut := len(text) - maxOutput; cut > 0 {
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut++
		}
		text = text[cut:]
	}
	return strings.TrimRight(strings.ToValidUTF8(text, "�"), "\r\n")
}
