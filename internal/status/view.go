package status

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// A View is everything there is at one moment. It and all it leads to never change, and it may be read by many at once.
// Lists are in the order of their numbers.
type View struct {
	Revision uint64 // differs whenever anything else does, also after a restart
	At       time.Time
	Page     model.StatusPage
	Host     string

	Components  []*Component
	Groups      []*Group
	Incidents   []*Incident
	Schedules   []*Schedule
	Metrics     []*Metric
	Subscribers []*Subscriber // not for everybody
	Templates   []*Template   // of incidents, from the configuration

	// Isolated tells that this host seems to have lost its network: what it checks elsewhere stays as it was (P-311).
	Isolated bool
}

// Component finds one by its number; nil: there is none. So do its likes.
func (v *View) Component(id int64) *Component { return find(v.Components, id) }

// Group finds a group.
func (v *View) Group(id int64) *Group { return find(v.Groups, id) }

// Incident finds an incident.
func (v *View) Incident(id int64) *Incident { return find(v.Incidents, id) }

// Schedule finds a maintenance.
func (v *View) Schedule(id int64) *Schedule { return find(v.Schedules, id) }

// Metric finds a metric.
func (v *View) Metric(id int64) *Metric { return find(v.Metrics, id) }

// Subscriber finds a subscriber.
func (v *View) Subscriber(id int64) *Subscriber { return find(v.Subscribers, id) }

// SubscriberByCode finds whoever has a code; nil: nobody.
func (v *View) SubscriberByCode(code string) *Subscriber {
	if code == "" {
		return nil
	}
	return first(v.Subscribers, func(s *Subscriber) bool { return s.Code == code })
}

// Template finds a template of incidents by its slug.
func (v *View) Template(slug string) *Template {
	return first(v.Templates, func(t *Template) bool { return t.Slug == slug })
}

// ComponentOf finds the component that a service is part of.
func (v *View) ComponentOf(service string) *Component {
	return first(v.Components, func(c *Component) bool {
		return slices.ContainsFunc(c.Checks, func(k Check) bool { return strings.EqualFold(k.Service, service) })
	})
}

func first[T any](list []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i]
	}
	return nil
}

// Seen are the components that a reader sees: everything enabled, and of that what is for everybody. They are in the
// order in which they are shown. Guests see none of a group that is not visible to them.
func (v *View) Seen(guest bool) []*Component {
	var out []*Component
	for _, c := range v.Components {
		if c.Enabled && (!guest || v.Public(c)) {
			out = append(out, c)
		}
	}
	byOrder(out)
	return out
}

// Public tells whether everybody may see a component: it is enabled, not private, and in no group that is not for everybody.
func (v *View) Public(c *Component) bool {
	g := v.Group(c.Group)
	return c.Enabled && !c.Private && (g == nil || g.Visible)
}

func byOrder(list []*Component) {
	slices.SortStableFunc(list, func(a, b *Component) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID)) })
}

// Members are the enabled components of a group, in the order in which they are shown.
func (v *View) Members(group int64) []*Component {
	var out []*Component
	for _, c := range v.Components {
		if c.Group == group && c.Enabled {
			out = append(out, c)
		}
	}
	byOrder(out)
	return out
}

// OrderedGroups are the groups that a reader sees, in the order in which they are shown.
func (v *View) OrderedGroups(guest bool) []*Group {
	out := slices.DeleteFunc(slices.Clone(v.Groups), func(g *Group) bool { return guest && !g.Visible })
	slices.SortStableFunc(out, func(a, b *Group) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID)) })
	return out
}

// SeenIncidents are the incidents that a reader sees, the newest first by when they occurred.
func (v *View) SeenIncidents(guest bool, now time.Time) []*Incident {
	var out []*Incident
	for _, i := range v.Incidents {
		if !guest || i.Shown(now) {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b *Incident) int { return cmp.Or(b.Occurred.Compare(a.Occurred), cmp.Compare(b.ID, a.ID)) })
	return out
}

// IncidentsOf are the open incidents of a component.
func (v *View) IncidentsOf(component int64) []*Incident {
	var out []*Incident
	for _, i := range v.Incidents {
		if i.Open() && affects(i.Components, component) {
			out = append(out, i)
		}
	}
	return out
}
