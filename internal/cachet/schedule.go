package cachet

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"orderly/internal/status"
)

// A schedule is a maintenance as version 1 shows it.
type schedule struct {
	ID          int64               `json:"id"`
	Name        string              `json:"name"`
	Message     string              `json:"message"`
	Status      int                 `json:"status"`
	ScheduledAt string              `json:"scheduled_at"`
	CompletedAt *string             `json:"completed_at"`
	CreatedAt   string              `json:"created_at"`
	UpdatedAt   string              `json:"updated_at"`
	Human       string              `json:"human_status"`
	Components  []scheduleComponent `json:"components"`
}

type scheduleComponent struct {
	ID          int64 `json:"id"`
	ScheduleID  int64 `json:"schedule_id"`
	ComponentID int64 `json:"component_id"`
	Status      int   `json:"component_status"`
}

var stageNames = [...]string{"Upcoming", "In Progress", "Complete"}

func stageName(s status.Stage) string {
	if !s.Valid() {
		return ""
	}
	return stageNames[s]
}

// completed is when a maintenance was over, or is to be (P-123).
func completed(s *status.Schedule) time.Time {
	if s.Stage == status.Complete && !s.Ended.IsZero() {
		return s.Ended
	}
	return s.Until
}

func (c *call) schedule(s *status.Schedule) schedule {
	out := schedule{
		ID: s.ID, Name: s.Name, Message: s.Message, Status: int(s.Stage), ScheduledAt: c.stamp(s.At), CompletedAt: c.stampOr(completed(s)),
		CreatedAt: c.stamp(s.Created), UpdatedAt: c.stamp(s.Updated), Human: stageName(s.Stage), Components: []scheduleComponent{},
	}
	for n, a := range s.Components {
		if c.hides(a.Component) {
			continue
		}
		h := a.Health
		if h == 0 {
			h = status.Maintenance
		}
		shown, _ := statusOf(h)
		out.Components = append(out.Components, scheduleComponent{s.ID*1000 + int64(n) + 1, s.ID, a.Component, shown})
	}
	return out
}

var scheduleColumns = []column[*status.Schedule]{
	columnInt("id", func(s *status.Schedule) int64 { return s.ID }).sorted(),
	columnText("name", func(s *status.Schedule) string { return s.Name }).sorted(),
	columnInt("status", func(s *status.Schedule) int64 { return int64(s.Stage) }).sorted(),
	columnInt("scheduled_at", func(s *status.Schedule) int64 { return s.At.UnixNano() }).sorted(),
	columnInt("completed_at", func(s *status.Schedule) int64 { return completed(s).UnixNano() }).sorted(),
	columnInt("created_at", func(s *status.Schedule) int64 { return s.Created.UnixNano() }).sorted(),
	columnInt("updated_at", func(s *status.Schedule) int64 { return s.Updated.UnixNano() }).sorted(),
}

func (c *call) listSchedules() (any, error) {
	return paged(c, narrow(c.in, c.view.Schedules, scheduleColumns), c.schedule)
}

func (c *call) getSchedule() (any, error) {
	s := c.view.Schedule(c.params[0])
	if s == nil {
		return nil, status.ErrNotFound
	}
	return reply{Data: c.schedule(s)}, nil
}

func (c *call) addSchedule() (any, error) {
	c.in.need("name", "status", "scheduled_at")
	return c.wroteSchedule(c.saveSchedule(0))
}

func (c *call) putSchedule() (any, error) { return c.wroteSchedule(c.saveSchedule(c.params[0])) }

func (c *call) saveSchedule(id int64) (*status.Schedule, error) {
	in := c.in
	name, message, stage := in.line("name"), in.text("message"), number(in, "status", status.Upcoming, status.Complete)
	at, until := in.time("scheduled_at", c.zone), in.time("completed_at", c.zone)
	components, notify := in.components("components"), in.flag("notify")
	if err := in.err(); err != nil {
		return nil, err
	}
	s, err := c.Book.SaveSchedule(c.ctx, c.by(), id, func(s *status.Schedule) {
		set(&s.Name, name)
		set(&s.Message, message)
		set(&s.At, at)
		set(&s.Until, until)
		set(&s.Components, components)
		set(&s.Notify, notify)
		set(&s.Stage, stage)
	})
	c.wrote()
	return s, err
}

// components are the members that name components: [1, 2], [{"id": 1, "status": 2}] or {"1": 2} (P-121).
func (in *input) components(name string) *[]status.Affected {
	list := []status.Affected{}
	add := func(id, health any) {
		one := &input{face: in.face, members: map[string]any{"component": id, "status": health}}
		number, h := one.id("component"), one.health("status")
		if number == nil || *number == 0 || one.wrong != nil {
			in.fault(name, "must be numbers of components, each with a status or without")
			return
		}
		a := status.Affected{Component: *number}
		set(&a.Health, h)
		if !slices.ContainsFunc(list, func(o status.Affected) bool { return o.Component == a.Component }) {
			list = append(list, a)
		}
	}
	switch given := in.members[name].(type) {
	case nil:
		return nil
	case []any:
		for _, one := range given {
			if object, ok := one.(map[string]any); ok {
				add(object["id"], object["status"])
			} else {
				add(one, nil)
			}
		}
	case map[string]any:
		for _, id := range sortedNumbers(given) {
			add(id, given[id])
		}
	case string, json.Number:
		add(given, nil)
	default:
		add(nil, nil)
	}
	return &list
}

// sortedNumbers are the names of an object, in the order of the numbers that they are.
func sortedNumbers(of map[string]any) []string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	})
	return names
}

func (c *call) wroteSchedule(s *status.Schedule, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.schedule(s)}, nil
}

func (c *call) deleteSchedule() (any, error) {
	return nil, c.Book.DeleteSchedule(c.ctx, c.by(), c.params[0])
}
