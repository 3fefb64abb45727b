package status

import (
	"context"
	"math"
)

// SaveMetric changes a metric, or adds one if id is 0; edit gets a copy.
func (b *Book) SaveMetric(ctx context.Context, by Actor, id int64, edit func(*Metric)) (*Metric, error) {
	return save(ctx, b, func(d *draft) error {
		old := d.view.Metric(id)
		m := &Metric{Chart: true, Places: 2, Range: RangeDay, Threshold: 5, Visible: VisibleToAll, Created: d.now}
		switch {
		case id != 0 && old == nil:
			return ErrNotFound
		case d.check(by, reachManage) != nil:
			return ErrForbidden
		case old != nil:
			*m = *old
		}
		edit(m)
		if err := checkMetric(m); err != nil {
			return err
		}
		m.ID, m.Service, m.Updated = id, "", d.now
		if old != nil {
			m.Service, m.Created = old.Service, old.Created
		} else {
			m.ID = d.number(kindMetric)
		}
		id = m.ID
		d.setMetric(m)
		d.record(by, kindMetric, id, m.Name, old, m)
		return nil
	}, func(v *View) *Metric { return v.Metric(id) })
}

func checkMetric(m *Metric) error {
	var bad faults
	bad.text("name", m.Name, 1, maxTitle)
	bad.text("suffix", m.Suffix, 0, maxTitle)
	bad.text("description", m.Description, 0, maxText)
	bad.when(math.IsNaN(m.Default) || math.IsInf(m.Default, 0), "The default value must be a number.")
	bad.when(m.Calc != CalcSum && m.Calc != CalcAverage, "The calc type must be 0 or 1.")
	bad.when(m.Places < 0 || m.Places > 4, "The places must be between 0 and 4.")
	bad.when(m.Range < RangeHour || m.Range > RangeMonth, "The default view must be between 0 and 3.")
	bad.when(m.Threshold < 1 || m.Threshold > 60 || 60%max(1, m.Threshold) != 0, "The threshold must divide 60.")
	bad.when(m.Visible < VisibleToUsers || m.Visible > Hidden, "The visibility must be between 0 and 2.")
	return bad.err()
}

// DeleteMetric removes a metric and its points (P-113). That of a service comes back at the next reload, as a new one.
func (b *Book) DeleteMetric(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		m := d.view.Metric(id)
		switch {
		case d.check(by, reachManage) != nil:
			return ErrForbidden
		case m == nil:
			return ErrNotFound
		}
		for _, p := range b.points[id] {
			d.drop(kindPoint, p.ID)
		}
		d.after = append(d.after, func() { delete(b.points, id) })
		d.view.Metrics, d.changed = without(d.view.Metrics, id), true
		d.drop(kindMetric, id)
		d.record(by, kindMetric, id, m.Name, m, nil)
		return nil
	})
}
