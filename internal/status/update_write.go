package status

import (
	"context"
	"slices"
	"time"
)

// AddUpdate adds an update to an incident, which takes over its phase (P-101), and sets the health of the components it
// names. edit fills it in.
func (b *Book) AddUpdate(ctx context.Context, by Actor, incident int64, edit func(*Update)) (*Update, error) {
	var out *Update
	err := b.write(ctx, func(d *draft) error {
		old := d.view.Incident(incident)
		if old == nil {
			return ErrNotFound
		}
		u := Update{Phase: old.Phase, By: by.Name}
		edit(&u)
		if err := d.checkUpdate(by, old, &u); err != nil {
			return err
		}
		i := *old
		out = d.addUpdate(&i, u)
		d.take(&i, by, old.Phase, true)
		d.setIncident(&i)
		d.sayAffected(by, u.Components)
		if old.Open() && !i.Open() {
			d.letGo(&i)
		}
		d.record(by, kindUpdate, out.ID, i.Name, nil, out)
		d.tellIncident(IncidentUpdated, &i, out, nil)
		return nil
	})
	return out, err
}

// addUpdate appends an update to an incident that nobody sees yet.
func (d *draft) addUpdate(i *Incident, u Update) *Update {
	u.ID, u.Created, u.Updated = d.number(kindUpdate), d.now, d.now
	i.Updates = append(slices.Clip(i.Updates), u)
	i.Updated = d.now
	if !u.Private {
		i.Phase = u.Phase
	}
	return &i.Updates[len(i.Updates)-1]
}

// ChangeUpdate changes one update and nothing else (P-102); edit gets a copy.
func (b *Book) ChangeUpdate(ctx context.Context, by Actor, incident, id int64, edit func(*Update)) (*Update, error) {
	var out *Update
	err := b.write(ctx, func(d *draft) error {
		i, n, err := d.update(incident, id)
		if err != nil {
			return err
		}
		old := i.Updates[n]
		u := old
		edit(&u)
		if err := d.checkUpdate(by, i, &u); err != nil {
			return err
		}
		u.ID, u.By, u.Created, u.Updated = old.ID, old.By, old.Created, d.now
		d.take(i, by, i.Phase, false)
		i.Updates[n], out = u, &i.Updates[n]
		d.setIncident(i)
		d.sayAffected(by, u.Components)
		d.record(by, kindUpdate, id, i.Name, &old, &u)
		return nil
	})
	return out, err
}

// DeleteUpdate removes an update. The incident has the phase of the newest that is left.
func (b *Book) DeleteUpdate(ctx context.Context, by Actor, incident, id int64) error {
	return b.write(ctx, func(d *draft) error {
		i, n, err := d.update(incident, id)
		if err != nil {
			return err
		}
		if err := d.check(by, reachManage, components(i.Components)...); err != nil {
			return err
		}
		old, was := i.Updates[n], i.Phase
		i.Updates = slices.Delete(i.Updates, n, n+1)
		if u := i.Newest(); u != nil {
			i.Phase = u.Phase
		}
		d.take(i, by, was, false)
		i.Updated = d.now
		d.setIncident(i)
		d.record(by, kindUpdate, id, i.Name, &old, nil)
		return nil
	})
}

// update finds an update, in a copy of its incident.
func (d *draft) update(incident, id int64) (*Incident, int, error) {
	i := d.view.Incident(incident)
	if i == nil {
		return nil, 0, ErrNotFound
	}
	n := slices.IndexFunc(i.Updates, func(u Update) bool { return u.ID == id })
	if n < 0 {
		return nil, 0, ErrNotFound
	}
	one := *i
	one.Updates = slices.Clone(i.Updates)
	return &one, n, nil
}

func (d *draft) checkUpdate(by Actor, i *Incident, u *Update) error {
	touched := append(components(i.Components), components(u.Components)...)
	if err := d.check(by, reachUpdate, touched...); err != nil {
		return err
	}
	var bad faults
	bad.text("message", u.Message, 1, maxText)
	bad.when(u.Phase < Investigating || u.Phase > Fixed, "The status must be between 1 and 4.")
	bad.when(len(i.Updates) >= maxUpdates, "There are too many updates.")
	d.checkAffected(&bad, u.Components, i)
	return bad.err()
}

// Duration is from when an incident was opened to its newest update, 0 if there is none.
func (i *Incident) Duration() time.Duration {
	if len(i.Updates) == 0 {
		return 0
	}
	return max(0, i.Updates[len(i.Updates)-1].Created.Sub(i.Created))
}
