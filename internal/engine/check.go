package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"orderly/internal/model"
)

// A job is one check to be made by a worker.
type job struct {
	ctx    context.Context
	cancel context.CancelFunc
	s      *service
	spec   *model.Service
	asOf   time.Time
	mark   model.Bookmark
	epoch  int
	class  class
}

// lingering bounds how many workers wait for more to do. Their stacks have grown already, which is half the cost
// of a quick check.
const lingering = 8

// run has a worker measure the service; the sample comes back to the conductor.
func (e *Engine) run(s *service, c class) {
	j := job{ctx: e.ctx, cancel: nothing, s: s, spec: s.spec, asOf: s.asOf, mark: s.bookmark, epoch: s.epoch, class: c}
	if c == onNetwork || c == onProgram { // what only looks at this host has deadlines of its own and need not be cancelled
		j.ctx, j.cancel = context.WithTimeout(e.ctx, patience(s.spec))
	}
	s.busy, s.cancel, s.waiting = true, j.cancel, false
	e.running[c]++
	select {
	case e.jobs <- j:
	default:
		e.work.Add(1)
		go e.worker(j)
	}
}

func nothing() {}

// worker makes one check, then others for as long as few workers wait for any.
func (e *Engine) worker(j job) {
	defer e.work.Done()
	for {
		sample, err := e.sense(j.ctx, j.spec, j.asOf, j.mark)
		j.cancel()
		s, epoch, class := j.s, j.epoch, j.class // a closure over all of the job would be twice as large
		e.post(func() {
			e.measured(s, epoch, sample, err)
			e.freed(class)
		})
		if e.lingering.Add(1) > lingering {
			e.lingering.Add(-1)
			return
		}
		select {
		case j = <-e.jobs:
			e.lingering.Add(-1)
		case <-e.ctx.Done():
			return
		}
	}
}

// sense calls Sense and turns a panic into an error: nothing a check meets may stop another check.
func (e *Engine) sense(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (sample model.Sample, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("a check panicked", "service", s.Name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the check itself broke: %v", p)
		}
	}()
	return e.Sense(ctx, s, asOf, b)
}

// patience bounds a whole check, as a backstop: each step in it has a shorter deadline of its own.
func patience(s *model.Service) time.Duration {
	d := 30 * time.Second
	if s.Subject.Program != nil {
		d += (s.Limits.ProgramTimeout + s.Subject.Program.Timeout) * time.Duration(1+s.Subject.Retries)
	}
	for i := range s.Rules {
		if p := s.Rules[i].Probe; p != nil {
			d += 4 * p.Timeout * time.Duration(max(1, p.Retry, p.Count))
		}
	}
	return d
}

// abandon lets go of a running check: its outcome no longer counts. It still holds its slot until it returns.
func (e *Engine) abandon(s *service) {
	if s.busy {
		s.cancel()
		s.busy = false
	}
	s.epoch++
}

// judged takes over what a check found and does what follows.
func (e *Engine) judged(s *service, sample model.Sample, err error) {
	now := time.Now()
	s.busy, s.cancel = false, nil
	s.checks++
	s.before, s.checked = s.checked, now
	if err == nil {
		s.dirty = s.dirty || s.bookmark != sample.Bookmark
		s.bookmark, s.sample = sample.Bookmark, sample
	}
	d := &decision{e: e, s: s, now: now}
	failing := s.failing() || s.accessError != ""
	e.forgetAcknowledged(s, now)
	if d.judge(err); s.monitored {
		s.initializing = false
	}
	if failing && s.ready() {
		s.backAt = now
	}
	e.well(s, now)
	s.settled()
	e.watchSilence(s, now)
	e.settle(s, now)
	if e.Log.Enabled(e.ctx, slog.LevelDebug) {
		e.Log.Debug("checked", "service", s.spec.Name, "state", string(s.state), "check", s.checks)
	}
	e.finished(s)
	d.act()
	e.tellChecked(d, err)
}

// finished lets those go on who waited for this service's check: its children, and whoever asked for it.
func (e *Engine) finished(s *service) {
	for _, w := range s.watches {
		close(w)
	}
	s.watches = nil
	if s.spec.Connectivity != nil {
		e.settleDoubts(s)
	}
	for _, c := range s.children {
		e.release(c)
		if c.blocked && c.plan == nil && e.obstacle(c) == nil {
			c.blocked = false
			e.begin(newPlan(model.CommandStart, c, model.Event{Kind: model.EventRecovered, Rule: "depends on " + s.spec.Name}, nil))
		}
	}
}

// stirred looks at once at a service whose process has ended, for example. One that dies again and again right after its
// start is given a little longer each time, at most until its next cycle.
func (e *Engine) stirred(name string) {
	s := e.services[key(name)]
	if s == nil || !s.monitored || s.plan != nil {
		return
	}
	now := time.Now()
	if lived := now.Sub(s.started); s.started.IsZero() || lived >= time.Second {
		s.deaths = 0
		e.request(s, now, byExit)
		return
	}
	s.deaths++
	pause := min(250*time.Millisecond<<min(s.deaths, 12), e.period(s))
	e.afterwards(s, now.Add(pause), byExit)
}
