package store

import (
	"fmt"
	"testing"
	"time"

	"orderly/internal/model"
)

// BenchmarkMinuteOf1000Services writes what a thousand services with ten measurements each leave in a minute.
func BenchmarkMinuteOf1000Services(b *testing.B) {
	s, err := Open(b.TempDir(), discard)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	minute := 0
	for b.Loop() {
		at := noon.Add(time.Duration(minute) * time.Minute)
		minute++
		s.SaveRollups(model.Minute, manyRows(at))
		var tallies []model.ServiceTally
		for i := range 1000 {
			tallies = append(tallies, model.ServiceTally{Service: fmt.Sprint("service", i), Hours: 1, Tally: model.Tally{At: at.Truncate(time.Hour), Up: 60 * (minute % 60)}})
		}
		s.SaveTallies(tallies)
		if err := s.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadOneOfManySeries reads two days of minutes of one of a thousand series.
func BenchmarkReadOneOfManySeries(b *testing.B) {
	s, err := Open(b.TempDir(), discard)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for m := range 2880 {
		s.SaveRollups(model.Minute, manyRows(noon.Add(time.Duration(m) * time.Minute))[:1000])
		if m%20 == 0 {
			if err := s.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	series := manyRows(noon)[500].Series
	for b.Loop() {
		if rows, err := s.Rollups(b.Context(), model.Minute, series, noon, noon.AddDate(0, 0, 2)); err != nil || len(rows) < 2800 {
			b.Fatal(len(rows), err)
		}
	}
}

// manyRows are ten measurements of each of a thousand services.
func manyRows(at time.Time) []model.SeriesRollup {
	rows := make([]model.SeriesRollup, 0, 10_000)
	for i := range 1000 {
		for k := range 10 {
			series := model.Series{Service: fmt.Sprint("service", i), Metric: model.Metric(fmt.Sprint("metric", k))}
			v := float64(i*k) + 0.37
			rows = append(rows, model.SeriesRollup{Series: series, Rollup: model.Rollup{At: at, Count: 2, Low: v, High: v + 1, Sum: 2*v + 1}})
		}
	}
	return rows
}
