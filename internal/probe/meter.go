package probe

import (
	"context"
	"slices"
	"sync"
	"time"

	"orderly/internal/model"
)

const (
	// settle is the shortest time that a rate is taken over. Checks that follow each other sooner get the same rates again:
	// what a server does in a moment says little of what it does in a second.
	settle = time.Second
	// longestPause is the longest time that a rate is taken over. Some services are checked once a day.
	longestPause = 25 * time.Hour
)

// A Meter asks like [Run], and remembers what servers count, so that rules hear of the growth in a second where a server
// tells a total. It asks registries when domains end, and remembers that as well. Its zero value is ready, and may be used by many goroutines. It keeps one look at each probe
// of each service.
type Meter struct {
	mu       sync.Mutex
	services map[string]map[*model.Probe]*look
	registry registry
}

// A look is what was seen of a server's totals the last time.
type look struct {
	at     time.Time
	totals model.Readings
	rates  model.Readings // that came of it
}

// Run asks what a probe of a service asks, and for what is only asked when its rules want it. A metric in PerSec or
// BytesPerSec is absent at the first look, when its total went back, as it does when the server starts again, and when
// the last look is too long ago. An answer that does not come leaves the look before in its place.
func (m *Meter) Run(ctx context.Context, s *model.Service, p *model.Probe) model.Result {
	if p.Kind == model.ProbeDomain {
		return m.registry.look(ctx, p)
	}
	r := Run(ctx, withWishes(s, p))
	if !slices.ContainsFunc(r.Readings, isTotal) || ctx.Err() != nil { // who cancels a check may have forgotten its service already
		return r
	}
	var totals model.Readings
	for _, each := range r.Readings {
		if isTotal(each) {
			totals = append(totals, each)
		}
	}
	r.Readings = append(slices.DeleteFunc(r.Readings, isTotal), m.note(s, p, totals, time.Now())...)
	return r
}

// Forget drops what is remembered of a service.
func (m *Meter) Forget(service string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.services, service)
}

// note puts a look in the place of the one before and tells the rates between them.
func (m *Meter) note(s *model.Service, p *model.Probe, totals model.Readings, now time.Time) model.Readings {
	m.mu.Lock()
	defer m.mu.Unlock()
	looks := m.services[s.Name]
	if looks == nil {
		if m.services == nil {
			m.services = map[string]map[*model.Probe]*look{}
		}
		looks = map[*model.Probe]*look{}
		m.services[s.Name] = looks
	}
	last := looks[p]
	if last == nil {
		probes := s.Probes()
		for old := range looks { // of a configuration before
			if !slices.Contains(probes, old) {
				delete(looks, old)
			}
		}
		last = &look{}
		looks[p] = last
	}
	return last.then(totals, now)
}

// then goes on to the next look.
func (l *look) then(totals model.Readings, now time.Time) model.Readings {
	elapsed := now.Sub(l.at)
	if l.totals != nil && elapsed < settle {
		return l.rates
	}
	*l = look{now, totals, rates(l.totals, totals, elapsed)}
	return l.rates
}

// rates are what totals grew in a second.
func rates(before, now model.Readings, elapsed time.Duration) model.Readings {
	if elapsed <= 0 || elapsed > longestPause {
		return nil
	}
	var out model.Readings
	for _, r := range now {
		was := before.Get(r.Metric)
		if grown := r.Value.Number() - was.Number(); was.Present() && grown >= 0 {
			out.Add(r.Metric, model.Num(grown/elapsed.Seconds()))
		}
	}
	return out
}

// isTotal tells whether a server told how much there was in all, where rules hear of the growth in a second.
func isTotal(r model.Reading) bool {
	unit := r.Metric.Unit()
	return (unit == model.PerSec || unit == model.BytesPerSec) && r.Metric.Family() != ""
}

// withWishes adds to a probe of a family which metrics the rules of a service want of it.
func withWishes(s *model.Service, p *model.Probe) *model.Probe {
	var wishes model.Params
	for i := range s.Rules {
		if r := &s.Rules[i]; r.Probe == p && r.Metric.Family() != "" {
			wishes = append(wishes, model.Param{Name: wanted, Value: string(r.Metric)})
		}
	}
	if wishes == nil {
		return p
	}
	q := *p
	q.Params = slices.Concat(p.Params, wishes)
	return &q
}
