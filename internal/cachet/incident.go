package cachet

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"orderly/internal/status"
)

// An incident as version 1 shows it.
type incident struct {
	ID            int64           `json:"id"`
	UserID        *int64          `json:"user_id"`
	ComponentID   int64           `json:"component_id"`
	Name          string          `json:"name"`
	Status        int             `json:"status"`
	Visible       int             `json:"visible"`
	Stickied      bool            `json:"stickied"`
	Notifications bool            `json:"notifications"`
	Message       string          `json:"message"`
	OccurredAt    string          `json:"occurred_at"`
	CreatedAt     string          `json:"created_at"`
	UpdatedAt     string          `json:"updated_at"`
	DeletedAt     *string         `json:"deleted_at"`
	Meta          json.RawMessage `json:"meta"`
	Resolved      bool            `json:"is_resolved"`
	Updates       []incidentNews  `json:"updates"`
	HumanStatus   string          `json:"human_status"`
	LatestID      *int64          `json:"latest_update_id"`
	LatestStatus  int             `json:"latest_status"`
	LatestHuman   string          `json:"latest_human_status"`
	LatestIcon    string          `json:"latest_icon"`
	Permalink     string          `json:"permalink"`
	Duration      int64           `json:"duration"`
}

var phaseNames = [...]string{"Scheduled", "Investigating", "Identified", "Watching", "Fixed"}

func phaseName(p status.Phase) string {
	if !p.Valid() {
		return ""
	}
	return phaseNames[p]
}

// userOf is a number for an account, which Cachet has and orderly has not: always the same for the same name. What checks
// did has none (P-083).
func userOf(name string) *int64 {
	if name == "" {
		return nil
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	id := int64(h.Sum32()>>1) + 1
	return &id
}

func (c *call) incident(i *status.Incident) incident {
	out := incident{
		ID: i.ID, UserID: userOf(i.By), Name: i.Name, Status: int(i.Phase), Visible: int(asInt(i.Visible)), Stickied: i.Sticky,
		Notifications: i.Notify, Message: i.Message, OccurredAt: c.stamp(i.Occurred), CreatedAt: c.stamp(i.Created), UpdatedAt: c.stamp(i.Updated),
		Meta: i.Meta, HumanStatus: phaseName(i.Phase), Updates: []incidentNews{}, Permalink: c.incidentLink(i.ID),
	}
	if len(i.Components) > 0 && !c.hides(i.Components[0].Component) {
		out.ComponentID = i.Components[0].Component
	}
	if len(i.Meta) == 0 {
		out.Meta = json.RawMessage("[]") // P-032
	}
	latest := i.Phase
	for _, u := range c.updates(i) {
		if out.LatestID == nil {
			latest, out.LatestID = u.Phase, &u.ID
			out.Duration = int64(max(0, u.Created.Sub(i.Created)).Seconds())
		}
		out.Updates = append(out.Updates, c.news(i, u))
	}
	out.Resolved = latest == status.Fixed || !i.Open()
	out.LatestStatus, out.LatestHuman, out.LatestIcon = int(latest), phaseName(latest), latest.String()
	return out
}

// incidentLink is where people read of an incident.
func (c *call) incidentLink(id int64) string { return fmt.Sprintf("%s/incidents/%d", c.root(), id) }

var incidentColumns = []column[*status.Incident]{
	columnInt("id", func(i *status.Incident) int64 { return i.ID }),
	columnInt("user_id", func(i *status.Incident) int64 {
		if id := userOf(i.By); id != nil {
			return *id
		}
		return 0
	}),
	columnInt("component_id", func(i *status.Incident) int64 {
		if len(i.Components) == 0 {
			return 0
		}
		return i.Components[0].Component
	}).sought(),
	columnText("name", func(i *status.Incident) string { return i.Name }),
	columnInt("status", func(i *status.Incident) int64 { return int64(i.Phase) }),
	columnInt("visible", func(i *status.Incident) int64 { return asInt(i.Visible) }),
	columnInt("stickied", func(i *status.Incident) int64 { return asInt(i.Sticky) }),
	columnText("message", func(i *status.Incident) string { return i.Message }).sorted(),
	columnInt("occurred_at", func(i *status.Incident) int64 { return i.Occurred.UnixNano() }).sorted(),
}

func (c *call) incidents() []*status.Incident {
	now := c.now()
	return slices.DeleteFunc(slices.Clone(c.view.Incidents), func(i *status.Incident) bool { return c.guest() && !i.Shown(now) })
}

func (c *call) listIncidents() (any, error) {
	return paged(c, narrow(c.in, c.incidents(), incidentColumns), c.incident)
}

func (c *call) seenIncident() (*status.Incident, error) {
	i := c.view.Incident(c.params[0])
	if i == nil || c.guest() && !i.Shown(c.now()) {
		return nil, status.ErrNotFound
	}
	return i, nil
}

func (c *call) getIncident() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.incident(i)}, nil
}

func (c *call) addIncident() (any, error) {
	i, err := c.openIncident()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.incident(i)}, nil
}

func (c *call) openIncident() (*status.Incident, error) {
	c.in.need("name", "status")
	if !c.in.has("template") {
		c.in.need("message")
	}
	edit, err := c.incidentEdit(true)
	if err != nil {
		return nil, err
	}
	i, err := c.Book.OpenIncident(c.ctx, c.by(), edit)
	c.wrote()
	return i, err
}

func (c *call) putIncident() (any, error) {
	i, err := c.changeIncident()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.incident(i)}, nil
}

func (c *call) changeIncident() (*status.Incident, error) {
	if c.view.Incident(c.params[0]) == nil {
		return nil, status.ErrNotFound
	}
	edit, err := c.incidentEdit(false)
	if err != nil {
		return nil, err
	}
	i, err := c.Book.ChangeIncident(c.ctx, c.by(), c.params[0], edit)
	c.wrote()
	return i, err
}

// incidentEdit is what a request says of an incident. What it does not say stays as it is (P-081).
func (c *call) incidentEdit(fresh bool) (func(*status.Incident), error) {
	in := c.in
	name, message, afterwards := in.line("name"), in.text("message"), in.text("post_mortem")
	phase := number(in, "status", status.Reported, status.Fixed)
	visible, sticky, notify, notifications := in.flag("visible"), in.flag("stickied"), in.flag("notify"), in.flag("notifications")
	occurred, meta := in.time("occurred_at", c.zone), in.object("meta")
	affected, all, published := in.affected(fresh), in.membersOf(v3).components("components"), in.membersOf(v3).time("published_at", c.zone)
	edit := func(i *status.Incident) {
		set(&i.Name, name)
		set(&i.Message, message)
		set(&i.PostMortem, afterwards)
		set(&i.Phase, phase)
		set(&i.Visible, visible)
		set(&i.Sticky, sticky)
		set(&i.Notify, notifications)
		set(&i.Notify, notify)
		set(&i.Occurred, occurred)
		set(&i.Meta, meta)
		set(&i.Components, all)
		set(&i.Published, published)
		i.Components = concern(i.Components, affected)
	}
	if slug := in.line("template"); slug != nil && *slug != "" {
		draft := status.Incident{Visible: true, Notify: true, Occurred: c.now()}
		if old := c.view.Incident(firstOf(c.params)); !fresh && old != nil {
			draft = *old
		}
		edit(&draft)
		message = c.fillIn(*slug, &draft)
	}
	return edit, in.err()
}

func firstOf(params []int64) int64 {
	if len(params) == 0 {
		return 0
	}
	return params[0]
}

// affected is the component that a request names, with the status it is to have. Both belong together; of an incident that
// there is already, a status alone says nothing (P-082).
func (in *input) affected(fresh bool) *status.Affected {
	id, health := in.id("component_id"), in.health("component_status")
	switch {
	case id == nil && health == nil, id != nil && *id == 0:
		return nil
	case id == nil:
		if fresh {
			in.fault("component_id", "is required with a component status")
		}
		return nil
	case health == nil:
		in.fault("component_status", "is required with a component id")
		return nil
	}
	return &status.Affected{Component: *id, Health: *health}
}

// concern has an incident be about a component: the first of those it is about already, or instead of them.
func concern(list []status.Affected, with *status.Affected) []status.Affected {
	if with == nil {
		return list
	}
	rest := slices.DeleteFunc(slices.Clone(list), func(a status.Affected) bool { return a.Component == with.Component })
	if len(rest) == len(list) {
		rest = nil
	}
	return append([]status.Affected{*with}, rest...)
}

func (c *call) deleteIncident() (any, error) {
	return nil, c.Book.DeleteIncident(c.ctx, c.by(), c.params[0])
}
