package public

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/status"
)

const (
	chartWidth, chartHeight = 600, 90
	chartPoints             = 120
)

// A chart is a metric over time.
type chart struct {
	ID          int64
	Name        string
	Description template.HTML
	Newest      string // value with its unit; "": there is none
	Low, High   string
	Line, Area  string // paths of the drawing
	Label       string // what the drawing shows, in words
	From, To    moment
}

// A dot is one value of a chart.
type dot struct {
	at    time.Time
	value float64
}

// charts are the metrics that are shown, by their order.
func (v *visit) charts() ([]chart, error) {
	var list []*status.Metric
	for _, m := range v.view.Metrics {
		if m.Chart && v.seesMetric(m) {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *status.Metric) int { return a.Order - b.Order })
	var out []chart
	for _, m := range list {
		c, err := v.chart(m)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (v *visit) seesMetric(m *status.Metric) bool {
	return m.Visible == status.VisibleToAll || m.Visible == status.VisibleToUsers && !v.guest
}

// dots are the values of a metric in a time, in buckets of equal length.
func (v *visit) dots(m *status.Metric, from, to time.Time, n int) ([]dot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readPatience)
	defer cancel()
	points, err := v.site.Book.Points(ctx, m, from, to)
	if err != nil {
		return nil, fmt.Errorf("cannot read the points of a metric: %w", err)
	}
	step := to.Sub(from) / time.Duration(n)
	sums, counts := make([]float64, n), make([]int, n)
	for _, p := range points {
		if i := int(p.Created.Sub(from) / step); i >= 0 && i < n {
			sums[i] += p.Value * float64(max(p.Counter, 1))
			counts[i] += max(p.Counter, 1)
		}
	}
	var out []dot
	for i := range n {
		if counts[i] == 0 {
			continue
		}
		value := sums[i]
		if m.Calc == status.CalcAverage {
			value /= float64(counts[i])
		}
		out = append(out, dot{from.Add(time.Duration(i) * step), value})
	}
	return out, nil
}

func (v *visit) chart(m *status.Metric) (chart, error) {
	from := v.now.Add(-m.Range.Span())
	c := chart{ID: m.ID, Name: m.Name, Description: markup(m.Description), From: v.moment(from), To: v.moment(v.now)}
	dots, err := v.dots(m, from, v.now, chartPoints)
	if err != nil || len(dots) == 0 {
		c.Label = v.lang.T("metric.none")
		return c, err
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, d := range dots {
		low, high = min(low, d.value), max(high, d.value)
	}
	shown := func(n float64) string {
		return strings.TrimSpace(v.lang.number(n, max(m.Places, 0)) + " " + m.Suffix)
	}
	c.Newest, c.Low, c.High = shown(dots[len(dots)-1].value), shown(low), shown(high)
	c.Label = v.lang.T("metric.range", "low", c.Low, "high", c.High, "newest", c.Newest)
	c.Line, c.Area = drawn(dots, from, v.now, low, high)
	return c, nil
}

// drawn draws values as a line, and as what is below it. Where values are missing, so is the line.
func drawn(dots []dot, from, to time.Time, low, high float64) (line, area string) {
	if low > 0 && low < high/2 || low == high {
		low = min(low, 0)
	}
	room := max(high-low, 1e-9)
	at := func(d dot) (x, y string) {
		across := float64(d.at.Sub(from)) / float64(to.Sub(from)) * chartWidth
		return strconv.FormatFloat(across, 'f', 1, 64), strconv.FormatFloat(chartHeight-4-(d.value-low)/room*(chartHeight-10), 'f', 1, 64)
	}
	gap := to.Sub(from) / chartPoints * 6
	var stroke, fill strings.Builder
	for i := 0; i < len(dots); {
		end := i + 1
		for end < len(dots) && dots[end].at.Sub(dots[end-1].at) <= gap {
			end++
		}
		first, _ := at(dots[i])
		last, _ := at(dots[end-1])
		fmt.Fprintf(&fill, "M%s %d", first, chartHeight)
		for n, d := range dots[i:end] {
			x, y := at(d)
			mark := "L"
			if n == 0 {
				mark = "M"
			}
			stroke.WriteString(mark + x + " " + y)
			fill.WriteString("L" + x + " " + y)
		}
		if end == i+1 {
			stroke.WriteString("h.1") // a round end makes a dot of it
		}
		fmt.Fprintf(&fill, "L%s %dz", last, chartHeight)
		i = end
	}
	return stroke.String(), fill.String()
}
