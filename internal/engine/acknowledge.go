package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Acknowledge notes that somebody looks after services that fail: until they are well, people are not reminded of them and
// nobody further is called; at most until the time of the command, which may be a year from now, or for as long as the settings say.
// What was acknowledged is on disk when it returns. Services that are well are left as they are.
func (e *Engine) Acknowledge(ctx context.Context, c model.Command, by string) ([]model.Outcome, error) {
	var out []model.Outcome
	var failed error
	err := e.ask(ctx, func() {
		now := time.Now()
		if failed = ackable(c.Until, now); failed != nil {
			return
		}
		var targets []*service
		targets, failed = e.targets(c)
		for _, s := range targets {
			out = append(out, e.acknowledge(s, by, c.Until, now))
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

// ackable tells what is wrong with the time until which somebody looks after services.
func ackable(until, now time.Time) error {
	switch {
	case until.IsZero():
		return nil
	case !until.After(now):
		return errors.New("cannot acknowledge: the time until which you look after it has passed")
	case until.Sub(now) > maxSilence:
		return errors.New("cannot acknowledge: that would end more than a year from now")
	}
	return nil
}

// acknowledge notes it of one service. What is acknowledged already stays so, unless somebody says until when.
func (e *Engine) acknowledge(s *service, by string, until, now time.Time) model.Outcome {
	out := model.Outcome{Service: s.spec.Name}
	switch {
	case !s.failing():
		out.Done, out.Idle = "is well: there is nothing to acknowledge", true
		return out
	case s.acked != "" && until.IsZero():
		out.Done, out.Idle = "is "+s.acked+" already", true
		return out
	}
	if length := e.config.Settings.AckFor; until.IsZero() && length > 0 {
		until = now.Add(length)
	}
	s.acked, s.ackedUntil = "acknowledged", until
	if by != "" {
		s.acked += " by " + by
	}
	if !until.IsZero() {
		s.acked += " until " + clock(until, now)
	}
	e.journal(s, model.Event{Kind: model.EventAcknowledged, Topic: model.TopicAction, Text: "is " + s.acked, Silent: true})
	e.touch(s, now)
	out.Done = "is acknowledged"
	return out
}

// clock is a time of day, with its date if it is not within a day from now.
func clock(at, now time.Time) string {
	if at.Sub(now) >= 24*time.Hour {
		return at.Local().Format(time.DateTime)
	}
	return at.Local().Format(time.TimeOnly)
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
