package status

import (
	"context"
	"slices"
	"time"
)

// SaveSchedule changes a maintenance, or adds one if id is 0; edit gets a copy. It begins and ends by itself, and its
// components are under maintenance meanwhile. A stage that edit sets counts at once: a maintenance may begin and end early.
func (b *Book) SaveSchedule(ctx context.Context, by Actor, id int64, edit func(*Schedule)) (*Schedule, error) {
	s, err := save(ctx, b, func(d *draft) error {
		old := d.view.Schedule(id)
		if id != 0 && old == nil {
			return ErrNotFound
		}
		s := &Schedule{At: d.now, By: by.Name, Created: d.now}
		if old != nil {
			*s = *old
			s.Components = slices.Clone(old.Components)
		}
		edit(s)
		if err := d.checkSchedule(by, old, s); err != nil {
			return err
		}
		if old == nil {
			s.ID, s.Updates, s.Suppressed, s.Silence, s.Follows = d.number(kindSchedule), nil, nil, "", false
			s.Began, s.Ended = time.Time{}, time.Time{}
		} else {
			s.ID, s.By, s.Updates, s.Suppressed, s.Silence, s.Follows = old.ID, old.By, old.Updates, old.Suppressed, old.Silence, old.Follows
			s.Created, s.Began, s.Ended = old.Created, old.Began, old.Ended
		}
		id, s.Updated = s.ID, d.now
		d.advance(s)
		d.setSchedule(s)
		d.record(by, kindSchedule, id, s.Name, old, s)
		kind := ScheduleChanged
		if old == nil {
			kind = ScheduleAdded
		}
		d.tellSchedule(kind, s, nil)
		return nil
	}, func(v *View) *Schedule { return v.Schedule(id) })
	if err == nil {
		b.keepSilences(ctx)
	}
	return s, err
}

// advance notes when a maintenance that was said to be at a stage began or ended.
func (d *draft) advance(s *Schedule) {
	if s.Stage != Upcoming && s.Began.IsZero() {
		s.Began = d.now
		if s.Stage == Complete && s.At.Before(d.now) {
			s.Began = s.At // it is written down afterwards
		}
	}
	switch {
	case s.Stage == Upcoming:
		s.Began, s.Ended = time.Time{}, time.Time{}
	case s.Stage == InProgress:
		s.Ended = time.Time{}
	case s.Ended.IsZero():
		s.Ended = d.now
		if s.Until.After(s.Began) && s.Until.Before(d.now) {
			s.Ended = s.Until
		}
	}
}

func (d *draft) checkSchedule(by Actor, old, s *Schedule) error {
	touched := components(s.Components)
	if old != nil {
		touched = append(touched, components(old.Components)...)
	}
	if err := d.check(by, reachManage, touched...); err != nil {
		return err
	}
	var bad faults
	bad.text("name", s.Name, 1, maxTitle)
	bad.text("message", s.Message, 0, maxText)
	bad.when(!s.Stage.Valid(), "The status must be between 0 and 2.")
	bad.when(s.At.IsZero(), "The time at which it begins is required.")
	bad.when(!s.Until.IsZero() && !s.Until.After(s.At), "A maintenance must end after it begins.")
	var was *Incident
	if old != nil {
		was = &Incident{Components: old.Components}
	}
	d.checkAffected(&bad, s.Components, was)
	return bad.err()
}

// DeleteSchedule removes a maintenance, and ends it if it goes on.
func (b *Book) DeleteSchedule(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		s := d.view.Schedule(id)
		if s == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachManage, components(s.Components)...); err != nil {
			return err
		}
		d.view.Schedules, d.changed, d.under = without(d.view.Schedules, id), true, nil
		d.drop(kindSchedule, id)
		d.record(by, kindSchedule, id, s.Name, s, nil)
		return nil
	})
}

// AddScheduleUpdate adds an update to a maintenance; its Phase is of no meaning there. edit fills it in.
func (b *Book) AddScheduleUpdate(ctx context.Context, by Actor, schedule int64, edit func(*Update)) (*Update, error) {
	var out *Update
	err := b.write(ctx, func(d *draft) error {
		old := d.view.Schedule(schedule)
		if old == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachManage, components(old.Components)...); err != nil {
			return err
		}
		u := Update{By: by.Name}
		edit(&u)
		var bad faults
		bad.text("message", u.Message, 1, maxText)
		bad.when(len(old.Updates) >= maxUpdates, "There are too many updates.")
		if err := bad.err(); err != nil {
			return err
		}
		s := *old
		out = d.noteSchedule(&s, u)
		d.setSchedule(&s)
		d.record(by, kindUpdate, out.ID, s.Name, nil, out)
		d.tellSchedule(ScheduleUpdated, &s, out)
		return nil
	})
	return out, err
}

// ChangeScheduleUpdate changes one update of a maintenance; edit gets a copy. Nil removes it.
func (b *Book) ChangeScheduleUpdate(ctx context.Context, by Actor, schedule, id int64, edit func(*Update)) (*Update, error) {
	var out *Update
	err := b.write(ctx, func(d *draft) error {
		s := d.view.Schedule(schedule)
		if s == nil || s.Update(id) == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachManage, components(s.Components)...); err != nil {
			return err
		}
		one := *s
		one.Updates = slices.Clone(s.Updates)
		n := slices.IndexFunc(one.Updates, func(u Update) bool { return u.ID == id })
		old := one.Updates[n]
		if edit == nil {
			one.Updates = slices.Delete(one.Updates, n, n+1)
			d.record(by, kindUpdate, id, s.Name, &old, nil)
		} else {
			u := old
			edit(&u)
			var bad faults
			if bad.text("message", u.Message, 1, maxText); bad != nil {
				return bad.err()
			}
			u.ID, u.By, u.Created, u.Updated = old.ID, old.By, old.Created, d.now
			one.Updates[n], out = u, &one.Updates[n]
			d.record(by, kindUpdate, id, s.Name, &old, &u)
		}
		one.Updated = d.now
		d.setSchedule(&one)
		return nil
	})
	return out, err
}

// noteSchedule appends an update to a maintenance that nobody sees yet.
func (d *draft) noteSchedule(s *Schedule, u Update) *Update {
	u.ID, u.Created, u.Updated = d.number(kindUpdate), d.now, d.now
	s.Updates = append(slices.Clip(s.Updates), u)
	s.Updated = d.now
	return &s.Updates[len(s.Updates)-1]
}
