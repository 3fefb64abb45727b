package web

import (
	"math"
	"slices"
	"strconv"
)

// The size of a sparkline, in the units of its drawing, which are whole, and how many points it has at most.
const (
	sparkWidth  = 200
	sparkHeight = 44
	sparkPoints = 40
)

// sparkline draws values from the left to the right as a line without axes: the d of a path, or "" if there is nothing to
// draw. Of values too many to be told apart the highest are drawn. What is not a number leaves a gap in time but not in the
// line.
func sparkline(values []float32) string {
	per := max(1, (len(values)+sparkPoints-1)/sparkPoints)
	low, high := math.Inf(1), math.Inf(-1)
	var tops []float64
	for group := range slices.Chunk(values, per) {
		top := math.NaN()
		for _, v := range group {
			if f := float64(v); !math.IsInf(f, 0) && !(f <= top) { // NaN is below everything
				top = f
			}
		}
		tops = append(tops, top)
		if !math.IsNaN(top) {
			low, high = min(low, top), max(high, top)
		}
	}
	if len(tops) < 2 || math.IsInf(low, 0) {
		return ""
	}
	if high-low <= math.Abs(high)*0.02 { // what hardly moves is a calm line
		margin := max(math.Abs(high), 1)
		low, high = low-margin, high+margin
	}
	line := make([]byte, 0, 8*len(tops))
	for i, f := range tops {
		if math.IsNaN(f) {
			continue
		}
		line = append(line, "ML"[min(len(line), 1)])
		line = strconv.AppendInt(line, int64(i*sparkWidth/(len(tops)-1)), 10)
		line = append(line, ' ')
		line = strconv.AppendInt(line, 3+int64(math.Round((sparkHeight-6)*(1-(f-low)/(high-low)))), 10)
	}
	return string(line)
}

// place appends a coordinate with one decimal.
func place(to []byte, f float64) []byte {
	return strconv.AppendFloat(to, math.Round(f*10)/10, 'f', -1, 64)
}
