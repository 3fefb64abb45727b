package cachet

import "orderly/internal/status"

// updateV3 is what version 3 tells of an update of an incident or a maintenance; only the former has a status.
type updateV3 struct {
	ID      int64  `json:"id"`
	OfID    int64  `json:"updateable_id"`
	OfType  string `json:"updateable_type"`
	Message string `json:"message"`
	Status  *state `json:"status,omitempty"`
	Created moment `json:"created"`
	Updated moment `json:"updated"`
}

// updateV3 renders an update of something of a type.
func (c *call) updateV3(u *status.Update, of string, id int64) resource {
	out := updateV3{ID: u.ID, OfID: id, OfType: "schedule", Message: u.Message, Created: c.moment(u.Created), Updated: c.moment(u.Updated)}
	if of == typeIncident {
		phase := phaseV3(u.Phase)
		out.OfType, out.Status = "incident", &phase
	}
	return numbered(typeUpdate, u.ID, out)
}

func (c *call) updatesV3(list []status.Update, of string, id int64, columns []column[*status.Update]) (any, error) {
	return pagedV3(c, narrowV3(c.in, c.seenUpdates(list), columns, nil), func(u *status.Update, _ *bundle) resource {
		return c.updateV3(u, of, id)
	})
}

// updateDocument answers with an update, or nil for one that there is not for whoever asks.
func (c *call) updateDocument(u *status.Update, of string) (document, error) {
	if u == nil || u.Private && c.guest() {
		return document{}, status.ErrNotFound
	}
	return document{Data: c.updateV3(u, of, c.params[0])}, nil
}

func (c *call) listUpdatesV3() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return c.updatesV3(i.Updates, typeIncident, i.ID, updateColumns)
}

func (c *call) getUpdateV3() (any, error) {
	i, err := c.seenIncident()
	if err != nil {
		return nil, err
	}
	return c.updateDocument(i.Update(c.params[1]), typeIncident)
}

func (c *call) addUpdateV3() (any, error) {
	u, err := c.newUpdate()
	if err != nil {
		return nil, err
	}
	made, err := c.updateDocument(u, typeIncident)
	return created{made}, err
}

func (c *call) putUpdateV3() (any, error) {
	u, err := c.changeUpdate()
	if err != nil {
		return nil, err
	}
	return c.updateDocument(u, typeIncident)
}

func (c *call) listScheduleUpdatesV3() (any, error) {
	s := c.view.Schedule(c.params[0])
	if s == nil {
		return nil, status.ErrNotFound
	}
	return c.updatesV3(s.Updates, typeSchedule, s.ID, updateColumns)
}

func (c *call) getScheduleUpdateV3() (any, error) {
	s := c.view.Schedule(c.params[0])
	if s == nil {
		return nil, status.ErrNotFound
	}
	return c.updateDocument(s.Update(c.params[1]), typeSchedule)
}

func (c *call) addScheduleUpdateV3() (any, error) {
	c.in.need("message")
	edit, err := c.scheduleUpdateEdit()
	if err != nil {
		return nil, err
	}
	u, err := c.Book.AddScheduleUpdate(c.ctx, c.by(), c.params[0], edit)
	if err != nil {
		return nil, err
	}
	made, err := c.updateDocument(u, typeSchedule)
	return created{made}, err
}

func (c *call) putScheduleUpdateV3() (any, error) {
	edit, err := c.scheduleUpdateEdit()
	if err != nil {
		return nil, err
	}
	u, err := c.Book.ChangeScheduleUpdate(c.ctx, c.by(), c.params[0], c.params[1], edit)
	if err != nil {
		return nil, err
	}
	return c.updateDocument(u, typeSchedule)
}

func (c *call) scheduleUpdateEdit() (func(*status.Update), error) {
	message := c.in.text("message")
	return func(u *status.Update) { set(&u.Message, message) }, c.in.err()
}

func (c *call) deleteScheduleUpdate() (any, error) {
	_, err := c.Book.ChangeScheduleUpdate(c.ctx, c.by(), c.params[0], c.params[1], nil)
	return nil, err
}
