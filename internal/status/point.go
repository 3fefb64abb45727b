package status

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"orderly/internal/model"
)

// maxPoints bounds the points of a metric that are kept; the oldest go.
const maxPoints = 50_000

// ledger is the points of each metric, by when they are of and their numbers.
type ledger map[int64][]Point

func (b *Book) loadPoints(ctx context.Context) error {
	var all map[int64]Point
	err := loadAll(ctx, b, kindPoint, &all)
	b.points = ledger{}
	for id, p := range all {
		b.points[p.Metric] = append(b.points[p.Metric], p)
		b.numbers[kindPoint] = max(b.numbers[kindPoint], id)
	}
	for _, list := range maps.All(b.points) {
		slices.SortFunc(list, comparePoints)
	}
	return err
}

func comparePoints(a, b Point) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
}

// AddPoint adds a point of a time; zero: now. One with the same value within the metric's threshold before counts once more
// instead (P-111).
func (b *Book) AddPoint(ctx context.Context, by Actor, metric int64, value float64, at time.Time) (Point, error) {
	var p Point
	err := b.write(ctx, func(d *draft) error {
		m, err := d.openMetric(by, metric, reachUpdate, value)
		if err != nil {
			return err
		}
		if at.IsZero() {
			at = d.now
		}
		since := at.Truncate(time.Minute).Add(-time.Duration(m.Threshold) * time.Minute)
		if old := b.points.same(metric, value, since, at.Add(half)); old != nil {
			p = *old
			p.Counter++
		} else {
			p = Point{ID: d.number(kindPoint), Metric: metric, Value: value, Counter: 1, Created: at.Round(2 * half)}
		}
		p.Updated = d.now
		d.setPoint(p)
		return nil
	})
	return p, err
}

// same finds a point of a value in a time.
func (l ledger) same(metric int64, value float64, from, to time.Time) *Point {
	list := l[metric]
	n, _ := slices.BinarySearchFunc(list, from, func(p Point, t time.Time) int { return p.Created.Compare(t) })
	for ; n < len(list) && !list[n].Created.After(to); n++ {
		if list[n].Value == value {
			return &list[n]
		}
	}
	return nil
}

// half of what times of points are rounded to.
const half = 15 * time.Second

func (d *draft) openMetric(by Actor, metric int64, need reach, value float64) (*Metric, error) {
	m := d.view.Metric(metric)
	var bad faults
	switch {
	case d.check(by, need) != nil:
		return nil, ErrForbidden
	case m == nil:
		return nil, ErrNotFound
	case m.Service != "":
		bad = append(bad, "The points of this metric are measured.")
	}
	bad.when(math.IsNaN(value) || math.IsInf(value, 0), "The value must be a number.")
	return m, bad.err()
}

// setPoint puts a point in its place, once the change is made.
func (d *draft) setPoint(p Point) {
	d.put(kindPoint, p.ID, p)
	d.changed = true
	if list := d.b.points[p.Metric]; len(list) >= maxPoints {
		d.drop(kindPoint, list[0].ID)
	}
	d.after = append(d.after, func() {
		list := d.b.points.without(p)
		n, _ := slices.BinarySearchFunc(list, p, comparePoints)
		list = slices.Insert(list, n, p)
		d.b.points[p.Metric] = list[max(0, len(list)-maxPoints):]
	})
}

func (l ledger) without(p Point) []Point {
	return slices.DeleteFunc(l[p.Metric], func(o Point) bool { return o.ID == p.ID })
}

// ChangePoint changes a point; edit gets a copy (P-114).
func (b *Book) ChangePoint(ctx context.Context, by Actor, metric, id int64, edit func(*Point)) (Point, error) {
	var p Point
	err := b.write(ctx, func(d *draft) error {
		old, err := d.point(metric, id)
		if err != nil {
			return err
		}
		p = old
		edit(&p)
		if _, err := d.openMetric(by, metric, reachManage, p.Value); err != nil {
			return err
		}
		p.ID, p.Metric, p.Counter, p.Created, p.Updated = id, metric, old.Counter, p.Created.Round(2*half), d.now
		d.setPoint(p)
		return nil
	})
	return p, err
}

// DeletePoint removes a point.
func (b *Book) DeletePoint(ctx context.Context, by Actor, metric, id int64) error {
	return b.write(ctx, func(d *draft) error {
		if _, err := d.openMetric(by, metric, reachManage, 0); err != nil {
			return err
		}
		p, err := d.point(metric, id)
		if err != nil {
			return err
		}
		d.drop(kindPoint, id)
		d.changed = true
		d.after = append(d.after, func() { b.points[metric] = b.points.without(p) })
		return nil
	})
}

func (d *draft) point(metric, id int64) (Point, error) {
	list := d.b.points[metric]
	n := slices.IndexFunc(list, func(p Point) bool { return p.ID == id })
	if n < 0 {
		return Point{}, ErrNotFound
	}
	return list[n], nil
}

// Points are those of a metric from one time to before another, oldest first; zero times: without a bound. Those of a
// service's metric are the means of what history has, in seconds, numbered by the minutes since 1970.
func (b *Book) Points(ctx context.Context, m *Metric, from, to time.Time) ([]Point, error) {
	if m.Service != "" {
		return b.measured(ctx, m, from, to)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Point
	for _, p := range b.points[m.ID] {
		if !p.Created.Before(from) && (to.IsZero() || p.Created.Before(to)) {
			out = append(out, p)
		}
	}
	return out, nil
}

// maxMeasured bounds the points that are made of history.
const maxMeasured = 1000

func (b *Book) measured(ctx context.Context, m *Metric, from, to time.Time) ([]Point, error) {
	if b.opt.Graph == nil {
		return nil, nil
	}
	if to.IsZero() {
		to = b.now()
	}
	if from.IsZero() {
		from = to.Add(-RangeMonth.Span())
	}
	rollups, err := b.opt.Graph(ctx, model.Series{Service: m.Service, Metric: model.Took}, from, to, maxMeasured)
	if err != nil {
		return nil, err
	}
	out := make([]Point, 0, len(rollups))
	for _, r := range rollups {
		if r.Count > 0 {
			out = append(out, Point{ID: r.At.Unix() / 60, Metric: m.ID, Value: r.Mean(), Counter: 1, Created: r.At, Updated: r.At})
		}
	}
	return out, nil
}
