package cachet

import "orderly/internal/status"

// scheduleV3 is what version 3 tells of a maintenance.
type scheduleV3 struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Message   string `json:"message"`
	Status    state  `json:"status"`
	Scheduled moment `json:"scheduled"`
	Completed moment `json:"completed"`
	Created   moment `json:"created"`
	Updated   moment `json:"updated"`
}

func (c *call) scheduleV3(s *status.Schedule, b *bundle) resource {
	r := numbered(typeSchedule, s.ID, scheduleV3{
		ID: s.ID, Name: s.Name, Message: s.Message, Status: state{stageName(s.Stage), int(s.Stage)}, Scheduled: c.moment(s.At),
		Completed: c.moment(completed(s)), Created: c.moment(s.Created), Updated: c.moment(s.Updated),
	})
	b.many(&r, "components", func() []resource { return c.affectedV3(s.Components) })
	b.many(&r, "updates", func() (out []resource) {
		for _, u := range c.seenUpdates(s.Updates) {
			out = append(out, c.updateV3(u, typeSchedule, s.ID))
		}
		return out
	})
	return r
}

func (c *call) listSchedulesV3() (any, error) {
	return pagedV3(c, narrowV3(c.in, c.view.Schedules, scheduleColumns, nil), c.scheduleV3)
}

func (c *call) scheduleDocument(s *status.Schedule) document {
	return c.single(func(b *bundle) resource { return c.scheduleV3(s, b) })
}

func (c *call) getScheduleV3() (any, error) {
	s := c.view.Schedule(c.params[0])
	if s == nil {
		return nil, status.ErrNotFound
	}
	return c.scheduleDocument(s), nil
}

func (c *call) addScheduleV3() (any, error) {
	c.in.need("name", "message", "scheduled_at")
	s, err := c.saveSchedule(0)
	if err != nil {
		return nil, err
	}
	return created{c.scheduleDocument(s)}, nil
}

func (c *call) putScheduleV3() (any, error) {
	s, err := c.saveSchedule(c.params[0])
	if err != nil {
		return nil, err
	}
	return c.scheduleDocument(s), nil
}
