package cli_test

import (
	"context"
	"errors"
	"iter"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// past is what a stand-in remembers: of web two days, of others nothing.
type past struct{}

func (past) History(_ context.Context, q client.HistoryQuery) ([]client.Graph, error) {
	if q.Service != "web" && q.Service != "gone" {
		return nil, nil
	}
	points := func(values ...float64) (out []client.Point) {
		for i, v := range values {
			out = append(out, client.Point{At: began.AddDate(0, 0, i), Count: 10, Low: v / 2, Mean: v, High: 2 * v})
		}
		return out[:min(len(out), q.Points+1)]
	}
	var out []client.Graph
	for _, g := range []client.Graph{
		{Service: q.Service, Metric: model.CPU, Unit: model.Percent, Points: points(10, 30)},
		{Service: q.Service, Part: "port 80 protocol http", Metric: model.Latency, Unit: model.Seconds, Points: points(0.04, 0.05)},
		{Service: q.Service, Part: "=1+1", Metric: model.Latency, Unit: model.Seconds, Points: points(1)},
		{Service: q.Service, Part: "ping", Metric: model.Latency, Unit: model.Seconds, Points: []client.Point{}},
	} {
		if (q.Metric == "" || string(g.Metric) == q.Metric) && (q.Part == "" || q.Part == g.Part) {
			out = append(out, g)
		}
	}
	return out, nil
}

func (past) Uptime(_ context.Context, names []string, days int, _ *time.Location) ([]client.ServiceUptime, error) {
	share, nearly := 0.99, 0.9999999
	var out []client.ServiceUptime
	for _, name := range names {
		s := client.ServiceUptime{Service: name, Uptime: []client.Uptime{{Span: "24h", Share: &share}, {Span: "7d", Share: &nearly}, {Span: "1y"}}}
		for i := range days {
			s.Days = append(s.Days, client.DayOf{Date: began.AddDate(0, 0, i).Format(time.DateOnly), Up: 86000, Down: 400})
		}
		out = append(out, s)
	}
	return out, nil
}

// Export breaks off when it is asked for what is older than everything.
func (past) Export(_ context.Context, since time.Time) iter.Seq2[client.Row, error] {
	return func(yield func(client.Row, error) bool) {
		if !yield(client.Row{At: began, Seconds: 60, Service: "web", Metric: model.CPU, Count: 2, Low: 1, High: 2.5, Sum: 3.5}, nil) ||
			!yield(client.Row{At: began, Seconds: 7200, Service: "web", Metric: "state.down", Count: 2, Low: 60, High: 60, Sum: 120}, nil) {
			return
		}
		if since.Year() == 1999 {
			yield(client.Row{}, errors.New("cannot read the history: the database is out of reach"))
		}
	}
}
