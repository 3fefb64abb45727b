package status

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// The kinds of object, as they are kept.
const (
	kindComponent  = "component"
	kindGroup      = "group"
	kindIncident   = "incident"
	kindUpdate     = "update" // only numbered: they are kept with what they are of
	kindSchedule   = "schedule"
	kindSubscriber = "subscriber"
	kindSubscript  = "subscription" // likewise
	kindMetric     = "metric"
	kindPoint      = "point"
	kindAudit      = "audit"
	kindNumbers    = "numbers"
)

// numbers are the last that were given out, by kind. A number is never given out twice (P-301).
type numbers map[string]int64

func (n numbers) clone() numbers { return maps.Clone(n) }

func (n numbers) moved(o numbers) bool { return !maps.Equal(n, o) }

func (d *draft) number(kind string) int64 {
	d.numbers[kind]++
	return d.numbers[kind]
}

// A row is a numbered object of a view.
type row interface {
	*Component | *Group | *Incident | *Schedule | *Subscriber | *Metric
	number() int64
}

func (c *Component) number() int64  { return c.ID }
func (g *Group) number() int64      { return g.ID }
func (i *Incident) number() int64   { return i.ID }
func (s *Schedule) number() int64   { return s.ID }
func (s *Subscriber) number() int64 { return s.ID }
func (m *Metric) number() int64     { return m.ID }

func place[R row](rows []R, id int64) (int, bool) {
	return slices.BinarySearchFunc(rows, id, func(r R, id int64) int { return cmp.Compare(r.number(), id) })
}

func find[R row](rows []R, id int64) R {
	if i, ok := place(rows, id); ok {
		return rows[i]
	}
	return nil
}

// with is another list that has a row in its place. Readers may hold the old one.
func with[R row](rows []R, r R) []R {
	i, there := place(rows, r.number())
	if there {
		rows = slices.Clone(rows)
		rows[i] = r
		return rows
	}
	out := make([]R, 0, len(rows)+1+len(rows)/16)
	out = append(append(out, rows[:i]...), r)
	return append(out, rows[i:]...)
}

// without is another list that lacks a row.
func without[R row](rows []R, id int64) []R {
	i, there := place(rows, id)
	if !there {
		return rows
	}
	return slices.Delete(slices.Clone(rows), i, i+1)
}

func (d *draft) setComponent(c *Component) {
	d.view.Components, d.changed = with(d.view.Components, c), true
	d.put(kindComponent, c.ID, c)
}

func (d *draft) setGroup(g *Group) {
	d.view.Groups, d.changed = with(d.view.Groups, g), true
	d.put(kindGroup, g.ID, g)
}

func (d *draft) setIncident(i *Incident) {
	d.view.Incidents, d.changed = with(d.view.Incidents, i), true
	d.put(kindIncident, i.ID, i)
}

func (d *draft) setSchedule(s *Schedule) {
	d.view.Schedules, d.changed, d.under = with(d.view.Schedules, s), true, nil
	d.put(kindSchedule, s.ID, s)
}

func (d *draft) setSubscriber(s *Subscriber) {
	d.view.Subscribers, d.changed = with(d.view.Subscribers, s), true
	d.put(kindSubscriber, s.ID, s)
}

func (d *draft) setMetric(m *Metric) {
	d.view.Metrics, d.changed = with(d.view.Metrics, m), true
	d.put(kindMetric, m.ID, m)
}

// load fills a view, and what else is kept, from the keeper.
func (b *Book) load(ctx context.Context, v *View) error {
	var last map[int64]numbers
	err := cmp.Or(
		loadRows(ctx, b, kindComponent, &v.Components), loadRows(ctx, b, kindGroup, &v.Groups),
		loadRows(ctx, b, kindIncident, &v.Incidents), loadRows(ctx, b, kindSchedule, &v.Schedules),
		loadRows(ctx, b, kindSubscriber, &v.Subscribers), loadRows(ctx, b, kindMetric, &v.Metrics),
		b.loadPoints(ctx), b.loadAudit(ctx), loadAll(ctx, b, kindNumbers, &last),
	)
	if n := last[0]; n != nil {
		b.numbers = n
	}
	b.numbers.reach(v)
	return err
}

// reach makes sure that no number is given out that something has, should the record of numbers be lost.
func (n numbers) reach(v *View) {
	note := func(kind string, id int64) { n[kind] = max(n[kind], id) }
	for _, c := range v.Components {
		note(kindComponent, c.ID)
	}
	for _, g := range v.Groups {
		note(kindGroup, g.ID)
	}
	for _, i := range v.Incidents {
		note(kindIncident, i.ID)
		for _, u := range i.Updates {
			note(kindUpdate, u.ID)
		}
	}
	for _, s := range v.Schedules {
		note(kindSchedule, s.ID)
		for _, u := range s.Updates {
			note(kindUpdate, u.ID)
		}
	}
	for _, s := range v.Subscribers {
		note(kindSubscriber, s.ID)
		for _, one := range s.Subscriptions {
			note(kindSubscript, one.ID)
		}
	}
	for _, m := range v.Metrics {
		note(kindMetric, m.ID)
	}
}

func loadRows[R row](ctx context.Context, b *Book, kind string, into *[]R) error {
	var all map[int64]R
	if err := loadAll(ctx, b, kind, &all); err != nil {
		return err
	}
	for id, r := range all {
		if r == nil || r.number() != id {
			delete(all, id)
		}
	}
	*into = slices.SortedFunc(maps.Values(all), func(a, b R) int { return cmp.Compare(a.number(), b.number()) })
	return nil
}

// loadAll decodes every object of a kind.
func loadAll[T any](ctx context.Context, b *Book, kind string, into *map[int64]T) error {
	objects, err := b.opt.Keeper.Objects(ctx, kind)
	if err != nil {
		return err
	}
	*into = make(map[int64]T, len(objects))
	for id, data := range objects {
		var one T
		if err := json.Unmarshal(data, &one); err != nil {
			b.opt.Log.Warn(fmt.Sprintf("cannot understand %s %d as it was kept", kind, id), "err", err)
			continue
		}
		(*into)[id] = one
	}
	return nil
}
