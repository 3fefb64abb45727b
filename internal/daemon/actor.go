package daemon

import (
	"context"
	"fmt"
	"time"

	"orderly/internal/control"
	"orderly/internal/model"
)

// An actor does things to services: by their own programs, or for a unit without one by its init system.
type actor struct {
	*control.Controller
	units *units
}

// Start starts a service and waits until it has started.
func (a actor) Start(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	return a.perform(ctx, s, ev, control.VerbStart, s.Start != nil, a.Controller.Start)
}

// Stop stops a service and waits until it has stopped.
func (a actor) Stop(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	return a.perform(ctx, s, ev, control.VerbStop, s.Stop != nil, a.Controller.Stop)
}

// Restart restarts a service. A unit's own start and stop programs stand for a restart program only together.
func (a actor) Restart(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	own := s.Restart != nil || s.Start != nil && s.Stop != nil
	return a.perform(ctx, s, ev, control.VerbRestart, own, a.Controller.Restart)
}

// Reload makes a service read its configuration again.
func (a actor) Reload(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	return a.perform(ctx, s, ev, control.VerbReload, s.Reload != nil, a.Controller.Reload)
}

type method func(ctx context.Context, s *model.Service, ev model.Event) model.Outcome

func (a actor) perform(ctx context.Context, s *model.Service, ev model.Event, verb control.Verb, own bool, program method) model.Outcome {
	switch {
	case s.Kind != model.KindUnit:
		return program(ctx, s, ev)
	case own:
		return a.units.meanwhile(ctx, s, func() model.Outcome { return program(ctx, s, ev) })
	}
	return a.units.do(ctx, s, ev, verb)
}

// do has the init system of a unit act, unless a rule asks for what the init system does anyway.
func (u *units) do(ctx context.Context, s *model.Service, ev model.Event, verb control.Verb) model.Outcome {
	l := u.life(s)
	now, err := u.look(ctx, s, l)
	if err != nil {
		return model.Outcome{Service: s.Name, Error: fmt.Sprintf("cannot %s: %v", verb, err)}
	}
	lost := l.lost(now)
	if missed(s, ev) && (verb == control.VerbStart || verb == control.VerbRestart) && !lost {
		if why := taken(now); why != "" {
			return model.Outcome{Service: s.Name, Done: why, Idle: true}
		}
	}
	if lost && verb == control.VerbStart { // its init system believes that there is nothing to start
		verb = control.VerbRestart
	}
	l.begin()
	within, cancel := context.WithTimeout(ctx, patience(s, verb))
	defer cancel()
	after, out := u.inits.Do(within, now.Ref, verb)
	l.expect(after, time.Now())
	out.Service = s.Name
	return out
}

const (
	// usualPatience is how long an init system may take where the configuration says nothing: it has limits of its own.
	usualPatience = 2 * time.Minute
	// longestPatience bounds every act of an init system.
	longestPatience = 24 * time.Hour
)

// patience is how long an init system may take to act on a service.
func patience(s *model.Service, verb control.Verb) time.Duration {
	configured, usual := s.Limits.StartTimeout, model.DefaultLimits().StartTimeout
	switch verb {
	case control.VerbStop:
		configured, usual = s.Limits.StopTimeout, model.DefaultLimits().StopTimeout
	case control.VerbRestart:
		configured, usual = s.Limits.RestartTimeout, model.DefaultLimits().RestartTimeout
	case control.VerbReload:
		configured = 0
	}
	if configured <= 0 || configured == usual {
		return usualPatience
	}
	return min(configured, longestPatience)
}

// missed tells whether a rule acts because this service is not there.
func missed(s *model.Service, ev model.Event) bool {
	return ev.Kind != "" && ev.Topic == model.TopicNonexist && (ev.Service == "" || ev.Service == s.Name)
}

// taken says why a unit need not be started, or nothing: whoever starts what its init system starts already hinders it.
func taken(now control.Unit) string {
	switch now.State {
	case control.UnitRunning:
		if now.PID > 0 {
			return fmt.Sprintf("already running, pid %d", now.PID)
		}
		return "already running"
	case control.UnitRestarting:
		return now.System + " is about to start it again"
	case control.UnitStarting:
		return now.System + " is starting it already"
	}
	return ""
}

// meanwhile acts on a unit by a program of its own, and takes it over as it is then.
func (u *units) meanwhile(ctx context.Context, s *model.Service, act func() model.Outcome) model.Outcome {
	l := u.life(s)
	l.begin()
	out := act()
	after, err := u.look(ctx, s, l)
	if err != nil {
		after = control.Unit{}
	}
	l.expect(after, time.Now())
	return out
}
