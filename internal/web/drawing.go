package web

import (
	"math"
	"strings"
	"time"

	"orderly/internal/model"
)

// The size of a graph and of the plot in it, in the units of its drawing.
const (
	drawWidth, drawHeight = 560.0, 170.0
	plotLeft, plotRight   = 58.0, 552.0
	plotTop, plotBottom   = 10.0, 146.0
)

// A drawing is a graph as shapes.
type drawing struct {
	Line, Band string // of paths: the means; from the lowest to the highest. "": there is nothing to draw
	Rows       []tick
	Columns    []tick
	Limits     []tick
}

// A tick is a place on an axis and what stands there.
type tick struct {
	At   string
	Text string
}

// draw lays points out between two times. Where nothing was measured for a while, the line has a gap.
func draw(points []model.Rollup, unit model.Unit, limits []float64, from, to time.Time) drawing {
	low, high, step := extent(points)
	if math.IsInf(low, 0) {
		return drawing{}
	}
	for _, l := range limits { // limits that are near are shown, those that are far away would flatten the line
		if l > high && l <= high*2.5 {
			high = l
		}
	}
	ticks, low, high := scale(low, high, unit)
	across := func(t time.Time) float64 {
		return plotLeft + (plotRight-plotLeft)*float64(t.Sub(from))/float64(to.Sub(from))
	}
	up := func(v float64) float64 { return plotBottom - (plotBottom-plotTop)*(v-low)/(high-low) }
	var d drawing
	d.Line, d.Band = trace(points, step, across, up)
	for _, v := range ticks {
		d.Rows = append(d.Rows, tick{string(place(nil, up(v))), brief(v, unit)})
	}
	for _, l := range limits {
		if l >= low && l <= high {
			d.Limits = append(d.Limits, tick{string(place(nil, up(l))), brief(l, unit)})
		}
	}
	d.Columns = columns(from, to, across)
	return d
}

// extent is what lies between the lowest and the highest, infinite if there is nothing, and the usual time between two points.
func extent(points []model.Rollup) (low, high float64, step time.Duration) {
	low, high = math.Inf(1), math.Inf(-1)
	var before time.Time
	for _, p := range points {
		if p.Count == 0 || math.IsNaN(p.Sum) || math.IsInf(p.Sum, 0) {
			continue
		}
		low, high = min(low, p.Low), max(high, p.High)
		if gap := p.At.Sub(before); !before.IsZero() && (step == 0 || gap < step) {
			step = gap
		}
		before = p.At
	}
	return low, high, step
}

// trace draws the line of the means and, piece by piece, the band around it.
func trace(points []model.Rollup, step time.Duration, across func(time.Time) float64, up func(float64) float64) (line, band string) {
	var path, area []byte
	var piece []model.Rollup
	finish := func() {
		for i, p := range piece {
			path = append(path, "ML"[min(i, 1)])
			path = place(append(place(path, across(p.At)), ' '), up(p.Mean()))
			area = append(area, "ML"[min(i, 1)])
			area = place(append(place(area, across(p.At)), ' '), up(p.High))
		}
		if len(piece) == 1 { // a line of one point would not be seen
			path = append(path, "h1"...)
		}
		for i := len(piece) - 1; i >= 0; i-- {
			area = place(append(place(append(area, 'L'), across(piece[i].At)), ' '), up(piece[i].Low))
		}
		if len(piece) > 0 {
			area = append(area, 'Z')
		}
		piece = piece[:0]
	}
	for _, p := range points {
		if p.Count == 0 || math.IsNaN(p.Sum) || math.IsInf(p.Sum, 0) {
			continue
		}
		if n := len(piece); n > 0 && p.At.Sub(piece[n-1].At) > 3*step {
			finish()
		}
		piece = append(piece, p)
	}
	finish()
	return string(path), string(area)
}

// brief is a number as short as it can be said: "2 GB", not "2.0 GB", and of what is counted no more than is meant.
func brief(v float64, unit model.Unit) string {
	if unit == model.Count && math.Abs(v) >= 10 {
		v = math.Round(v*10) / 10
	}
	if math.Abs(v) >= 100 && unit != model.Bytes && unit != model.BytesPerSec && unit != model.Seconds {
		v = math.Round(v)
	}
	text := model.Num(v).Format(unit)
	return strings.NewReplacer(".0 ", " ", ".0%", "%").Replace(text)
}

// scale chooses about three round numbers between which all lies, from zero where that is near.
func scale(low, high float64, unit model.Unit) (ticks []float64, bottom, top float64) {
	if low >= 0 && low < high*0.6 || high == low {
		low = min(low, 0)
	}
	if high <= low {
		high = low + 1
	}
	if unit == model.Percent && high > 60 && high <= 100 {
		high = 100
	}
	step := roundStep((high-low)/3, unit)
	bottom, top = math.Floor(low/step)*step, math.Ceil(high/step)*step
	for i := 0; i < 8 && bottom+float64(i)*step <= top+step/2; i++ {
		ticks = append(ticks, bottom+float64(i)*step)
	}
	return ticks, bottom, top
}

// roundStep is a round number of a unit that is at least as large.
func roundStep(least float64, unit model.Unit) float64 {
	if unit == model.Bytes || unit == model.BytesPerSec {
		factor := 1.0
		for factor < least {
			factor *= 2
		}
		return factor
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= least*0.999 {
			return m * power
		}
	}
	return 10 * power
}

// columns are the times below a graph.
func columns(from, to time.Time, across func(time.Time) float64) []tick {
	steps := []struct {
		every  time.Duration
		layout string
	}{
		{10 * time.Minute, "15:04"},
		{30 * time.Minute, "15:04"},
		{time.Hour, "15:04"},
		{4 * time.Hour, "15:04"},
		{24 * time.Hour, "2 Jan"},
		{5 * 24 * time.Hour, "2 Jan"},
		{15 * 24 * time.Hour, "2 Jan"},
		{30 * 24 * time.Hour, "2 Jan"},
		{90 * 24 * time.Hour, "2 Jan 06"},
	}
	for _, s := range steps {
		if to.Sub(from) > 8*s.every && s.every < 90*24*time.Hour {
			continue
		}
		var out []tick
		for t := roundUp(from, s.every); t.Before(to) && len(out) < 10; t = later(t, s.every) {
			if x := across(t); x > plotLeft+14 && x < plotRight-14 {
				out = append(out, tick{string(place(nil, x)), t.Format(s.layout)})
			}
		}
		return out
	}
	return nil
}

// roundUp is the first round time of a zone from t on: days begin at midnight there.
func roundUp(t time.Time, every time.Duration) time.Time {
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	if every >= 24*time.Hour {
		return midnight.AddDate(0, 0, 1)
	}
	r := midnight.Add(t.Sub(midnight).Truncate(every))
	if r.Before(t) {
		r = r.Add(every)
	}
	return r
}

func later(t time.Time, every time.Duration) time.Time {
	if every >= 24*time.Hour {
		return t.AddDate(0, 0, int(every/(24*time.Hour)))
	}
	return t.Add(every)
}
