package web

import (
	"context"
	"time"

	"orderly/internal/status"
)

// A library is a book of the status page that is not there.
type library struct {
	view   *status.View
	writes int
	update status.Update
	opened status.Incident
	plan   status.Schedule
	did    []string // of what is told by its name only
}

func newLibrary(text string) *library {
	at := time.Now().Add(-time.Hour)
	return &library{view: &status.View{
		Components: []*status.Component{
			{
				ID: 1, Name: text, Description: text, Link: text, Group: 1, Enabled: true, Health: status.Degraded, Source: status.ByHand, Key: text, Since: at,
				Said: &status.Said{Health: status.Degraded, By: text}, Checks: []status.Check{{Service: text}},
			},
			{ID: 2, Name: "nobody's business", Enabled: true, Private: true, Health: status.Operational},
		},
		Groups:    []*status.Group{{ID: 1, Name: text, Visible: true, Key: text}},
		Templates: []*status.Template{{ID: 1, Name: text, Slug: text, Text: text}},
		Subscribers: []*status.Subscriber{
			{ID: 1, Email: text + "@example.org", Code: "code-never-to-be-shown", Subscriptions: []status.Subscription{{ID: 1, Component: 1}}},
			{ID: 2, Hook: "https://hooks.example.org/secret-never-to-be-shown", Code: "code-never-to-be-shown", All: true, Verified: at},
		},
		Incidents: []*status.Incident{
			{
				ID: 1, Name: text, Message: text, Phase: status.Identified, Visible: true, Occurred: at, Created: at, Auto: &status.Auto{},
				Components: []status.Affected{{Component: 1}}, Taken: text, By: text, PostMortem: text,
				Updates: []status.Update{
					{ID: 1, Phase: status.Investigating, Message: text, Created: at, By: text},
					{ID: 2, Phase: status.Identified, Message: "private: " + text, Private: true, Created: at},
				},
			},
			{ID: 2, Name: "not for everybody", Phase: status.Investigating, Occurred: at},
			{ID: 3, Name: "over", Visible: true, Phase: status.Fixed, Occurred: at, Updated: at.Add(20 * time.Minute)},
		},
		Schedules: []*status.Schedule{{ID: 1, Name: text, At: at, Until: at.Add(2 * time.Hour), Stage: status.InProgress, By: text, Components: []status.Affected{{Component: 1}}, Updates: []status.Update{{ID: 3, Message: text, By: text, Created: at}, {ID: 4, Message: "private: " + text, Private: true, Created: at}}}},
	}}
}

func (l *library) Read() *status.View { return l.view }

func (l *library) OpenIncident(_ context.Context, _ status.Actor, edit func(*status.Incident)) (*status.Incident, error) {
	l.writes++
	edit(&l.opened)
	if l.opened.Name == "" {
		return nil, &status.Invalid{Details: []string{"The name is required."}}
	}
	l.opened.ID = 7
	return &l.opened, nil
}

func (l *library) AddUpdate(_ context.Context, by status.Actor, incident int64, edit func(*status.Update)) (*status.Update, error) {
	l.writes++
	if l.view.Incident(incident) == nil {
		return nil, status.ErrNotFound
	}
	l.update.By = by.Name
	edit(&l.update)
	if l.update.Message == "" {
		return nil, &status.Invalid{Details: []string{"The message is required."}}
	}
	return &l.update, nil
}

func (l *library) SaveSchedule(_ context.Context, by status.Actor, id int64, edit func(*status.Schedule)) (*status.Schedule, error) {
	l.writes++
	if by.Scope == "update" {
		return nil, status.ErrForbidden
	}
	if id != 0 {
		l.plan = *l.view.Schedule(id)
	}
	edit(&l.plan)
	return &l.plan, nil
}

// note counts a change that the view does not show.
func (l *library) note(did string, by status.Actor) error {
	l.writes++
	if by.Scope == "update" && did != "take" && did != "return" && did != "change incident" && did != "change update" && did != "save component" {
		return status.ErrForbidden
	}
	l.did = append(l.did, did)
	return nil
}

func (l *library) ChangeIncident(_ context.Context, by status.Actor, id int64, edit func(*status.Incident)) (*status.Incident, error) {
	one := *l.view.Incident(id)
	edit(&one)
	return &one, l.note("change incident", by)
}

func (l *library) DeleteIncident(_ context.Context, by status.Actor, _ int64) error {
	return l.note("delete incident", by)
}

func (l *library) ChangeUpdate(_ context.Context, by status.Actor, _, _ int64, edit func(*status.Update)) (*status.Update, error) {
	edit(&l.update)
	return &l.update, l.note("change update", by)
}

func (l *library) DeleteUpdate(_ context.Context, by status.Actor, _, _ int64) error {
	return l.note("delete update", by)
}

func (l *library) TakeIncident(_ context.Context, by status.Actor, _ int64) (*status.Incident, error) {
	return nil, l.note("take", by)
}

func (l *library) ReturnIncident(_ context.Context, by status.Actor, _ int64) (*status.Incident, error) {
	return nil, l.note("return", by)
}

func (l *library) DeleteSchedule(_ context.Context, by status.Actor, _ int64) error {
	return l.note("delete maintenance", by)
}

func (l *library) AddScheduleUpdate(_ context.Context, by status.Actor, _ int64, _ func(*status.Update)) (*status.Update, error) {
	return nil, l.note("note", by)
}

func (l *library) ChangeScheduleUpdate(_ context.Context, by status.Actor, _, _ int64, _ func(*status.Update)) (*status.Update, error) {
	return nil, l.note("change note", by)
}

func (l *library) SaveComponent(_ context.Context, by status.Actor, _ int64, _ status.How, _ func(*status.Component)) (*status.Component, error) {
	return nil, l.note("save component", by)
}

func (l *library) DeleteComponent(_ context.Context, by status.Actor, _ int64) error {
	return l.note("delete component", by)
}

func (l *library) ArrangeComponents(_ context.Context, by status.Actor, _ []int64) error {
	return l.note("arrange components", by)
}

func (l *library) SaveGroup(_ context.Context, by status.Actor, _ int64, _ func(*status.Group)) (*status.Group, error) {
	return nil, l.note("save group", by)
}

func (l *library) DeleteGroup(_ context.Context, by status.Actor, _ int64) error {
	return l.note("delete group", by)
}

func (l *library) ArrangeGroups(_ context.Context, by status.Actor, _ []int64) error {
	return l.note("arrange groups", by)
}

func (l *library) Unsubscribe(_ context.Context, by status.Actor, _ int64) error {
	return l.note("unsubscribe", by)
}
