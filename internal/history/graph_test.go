package history

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

var latency = model.Series{Service: "Web", Part: "port 80 protocol http", Metric: model.Latency}

func points(rows []model.Rollup) string {
	text := ""
	for _, r := range rows {
		text += fmt.Sprintf("%s %d %g..%g; ", r.At.UTC().Format("2T15:04"), r.Count, r.Low, r.High)
	}
	return text
}

// probed is a sample of a service with one probe.
func probed(seconds float64) *model.Sample {
	var s model.Sample
	s.Readings.Add(model.CPU, model.Num(7))
	var r model.Readings
	r.Add(model.Latency, model.Num(seconds))
	s.Probes = []model.Result{{OK: true, Readings: r}}
	return &s
}

func withProbe(w *world) {
	p := &model.Probe{Kind: model.ProbePort, Port: 80, Protocol: "http"}
	w.spec = &model.Service{Name: "Web", Kind: model.KindProcess, Rules: []model.Rule{{Probe: p, Metric: model.OK}, {Probe: p, Metric: model.Latency}}}
}

// What is graphed reaches up to now, wherever the parts are: on disk by the minute, or in memory.
func TestGraphReachesUpToNow(t *testing.T) {
	bubble(t, func(w *world) {
		withProbe(w)
		for i := range 8 { // two a minute
			w.checked(model.Checked{State: model.StateOK, Sample: probed(float64(i))})
			time.Sleep(interval)
		}
		w.checked(model.Checked{State: model.StateOK, Sample: probed(100)})
		graph := func() string {
			rows, err := w.h.Graph(t.Context(), latency, time.Now().Add(-10*time.Minute), time.Now().Add(time.Hour), 500)
			if err != nil {
				t.Fatal(err)
			}
			return points(rows)
		}
		expect(t, "graph", graph(), "1T00:00 2 0..1; 1T00:01 2 2..3; 1T00:02 2 4..5; 1T00:03 2 6..7; ")
		time.Sleep(time.Second)
		const all = "1T00:00 2 0..1; 1T00:01 2 2..3; 1T00:02 2 4..5; 1T00:03 2 6..7; 1T00:04 1 100..100; "
		expect(t, "graph with the present", graph(), all)
		w.restart()
		expect(t, "graph after a restart", graph(), all)
		w.checked(model.Checked{State: model.StateOK, Sample: probed(50)})
		expect(t, "graph with both parts of a minute", graph(), strings.Replace(all, "1 100..100", "2 50..100", 1))
		w.restart()
		expect(t, "graph, kept", graph(), strings.Replace(all, "1 100..100", "2 50..100", 1))

		of, err := w.h.Series(t.Context(), "web")
		want := []model.Series{{Service: "Web", Metric: model.CPU}, {Service: "Web", Metric: model.Took}, latency}
		if err != nil || !slices.Equal(of, want) {
			t.Errorf("series are %v, %v", of, err)
		}
	})
}

// tiers has minutes of the last two hours, quarters of the last day and days before, as a store has them.
func tiers(now time.Time) *memory {
	m := newMemory()
	add := func(span model.Span, from, to time.Time) {
		for at := from.Truncate(time.Duration(span)); at.Before(to); at = at.Add(time.Duration(span)) {
			n := int(time.Duration(span) / time.Minute)
			m.SaveRollups(span, []model.SeriesRollup{{Series: latency, Rollup: model.Rollup{At: at, Count: n, Low: 1, High: 1, Sum: float64(n)}}})
		}
	}
	add(model.Minute, now.AddDate(0, 0, -2), now)
	add(model.Quarter, now.AddDate(0, 0, -30), now.Add(-2*time.Minute).Truncate(15*time.Minute))
	add(model.Day, now.AddDate(-1, 0, 0), now.Truncate(24*time.Hour))
	return m
}

// However it is put together, nothing is missing and nothing counts twice: each measured minute of the time is there once.
func TestGraphIsWholeWhateverItIsMadeOf(t *testing.T) {
	bubble(t, func(w *world) {
		time.Sleep(13*time.Hour + 7*time.Minute)
		now := time.Now()
		h := New(tiers(now), model.DefaultRetention(), slog.New(slog.DiscardHandler))
		for _, c := range []struct {
			since  time.Duration
			points int
			width  time.Duration
		}{
			{time.Hour, 100, time.Minute},
			{6 * time.Hour, 100, 4 * time.Minute},
			{6 * time.Hour, 30, 15 * time.Minute},
			{24 * time.Hour, 2000, time.Minute},
			{24 * time.Hour, 100, 15 * time.Minute},
			{7 * 24 * time.Hour, 300, 45 * time.Minute},
			{29 * 24 * time.Hour, 40, 24 * time.Hour},
			{90 * 24 * time.Hour, 200, 24 * time.Hour},
			{360 * 24 * time.Hour, 100, 4 * 24 * time.Hour},
			{360 * 24 * time.Hour, 1, 0},
		} {
			rows, err := h.Graph(t.Context(), latency, now.Add(-c.since), now, c.points)
			if err != nil || len(rows) == 0 || len(rows) > c.points {
				t.Errorf("%v in %d points: %d points, %v", c.since, c.points, len(rows), err)
				continue
			}
			total := 0
			for i, r := range rows {
				total += r.Count
				if i > 0 && r.At.Sub(rows[i-1].At) != c.width {
					t.Errorf("%v in %d points: %v follows %v", c.since, c.points, r.At, rows[i-1].At)
					break
				}
			}
			if want := int(now.Sub(rows[0].At) / time.Minute); total != want {
				t.Errorf("%v in %d points: %d measurements since %v, want %d", c.since, c.points, total, rows[0].At, want)
			}
			if mean := rows[len(rows)-1].Mean(); mean != 1 {
				t.Errorf("%v in %d points: the mean is %v", c.since, c.points, mean)
			}
		}
		for _, c := range [][2]time.Time{{now, now}, {now.Add(time.Hour), now.Add(2 * time.Hour)}, {now, now.Add(-time.Hour)}} {
			if rows, err := h.Graph(t.Context(), latency, c[0], c[1], 10); err != nil || len(rows) > 0 {
				t.Errorf("from %v to %v: %v, %v", c[0], c[1], rows, err)
			}
		}
	})
}

func TestWhatIsWorthASeries(t *testing.T) {
	bubble(t, func(w *world) {
		var r model.Readings
		for _, m := range []model.Metric{
			model.PID, model.UID, model.Uptime, model.ModifyTime, model.ModifyAge, model.Exist, model.Permission, model.UploadBytesTotal,
			model.SpaceTotal, model.Cores, model.Status,
		} {
			r.Add(m, model.Num(3))
		}
		r.Add(model.Output, model.Str("x"))
		r.Add(model.Memory, model.Value{})
		r.Add(model.CPU, model.Num(math.NaN()))
		r.Add(model.Load1, model.Num(math.Inf(1)))
		r = append(r, model.Reading{Metric: model.UploadBytes, Over: time.Hour, Value: model.Num(1)})
		r.Add(model.Size, model.Num(3))
		r.Add(model.FamilyMetric("redis", "connected_clients"), model.Num(3))
		w.check(model.StateOK, r...)
		of, err := w.h.Series(t.Context(), "web")
		if want := []model.Series{{Service: "Web", Metric: "redis.connected_clients"}, {Service: "Web", Metric: model.Size}, {Service: "Web", Metric: model.Took}}; err != nil || !slices.Equal(of, want) {
			t.Errorf("series are %v, %v", of, err)
		}
	})
}

// Probes may come and go with a reload; a series is that of the probe it was measured by.
func TestProbesOfAnotherConfiguration(t *testing.T) {
	bubble(t, func(w *world) {
		withProbe(w)
		w.checked(model.Checked{State: model.StateOK, Sample: probed(1)})
		w.spec = &model.Service{Name: "Web", Kind: model.KindProcess, Rules: []model.Rule{{Probe: &model.Probe{Kind: model.ProbePing}}}}
		w.checked(model.Checked{State: model.StateOK, Sample: probed(2)})
		time.Sleep(2 * time.Minute)
		for part, want := range map[string]string{"port 80 protocol http": "1T00:00 1 1..1; ", "ping": "1T00:00 1 2..2; "} {
			rows, err := w.h.Graph(t.Context(), model.Series{Service: "Web", Part: part, Metric: model.Latency}, time.Now().Add(-time.Hour), time.Now(), 100)
			if err != nil || points(rows) != want {
				t.Errorf("%s: %s, %v, want %s", part, points(rows), err, want)
			}
		}
	})
}

// details are what no rule asks for.
type details model.Readings

func (d *details) Readings() model.Readings { return model.Readings(*d) }

// What people look for after the fact is kept without a rule, once a minute, and once where a rule asks for it as well.
func TestDetailsAreGraphed(t *testing.T) {
	bubble(t, func(w *world) {
		at := func(memory, cpu float64) *model.Sample {
			var s model.Sample
			s.Readings.Add(model.CPUTotal, model.Num(cpu))
			s.Details = &details{
				{Metric: model.MemTotal, Value: model.Num(memory)},
				{Metric: model.CPUTotal, Value: model.Num(99)},
				{Metric: model.PPID, Value: model.Num(1)},
				{Metric: model.Threads, Value: model.Num(5)},
				{Metric: model.FDs},
			}
			return &s
		}
		for i := range 5 { // two a minute
			w.checked(model.Checked{State: model.StateOK, Sample: at(float64(100+i), float64(i))})
			time.Sleep(interval)
		}
		for metric, want := range map[model.Metric]string{
			model.MemTotal: "1T00:00 1 100..100; 1T00:01 1 102..102; 1T00:02 1 104..104; ",
			model.CPUTotal: "1T00:00 2 0..1; 1T00:01 2 2..3; 1T00:02 1 4..4; ",
			model.Threads:  "",
		} {
			rows, err := w.h.Graph(t.Context(), model.Series{Service: w.spec.Name, Metric: metric}, time.Now().Add(-10*time.Minute), time.Now(), 500)
			if got := points(rows); err != nil || got != want {
				t.Errorf("%s: %s %v, want %s", metric, got, err, want)
			}
		}
	})
}

func TestSeriesAreBounded(t *testing.T) {
	var log strings.Builder
	h := New(newMemory(), model.DefaultRetention(), slog.New(slog.NewTextHandler(&log, nil)))
	for i := range 900 {
		var r model.Readings
		for k := range 100 {
			r.Add(model.FamilyMetric("redis", fmt.Sprint("x", k)), model.Num(1))
		}
		spec := &model.Service{Name: fmt.Sprint("s", i)}
		h.Checked(model.Checked{Service: spec, At: time.Unix(0, 0), State: model.StateOK, Sample: &model.Sample{Readings: r}})
	}
	for key, s := range h.services {
		if len(s.series) > maxSeries {
			t.Errorf("%s has %d series", key, len(s.series))
		}
	}
	if h.series != maxAll || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("%d series, and said: %s", h.series, log.String())
	}
	h.save(time.Unix(0, 0).Add(forgotIn+time.Hour), false)
	if h.series != 0 {
		t.Errorf("%d series of what is not checked any more", h.series)
	}
}

func TestSpark(t *testing.T) {
	bubble(t, func(w *world) {
		withProbe(w)
		if line := w.h.Spark("web"); line != nil {
			t.Errorf("a line of nothing: %v", line)
		}
		for i := range sparks + 5 {
			w.checked(model.Checked{State: model.StateOK, Sample: probed(float64(i))})
		}
		line := w.h.Spark("WEB")
		if len(line) != sparks || line[0] != 5 || line[sparks-1] != sparks+4 {
			t.Errorf("the line is %v", line)
		}
		w.spec = &model.Service{Name: "other", Kind: model.KindFile}
		w.check(model.StateOK, model.Reading{Metric: model.Size, Value: model.Num(12)})
		w.checked(model.Checked{State: model.StateUnknown})
		w.checked(model.Checked{State: model.StateOK, Sample: &model.Sample{}, Took: 250 * time.Millisecond})
		if line := w.h.Spark("other"); !slices.Equal(line, []float32{12, 0.25}) {
			t.Errorf("the line is %v", line)
		}
	})
}
