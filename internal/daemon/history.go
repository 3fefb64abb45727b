package daemon

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"orderly/internal/client"
	"orderly/internal/history"
	"orderly/internal/model"
	"orderly/internal/store"
)

// historian answers api.Historian.
type historian struct {
	history *history.History
	store   *store.Store
}

// History answers api.Historian.
func (h historian) History(ctx context.Context, q client.HistoryQuery) ([]client.Graph, error) {
	all, err := h.history.Series(ctx, q.Service)
	if err != nil {
		return nil, err
	}
	var out []client.Graph
	for _, s := range all {
		if q.Metric != "" && !strings.EqualFold(q.Metric, string(s.Metric)) || q.Part != "" && q.Part != s.Part {
			continue
		}
		rows, err := h.history.Graph(ctx, s, q.From, q.To, max(1, q.Points))
		if err != nil {
			return nil, err
		}
		g := client.Graph{Service: s.Service, Part: s.Part, Metric: s.Metric, Unit: s.Metric.Unit(), Points: make([]client.Point, len(rows))}
		for i, r := range rows {
			g.Points[i] = client.Point{At: r.At, Count: r.Count, Low: r.Low, Mean: r.Mean(), High: r.High}
		}
		out = append(out, g)
	}
	return out, nil
}

// uptimes are the spans of which people want to know how well a service was.
var uptimes = []struct {
	name string
	days int
}{{"24h", 1}, {"7d", 7}, {"30d", 30}, {"90d", 90}, {"1y", 365}}

// Uptime answers api.Historian.
func (h historian) Uptime(ctx context.Context, names []string, days int, zone *time.Location) ([]client.ServiceUptime, error) {
	now := time.Now()
	out := make([]client.ServiceUptime, 0, len(names))
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := client.ServiceUptime{Service: name}
		for _, u := range uptimes {
			one := client.Uptime{Span: u.name}
			if share, measured := h.history.Uptime(name, now.Add(-time.Duration(u.days)*24*time.Hour), now); measured {
				one.Share = &share
			}
			s.Uptime = append(s.Uptime, one)
		}
		for _, d := range h.history.Days(name, zone, days, now) {
			s.Days = append(s.Days, client.DayOf{
				Date: d.Date.Format(time.DateOnly), Up: d.Up, Degraded: d.Degraded, Partial: d.Partial, Down: d.Down, Maintenance: d.Maintenance,
			})
		}
		out = append(out, s)
	}
	return out, nil
}

// Export answers api.Historian: days first, then what is known in more detail, then uptime.
func (h historian) Export(ctx context.Context, since time.Time) iter.Seq2[client.Row, error] {
	if since.Unix() < 0 {
		since = time.Unix(0, 0)
	}
	return func(yield func(client.Row, error) bool) {
		for _, span := range []model.Span{model.Day, model.Quarter, model.Minute} {
			for r, err := range h.store.AllRollups(ctx, span, since, time.Now()) {
				row := client.Row{
					At: r.At.UTC(), Seconds: int(time.Duration(span) / time.Second), Service: r.Service, Part: r.Part, Metric: r.Metric,
					Count: r.Count, Low: r.Low, High: r.High, Sum: r.Sum,
				}
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
		for t, err := range h.store.Tallies(ctx, since) {
			if err != nil {
				yield(client.Row{}, err)
				return
			}
			for _, row := range states(t) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// states are the rows of some hours that were alike: one for each state that there was.
func states(t model.ServiceTally) []client.Row {
	row := client.Row{At: t.At.UTC(), Seconds: t.Hours * 3600, Service: t.Service, Count: t.Hours}
	var out []client.Row
	for _, s := range []struct {
		name model.Metric
		n    int
	}{
		{"state.up", t.Up},
		{"state.degraded", t.Degraded},
		{"state.partial", t.Partial},
		{"state.down", t.Down},
		{"state.maintenance", t.Maintenance},
	} {
		row.Metric, row.Low, row.High, row.Sum = s.name, float64(s.n), float64(s.n), float64(s.n*t.Hours)
		out = append(out, row)
	}
	return slices.DeleteFunc(out, func(r client.Row) bool { return r.Sum == 0 })
}
