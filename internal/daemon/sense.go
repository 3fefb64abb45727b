package daemon

import (
	"context"
	"sync"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
	"orderly/internal/probe"
)

// sense measures one service: what it is on this host, then what its probes say.
func (d *instance) sense(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (model.Sample, error) {
	if s.Connectivity != nil {
		return reach(ctx, s.Connectivity, asOf, b)
	}
	var sample model.Sample
	var err error
	switch s.Kind {
	case model.KindProgram:
		return d.control.Check(ctx, s)
	case model.KindHost:
		sample = model.Sample{At: asOf, Bookmark: b, Probes: skipped(s)}
	case model.KindUnit:
		sample, err = d.units.measure(ctx, s, asOf, b)
	default:
		sample, err = d.host.Measure(ctx, s, asOf, b)
	}
	if err != nil || len(sample.Probes) == 0 || tooEarly(s, sample) {
		return sample, err
	}
	d.ask(ctx, s, sample.Probes)
	return sample, nil
}

func skipped(s *model.Service) []model.Result {
	results := make([]model.Result, len(s.Probes()))
	for i := range results {
		results[i].Skipped = true
	}
	return results
}

// tooEarly tells whether probes make no sense yet: the process is not there, or was started so lately that whoever starts
// it may still be at work. That of a unit may be on its way.
func tooEarly(s *model.Service, sample model.Sample) bool {
	unit, there := s.Kind == model.KindUnit, sample.Readings.Get(model.Exist)
	if there.Present() && there.Number() == 0 || unit && !there.Present() {
		return true
	}
	uptime := sample.Readings.Get(model.Uptime)
	if !uptime.Present() || !unit && (s.Kind != model.KindProcess || s.Start == nil) {
		return false
	}
	timeout := s.Limits.StartTimeout
	if s.Start != nil && s.Start.Timeout > 0 {
		timeout = s.Start.Timeout
	}
	return uptime.Number() <= timeout.Seconds()
}

// ask runs the probes and fills in their results: pings first, because a host that does not answer them is not
// asked for more; then all others side by side, so that one that hangs does not delay the next.
func (d *instance) ask(ctx context.Context, s *model.Service, results []model.Result) {
	probes := s.Probes()
	reachable := true
	var others []int
	for i, p := range probes {
		switch {
		case p.Kind.OfSubject():
		case p.Kind == model.ProbePing:
			results[i] = probe.Run(ctx, p)
			reachable = results[i].OK || results[i].Skipped
		default:
			others = append(others, i)
		}
	}
	if !reachable {
		return
	}
	if len(others) == 1 {
		results[others[0]] = d.meter.Run(ctx, s, probes[others[0]])
		return
	}
	var all sync.WaitGroup
	for _, i := range others {
		all.Go(func() { results[i] = d.meter.Run(ctx, s, probes[i]) })
	}
	all.Wait()
}

// facts is what programs are told of a service in their environment.
func (d *instance) facts(s *model.Service) control.Facts {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	f := control.Facts{PID: -1, Children: -1, CPUPercent: -1}
	r, err := d.engine.Readings(ctx, s.Name)
	if err != nil {
		return f
	}
	number := func(m model.Metric, missing float64) float64 {
		if v := r.Get(m); v.Present() {
			return v.Number()
		}
		return missing
	}
	f.PID = int(number(model.PID, -1))
	f.MemoryKiB = int(number(model.Memory, 0) / 1024)
	f.Children = int(number(model.Children, -1))
	f.CPUPercent = number(model.CPU, -1)
	f.ProgramStatus = int(number(model.Status, 0))
	return f
}

// forget drops what is remembered of a service that is no longer watched.
func (d *instance) forget(service string) {
	d.host.Forget(service)
	d.units.forget(service)
	d.meter.Forget(service)
}

// Speaks tells whether a protocol can be checked: a configuration that names another one is told so.
func Speaks(protocol string) bool {
	_, ok := probe.Lookup(protocol)
	return ok
}
