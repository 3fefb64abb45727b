package history

import (
	"math"
	"slices"
	"time"

	"orderly/internal/model"
)

const (
	maxSeries  = 64     // of a service
	maxAll     = 50_000 // of all services
	maxPending = 50_000 // rollups that wait for Run
)

// A series is what was measured of one number in the present minute.
type series struct {
	metric         model.Metric
	part           uint16 // 0: the service itself; otherwise one more than its index
	count          uint32
	low, high, sum float64
}

func (s *series) add(v float64) {
	if s.count == 0 {
		s.low, s.high, s.sum = v, v, 0
	}
	s.count++
	s.low, s.high, s.sum = min(s.low, v), max(s.high, v), s.sum+v
}

func (s *series) rollup(minute int64) model.Rollup {
	return model.Rollup{At: time.Unix(minute*60, 0), Count: int(s.count), Low: s.low, High: s.high, Sum: s.sum}
}

// measure adds the numbers of a check to their series.
func (h *History) measure(s *service, at time.Time, c model.Checked) {
	if c.Sample == nil {
		return
	}
	minute := minuteOf(at)
	first := s.minute != minute
	if first {
		h.collect(s)
		s.minute = minute
	}
	if s.series == nil {
		s.series = make([]series, 0, min(countWorth(c.Sample), maxSeries))
	}
	next := 0
	for _, r := range c.Sample.Readings {
		next = h.add(s, next, 0, r)
	}
	for i := range c.Sample.Probes {
		for _, r := range c.Sample.Probes[i].Readings {
			next = h.add(s, next, i+1, r)
		}
	}
	next = h.add(s, next, 0, model.Reading{Metric: model.Took, Value: model.Num(c.Took.Seconds())})
	if first && c.Sample.Details != nil {
		h.detail(s, next, c.Sample)
	}
	s.spark.add(chief(c))
}

// detail adds what no rule asks for, once a minute: it is read no more often.
func (h *History) detail(s *service, next int, sample *model.Sample) {
	for _, r := range sample.Details.Readings() {
		if slices.Contains(wanted, r.Metric) && !sample.Readings.Get(r.Metric).Present() {
			next = h.add(s, next, 0, r)
		}
	}
}

// countWorth is how many series there will be.
func countWorth(s *model.Sample) int {
	n := 1
	if s.Details != nil {
		n += len(wanted)
	}
	count := func(readings model.Readings) {
		for _, r := range readings {
			if worth(r.Metric) {
				n++
			}
		}
	}
	count(s.Readings)
	for i := range s.Probes {
		count(s.Probes[i].Readings)
	}
	return n
}

// add adds a reading to its series, which is probably the one of index next, and returns the index that follows.
func (h *History) add(s *service, next, part int, r model.Reading) int {
	v := r.Value.Number()
	if r.Over != 0 || !r.Value.Present() || r.Value.IsText() || part > len(s.parts) || math.IsNaN(v) || math.IsInf(v, 0) || !worth(r.Metric) {
		return next
	}
	for i := range s.series {
		k := (next + i) % len(s.series)
		if one := &s.series[k]; one.part == uint16(part) && one.metric == r.Metric {
			one.add(v)
			return k + 1
		}
	}
	if len(s.series) >= maxSeries || h.series >= maxAll {
		h.tooMany(s)
		return next
	}
	h.series++
	s.series = append(s.series, series{metric: r.Metric, part: uint16(part)})
	s.series[len(s.series)-1].add(v)
	return len(s.series)
}

func (h *History) tooMany(s *service) {
	if !h.full {
		h.full = true
		h.log.Warn("there are more measurements than history keeps; from now on those that are new are left out",
			"service", s.name, "of one service", maxSeries, "of all", maxAll)
	}
}

// collect takes out what was measured of a service in a minute.
func (h *History) collect(s *service) {
	for i := range s.series {
		one := &s.series[i]
		if one.count > 0 && len(h.pending) < maxPending {
			h.pending = append(h.pending, model.SeriesRollup{Series: s.id(one), Rollup: one.rollup(s.minute)})
		}
		one.count = 0
	}
}

// id names a series. Its part is that of the present configuration.
func (s *service) id(one *series) model.Series {
	part := ""
	if i := int(one.part); i > 0 && i <= len(s.parts) {
		part = s.parts[i-1]
	}
	return model.Series{Service: s.name, Part: part, Metric: one.metric}
}
