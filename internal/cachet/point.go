package cachet

import (
	"slices"
	"time"

	"orderly/internal/status"
)

// A point of a metric as version 1 shows it.
type point struct {
	ID         int64   `json:"id"`
	MetricID   int64   `json:"metric_id"`
	Value      float64 `json:"value"`
	CreatedAt  string  `json:"created_at"`
	UpdatedAt  string  `json:"updated_at"`
	Counter    int     `json:"counter"`
	Calculated float64 `json:"calculated_value"`
}

func (c *call) point(p status.Point) point {
	return point{p.ID, p.Metric, p.Value, c.stamp(p.Created), c.stamp(p.Updated), p.Counter, p.Value * float64(p.Counter)}
}

// points are those of the metric of the path, the newest first.
func (c *call) points() ([]status.Point, error) {
	m, err := c.seenMetric()
	if err != nil {
		return nil, err
	}
	all, err := c.Book.Points(c.ctx, m, time.Time{}, time.Time{})
	slices.Reverse(all)
	return all, err
}

func (c *call) listPoints() (any, error) {
	all, err := c.points()
	if err != nil {
		return nil, err
	}
	return paged(c, all, c.point)
}

func (c *call) addPoint() (any, error) { return c.wrotePoint(c.newPoint()) }

func (c *call) newPoint() (status.Point, error) {
	c.in.need("value")
	value, at := c.in.real("value"), c.in.second("timestamp")
	if err := c.in.err(); err != nil {
		return status.Point{}, err
	}
	var when time.Time
	set(&when, at)
	return c.Book.AddPoint(c.ctx, c.by(), c.params[0], *value, when)
}

func (c *call) putPoint() (any, error) {
	value, at := c.in.real("value"), c.in.second("timestamp")
	if err := c.in.err(); err != nil {
		return nil, err
	}
	return c.wrotePoint(c.Book.ChangePoint(c.ctx, c.by(), c.params[0], c.params[1], func(p *status.Point) {
		set(&p.Value, value)
		set(&p.Created, at)
	}))
}

// second is a member that is a time in Unix seconds.
func (in *input) second(name string) *time.Time {
	n := number[int64](in, name, 0, 1<<40)
	if n == nil {
		return nil
	}
	t := time.Unix(*n, 0)
	return &t
}

func (c *call) wrotePoint(p status.Point, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.point(p)}, nil
}

func (c *call) deletePoint() (any, error) {
	return nil, c.Book.DeletePoint(c.ctx, c.by(), c.params[0], c.params[1])
}
