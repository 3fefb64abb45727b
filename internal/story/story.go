// Package story tells why a service is as it is: how its present trouble, or its last one, began, what was measured, what
// was done about it, who was told and how it ended.
//
// It is pure: everything that is known goes in, and what people and programs read comes out. Entry point: [Of].
package story

import (
	"time"

	"orderly/internal/model"
)

// A Case is everything that is known of one service.
type Case struct {
	Service  model.ServiceStatus
	Events   []model.Event           // of it, oldest first
	Told     map[uint64][]model.Told // by number, of the events that [Trouble] returns
	Incident *Incident               // of that trouble, on the status page; nil: there is none
	Now      time.Time
}

// An Incident is what the public was told.
type Incident struct {
	ID     int64     `json:"id"`
	Title  string    `json:"title"`
	Phase  string    `json:"phase"`
	Opened time.Time `json:"opened"`
	Ended  time.Time `json:"ended,omitzero"`
	Hidden bool      `json:"hidden,omitempty"` // only those who log in see it
}

// A Story is why a service is as it is. Without steps it never was in trouble, as far as is remembered.
type Story struct {
	Service string                  `json:"service"`
	State   model.ServiceState      `json:"state"`
	Since   time.Time               `json:"since,omitzero"` // in this state
	Summary string                  `json:"summary"`        // one line for people
	Remarks []string                `json:"remarks,omitempty"`
	Checked time.Time               `json:"checked,omitzero"`
	Values  map[model.Metric]string `json:"values,omitempty"` // last measured
	Rules   []model.RuleStatus      `json:"rules,omitempty"`

	Began time.Time `json:"began,omitzero"` // the trouble; zero: there was none
	Ended time.Time `json:"ended,omitzero"` // zero: it goes on
	Steps []Step    `json:"steps,omitempty"`

	Incident  *Incident `json:"incident,omitempty"`
	Evidence  string    `json:"evidence,omitempty"`  // what was seen when it failed
	Diagnosis string    `json:"diagnosis,omitempty"` // how the host was then; not for everybody
}

// Of tells the story of a service.
func Of(c Case) Story {
	s := Story{
		Service: c.Service.Name, State: c.Service.State, Since: c.Service.Since, Checked: c.Service.Checked, Values: c.Service.Values,
		Rules: c.Service.Rules, Incident: c.Incident,
	}
	t := find(c.Service, c.Events)
	s.Began, s.Ended = t.began, t.ended
	for _, ev := range t.events {
		if step, tells := stepOf(ev, c.Told[ev.Seq]); tells {
			s.Steps = append(s.Steps, step)
		}
	}
	s.Steps = fold(s.Steps)
	s.Evidence, s.Diagnosis = seen(t.events)
	s.Summary = summary(&c.Service, t, c.Now)
	s.Remarks = remarks(&c.Service, c.Events)
	return s
}

// Trouble returns those of the events of a service, oldest first, that its story is made of.
func Trouble(s model.ServiceStatus, events []model.Event) []model.Event {
	return find(s, events).events
}

// seen is what was seen when it failed first, and how the host was.
func seen(events []model.Event) (evidence, diagnosis string) {
	for _, ev := range events {
		if ev.Kind != model.EventFailed && ev.Kind != model.EventChanged && ev.Kind != model.EventActionFailed {
			continue
		}
		if evidence == "" && ev.Kind != model.EventActionFailed { // of those it is in their step
			evidence = model.Printable(ev.Evidence, maxEvidence)
		}
		if diagnosis == "" {
			diagnosis = model.Printable(ev.Diagnosis, model.MaxDiagnosis)
		}
	}
	return evidence, diagnosis
}

// maxEvidence bounds Story.Evidence, in bytes.
const maxEvidence = 4 << 10

// Public is the story for everybody on this host: it does not tell how the host is within, and whom alerts reach.
func (s Story) Public() Story {
	s.Diagnosis = ""
	if s.Incident != nil && s.Incident.Hidden {
		s.Incident = nil
	}
	steps := make([]Step, len(s.Steps))
	for i, step := range s.Steps {
		step.Told = anonymous(step.Told)
		steps[i] = step
	}
	s.Steps = steps
	return s
}

// anonymous is how many were told, and how, but not who.
func anonymous(all []model.Told) []model.Told {
	var out []model.Told
	for _, t := range all {
		t.Address, t.Instead = "", ""
		if t.Error != "" {
			t.Error = "it has not arrived"
		}
		out = append(out, t)
	}
	return out
}
