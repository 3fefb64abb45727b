package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"orderly/internal/model"
)

// The routes that tell of the past: what was measured, how well services were, and everything, one row a line.
const (
	PathHistory = "/v1/history"
	PathUptime  = "/v1/uptime"
	PathExport  = "/v1/export"
)

// The bounds of queries.
const (
	maxPoints = 2000
	maxDays   = 400
)

// A HistoryQuery asks for what was measured of a service.
type HistoryQuery struct {
	Service string
	Part    string    // of a probe: its name; "" with a metric: of all parts
	Metric  string    // "": all of them
	From    time.Time // zero: a day ago
	To      time.Time // zero: now
	Points  int       // at most so many of each series, up to 2000; 0: 100
}

// Values is the query as it travels.
func (q HistoryQuery) Values() url.Values {
	v := url.Values{}
	setText(v, "service", q.Service)
	setText(v, "part", q.Part)
	setText(v, "metric", q.Metric)
	setTime(v, "from", q.From)
	setTime(v, "to", q.To)
	if q.Points != 0 {
		v.Set("points", strconv.Itoa(q.Points))
	}
	return v
}

// ParseHistoryQuery reads what Values wrote and fills in what is left out; times may also be how long ago: "90m".
func ParseHistoryQuery(v url.Values, now time.Time) (HistoryQuery, error) {
	q := HistoryQuery{Service: v.Get("service"), Part: v.Get("part"), Metric: v.Get("metric"), To: now, From: now.Add(-24 * time.Hour)}
	if q.Service == "" {
		return q, errors.New("which service? write service=NAME")
	}
	if err := parseTime(v, "from", now, &q.From); err != nil {
		return q, err
	}
	if err := parseTime(v, "to", now, &q.To); err != nil {
		return q, err
	}
	var err error
	q.Points, err = parseCount(v, "points", 100, maxPoints)
	return q, err
}

// A HistoryReply has one graph for each series, those without a part first.
type HistoryReply struct {
	Graphs []Graph `json:"graphs"`
}

// A Graph is what was measured in one series.
type Graph struct {
	Service string       `json:"service"`
	Part    string       `json:"part,omitempty"`
	Metric  model.Metric `json:"metric"`
	Unit    model.Unit   `json:"unit"`
	Points  []Point      `json:"points"` // oldest first; a time without measurements has none
}

// A Point sums up the measurements from a time up to that of the next one.
type Point struct {
	At    time.Time `json:"at"`
	Count int       `json:"count"`
	Low   float64   `json:"low"`
	Mean  float64   `json:"mean"`
	High  float64   `json:"high"`
}

// An UptimeQuery asks how well services were.
type UptimeQuery struct {
	Service string // "": all of them
	Days    int    // of a calendar, the last of which is today; 0: none, at most 400
	Zone    string // of the calendar, IANA; "": that of orderly
}

// Values is the query as it travels.
func (q UptimeQuery) Values() url.Values {
	v := url.Values{}
	setText(v, "service", q.Service)
	setText(v, "zone", q.Zone)
	if q.Days != 0 {
		v.Set("days", strconv.Itoa(q.Days))
	}
	return v
}

// ParseUptimeQuery reads what Values wrote.
func ParseUptimeQuery(v url.Values) (UptimeQuery, *time.Location, error) {
	q := UptimeQuery{Service: v.Get("service"), Zone: v.Get("zone")}
	var err error
	if q.Days, err = parseCount(v, "days", 0, maxDays); err != nil {
		return q, nil, err
	}
	if q.Zone == "" {
		return q, time.Local, nil
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		return q, nil, fmt.Errorf("there is no time zone %q", q.Zone)
	}
	return q, zone, nil
}

// An UptimeReply has the services in the order in which they are configured.
type UptimeReply struct {
	Services []ServiceUptime `json:"services"`
}

// A ServiceUptime is how well one service was.
type ServiceUptime struct {
	Service string   `json:"service"`
	Uptime  []Uptime `json:"uptime"`
	Days    []DayOf  `json:"days,omitempty"` // oldest first
}

// An Uptime is the share of the measured time in which a service did its work, maintenance left out.
type Uptime struct {
	Span  string   `json:"span"`  // "24h", "7d" ...: up to now
	Share *float64 `json:"share"` // 0 to 1; null: nothing was measured
}

// A DayOf is one day of a calendar, in seconds. What is missing of it was not measured.
type DayOf struct {
	Date        string `json:"date"` // 2006-01-02
	Up          int    `json:"up"`
	Degraded    int    `json:"degraded"`
	Partial     int    `json:"partial"`
	Down        int    `json:"down"`
	Maintenance int    `json:"maintenance"`
}

// A Row is one of everything that is kept: the measurements of a series in a span of time, or, with a metric like "state.down",
// how many seconds of it a service was in a state.
type Row struct {
	At      time.Time    `json:"at"`
	Seconds int          `json:"seconds"` // the length of the span
	Service string       `json:"service"`
	Part    string       `json:"part"`
	Metric  model.Metric `json:"metric"`
	Count   int          `json:"count"`
	Low     float64      `json:"low"`
	High    float64      `json:"high"`
	Sum     float64      `json:"sum"`
}

// History tells what was measured.
func (c *Client) History(ctx context.Context, q HistoryQuery) (HistoryReply, error) {
	var reply HistoryReply
	err := c.slow(ctx, http.MethodGet, PathHistory, q.Values(), nil, &reply)
	return reply, err
}

// Uptime tells how well services were.
func (c *Client) Uptime(ctx context.Context, q UptimeQuery) (UptimeReply, error) {
	var reply UptimeReply
	err := c.slow(ctx, http.MethodGet, PathUptime, q.Values(), nil, &reply)
	return reply, err
}

// Export returns everything that is kept since a time, also zero; an error is the last element.
func (c *Client) Export(ctx context.Context, since time.Time) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if _, err := c.Version(ctx); err != nil {
			yield(Row{}, err)
			return
		}
		v := url.Values{}
		setTime(v, "since", since)
		resp, err := c.send(ctx, http.MethodGet, PathExport, v, nil)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, maxEvent)
		for lines.Scan() {
			row, err := decodeRow(lines.Bytes())
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil && ctx.Err() == nil {
			yield(Row{}, c.broken(err))
		}
	}
}

func decodeRow(line []byte) (Row, error) {
	var entry struct {
		Row
		Failure
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return Row{}, fmt.Errorf("cannot read a row of the history: %w", err)
	}
	if entry.Error != "" {
		return Row{}, errors.New(entry.Error)
	}
	return entry.Row, nil
}

func setText(v url.Values, name, text string) {
	if text != "" {
		v.Set(name, text)
	}
}

func setTime(v url.Values, name string, t time.Time) {
	if !t.IsZero() {
		v.Set(name, t.UTC().Format(time.RFC3339Nano))
	}
}

func parseTime(v url.Values, name string, now time.Time, into *time.Time) error {
	t, err := ParseSince(v.Get(name), now)
	if err == nil && !t.IsZero() {
		*into = t
	}
	return err
}

func parseCount(v url.Values, name string, otherwise, most int) (int, error) {
	text := v.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("cannot read %s=%s: write a number up to %d", name, text, most)
	}
	return n, nil
}
