package history

import (
	"time"

	"orderly/internal/model"
)

// sparks is how many checks a spark line shows.
const sparks = 60

// A ring has the chief number of the last checks.
type ring struct {
	values *[sparks]float32
	next   uint8
	full   bool
}

func (r *ring) add(v float64) {
	if r.values == nil {
		r.values = new([sparks]float32)
	}
	r.values[r.next] = float32(v)
	if r.next++; r.next == sparks {
		r.next, r.full = 0, true
	}
}

// Spark returns the chief number of the last checks of a service, at most 60, oldest first: how fast it answered, how busy or
// full it is, or how long it took to look.
func (h *History) Spark(service string) []float32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.find(service)
	if s == nil || s.spark.values == nil {
		return nil
	}
	r := &s.spark
	var out []float32
	if r.full {
		out = append(out, r.values[r.next:]...)
	}
	return append(out, r.values[:r.next]...)
}

// chiefs are the numbers that say most about a kind of service, the first that was measured.
var chiefs = map[model.Kind][]model.Metric{
	model.KindProcess:    {model.CPUTotal, model.CPU},
	model.KindUnit:       {model.CPUTotal, model.CPU},
	model.KindSystem:     {model.CPU, model.Load1},
	model.KindFile:       {model.Size},
	model.KindFilesystem: {model.SpacePercent},
	model.KindNetwork:    {model.DownloadBytes},
	model.KindHeartbeat:  {model.RunTime},
}

// chief is the number of a check that its spark line shows. The answer of a server comes before all else.
func chief(c model.Checked) float64 {
	for i := range c.Sample.Probes {
		if v := c.Sample.Probes[i].Readings.Get(model.Latency); v.Present() {
			return v.Number()
		}
	}
	for _, m := range chiefs[c.Service.Kind] {
		if v := c.Sample.Readings.Get(m); v.Present() {
			return v.Number()
		}
	}
	return float64(c.Took) / float64(time.Second)
}
