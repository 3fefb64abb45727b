package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Acknowledge notes that somebody looks after services that fail: until they are well, people are not reminded of them and
// nobody further is called; at most for as long as the settings say. What was acknowledged is on disk when it returns. Services that are well are left as they are.
func (e *Engine) Acknowledge(ctx context.Context, c model.Command, by string) ([]model.Outcome, error) {
	var out []model.Outcome
	var failed error
	err := e.ask(ctx, func() {
		var targets []*service
		targets, failed = e.targets(c)
		for _, s := range targets {
			out = append(out, e.acknowledge(s, by, time.Now()))
		}
	})
	if err = cmp.Or(failed, err); err != nil {
		return nil, err
	}
	if err := e.Keeper.Flush(ctx); err != nil {
		return out, fmt.Errorf("acknowledged, but that cannot be saved and will be lost at a restart: %w", err)
	}
	return out, nil
}

func (e *Engine) acknowledge(s *service, by string, now time.Time) model.Outcome {
	out := model.Outcome{Service: s.spec.Name}
	switch {
	case !s.failing():
		out.Done, out.Idle = "is well: there is nothing to acknowledge", true
		return out
	case s.acked != "":
		out.Done, out.Idle = "is "+s.acked+" already", true
		return out
	}
	s.acked, s.ackedUntil = "acknowledged", time.Time{}
	if by != "" {
		s.acked += " by " + by
	}
	if length := e.config.Settings.AckFor; length > 0 {
		s.ackedUntil = now.Add(length)
		s.acked += " until " + s.ackedUntil.Local().Format("15:04:05")
	}
	e.journal(s, model.Event{Kind: model.EventAcknowledged, Topic: model.TopicAction, Text: "is " + s.acked, Silent: true})
	e.touch(s, now)
	out.Done = "is acknowledged"
	return out
}

// forgetAcknowledged has people reminded again of what was acknowledged for too long, and those called who would have been.
func (e *Engine) forgetAcknowledged(s *service, now time.Time) {
	if s.acked == "" || s.ackedUntil.IsZero() || now.Before(s.ackedUntil) {
		return
	}
	e.journal(s, model.Event{
		Kind: model.EventAcknowledged, Topic: model.TopicAction, Silent: true, Text: "was " + s.acked + ", and others hear of it again",
	})
	s.acked, s.ackedUntil, s.dirty = "", time.Time{}, true
}

// settled forgets who looked after a service once it is well.
func (s *service) settled() {
	if s.acked != "" && !s.failing() {
		s.acked, s.ackedUntil, s.dirty = "", time.Time{}, true
	}
}
