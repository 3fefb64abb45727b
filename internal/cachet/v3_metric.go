package cachet

import (
	"slices"
	"time"

	"orderly/internal/status"
)

// metricV3 is what version 3 tells of a metric.
type metricV3 struct {
	ID           int64   `json:"id"`
	Name         string  `json:"name"`
	Suffix       string  `json:"suffix"`
	Description  string  `json:"description"`
	DefaultValue float64 `json:"default_value"`
	CalcType     int     `json:"calc_type"`
	DisplayChart bool    `json:"display_chart"`
	Places       int     `json:"places"`
	DefaultView  int     `json:"default_view"`
	Threshold    int     `json:"threshold"`
	Order        int     `json:"order"`
	Visible      int     `json:"visible"`
	Created      moment  `json:"created"`
	Updated      moment  `json:"updated"`
}

func (c *call) metricV3(m *status.Metric, b *bundle) resource {
	r := numbered(typeMetric, m.ID, metricV3{
		ID: m.ID, Name: m.Name, Suffix: m.Suffix, Description: m.Description, DefaultValue: m.Default, CalcType: int(m.Calc), DisplayChart: m.Chart,
		Places: m.Places, DefaultView: int(m.Range), Threshold: m.Threshold, Order: m.Order, Visible: int(m.Visible),
		Created: c.moment(m.Created), Updated: c.moment(m.Updated),
	})
	b.many(&r, "points", func() (out []resource) {
		points, err := c.Book.Points(c.ctx, m, c.now().Add(-m.Range.Span()), time.Time{})
		if err != nil {
			c.Log.Warn("cannot read the points of a metric", "metric", m.Name, "err", err)
		}
		for _, p := range points[max(0, len(points)-maxPerPage):] {
			out = append(out, c.pointV3(p, nil))
		}
		return out
	})
	return r
}

func (c *call) listMetricsV3() (any, error) {
	return pagedV3(c, narrowV3(c.in, c.metrics(), metricColumns, nil), c.metricV3)
}

func (c *call) metricDocument(m *status.Metric) document {
	return c.single(func(b *bundle) resource { return c.metricV3(m, b) })
}

func (c *call) getMetricV3() (any, error) {
	m, err := c.seenMetric()
	if err != nil {
		return nil, err
	}
	return c.metricDocument(m), nil
}

func (c *call) addMetricV3() (any, error) {
	m, err := c.newMetric()
	if err != nil {
		return nil, err
	}
	return created{c.metricDocument(m)}, nil
}

func (c *call) putMetricV3() (any, error) {
	m, err := c.saveMetric(c.params[0])
	if err != nil {
		return nil, err
	}
	return c.metricDocument(m), nil
}

// pointV3 is what version 3 tells of a point of a metric.
type pointV3 struct {
	ID         int64   `json:"id"`
	MetricID   int64   `json:"metric_id"`
	Calculated float64 `json:"calculated_value"`
	Value      float64 `json:"value"`
	Counter    int     `json:"counter"`
	Created    moment  `json:"created"`
	Updated    moment  `json:"updated"`
}

func (c *call) pointV3(p status.Point, _ *bundle) resource {
	return numbered(typePoint, p.ID, pointV3{
		p.ID, p.Metric, p.Value * float64(p.Counter), p.Value, p.Counter, c.moment(p.Created), c.moment(p.Updated),
	})
}

func (c *call) listPointsV3() (any, error) {
	all, err := c.points()
	if err != nil {
		return nil, err
	}
	return pagedV3(c, all, c.pointV3)
}

func (c *call) getPointV3() (any, error) {
	all, err := c.points()
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(all, func(p status.Point) bool { return p.ID == c.params[1] })
	if n < 0 {
		return nil, status.ErrNotFound
	}
	return document{Data: c.pointV3(all[n], nil)}, nil
}

func (c *call) addPointV3() (any, error) {
	p, err := c.newPoint()
	if err != nil {
		return nil, err
	}
	return created{document{Data: c.pointV3(p, nil)}}, nil
}
