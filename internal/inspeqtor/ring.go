package inspeqtor

import (
	"math"
	"strings"
	"sync"
)

// ringSize is how many cycles are kept: an hour of cycles of fifteen seconds.
const ringSize = 240

// A place is what a ring is known by. The host has no name, because it may share its own with a service.
type place struct{ service, metric string }

func placeOf(b *block, m *measurement) place {
	if b.host {
		return place{"", m.String()}
	}
	return place{strings.ToLower(b.name), m.String()}
}

// A ring is the last samples of a metric, for people to look at: that is not worth eight bytes each. A cycle in which there
// was none is not a number.
type ring struct {
	samples []float32 // grows to ringSize
	next    int       // the oldest one, when it has grown
	cycle   uint64    // in which a sample was added
}

func (r *ring) add(f float32) {
	if len(r.samples) < ringSize {
		r.samples = append(r.samples, f)
		return
	}
	r.samples[r.next] = f
	r.next = (r.next + 1) % ringSize
}

// A history has a ring for each metric of each service, as long as the service is there. Its zero value is empty.
type history struct {
	mu    sync.Mutex // guards all below
	rings map[place]*ring
	cycle uint64
}

// record adds what is known now.
func (h *history) record(v view) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cycle++
	there := map[string]bool{"": true}
	h.recordBlock(&v.host)
	for i := range v.services {
		b := &v.services[i]
		there[strings.ToLower(b.name)] = true
		h.recordBlock(b)
	}
	for p, r := range h.rings {
		switch {
		case !there[p.service]:
			delete(h.rings, p)
		case r.cycle != h.cycle:
			r.add(float32(math.NaN()))
		}
	}
}

func (h *history) recordBlock(b *block) {
	for i := range b.measurements {
		m := &b.measurements[i]
		if !m.known {
			continue
		}
		p := placeOf(b, m)
		r := h.rings[p]
		if r == nil {
			r = &ring{}
			if h.rings == nil {
				h.rings = map[place]*ring{}
			}
			h.rings[p] = r
		}
		r.add(float32(m.value))
		r.cycle = h.cycle
	}
}

// samples are those of a metric, oldest first; none if it was never known. The caller owns them.
func (h *history) samples(p place) []float32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rings[p]
	if r == nil {
		return nil
	}
	out := make([]float32, 0, len(r.samples))
	return append(append(out, r.samples[r.next:]...), r.samples[:r.next]...)
}

// boundsOf are the least, the greatest and the mean sample; 0 without any.
func boundsOf(samples []float32) (low, high, mean float64) {
	var n, sum float64
	low, high = math.Inf(1), math.Inf(-1)
	for _, f := range samples {
		if x := float64(f); !math.IsNaN(x) {
			low, high = min(low, x), max(high, x)
			n, sum = n+1, sum+x
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	return low, high, sum / n
}
