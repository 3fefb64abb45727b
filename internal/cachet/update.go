package cachet

import (
	"fmt"
	"slices"

	"orderly/internal/status"
)

// incidentNews is an update of an incident as version 1 shows it.
type incidentNews struct {
	ID         int64  `json:"id"`
	IncidentID int64  `json:"incident_id"`
	Status     int    `json:"status"`
	Message    string `json:"message"`
	UserID     *int64 `json:"user_id"`
	CreatedAt  string `json:"created_at"`
	UpdatedAt  string `json:"updated_at"`
	Human      string `json:"human_status"`
	Permalink  string `json:"permalink"`
}

func (c *call) news(i *status.Incident, u *status.Update) incidentNews {
	return incidentNews{
		ID: u.ID, IncidentID: i.ID, Status: int(u.Phase), Message: u.Message, UserID: userOf(u.By), CreatedAt: c.stamp(u.Created),
		UpdatedAt: c.stamp(u.Updated), Human: phaseName(u.Phase), Permalink: fmt.Sprintf("%s#update-%d", c.incidentLink(i.ID), u.ID),
	}
}

// updates are those of an incident that whoever asks may see, the newest first.
func (c *call) updates(i *status.Incident) []*status.Update { return c.seenUpdates(i.Updates) }

func (c *call) seenUpdates(all []status.Update) []*status.Update {
	var out []*status.Update
	for n := range slices.Backward(all) {
		if u := &all[n]; !u.Private || !c.guest() {
			out = append(out, u)
		}
	}
	return out
}

var updateColumns = []column[*status.Update]{
	columnInt("id", func(u *status.Update) int64 { return u.ID }).sorted(),
	columnInt("status", func(u *status.Update) int64 { return int64(u.Phase) }).sorted(),
	columnInt("user_id", func(u *status.Update) int64 {
		if id := userOf(u.By); id != nil {
			return *id
		}
		return 0
	}).sorted(),
}

func (c *call) listUpdates() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return paged(c, narrow(c.in, c.updates(i), updateColumns), func(u *status.Update) incidentNews { return c.news(i, u) })
}

func (c *call) getUpdate() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	u := i.Update(c.params[1])
	if u == nil || u.Private && c.guest() {
		return nil, status.ErrNotFound
	}
	return reply{Data: c.news(i, u)}, nil
}

func (c *call) addUpdate() (any, error) { return c.wroteUpdate(c.newUpdate()) }

func (c *call) newUpdate() (*status.Update, error) {
	c.in.need("status", "message")
	edit, err := c.updateEdit(true)
	if err != nil {
		return nil, err
	}
	u, err := c.Book.AddUpdate(c.ctx, c.by(), c.params[0], edit)
	c.wrote()
	return u, err
}

func (c *call) putUpdate() (any, error) { return c.wroteUpdate(c.changeUpdate()) }

func (c *call) changeUpdate() (*status.Update, error) {
	edit, err := c.updateEdit(false)
	if err != nil {
		return nil, err
	}
	u, err := c.Book.ChangeUpdate(c.ctx, c.by(), c.params[0], c.params[1], edit)
	c.wrote()
	return u, err
}

// updateEdit is what a request says of an update.
func (c *call) updateEdit(fresh bool) (func(*status.Update), error) {
	in := c.in
	phase, message, affected := number(in, "status", status.Investigating, status.Fixed), in.text("message"), in.affected(fresh)
	return func(u *status.Update) {
		set(&u.Phase, phase)
		set(&u.Message, message)
		u.Components = concern(u.Components, affected)
	}, in.err()
}

func (c *call) wroteUpdate(u *status.Update, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.news(&status.Incident{ID: c.params[0]}, u)}, nil
}

func (c *call) deleteUpdate() (any, error) {
	return nil, c.Book.DeleteUpdate(c.ctx, c.by(), c.params[0], c.params[1])
}
