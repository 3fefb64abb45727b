package public

import (
	"strconv"
	"time"

	"orderly/internal/status"
)

// The shapes in which programs know how the pages of a hosted service answer, version 2. Its numbers are texts.
type (
	v2Page struct {
		ID      string    `json:"id"`
		Name    string    `json:"name"`
		URL     string    `json:"url"`
		Zone    string    `json:"time_zone"`
		Updated time.Time `json:"updated_at"`
	}
	v2Status struct {
		Indicator   string `json:"indicator"` // "none", "minor", "major", "critical", "maintenance"
		Description string `json:"description"`
	}
	v2Component struct {
		ID          string    `json:"id"`
		Name        string    `json:"name"`
		Status      string    `json:"status"`
		Created     time.Time `json:"created_at"`
		Updated     time.Time `json:"updated_at"`
		Position    int       `json:"position"`
		Description *string   `json:"description"`
		Showcase    bool      `json:"showcase"`
		Start       *string   `json:"start_date"`
		GroupID     *string   `json:"group_id"`
		PageID      string    `json:"page_id"`
		Group       bool      `json:"group"`
		OnlyIf      bool      `json:"only_show_if_degraded"`
		Components  []string  `json:"components,omitempty"`
	}
	v2Incident struct {
		ID         string        `json:"id"`
		Name       string        `json:"name"`
		Status     string        `json:"status"`
		Created    time.Time     `json:"created_at"`
		Updated    time.Time     `json:"updated_at"`
		Monitoring *time.Time    `json:"monitoring_at"`
		Resolved   *time.Time    `json:"resolved_at"`
		Impact     string        `json:"impact"`
		Shortlink  string        `json:"shortlink"`
		Started    time.Time     `json:"started_at"`
		PageID     string        `json:"page_id"`
		Updates    []v2Update    `json:"incident_updates"`
		Components []v2Component `json:"components"`
		For        *time.Time    `json:"scheduled_for,omitempty"`
		Until      *time.Time    `json:"scheduled_until,omitempty"`
	}
	v2Update struct {
		ID         string    `json:"id"`
		Status     string    `json:"status"`
		Body       string    `json:"body"`
		IncidentID string    `json:"incident_id"`
		Created    time.Time `json:"created_at"`
		Updated    time.Time `json:"updated_at"`
		Display    time.Time `json:"display_at"`
	}
)

// pageID is how the one page is called where there could be several.
const pageID = "page"

var v2Health = map[status.Health]string{
	status.Operational: "operational", status.Degraded: "degraded_performance", status.Partial: "partial_outage", status.Major: "major_outage",
	status.Unknown: "degraded_performance", status.Maintenance: "under_maintenance",
}

var v2Phase = map[status.Phase]string{
	status.Reported: "investigating", status.Investigating: "investigating", status.Identified: "identified", status.Watching: "monitoring", status.Fixed: "resolved",
}

var v2Stage = map[status.Stage]string{status.Upcoming: "scheduled", status.InProgress: "in_progress", status.Complete: "completed"}

// statuspage answers one of the lists.
func (s *Site) statuspage(v *visit) (*reply, error) {
	if err := v.guarded(); err != nil {
		return nil, err
	}
	out := map[string]any{"page": v2Page{pageID, v.title(), v.origin, v.zone.String(), v.view.At.UTC()}}
	open := func(i *status.Incident) bool { return i.Open() }
	every := func(*status.Incident) bool { return true }
	switch v.values["list"] {
	case "status.json":
		out["status"] = v.v2Status()
	case "summary.json":
		out["status"], out["components"], out["incidents"] = v.v2Status(), v.v2Components(), v.v2Incidents(open)
		out["scheduled_maintenances"] = v.v2Maintenance(func(m *status.Schedule) bool { return m.Stage != status.Complete })
	case "components.json":
		out["components"] = v.v2Components()
	case "incidents.json":
		out["incidents"] = v.v2Incidents(every)
	case "scheduled-maintenances.json":
		out["scheduled_maintenances"] = v.v2Maintenance(func(*status.Schedule) bool { return true })
	default:
		return nil, errNowhere
	}
	return encoded("application/json; charset=utf-8", out)
}

func (v *visit) v2Status() v2Status {
	sum := v.view.Summary(v.guest, v.now)
	out := v2Status{"none", v.banner().Text}
	switch {
	case sum.Level == status.LevelDanger:
		out.Indicator = "critical"
	case sum.Worst == status.Major || sum.Worst == status.Partial:
		out.Indicator = "major"
	case sum.Worst == status.Maintenance:
		out.Indicator = "maintenance"
	case sum.Level != status.LevelSuccess:
		out.Indicator = "minor"
	}
	return out
}

func text(id int64) string { return strconv.FormatInt(id, 10) }

// groupText is how a group is called: components have the same numbers.
func groupText(id int64) string { return "group-" + text(id) }

func (v *visit) v2Components() []v2Component {
	out := []v2Component{}
	members := map[int64][]string{}
	for n, c := range v.view.Seen(v.guest) {
		out = append(out, v.v2Component(c, n+1))
		members[c.Group] = append(members[c.Group], text(c.ID))
	}
	for n, g := range v.view.OrderedGroups(v.guest) {
		if health, some := v.view.GroupHealth(g, v.guest); some && len(members[g.ID]) > 0 {
			out = append(out, v2Component{
				ID: groupText(g.ID), Name: g.Name, Status: v2Health[health], Created: g.Created.UTC(), Updated: g.Updated.UTC(), Position: n + 1, PageID: pageID,
				Group: true, Components: members[g.ID],
			})
		}
	}
	return out
}

func (v *visit) v2Component(c *status.Component, position int) v2Component {
	out := v2Component{
		ID: text(c.ID), Name: c.Name, Status: v2Health[c.Health], Created: c.Created.UTC(), Updated: latest(c.Updated, c.Since).UTC(), Position: position, PageID: pageID,
	}
	if c.Description != "" {
		out.Description = &c.Description
	}
	if v.view.Group(c.Group) != nil {
		group := groupText(c.Group)
		out.GroupID = &group
	}
	return out
}

func (v *visit) v2Incidents(which func(*status.Incident) bool) []v2Incident {
	out := []v2Incident{}
	for _, i := range v.incidents() {
		if !which(i) || len(out) >= maxEntries {
			continue
		}
		one := v2Incident{
			ID: text(i.ID), Name: i.Name, Status: v2Phase[i.Phase], Created: i.Created.UTC(), Updated: i.Updated.UTC(), Impact: impact(i.Components),
			Shortlink: v.absolute(incidentPath(i.ID)), Started: i.Occurred.UTC(), PageID: pageID, Components: v.v2Affected(i.Components), Updates: []v2Update{},
		}
		if end := i.Ended(); !end.IsZero() {
			end = end.UTC()
			one.Resolved = &end
		}
		for _, u := range v.updates(i.Updates) {
			if at := u.Created.UTC(); u.Phase == status.Watching && one.Monitoring == nil {
				one.Monitoring = &at
			}
			one.Updates = append(one.Updates, v2Update{text(u.ID), v2Phase[u.Phase], u.Message, one.ID, u.Created.UTC(), u.Updated.UTC(), u.Created.UTC()})
		}
		if i.Message != "" {
			one.Updates = append(one.Updates, v2Update{one.ID + "-0", "investigating", i.Message, one.ID, i.Created.UTC(), i.Updated.UTC(), i.Occurred.UTC()})
		}
		out = append(out, one)
	}
	return out
}

func (v *visit) v2Maintenance(which func(*status.Schedule) bool) []v2Incident {
	out := []v2Incident{}
	for _, m := range v.schedules() {
		if !which(m) || len(out) >= maxEntries {
			continue
		}
		from := m.At.UTC()
		one := v2Incident{
			ID: "maintenance-" + text(m.ID), Name: v.name(m), Status: v2Stage[m.Stage], Created: m.Created.UTC(), Updated: m.Updated.UTC(), Impact: "maintenance",
			Shortlink: v.absolute(schedulePath(m.ID)), Started: begins(m).UTC(), PageID: pageID, Components: v.v2Affected(m.Components), Updates: []v2Update{}, For: &from,
		}
		if end := ends(m); !end.IsZero() {
			end = end.UTC()
			one.Until = &end
		}
		for _, u := range v.updates(m.Updates) {
			one.Updates = append(one.Updates, v2Update{text(u.ID), one.Status, u.Message, one.ID, u.Created.UTC(), u.Updated.UTC(), u.Created.UTC()})
		}
		out = append(out, one)
	}
	return out
}

func (v *visit) v2Affected(list []status.Affected) []v2Component {
	out := []v2Component{}
	for _, a := range list {
		if c := v.components()[a.Component]; c != nil {
			out = append(out, v.v2Component(c, len(out)+1))
		}
	}
	return out
}

// impact is how bad an incident is: "none", "minor", "major" or "critical".
func impact(list []status.Affected) string {
	worst := status.Operational
	for _, a := range list {
		if a.Health.Worse(worst) {
			worst = a.Health
		}
	}
	switch worst {
	case status.Major:
		return "critical"
	case status.Partial:
		return "major"
	case status.Degraded:
		return "minor"
	default:
		return "none"
	}
}
