package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"orderly/internal/model"
)

// A choice is one of several links.
type choice struct {
	Word, Link string
	Here       bool
}

// The ranges of graphs, by the names in addresses.
var ranges = []struct {
	name string
	long time.Duration
}{
	{"1h", time.Hour}, {"24h", 24 * time.Hour}, {"7d", 7 * 24 * time.Hour}, {"30d", 30 * 24 * time.Hour}, {"90d", 90 * 24 * time.Hour},
}

func rangeOf(name string) (string, time.Duration) {
	for _, r := range ranges {
		if r.name == name {
			return r.name, r.long
		}
	}
	return "24h", 24 * time.Hour
}

// reach is the range that shows something of a series: the last hour of what has not been measured for long.
func (d *dashboard) reach(ctx context.Context, chosen string, now time.Time, s ...model.Series) (string, time.Duration, error) {
	if chosen != "" || len(s) == 0 {
		name, long := rangeOf(chosen)
		return name, long, nil
	}
	const day, enough = 24 * time.Hour, 3 * time.Hour
	old, err := d.Past.Graph(ctx, s[0], now.Add(-day), now.Add(-enough), 24)
	if err != nil {
		return "", 0, err
	}
	if !slices.ContainsFunc(old, func(r model.Rollup) bool { return r.Count > 0 }) {
		chosen = "1h"
	}
	name, long := rangeOf(chosen)
	return name, long, nil
}

// diagramPoints is how many points a graph of a page has.
const diagramPoints = 240

// A diagram is one series over time.
type diagram struct {
	model.Series
	Drawing drawing
	Latest  string
	Low     string
	High    string
	Mean    string
	Data    string // where a script gets the numbers
	Range   string
	Limits  string // that rules compare it with, apart by blanks
}

// addDiagrams draws what is remembered of a service, what rules look at first.
func (d *dashboard) addDiagrams(ctx context.Context, body *about, v *visit, spec *model.Service) error {
	if d.Past == nil {
		return nil
	}
	query := v.r.URL.Query()
	series, err := d.Past.Series(ctx, body.Name)
	if err != nil {
		return err
	}
	series = foremost(series, spec)
	name, long, err := d.reach(ctx, query.Get("range"), v.now, series...)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		q := url.Values{"range": {r.name}}
		if query.Has("all") {
			q.Set("all", "1")
		}
		body.Ranges = append(body.Ranges, choice{r.name, servicePath(body.Name) + "?" + q.Encode() + "#graphs", r.name == name})
	}
	most := diagramsMost
	if !query.Has("all") && len(series) > diagramsAt {
		most, body.More = diagramsAt, servicePath(body.Name)+"?all=1&range="+name+"#graphs"
	}
	for _, s := range series[:min(len(series), most)] {
		one, err := d.diagram(ctx, s, limitsOf(spec, s), v.now.Add(-long), v.now)
		if err != nil {
			return err
		}
		one.Range = name
		if one.Drawing.Line != "" {
			body.Diagrams = append(body.Diagrams, one)
		}
	}
	return nil
}

func (d *dashboard) diagram(ctx context.Context, s model.Series, limits []float64, from, to time.Time) (diagram, error) {
	points, err := d.Past.Graph(ctx, s, from, to, diagramPoints)
	if err != nil {
		return diagram{}, err
	}
	unit := s.Metric.Unit()
	one := diagram{Series: s, Drawing: draw(points, unit, limits, from.In(d.Zone), to.In(d.Zone))}
	q := url.Values{"metric": {string(s.Metric)}, "from": {strconv.FormatInt(from.Unix(), 10)}, "to": {strconv.FormatInt(to.Unix(), 10)}}
	if s.Part != "" {
		q.Set("part", s.Part)
	}
	one.Data = servicePath(s.Service) + "/graph.json?" + q.Encode()
	for _, l := range limits {
		one.Limits += strconv.FormatFloat(l, 'g', -1, 64) + " "
	}
	var all model.Rollup
	for _, p := range points {
		all.Add(p)
		if p.Count > 0 {
			one.Latest = brief(p.Mean(), unit)
		}
	}
	if all.Count > 0 {
		one.Low, one.High, one.Mean = brief(all.Low, unit), brief(all.High, unit), brief(all.Mean(), unit)
	}
	return one, nil
}

// weights say which measurements are looked at first; others follow by name.
var weights = []model.Metric{
	model.Latency, model.Took, model.CPU, model.Cores, model.CPUTotal, model.Load1, model.Memory, model.MemoryPercent, model.SwapPercent,
	model.SpacePercent, model.InodesPercent, model.DownloadBytes, model.UploadBytes, model.ReadBytes, model.WriteBytes,
	model.Size, model.Status, model.RunTime,
}

// foremost sorts series: what rules ask for, what is telling of most services, the rest.
func foremost(series []model.Series, spec *model.Service) []model.Series {
	asked := map[model.Metric]bool{}
	if spec != nil {
		for i := range spec.Rules {
			asked[spec.Rules[i].Metric] = true
		}
	}
	weight := func(s model.Series) int {
		i := slices.Index(weights, s.Metric)
		switch {
		case s.Metric.Unit() == model.Boolean || s.Metric == model.PID || s.Metric == model.PPID:
			return 1000
		case asked[s.Metric] && i >= 0:
			return i - 500
		case asked[s.Metric]:
			return -400
		case i >= 0:
			return i
		}
		return 500
	}
	out := slices.Clone(series)
	slices.SortStableFunc(out, func(a, b model.Series) int {
		return cmp.Or(cmp.Compare(weight(a), weight(b)), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Part, b.Part))
	})
	return out
}

// limitsOf are the numbers that rules compare a series with.
func limitsOf(spec *model.Service, s model.Series) []float64 {
	if spec == nil {
		return nil
	}
	var out []float64
	for i := range spec.Rules {
		r := &spec.Rules[i]
		if r.Metric == s.Metric && (r.Probe == nil) == (s.Part == "") && r.Over == 0 && wanted[r.Op] != "" &&
			r.Operand.Present() && !r.Operand.IsText() && !slices.Contains(out, r.Operand.Number()) {
			out = append(out, r.Operand.Number())
		}
	}
	return out[:min(len(out), 3)]
}

// maxData bounds how many points a script may ask for.
const maxData = 2000

// graphData sends the numbers of a series: times, means, lows and highs side by side.
func (d *dashboard) graphData(w http.ResponseWriter, v *visit) error {
	ctx, cancel := v.patient()
	defer cancel()
	s, err := d.called(ctx, v)
	if err != nil {
		return err
	}
	query := v.r.URL.Query()
	from, errFrom := strconv.ParseInt(query.Get("from"), 10, 64)
	to, errTo := strconv.ParseInt(query.Get("to"), 10, 64)
	points, errPoints := strconv.Atoi(cmp.Or(query.Get("points"), "600"))
	const aeon = 1 << 40 // seconds; beyond that, times have no names
	if errFrom != nil || errTo != nil || errPoints != nil || from < 0 || to <= from || to > aeon || points < 1 || points > maxData || d.Past == nil {
		return refuse(http.StatusBadRequest, "A graph is from one time to a later one, in at most "+strconv.Itoa(maxData)+" points.")
	}
	metric := model.Metric(query.Get("metric"))
	found, err := d.Past.Graph(ctx, model.Series{Service: s.Name, Part: query.Get("part"), Metric: metric}, time.Unix(from, 0), time.Unix(to, 0), points)
	if err != nil {
		return err
	}
	data := struct {
		Unit  string       `json:"unit"`
		Times []int64      `json:"times"`
		Rows  [3][]float64 `json:"rows"` // mean, low, high
	}{Unit: string(metric.Unit()), Times: []int64{}, Rows: [3][]float64{{}, {}, {}}}
	for _, p := range found {
		if p.Count > 0 {
			data.Times = append(data.Times, p.At.Unix())
			data.Rows[0], data.Rows[1], data.Rows[2] = append(data.Rows[0], p.Mean()), append(data.Rows[1], p.Low), append(data.Rows[2], p.High)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(data)
}
