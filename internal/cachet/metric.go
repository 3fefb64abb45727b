package cachet

import (
	"math"
	"slices"

	"orderly/internal/status"
)

// A metric as version 1 shows it.
type metric struct {
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
	CreatedAt    string  `json:"created_at"`
	UpdatedAt    string  `json:"updated_at"`
	ViewName     string  `json:"default_view_name"`
}

var rangeNames = [...]string{"Last Hour", "Last 12 Hours", "Last Week", "Last Month"}

func rangeName(r status.Range) string {
	if r < 0 || int(r) >= len(rangeNames) {
		return ""
	}
	return rangeNames[r]
}

func (c *call) metric(m *status.Metric) metric {
	return metric{
		ID: m.ID, Name: m.Name, Suffix: m.Suffix, Description: m.Description, DefaultValue: m.Default, CalcType: int(m.Calc),
		DisplayChart: m.Chart, Places: m.Places, DefaultView: int(m.Range), Threshold: m.Threshold, Order: m.Order, Visible: int(m.Visible),
		CreatedAt: c.stamp(m.Created), UpdatedAt: c.stamp(m.Updated), ViewName: rangeName(m.Range),
	}
}

var metricColumns = []column[*status.Metric]{
	columnInt("id", func(m *status.Metric) int64 { return m.ID }).sorted(),
	columnText("name", func(m *status.Metric) string { return m.Name }).sorted(),
	columnInt("display_chart", func(m *status.Metric) int64 { return asInt(m.Chart) }).sorted(),
	columnFloat("default_value", func(m *status.Metric) float64 { return m.Default }).sorted(),
	columnInt("calc_type", func(m *status.Metric) int64 { return int64(m.Calc) }).sorted(),
	columnInt("order", func(m *status.Metric) int64 { return int64(m.Order) }).sorted(),
	columnInt("visible", func(m *status.Metric) int64 { return int64(m.Visible) }).sorted(),
}

// metrics are those that whoever asks may see.
func (c *call) metrics() []*status.Metric {
	return slices.DeleteFunc(slices.Clone(c.view.Metrics), func(m *status.Metric) bool { return c.guest() && m.Visible != status.VisibleToAll })
}

func (c *call) listMetrics() (any, error) {
	return paged(c, narrow(c.in, c.metrics(), metricColumns), c.metric)
}

func (c *call) seenMetric() (*status.Metric, error) {
	m := c.view.Metric(c.params[0])
	if m == nil || c.guest() && m.Visible != status.VisibleToAll {
		return nil, status.ErrNotFound
	}
	return m, nil
}

func (c *call) getMetric() (any, error) {
	m, err := c.seenMetric()
	if err != nil {
		return nil, err
	}
	return reply{Data: c.metric(m)}, nil
}

func (c *call) addMetric() (any, error) { return c.wroteMetric(c.newMetric()) }

func (c *call) newMetric() (*status.Metric, error) {
	c.in.need("name", "suffix", "default_value")
	return c.saveMetric(0)
}

func (c *call) putMetric() (any, error) { return c.wroteMetric(c.saveMetric(c.params[0])) }

func (c *call) saveMetric(id int64) (*status.Metric, error) {
	in := c.in
	name, suffix, description := in.line("name"), in.line("suffix"), in.text("description")
	value, calc, chart := in.real("default_value"), number(in, "calc_type", status.CalcSum, status.CalcAverage), in.flag("display_chart")
	places, order := number(in, "places", 0, 4), number(in, "order", math.MinInt32, math.MaxInt32)
	alias, first := number(in, "view", status.RangeHour, status.RangeMonth), number(in, "default_view", status.RangeHour, status.RangeMonth)
	threshold, visible := number(in, "threshold", 0, 60), number(in, "visible", status.VisibleToUsers, status.Hidden)
	if err := in.err(); err != nil {
		return nil, err
	}
	m, err := c.Book.SaveMetric(c.ctx, c.by(), id, func(m *status.Metric) {
		set(&m.Name, name)
		set(&m.Suffix, suffix)
		set(&m.Description, description)
		set(&m.Default, value)
		set(&m.Calc, calc)
		set(&m.Chart, chart)
		set(&m.Places, places)
		set(&m.Range, alias)
		set(&m.Range, first)
		set(&m.Threshold, threshold)
		set(&m.Order, order)
		set(&m.Visible, visible)
	})
	c.wrote()
	return m, err
}

func (c *call) wroteMetric(m *status.Metric, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return reply{Data: c.metric(m)}, nil
}

func (c *call) deleteMetric() (any, error) {
	return nil, c.Book.DeleteMetric(c.ctx, c.by(), c.params[0])
}
