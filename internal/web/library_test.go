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
}

func newLibrary(text string) *library {
	at := time.Now().Add(-time.Hour)
	return &library{view: &status.View{
		Components: []*status.Component{{ID: 1, Name: text, Enabled: true, Health: status.Operational}},
		Incidents: []*status.Incident{
			{
				ID: 1, Name: text, Message: text, Phase: status.Identified, Visible: true, Occurred: at, Created: at, Auto: &status.Auto{},
				Components: []status.Affected{{Component: 1}}, Taken: text, By: text,
				Updates: []status.Update{
					{ID: 1, Phase: status.Investigating, Message: text, Created: at, By: text},
					{ID: 2, Phase: status.Identified, Message: "private: " + text, Private: true, Created: at},
				},
			},
			{ID: 2, Name: "not for everybody", Phase: status.Investigating, Occurred: at},
			{ID: 3, Name: "over", Visible: true, Phase: status.Fixed, Occurred: at, Updated: at.Add(20 * time.Minute)},
		},
		Schedules: []*status.Schedule{{ID: 1, Name: text, At: at, Until: at.Add(2 * time.Hour), Stage: status.InProgress, By: text, Components: []status.Affected{{Component: 1}}}},
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
