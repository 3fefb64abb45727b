package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// past remembers what it was asked.
type past struct {
	asked client.HistoryQuery
	rows  int
	err   error
}

func (p *past) History(_ context.Context, q client.HistoryQuery) ([]client.Graph, error) {
	p.asked = q
	if !slices.Contains([]string{"web", "gone"}, q.Service) {
		return nil, p.err
	}
	return []client.Graph{{Service: q.Service, Metric: model.CPU, Unit: model.Percent, Points: []client.Point{{At: epoch, Count: 1, Low: 1, Mean: 1, High: 1}}}}, p.err
}

func (p *past) Uptime(_ context.Context, names []string, days int, zone *time.Location) ([]client.ServiceUptime, error) {
	out := []client.ServiceUptime{}
	for _, n := range names {
		out = append(out, client.ServiceUptime{Service: fmt.Sprint(n, " ", days, " ", zone), Uptime: []client.Uptime{{Span: "24h"}}})
	}
	return out, p.err
}

func (p *past) Export(_ context.Context, since time.Time) iter.Seq2[client.Row, error] {
	return func(yield func(client.Row, error) bool) {
		for i := range p.rows {
			if !yield(client.Row{At: since, Service: "web", Count: i}, nil) {
				return
			}
		}
		if p.err != nil {
			yield(client.Row{}, p.err)
		}
	}
}

// remembering serves a past on a control socket.
func remembering(t *testing.T, p *past) *client.Client {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	l, err := ListenControl(ctx, dir+"/o.sock")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	b := &fakeBackend{status: twoServices()}
	done := make(chan error, 1)
	go func() { done <- New(b, b, b, "1", slog.New(slog.DiscardHandler)).WithHistory(p).Serve(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	return client.New(dir + "/o.sock")
}

func TestHistory(t *testing.T) {
	p := &past{rows: 5000}
	c := remembering(t, p)
	got, err := c.History(t.Context(), client.HistoryQuery{Service: "WEB", Part: "port 80", Metric: "latency", From: epoch, To: epoch.Add(time.Hour), Points: 7})
	if err != nil || len(got.Graphs) != 1 || !got.Graphs[0].Points[0].At.Equal(epoch) {
		t.Errorf("%+v, %v", got, err)
	}
	want := client.HistoryQuery{Service: "web", Part: "port 80", Metric: "latency", From: epoch.UTC(), To: epoch.Add(time.Hour).UTC(), Points: 7}
	if p.asked != want {
		t.Errorf("asked %+v, want %+v", p.asked, want)
	}
	if _, err := c.History(t.Context(), client.HistoryQuery{Service: "gone"}); err != nil || p.asked.Points != 100 || p.asked.To.Sub(p.asked.From) != 24*time.Hour {
		t.Errorf("asked %+v of what is not configured any more: %v", p.asked, err)
	}
	if _, err := c.History(t.Context(), client.HistoryQuery{Service: "wbe"}); err == nil || !strings.Contains(err.Error(), `"web"`) {
		t.Errorf("of nobody: %v", err)
	}
	up, err := c.Uptime(t.Context(), client.UptimeQuery{Service: "WEB", Days: 90, Zone: "UTC"})
	if err != nil || len(up.Services) != 1 || up.Services[0].Service != "web 90 UTC" {
		t.Errorf("%+v, %v", up, err)
	}
	if up, err := c.Uptime(t.Context(), client.UptimeQuery{}); err != nil || len(up.Services) != 2 {
		t.Errorf("of all: %+v, %v", up, err)
	}
	n := 0
	for row, err := range c.Export(t.Context(), epoch) {
		if err != nil || row.Count != n || !row.At.Equal(epoch) {
			t.Fatalf("row %d is %+v, %v", n, row, err)
		}
		n++
	}
	if n != p.rows {
		t.Errorf("%d rows", n)
	}
	p.err = errors.New("the database is out of reach")
	var last error
	for _, last = range c.Export(t.Context(), time.Time{}) {
	}
	if last == nil || last.Error() != p.err.Error() {
		t.Errorf("it ended with %v", last)
	}
}

// Whoever may read is told of the past, but not given all of it.
func TestHistoryAtTheReadOnlyDoor(t *testing.T) {
	b := &fakeBackend{status: twoServices()}
	h := New(b, nil, nil, "1", slog.New(slog.DiscardHandler)).WithHistory(&past{}).Reads()
	for target, want := range map[string]int{
		"/v1/history?service=web": 200, "/v1/uptime": 200, "/v1/uptime?days=400&zone=Asia/Tokyo": 200,
		"/v1/history": 400, "/v1/history?service=web&points=2001": 400, "/v1/history?service=web&points=x": 400,
		"/v1/history?service=web&from=then": 400, "/v1/uptime?days=-1": 400, "/v1/uptime?days=401": 400,
		"/v1/uptime?zone=Mars/Olympus": 400, "/v1/uptime?zone=../../etc/passwd": 400, "/v1/uptime?service=nobody": 404,
		"/v1/export": 404,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, target, nil)
		h.ServeHTTP(w, r)
		if w.Code != want {
			body, _ := io.ReadAll(w.Body)
			t.Errorf("%s: %d %s", target, w.Code, body)
		}
	}
}
