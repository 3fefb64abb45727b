package status

import "time"

// A Metric is a number over time that is shown as a chart.
type Metric struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Suffix      string     `json:"suffix,omitempty"` // unit
	Description string     `json:"description,omitempty"`
	Default     float64    `json:"default,omitempty"` // where there are no points
	Calc        Calc       `json:"calc,omitempty"`
	Chart       bool       `json:"chart"`
	Places      int        `json:"places"`    // 0 to 4 digits after the point
	Range       Range      `json:"range"`     // that is shown at first
	Threshold   int        `json:"threshold"` // minutes between points, divides 60
	Order       int        `json:"order,omitempty"`
	Visible     Visibility `json:"visible"`
	Service     string     `json:"service,omitempty"` // its points are how long the checks of this service took, from history; "": points are added
	Created     time.Time  `json:"created"`
	Updated     time.Time  `json:"updated"`
}

// Calc is how points of the same time are summed up.
type Calc int

// How points are summed up, by Cachet's numbers.
const (
	CalcSum     Calc = 0
	CalcAverage Calc = 1
)

// Range is how far a chart goes back.
type Range int

// The ranges, by Cachet's numbers.
const (
	RangeHour  Range = 0
	RangeDay   Range = 1 // 12 hours
	RangeWeek  Range = 2
	RangeMonth Range = 3
)

// Span is how long that is.
func (r Range) Span() time.Duration {
	switch r {
	case RangeHour:
		return time.Hour
	case RangeWeek:
		return 7 * 24 * time.Hour
	case RangeMonth:
		return 30 * 24 * time.Hour
	default:
		return 12 * time.Hour
	}
}

// Visibility says who sees a metric.
type Visibility int

// Who sees a metric, by Cachet's numbers.
const (
	VisibleToUsers Visibility = 0
	VisibleToAll   Visibility = 1
	Hidden         Visibility = 2
)

// A Point is one number of a metric. Its value counts Counter times.
type Point struct {
	ID      int64     `json:"id"`
	Metric  int64     `json:"metric"`
	Value   float64   `json:"value"`
	Counter int       `json:"counter"`
	Created time.Time `json:"created"` // the time that it is of, to 30 seconds (P-112)
	Updated time.Time `json:"updated"`
}
