package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

var systemdMethods = map[Verb]string{
	VerbStart: "StartUnit", VerbStop: "StopUnit", VerbRestart: "RestartUnit", VerbReload: "ReloadUnit",
}

// do queues a job and waits for its result. A job that is not done in time is taken back.
func (s *systemd) do(ctx context.Context, before Unit, verb Verb) error {
	var l *line
	var job *queued
	err := s.bus.talk(ctx, func(to *line) (err error) {
		l = to
		l.forgive(ctx, before, verb)
		job, err = l.jobs.queue(func(path *dbus.ObjectPath) error {
			return l.manager(ctx, systemdMethods[verb], []any{before.Name, "replace"}, path)
		})
		return err
	}, func(noBus error) error { return s.command.do(ctx, before, verb, noBus) })
	if err != nil || job == nil {
		return s.explain(err)
	}
	defer job.forget()
	select {
	case text := <-job.result:
		return jobError(text)
	case <-l.Context().Done():
		select {
		case text := <-job.result: // was the last thing to be heard
			return jobError(text)
		default:
			return s.outlast(ctx, before.Name)
		}
	case <-ctx.Done():
		err := l.takeBack(ctx, job.path)
		select {
		case text := <-job.result: // it was done at the last moment
			if text != jobCanceled {
				return jobError(text)
			}
		default:
		}
		return err
	}
}

// forgive has systemd forget how often it started a unit, because it starts none that has reached its limit: neither one
// that it has given up, nor one that a restart has just stopped. Where that is forbidden, the result of the job tells.
func (l *line) forgive(ctx context.Context, before Unit, verb Verb) {
	if limited(before, verb) {
		_ = l.manager(ctx, "ResetFailedUnit", []any{before.Name})
	}
}

// limited tells whether systemd may refuse to do something because it did that too often already.
func limited(before Unit, verb Verb) bool {
	return verb == VerbRestart || verb == VerbStart && before.State == UnitFailed
}

// takeBack cancels a job for which the time is over. It returns why nobody waits for the job any more.
func (l *line) takeBack(ctx context.Context, job dbus.ObjectPath) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookPatience)
	defer cancel()
	if l.call(late, job, systemdName+".Job.Cancel", nil) != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", errTakenBack, ctx.Err())
}

// outlast waits for the end of a unit's job after the bus was lost, which may be what the job restarts.
func (s *systemd) outlast(ctx context.Context, unit string) error {
	last := errBusLost
	idle := func() bool {
		l, err := s.bus.get(ctx)
		if err != nil {
			last = err
			return false
		}
		p, err := l.properties(ctx, unitPath(unit), systemdName+".Unit")
		if err != nil {
			last = err
			return false
		}
		job, _ := p["Job"].Value().([]any)
		id, known := uint32(0), false
		if len(job) > 0 {
			id, known = job[0].(uint32)
		}
		return known && id == 0
	}
	if await(ctx, deadline(ctx), idle) {
		return nil
	}
	return fmt.Errorf("%w: %w", overdue(ctx), last)
}

// jobCanceled is the result of a job that was cancelled, or replaced by another.
const jobCanceled = "canceled"

// jobError says what the result of a job means.
func jobError(result string) error {
	switch result {
	case "done":
		return nil
	case "failed":
		return errors.New("its job failed")
	case jobCanceled:
		return errors.New("another job took its place")
	case "timeout":
		return errors.New("its job took longer than systemd lets it")
	case "dependency":
		return errors.New("a unit that it needs failed")
	case "skipped":
		return errors.New("systemd skipped it, because a condition of the unit does not hold")
	}
	return fmt.Errorf("its job ended with %q", result)
}
