package monit

import (
	"cmp"
	"slices"
	"strconv"

	"orderly/internal/model"
)

// typeNumber is Monit's number of a kind. Kinds it does not have are told as what is most like them.
func typeNumber(k model.Kind) int64 {
	switch k {
	case model.KindUnit:
		k = model.KindProcess
	case model.KindHeartbeat:
		k = model.KindProgram
	}
	return int64(max(0, slices.Index(kinds, k)))
}

// service tells of one service: how it is, and what was measured if that still holds.
func (d *document) service(s *model.Snapshot) {
	d.identity(s)
	collected := s.Checked
	if collected.IsZero() {
		collected = s.Since
	}
	d.integer("<collected_sec>", collected.Unix())
	d.integer("<collected_usec>", int64(collected.Nanosecond()/1000))
	d.integer("<status>", int64(s.Failing))
	d.integer("<status_hint>", int64(s.Changed))
	d.integer("<monitor>", monitorBits(s))
	d.integer("<monitormode>", flag(s.Spec.Mode == model.Passive))
	d.integer("<onreboot>", rebootNumber(s.Spec.OnReboot))
	d.integer("<pendingaction>", actionNumber(cmp.Or(s.Doing, s.Pending)))
	d.every(s)
	d.errors(s)
	if measured(s) {
		v := values{document: d, list: s.Readings}
		v.ofKind(s)
	}
	d.end("<service>")
}

// identity opens the element of a service.
func (d *document) identity(s *model.Snapshot) {
	number := typeNumber(s.Spec.Kind)
	if d.post {
		d.raw(`<service name="`)
		d.escaped(s.Spec.Name)
		d.raw(`">`)
		d.integer("<type>", number)
		return
	}
	d.raw(`<service type="`)
	*d.markup = append(*d.markup, byte('0'+number))
	d.raw(`">`)
	d.cdata("<name>", s.Spec.Name)
}

// monitorBits are 0 for a service that is not monitored, 1 or 2 for one that is or will be, and 4 beside them while
// its schedule holds it back.
func monitorBits(s *model.Snapshot) int64 {
	var bits int64
	switch {
	case !s.Monitored:
		return 0
	case s.Initializing:
		bits = 2
	default:
		bits = 1
	}
	return bits + 4*flag(s.Waiting)
}

func rebootNumber(r model.OnReboot) int64 {
	switch r {
	case model.RebootNoStart, model.RebootUnlessNew:
		return 1
	case model.RebootLastState:
		return 2
	}
	return 0
}

// every tells of a schedule of the service's own, as far as Monit has words for it.
func (d *document) every(s *model.Snapshot) {
	schedule := &s.Spec.Schedule
	switch {
	case schedule.Cycles > 1:
		counter := schedule.Cycles
		if s.Cycle > 0 {
			counter = (s.Cycle - 1) % schedule.Cycles
		}
		d.raw("<every><type>2</type>")
		d.integer("<counter>", int64(counter))
		d.integer("<number>", int64(schedule.Cycles))
	case schedule.Cron != "":
		d.raw("<every>")
		d.integer("<type>", 3+flag(schedule.Not))
		d.text("<cron>", schedule.Cron)
	default:
		return
	}
	d.end("<every>")
}

// errors lists the types of events that are not well, finer than the bits of the status are.
func (d *document) errors(s *model.Snapshot) {
	d.raw("<errors>")
	if s.Failing != 0 {
		states := statesOf(s)
		for id, state := range states {
			if state != 0 {
				d.raw(`<event id="`)
				*d.markup = strconv.AppendInt(*d.markup, int64(id), 10)
				d.raw(`" state="`)
				*d.markup = append(*d.markup, byte('0'+state))
				d.raw(`"></event>`)
			}
		}
	}
	d.end("<errors>")
}

// statesOf finds the state of each type of event: 0 for well, 1 for failed, 2 for changed.
func statesOf(s *model.Snapshot) (states [eventTypes]byte) {
	note := func(id int, failed bool) {
		if failed {
			states[id] = stateFailed
		} else if states[id] == 0 {
			states[id] = stateChanged
		}
	}
	told := model.Topics(0)
	for i := range s.Rules {
		if r := &s.Rules[i]; r.Failed || r.Changed {
			rule := &s.Spec.Rules[i]
			if id := eventType(s.Spec.Kind, rule); id != 0 {
				note(id, r.Failed)
				told |= rule.Topic.Bit()
			}
		}
	}
	for topic, id := range topicTypes { // what is wrong without a rule: access, restarts, programs
		if bit := topic.Bit(); s.Failing&bit != 0 && told&bit == 0 {
			note(id, s.Changed&bit == 0)
		}
	}
	return states
}
