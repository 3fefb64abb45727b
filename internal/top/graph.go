package top

import (
	"cmp"
	"math"
	"slices"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// maxGraphs is how many graphs are drawn of one service, graphWidth how wide they are at most, in columns.
const (
	maxGraphs  = 8
	graphWidth = 60
)

// leading are the measurements that are drawn first, in their order.
var leading = []model.Metric{
	model.Latency, model.CPUTotal, model.CPU, model.MemTotal, model.MemoryPercent, model.Load1, model.SwapPercent, model.SpacePercent,
	model.DownloadBytes, model.UploadBytes, model.Size,
}

// graphs draw what was measured lately, one line each.
func graphs(f *leaf, all []client.Graph, now time.Time) {
	all = slices.DeleteFunc(slices.Clone(all), func(g client.Graph) bool { return len(g.Points) == 0 || !drawable(g.Unit) })
	slices.SortStableFunc(all, func(a, b client.Graph) int { return cmp.Compare(place(a.Metric), place(b.Metric)) })
	if len(all) == 0 {
		return
	}
	f.title("Measured in " + story.Length(drawn))
	width := min(graphWidth, f.width-3-nameWidth-2-2-numbersWidth)
	for _, g := range all[:min(len(all), maxGraphs)] {
		name := string(g.Metric)
		if g.Part != "" {
			name = g.Part + " " + name
		}
		l := line{{text: "   "}, {text: name, style: grey, width: nameWidth}, {text: "  "}}
		if width >= narrowName {
			l = append(l, cell{text: spark(g.Points, now.Add(-drawn), now, width), style: "36", width: width}, cell{text: "  "})
		}
		last := g.Points[len(g.Points)-1]
		high := slices.MaxFunc(g.Points, func(a, b client.Point) int { return cmp.Compare(a.High, b.High) }).High
		f.add(append(l, cell{text: model.Num(last.Mean).Format(g.Unit), right: true, width: numberWidth}, cell{text: "  up to " + model.Num(high).Format(g.Unit), style: grey}))
	}
}

// How wide names of measurements are, a number, and what is said in numbers beside a graph, in columns.
const (
	nameWidth    = 16
	numberWidth  = 10
	numbersWidth = numberWidth + len("  up to ") + numberWidth
)

func place(m model.Metric) int {
	if i := slices.Index(leading, m); i >= 0 {
		return i
	}
	return len(leading)
}

// drawable tells whether going up and down means anything.
func drawable(u model.Unit) bool {
	return u != model.Boolean && u != model.Text && u != model.Timestamp && u != model.Octal
}

var levels = []rune("▁▂▃▄▅▆▇█")

// spark draws points between two times from the left to the right. A time without measurements is a gap.
func spark(points []client.Point, from, to time.Time, width int) string {
	tops := make([]float64, width)
	for i := range tops {
		tops[i] = math.NaN()
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range points {
		at := int(float64(width) * float64(p.At.Sub(from)) / float64(to.Sub(from)))
		if at < 0 || at >= width || math.IsNaN(p.Mean) || math.IsInf(p.Mean, 0) {
			continue
		}
		if !(p.Mean <= tops[at]) { // nothing is below what is not there
			tops[at] = p.Mean
		}
		low, high = min(low, p.Mean), max(high, p.Mean)
	}
	if high-low <= math.Abs(high)*0.02 { // what hardly moves is a calm line
		high = math.Inf(1)
	}
	out := make([]rune, width)
	for i, v := range tops {
		switch {
		case math.IsNaN(v):
			out[i] = ' '
		case math.IsInf(high, 1):
			out[i] = levels[0]
		default:
			out[i] = levels[int((v-low)/(high-low)*float64(len(levels)-1)+0.5)]
		}
	}
	return string(out)
}
