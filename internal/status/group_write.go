package status

import "context"

// SaveGroup changes a group, or adds one if id is 0; edit gets a copy.
func (b *Book) SaveGroup(ctx context.Context, by Actor, id int64, edit func(*Group)) (*Group, error) {
	return save(ctx, b, func(d *draft) error {
		old := d.view.Group(id)
		g := &Group{Created: d.now}
		switch {
		case id != 0 && old == nil:
			return ErrNotFound
		case d.check(by, reachManage) != nil:
			return ErrForbidden
		case old != nil:
			*g = *old
		}
		edit(g)
		var bad faults
		bad.text("name", g.Name, 1, maxTitle)
		bad.when(g.Collapse < 0 || g.Collapse > 4, "Collapsed must be between 0 and 4.")
		if err := bad.err(); err != nil {
			return err
		}
		g.ID, g.Key, g.Updated = id, "", d.now
		if old != nil {
			g.Key, g.Created = old.Key, old.Created
		} else {
			g.ID = d.number(kindGroup)
		}
		id = g.ID
		d.setGroup(g)
		d.record(by, kindGroup, id, g.Name, old, g)
		return nil
	}, func(v *View) *Group { return v.Group(id) })
}

// DeleteGroup removes a group. Its components stay, without one (P-071).
func (b *Book) DeleteGroup(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		g := d.view.Group(id)
		switch {
		case g == nil:
			return ErrNotFound
		case d.check(by, reachManage) != nil:
			return ErrForbidden
		}
		for _, c := range d.view.Components {
			if c.Group == id {
				alone := *c
				alone.Group, alone.Updated = 0, d.now
				d.setComponent(&alone)
			}
		}
		d.view.Groups, d.changed = without(d.view.Groups, id), true
		d.drop(kindGroup, id)
		d.forgetSubscriptions(func(s Subscription) bool { return s.Group == id })
		d.record(by, kindGroup, id, g.Name, g, nil)
		return nil
	})
}
