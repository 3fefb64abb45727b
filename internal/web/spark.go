package web

import (
	"math"
	"strconv"
)

// The size of a sparkline, in the units of its drawing.
const (
	sparkWidth  = 100
	sparkHeight = 22
)

// A spark is a line without axes.
type spark struct {
	Line string // the d of a path; "": there is nothing to draw
	Area string
	X, Y string // where it ends
}

// sparkline draws values from the left to the right. What is not a number leaves a gap in time but not in the line.
func sparkline(values []float32) spark {
	low, high := math.Inf(1), math.Inf(-1)
	points := 0
	for _, v := range values {
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			low, high = min(low, f), max(high, f)
			points++
		}
	}
	if points < 2 {
		return spark{}
	}
	if high-low < high*0.02 || high == low { // what hardly moves is a calm line
		mid := (high + low) / 2
		low, high = mid-max(math.Abs(mid), 1), mid+max(math.Abs(mid), 1)
	}
	line := make([]byte, 0, 10*len(values))
	var first, x, y float64
	begun := false
	for i, v := range values {
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		x = float64(i) * sparkWidth / float64(len(values)-1)
		y = 2 + (sparkHeight-4)*(1-(f-low)/(high-low))
		if begun {
			line = append(line, 'L')
		} else {
			line, first, begun = append(line, 'M'), x, true
		}
		line = place(line, x)
		line = place(append(line, ' '), y)
	}
	area := append([]byte(nil), line...)
	area = place(append(area, 'L'), x)
	area = append(area, " 22L"...)
	area = append(place(area, first), " 22Z"...)
	return spark{string(line), string(area), string(place(nil, x)), string(place(nil, y))}
}

// place appends a coordinate with one decimal.
func place(to []byte, f float64) []byte {
	return strconv.AppendFloat(to, math.Round(f*10)/10, 'f', -1, 64)
}
