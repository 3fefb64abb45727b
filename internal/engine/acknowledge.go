package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Acknowledge notes that somebody looks after services that fail: until they are well, people are not reminded of them and
// nobody further is called. What was acknowledged is on disk when it returns. Services that are well are left as they are.
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
	s.acked = "acknowledged"
	if by != "" {
		s.acked += " by " + by
	}
	e.journal(s, model.Event{Kind: model.EventAcknowledged, Topic: model.TopicAction, Text: "is " + s.acked, Silent: true})
	e.touch(s, now)
	out.Done = "is acknowledged"
	return out
}

// settled forgets who looked after a service once it is well.
func (s *service) settled() {
	if s.acked != "" && !s.failing() {
		s.acked, s.dirty = "", true
	}
}
