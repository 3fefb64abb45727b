package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
	"orderly/internal/rule"
)

// Beat notes a sign of life of a heartbeat, as [Engine.Hear] does.
func (e *Engine) Beat(ctx context.Context, name string) error {
	return e.Hear(ctx, name, model.Signal{Kind: model.SignalEnd})
}

// ErrNoStatus tells that a heartbeat was said to have failed, and that nothing is to be done about that.
var ErrNoStatus = errors.New("no rule is about how it went")

// Hear notes what a job says of itself, and returns when that is on disk. It is judged at once: no signal is lost between
// two others. The error is of type *UnknownError when there is no such heartbeat, or wraps ErrNoStatus.
func (e *Engine) Hear(ctx context.Context, name string, sig model.Signal) error {
	var failed error
	err := e.ask(ctx, func() { failed = e.hear(name, sig, time.Now()) })
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	}
	if err := e.Keeper.Flush(ctx); err != nil {
		return fmt.Errorf("heard, but that cannot be saved and will be lost at a restart: %w", err)
	}
	return nil
}

func (e *Engine) hear(name string, sig model.Signal, now time.Time) error {
	targets, err := e.targets(model.Command{Names: []string{name}})
	if err != nil {
		return err
	}
	s := targets[0]
	if s.spec.Kind != model.KindHeartbeat {
		return &UnknownError{What: "heartbeat", Name: name}
	}
	fails := sig.Kind == model.SignalFail || sig.Kind == model.SignalEnd && sig.Status != 0
	about := slices.IndexFunc(s.spec.Rules, func(r model.Rule) bool { return r.Metric == model.BeatStatus })
	if fails && about < 0 {
		return fmt.Errorf("cannot note that %s failed: %w", s.spec.Name, ErrNoStatus)
	}
	speaks := sig.Kind == model.SignalLog || sig.Body != ""
	if speaks && !s.said.take(len(sig.Body)+entry, now) { // the signal counts all the same
		sig.Body, speaks = "", false
	}
	failed := func() bool { return about >= 0 && s.rules[about].Phase == rule.Failed }
	before := failed()
	if sig.Kind != model.SignalLog {
		s.bookmark = s.pulse().heard(sig, now)
		e.touch(s, now)
		e.request(s, now, byRequest)
	}
	tells := fails && failed() && !before // then its event carries what was said
	if speaks && !tells {
		e.journal(s, model.Event{Kind: model.EventHeard, Topic: model.TopicHeartbeat, Text: said(sig), Evidence: sig.Body, Silent: true})
	}
	return nil
}

// What is kept of what one job says, in bytes: so much at once, and then so much a second, which is 700 kB a day.
const (
	saidAtOnce = 256 << 10
	saidRate   = 8
	entry      = 200 // what an event takes besides
)

// An allowance bounds how much a job may have kept. Its zero value is not used up.
type allowance struct {
	used float64 // bytes
	at   time.Time
}

// take tells whether so many bytes more may be kept.
func (a *allowance) take(n int, now time.Time) bool {
	a.used = max(0, a.used-saidRate*max(0, now.Sub(a.at).Seconds()))
	a.at = now
	if a.used+float64(n) > saidAtOnce {
		return false
	}
	a.used += float64(n)
	return true
}

// said is a signal in words.
func said(sig model.Signal) string {
	text := "ended well"
	switch {
	case sig.Kind == model.SignalStart:
		text = "has begun"
	case sig.Kind == model.SignalLog:
		text = "had something to say"
	case sig.Kind == model.SignalFail:
		text = "said that it failed"
	case sig.Status != 0:
		text = fmt.Sprintf("ended with exit status %d", sig.Status)
	}
	if sig.Run != "" {
		text += ", run " + sig.Run
	}
	if sig.By != "" {
		text += ", by " + sig.By
	}
	return text
}

// feel checks a heartbeat. All that is to be known of it is here already, so it takes neither a worker nor time.
func (e *Engine) feel(s *service) {
	s.waiting = false
	e.measured(s, s.epoch, s.pulse().sample(time.Now(), e.resumed), nil)
}

// watchSilence has a heartbeat looked at when its next sign of life is overdue, rather than some time in that cycle.
func (e *Engine) watchSilence(s *service, now time.Time) {
	if s.spec.Kind != model.KindHeartbeat {
		return
	}
	e.later = slices.DeleteFunc(e.later, func(o *once) bool { return o.s == s && o.cause == bySilence })
	for _, at := range s.pulse().turns(s.spec.Rules, now, e.resumed) {
		if at.After(now) {
			e.afterwards(s, at, bySilence)
		}
	}
}

// expects tells whether a check is asked for already at a time.
func (e *Engine) expects(s *service, at time.Time) bool {
	for _, o := range e.later {
		if o.s == s && o.at.Equal(at) {
			return true
		}
	}
	return false
}

// followRoutine reads the schedule of a heartbeat, if it has one. The configuration has checked that it can be read.
func (s *service) followRoutine() {
	s.routine = nil
	if h := s.spec.Heartbeat; h != nil && h.Cron != "" {
		if r, err := calendar.ParseRoutine(h.Cron, h.Zone); err == nil {
			s.routine = &r
		}
	}
}
