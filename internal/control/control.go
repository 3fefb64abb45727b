// Package control makes services start, stop and restart, runs the programs that events call for, and runs check programs.
//
// The entry point is [New]. This file says what starting and stopping a service means; command.go does it by the programs
// that a service is configured with. Services that an init system runs are [NewUnits]: unit_do.go says what acting on one
// means, and each of systemd.go, runit.go, s6.go, openrc.go, sysv.go, supervisord.go, docker.go, upstart.go and launchd.go
// is one init system.
package control

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"orderly/internal/model"
)

// Options are what a controller needs from outside. Alive is required.
type Options struct {
	Alive       func(s *model.Service) (pid int, alive bool) // whether the process of a process service is there now
	Facts       func(s *model.Service) Facts                 // what was last measured; nil: nothing is known
	Environment []string                                     // what every program inherits, "NAME=value"
	Host        string                                       // name of this host, told to programs where an event names none
	Instance    string                                       // names this daemon over its restarts, for child.Sweep
}

// A Controller acts on services. It keeps no state of them: its methods may be called at the same time, but whoever calls
// them must not let two act on one service at once.
type Controller struct{ Options }

// New returns a controller.
func New(o Options) *Controller {
	if o.Facts == nil {
		o.Facts = func(*model.Service) Facts { return Unknown }
	}
	return &Controller{o}
}

// Start starts a service and waits until it has started: its start program has ended and, for a process, the process is
// there, both within the start timeout. Nothing is run for a process that is there already, and a service without a
// start program is done at once. The exit status of the program does not decide.
func (c *Controller) Start(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	if pid, running := c.running(s); running {
		return idle(s, "already running, pid %d", pid)
	}
	if s.Start == nil {
		return idle(s, "no start program")
	}
	return c.bringUp(ctx, s, starting, s.Start, ev)
}

// Stop stops a service and waits until it has stopped: its stop program has ended and the process, if there was one, has
// gone, both within the stop timeout. Nothing is run for a process that is not there or without a stop program.
func (c *Controller) Stop(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	pid, running := c.running(s)
	if s.Kind == model.KindProcess && !running {
		return idle(s, "not running")
	}
	if s.Stop == nil {
		return idle(s, "no stop program")
	}
	job := c.job(s, stopping, s.Stop, ev)
	if !c.command(ctx, job) {
		return job.failed(ctx)
	}
	if running && !await(ctx, job.limit, func() bool { return !exists(pid) }) {
		return job.gaveUp(ctx, fmt.Sprintf("pid %d is still there", pid))
	}
	return job.succeeded(0)
}

// Restart runs the restart program, after which a process must be there within the restart timeout. Without one it stops
// the service and, if that worked, starts it.
func (c *Controller) Restart(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	if s.Restart != nil {
		return c.bringUp(ctx, s, restarting, s.Restart, ev)
	}
	stop := c.Stop(ctx, s, ev)
	if stop.Error != "" {
		return stop
	}
	start := c.Start(ctx, s, ev)
	if start.Error == "" {
		if !stop.Idle {
			start.Done = stop.Done + ", then " + start.Done
		}
		start.Idle = start.Idle && stop.Idle
	}
	return start
}

// Reload runs the reload program, after which a service that runs is expected to do what it was told: nothing more is
// awaited than that the program ends, with a status of 0, within the restart timeout.
func (c *Controller) Reload(ctx context.Context, s *model.Service, ev model.Event) model.Outcome {
	if s.Reload == nil {
		return model.Outcome{Service: s.Name, Error: "cannot reload: there is no reload program"}
	}
	job := c.job(s, reloading, s.Reload, ev)
	switch {
	case !c.command(ctx, job):
		return job.failed(ctx)
	case job.result.Status != 0:
		return job.outcome(name(s.Reload) + " " + ending(job.result))
	}
	return job.succeeded(0)
}

// bringUp runs a program after which a process must be there.
func (c *Controller) bringUp(ctx context.Context, s *model.Service, m method, p *model.Program, ev model.Event) model.Outcome {
	job := c.job(s, m, p, ev)
	before, _ := c.running(s)
	// A program that is still there at the timeout may be the service itself, running in the foreground: ending it
	// would end what was asked for. It counts as failed, but the next check finds the process and is content.
	job.leave = func() bool {
		pid, running := c.running(s)
		return running && pid != before
	}
	if !c.command(ctx, job) {
		return job.failed(ctx)
	}
	if s.Kind != model.KindProcess {
		return job.succeeded(0)
	}
	var pid int
	if !await(ctx, job.limit, func() (running bool) { pid, running = c.running(s); return running }) {
		return job.gaveUp(ctx, "no process")
	}
	return job.succeeded(pid)
}

// running tells whether the service is a process that is there.
func (c *Controller) running(s *model.Service) (pid int, running bool) {
	if s.Kind != model.KindProcess {
		return 0, false
	}
	return c.Alive(s)
}

// A method is one of the ways to act on a service.
type method struct {
	verb, done string
	event      string // MONIT_EVENT and MONIT_DESCRIPTION
	timeout    func(model.Limits) time.Duration
}

var (
	starting   = method{"start", "started", "Started", func(l model.Limits) time.Duration { return l.StartTimeout }}
	stopping   = method{"stop", "stopped", "Stopped", func(l model.Limits) time.Duration { return l.StopTimeout }}
	restarting = method{"restart", "restarted", "Restarted", func(l model.Limits) time.Duration { return l.RestartTimeout }}
	reloading  = method{"reload", "reloaded", "Reloaded", func(l model.Limits) time.Duration { return l.RestartTimeout }}
)

// patience is how long a method of a service may take in all.
func (m method) patience(s *model.Service, p *model.Program) time.Duration {
	return cmp.Or(p.Timeout, m.timeout(s.Limits), m.timeout(model.DefaultLimits()))
}

// idle is the outcome of having had nothing to do.
func idle(s *model.Service, format string, args ...any) model.Outcome {
	return model.Outcome{Service: s.Name, Done: fmt.Sprintf(format, args...), Idle: true}
}
