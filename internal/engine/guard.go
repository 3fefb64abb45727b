package engine

import (
	"slices"
	"time"

	"orderly/internal/model"
)

// A doubt is a check that found others not answering, and that is not judged before it is known whether the network of this
// host is why.
type doubt struct {
	began  time.Time // the check
	found  time.Time // that somebody did not answer
	judge  func(down bool)
	waited bool // for a look of the guard that began afterwards
}

// measured takes over what a check found, if it is still wanted. Who does not answer is not blamed before the guard was asked.
func (e *Engine) measured(s *service, epoch int, sample model.Sample, err error) {
	if epoch != s.epoch || e.ctx.Err() != nil {
		return
	}
	s.adrift = ""
	if err != nil || !e.doubtful(s, &sample) {
		e.judged(s, sample, err)
		return
	}
	e.askGuard(doubt{began: s.asOf, found: time.Now(), judge: func(down bool) {
		if epoch != s.epoch || e.ctx.Err() != nil {
			return
		}
		if down {
			s.adrift = e.guard.spec.Name
			sample = e.excuse(s, sample)
		}
		e.judged(s, sample, nil)
	}})
}

// doubtful tells whether somebody elsewhere did not answer.
func (e *Engine) doubtful(s *service, sample *model.Sample) bool {
	if e.guard == nil || e.guard == s {
		return false
	}
	for i, p := range s.probes {
		if i < len(sample.Probes) && !sample.Probes[i].OK && !sample.Probes[i].Skipped && p.Outbound(e.config.Settings.Host) {
			return true
		}
	}
	return false
}

// excuse is a sample in which nothing is said of those elsewhere who did not answer.
func (e *Engine) excuse(s *service, sample model.Sample) model.Sample {
	sample.Probes = slices.Clone(sample.Probes)
	for i, p := range s.probes {
		if r := &sample.Probes[i]; !r.OK && p.Outbound(e.config.Settings.Host) {
			*r = model.Result{Skipped: true, Summary: "the network of this host is down"}
		}
	}
	return sample
}

// askGuard has a doubt settled: at once where the guard has seen an outage since the check began, or looked after it; else when
// it has. A look before the check ended does not tell that all was well.
func (e *Engine) askGuard(d doubt) {
	g := e.guard
	switch {
	case g == nil || !g.monitored || g.plan != nil:
		d.judge(false)
	case d.waited && !g.looking() || !g.sample.At.Before(d.found) || !g.sample.At.Before(d.began) && g.inTrouble():
		d.judge(g.inTrouble())
	default:
		d.waited = d.waited || !g.looking() || !g.asOf.Before(d.found)
		g.doubts = append(g.doubts, d)
		if !g.looking() {
			e.request(g, time.Now(), byExit)
		}
	}
}

// looking tells whether a check is under way or about to be.
func (s *service) looking() bool { return s.busy || s.parked || s.queued }

// settleDoubts goes on with the checks that waited for the guard, and has those made again that it kept from being judged.
func (e *Engine) settleDoubts(g *service) {
	doubts := g.doubts
	g.doubts = nil
	for _, d := range doubts {
		e.askGuard(d)
	}
	if g != e.guard || g.inTrouble() {
		return
	}
	for _, s := range g.wards {
		if s.adrift != "" && !s.looking() {
			e.request(s, time.Now(), byExit)
		}
	}
}

// watchOver finds the guard, and whose answers it has to do with.
func (e *Engine) watchOver() {
	e.guard = nil
	for _, s := range e.order {
		s.wards = nil
		if s.spec.Connectivity != nil {
			e.guard = s
		}
	}
	for _, s := range e.order {
		outbound := func(p *model.Probe) bool { return p.Outbound(e.config.Settings.Host) }
		if e.guard != nil && s != e.guard && slices.ContainsFunc(s.probes, outbound) {
			e.guard.wards = append(e.guard.wards, s)
		}
	}
}
