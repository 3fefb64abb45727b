package web

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestScale(t *testing.T) {
	for name, c := range map[string]struct {
		low, high float64
		unit      model.Unit
		want      []string
	}{
		"bytes are in powers of two": {1 << 28, 2.2 * (1 << 30), model.Bytes, []string{"0 B", "1 GB", "2 GB", "3 GB"}},
		"a full disk ends at 100":    {10, 97, model.Percent, []string{"0%", "50%", "100%"}},
		"far from zero":              {980, 1000, model.Count, []string{"980", "990", "1000"}},
		"nothing":                    {0, 0, model.Count, []string{"0", "0.5", "1"}},
		"what never moves":           {5, 5, model.Count, []string{"0", "2", "4", "6"}},
		"below zero":                 {-3, 4, model.Count, []string{"-5", "-2.5", "0", "2.5", "5"}},
		"small":                      {0, 0.0021, model.Seconds, []string{"0 s", "1 ms", "2 ms", "3 ms"}},
	} {
		ticks, low, high := scale(c.low, c.high, c.unit)
		var got []string
		for _, v := range ticks {
			got = append(got, brief(v, c.unit))
		}
		if !slices.Equal(got, c.want) || low > c.low || high < c.high {
			t.Errorf("%s: %q, from %v to %v", name, got, low, high)
		}
	}
}

// Where nothing was measured, the line has a gap, and one measurement alone can be seen.
func TestDrawHasGaps(t *testing.T) {
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	at := func(minute int) model.Rollup {
		return model.Rollup{At: from.Add(time.Duration(minute) * time.Minute), Count: 2, Sum: 20, Low: 8, High: 12}
	}
	d := draw([]model.Rollup{at(0), at(1), at(2), {At: from.Add(3 * time.Minute)}, at(30), at(50), at(51)}, model.Count, []float64{15, 900}, from, from.Add(time.Hour))
	if got := strings.Count(d.Line, "M"); got != 3 || !strings.Contains(d.Line, "h1") || strings.Count(d.Band, "Z") != 3 {
		t.Errorf("the line is %s, the band %s", d.Line, d.Band)
	}
	if len(d.Limits) != 1 || d.Limits[0].Text != "15" {
		t.Errorf("limits are %+v", d.Limits)
	}
	for _, nothing := range [][]model.Rollup{nil, {{At: from}}, {{At: from, Count: 1, Sum: math.NaN(), Low: math.NaN(), High: math.NaN()}}, {{At: from, Count: 1, Sum: math.Inf(1)}}} {
		if d := draw(nothing, model.Count, nil, from, from.Add(time.Hour)); d.Line != "" {
			t.Errorf("of %v it draws %q", nothing, d.Line)
		}
	}
}

// Days begin at midnight of the zone, also when the clocks are changed.
func TestColumns(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	to := time.Date(2026, 3, 31, 12, 0, 0, 0, zone)
	across := func(at time.Time) float64 {
		return plotLeft + 400*float64(at.Sub(to.AddDate(0, 0, -7)))/float64(7*24*time.Hour) + 20
	}
	var got []string
	for _, c := range columns(to.AddDate(0, 0, -7), to, across) {
		got = append(got, c.Text)
	}
	if want := []string{"25 Mar", "26 Mar", "27 Mar", "28 Mar", "29 Mar", "30 Mar", "31 Mar"}; !slices.Equal(got, want) {
		t.Errorf("columns are %q", got)
	}
	if at := later(time.Date(2026, 3, 29, 0, 0, 0, 0, zone), 24*time.Hour); at.Hour() != 0 || at.Day() != 30 {
		t.Errorf("a day later is %v", at)
	}
}

func TestSparkline(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		values []float32
		want   string
	}{
		"nothing":     {nil, ""},
		"one":         {[]float32{3}, ""},
		"no number":   {[]float32{nan, nan}, ""},
		"rising":      {[]float32{0, 1, 2}, "M0 41L100 22L200 3"},
		"with a hole": {[]float32{0, nan, 2}, "M0 41L200 3"},
		"calm":        {[]float32{5, 5, 5}, "M0 22L100 22L200 22"},
		"at zero":     {[]float32{0, 0}, "M0 22L200 22"},
	} {
		if got := sparkline(c.values); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	many := make([]float32, 1000)
	many[501] = 9
	if got := sparkline(many); strings.Count(got, "L") != sparkPoints-1 || !strings.Contains(got, " 3L") {
		t.Errorf("the peak of many is lost: %s", got)
	}
}

// What was down for a moment did not work all the time.
func TestPercent(t *testing.T) {
	if got := percent(0.99999); got != "99.99%" {
		t.Errorf("what was down for a moment is %s", got)
	}
}

// What has not been measured for long is shown for an hour, unless somebody asks for more.
func TestReach(t *testing.T) {
	now := time.Now()
	d := &dashboard{Options: Options{Past: young{town(now), now.Add(-20 * time.Minute)}}}
	s := model.Series{Service: "mysql", Metric: model.CPU}
	for chosen, want := range map[string]string{"": "1h", "7d": "7d", "nothing": "24h"} {
		if got, _, err := d.reach(t.Context(), chosen, now, s); got != want || err != nil {
			t.Errorf("of what is young, %q is %s (%v)", chosen, got, err)
		}
	}
	d.Past = town(now)
	if got, _, _ := d.reach(t.Context(), "", now, s); got != "24h" {
		t.Errorf("of what is old, %s is shown", got)
	}
}
