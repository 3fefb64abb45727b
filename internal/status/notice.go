package status

import (
	"slices"
	"time"
)

// A Notice is something that others may want to hear of. What it leads to never changes.
type Notice struct {
	Kind      NoticeKind
	At        time.Time
	Component *Component // whose health changed
	Was       Health     // before
	Incident  *Incident
	Schedule  *Schedule
	Update    *Update       // of Incident or Schedule; nil: it is about all of it
	To        []*Subscriber // who is to be told. Nothing in here that they may not see concerns them
}

// NoticeKind is what a notice is about.
type NoticeKind string

// The kinds of notice.
const (
	ComponentTurned NoticeKind = "component_turned"
	IncidentOpened  NoticeKind = "incident_opened" // also to who has subscribed to a component that was added to it
	IncidentUpdated NoticeKind = "incident_updated"
	IncidentChanged NoticeKind = "incident_changed" // its own texts; nobody is told
	ScheduleAdded   NoticeKind = "schedule_added"
	ScheduleChanged NoticeKind = "schedule_changed" // nobody is told
	ScheduleUpdated NoticeKind = "schedule_updated"
	ScheduleBegun   NoticeKind = "schedule_begun"
	ScheduleEnded   NoticeKind = "schedule_ended"
	SubscriberAdded NoticeKind = "subscriber_added" // who must confirm, unless Verified
)

// maxNotices bounds what waits to be told.
const maxNotices = 1000

// queue leaves notices to Run.
func (b *Book) queue(notices []Notice) {
	if b.opt.Tell == nil || len(notices) == 0 {
		return
	}
	if len(b.notices)+len(notices) > maxNotices {
		b.opt.Log.Warn("subscribers of the status page are not told of everything: too much happens at once")
		return
	}
	b.notices = append(b.notices, notices...)
}

func (b *Book) tell() {
	b.mu.Lock()
	notices := b.notices
	b.notices = nil
	b.mu.Unlock()
	for _, n := range notices {
		b.opt.Tell(n)
	}
}

// audience are the subscribers who hear of any of these components. What is about none concerns those who subscribed to all.
func (d *draft) audience(about []Affected) []*Subscriber {
	var out []*Subscriber
	for _, s := range d.view.Subscribers {
		if s.All && !s.Verified.IsZero() && len(about) == 0 || slices.ContainsFunc(about, func(a Affected) bool {
			c := d.view.Component(a.Component)
			return c != nil && d.view.Public(c) && s.wants(c)
		}) {
			out = append(out, s)
		}
	}
	return out
}

// tellHealth tells of a change of a component's health that no incident tells of.
func (d *draft) tellHealth(c *Component, was Health) {
	n := Notice{Kind: ComponentTurned, At: d.now, Component: c, Was: was}
	if c.Health != Maintenance && was != Maintenance && d.view.Public(c) {
		n.To = d.audience([]Affected{{Component: c.ID}})
	}
	d.notices = append(d.notices, n)
}

// tellIncident tells of an incident, of an update of it, or of the components that were added to it.
func (d *draft) tellIncident(kind NoticeKind, i *Incident, u *Update, fresh []Affected) {
	n := Notice{Kind: kind, At: d.now, Incident: i, Update: u}
	if i.Notify && i.Shown(d.now) && (u == nil || !u.Private) && kind != IncidentChanged {
		n.To = d.audience(i.Components)
	}
	if len(fresh) > 0 && len(fresh) < len(i.Components) {
		old := d.audience(slices.DeleteFunc(slices.Clone(i.Components), func(a Affected) bool { return affects(fresh, a.Component) }))
		n.To = slices.DeleteFunc(n.To, func(s *Subscriber) bool { return slices.Contains(old, s) })
	}
	d.notices = append(d.notices, n)
}

func (d *draft) tellSchedule(kind NoticeKind, s *Schedule, u *Update) {
	n := Notice{Kind: kind, At: d.now, Schedule: s, Update: u}
	if s.Notify && kind != ScheduleChanged && (u == nil || !u.Private) {
		n.To = d.audience(s.Components)
	}
	d.notices = append(d.notices, n)
}
