package engine

import (
	"context"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Beat notes a sign of life of a heartbeat, and returns when that is on disk. It is checked at once. The error is of type
// *UnknownError when there is no such heartbeat.
func (e *Engine) Beat(ctx context.Context, name string) error {
	var failed error
	err := e.ask(ctx, func() {
		var targets []*service
		if targets, failed = e.targets(model.Command{Names: []string{name}}); failed != nil {
			return
		}
		s, now := targets[0], time.Now()
		if s.spec.Kind != model.KindHeartbeat {
			failed = &UnknownError{What: "heartbeat", Name: name}
			return
		}
		s.bookmark.BeatAt = now.UnixNano()
		e.touch(s, now)
		e.request(s, now, byRequest)
	})
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

// watchSilence has a heartbeat looked at when its next sign of life is overdue, rather than some time in that cycle.
func (e *Engine) watchSilence(s *service) {
	if s.spec.Kind != model.KindHeartbeat || s.bookmark.BeatAt == 0 {
		return
	}
	beat := time.Unix(0, s.bookmark.BeatAt)
	for i := range s.spec.Rules {
		r := &s.spec.Rules[i]
		if r.Metric != model.SilentFor {
			continue
		}
		due := beat.Add(time.Duration(r.Operand.Number()*float64(time.Second)) + time.Millisecond)
		if due.After(time.Now()) && !e.expects(s, due) {
			e.afterwards(s, due, byExit)
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
