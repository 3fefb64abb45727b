package status

import (
	"context"
)

// ArrangeComponents puts components one after the other. Those that it does not name keep their places.
func (b *Book) ArrangeComponents(ctx context.Context, by Actor, ids []int64) error {
	return b.write(ctx, func(d *draft) error {
		if err := d.check(by, reachManage, ids...); err != nil {
			return err
		}
		for n, id := range ids {
			old := d.view.Component(id)
			if old == nil {
				return ErrNotFound
			}
			c := *old
			if c.Order = n + 1; c.Order == old.Order {
				continue
			}
			c.Updated = d.now
			d.setComponent(&c)
			d.record(by, kindComponent, id, c.Name, old, &c)
		}
		return nil
	})
}

// ArrangeGroups puts groups one after the other. Those that it does not name keep their places.
func (b *Book) ArrangeGroups(ctx context.Context, by Actor, ids []int64) error {
	return b.write(ctx, func(d *draft) error {
		if d.check(by, reachManage) != nil {
			return ErrForbidden
		}
		for n, id := range ids {
			old := d.view.Group(id)
			if old == nil {
				return ErrNotFound
			}
			g := *old
			if g.Order = n + 1; g.Order == old.Order {
				continue
			}
			g.Updated = d.now
			d.setGroup(&g)
			d.record(by, kindGroup, id, g.Name, old, &g)
		}
		return nil
	})
}
