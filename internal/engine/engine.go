// Package engine owns the running services: it schedules their checks, keeps their state, runs actions in
// dependency order and applies new configurations.
//
// One goroutine, the conductor, owns every service and all state; it never waits for anything but its inbox and
// its timer. Checks and plans run in goroutines of their own and hand their outcome back to it. Nobody else
// touches a service, so there are no locks in check logic, and a check that hangs delays only itself.
//
// The entry point is [New], then [Engine.Run] and [Engine.Apply].
package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// Sense measures a service and asks its probes. It must return soon after ctx ends. An error means that orderly
// itself could not measure; trouble of the service is part of the sample.
type Sense func(ctx context.Context, s *model.Service, asOf time.Time, b model.Bookmark) (model.Sample, error)

// An Actor does things to services. Each call returns when it is done and must return soon after ctx ends.
type Actor interface {
	Start(ctx context.Context, s *model.Service, ev model.Event) model.Outcome
	Stop(ctx context.Context, s *model.Service, ev model.Event) model.Outcome
	Restart(ctx context.Context, s *model.Service, ev model.Event) model.Outcome
	Reload(ctx context.Context, s *model.Service, ev model.Event) model.Outcome
	Exec(ctx context.Context, s *model.Service, p *model.Program, ev model.Event) model.Outcome
}

// A Journal numbers and keeps events. Append must not block.
type Journal interface {
	Append(ev model.Event) uint64
}

// A Keeper keeps what must outlive the daemon. Save, SaveSilences and Remove must not block; Flush returns when everything
// before it is on disk, or why it is not.
type Keeper interface {
	Save(service string, kind model.Kind, data []byte)
	SaveSilences(data []byte)
	Remove(service string)
	Flush(ctx context.Context) error
}

// Options are what an engine needs from outside. All fields but Saved, Silences, Marked, Mark, Forget, Checked and Rebooted are required.
type Options struct {
	Sense    Sense
	Actor    Actor
	Journal  Journal
	Keeper   Keeper
	Log      *slog.Logger
	Saved    map[string][]byte    // by service: what Keeper kept of an earlier run
	Silences []byte               // what Keeper kept of silences
	Rebooted bool                 // the host was started anew since
	Marked   time.Time            // when an earlier run last called Mark; zero: never
	Mark     func(at time.Time)   // called about once a minute while the conductor makes progress; must not block
	Forget   func(service string) // a service is no longer watched, or its process is no longer of interest
	Checked  func(model.Checked)  // a check is done; must not block
}

// An Engine is one running set of services. Its methods may be called from any goroutine.
type Engine struct {
	Options
	inbox     chan func()
	jobs      chan job      // from the conductor to a worker that waits
	stopped   chan struct{} // closed when the conductor no longer reads its inbox
	work      sync.WaitGroup
	lingering atomic.Int32 // workers that wait
	revision  atomic.Uint64

	// Owned by the conductor.
	ctx        context.Context
	config     *model.Config
	generation uint64
	services   map[string]*service // by lower-case name
	order      []*service          // in file order
	guard      *service            // that knows whether this host has a network; nil: none does
	groups     []*group            // services of one period share a tick
	later      []*once             // checks outside of ticks
	timer      *time.Timer
	wall       time.Time // what the clock on the wall said at the last tick
	seen       time.Time // the same, when the conductor last had something to do
	marked     time.Time // what it said when Mark was called
	resumed    time.Time // end of the last time in which orderly was not at work; zero: none is known
	running    [classes]int
	queues     [classes][]*service
	silences   []model.Silence
	windows    []window  // of the maintenances that are configured
	maintained time.Time // the minute in which these were looked at
	plans      []*plan   // waiting for services that other plans claim
	acting     int       // plans and programs of rules that run
	quiet      []chan struct{}
	overruns   uint64
}

// ErrStopped is what calls get after the engine has ended.
var ErrStopped = errors.New("orderly is stopping")

// New makes an engine without services; Run starts it, Apply fills it.
func New(o Options) *Engine {
	e := &Engine{
		Options: o, inbox: make(chan func(), 256), jobs: make(chan job), stopped: make(chan struct{}),
		services: map[string]*service{},
	}
	if e.Forget == nil {
		e.Forget = func(string) {}
	}
	e.restoreSilences()
	return e
}

// Run conducts until ctx ends; it returns when every goroutine it started has ended. Running checks and plans
// are cancelled, programs that a rule executed are left alone.
func (e *Engine) Run(ctx context.Context) error {
	e.ctx = ctx
	e.timer = time.NewTimer(time.Hour)
	defer e.timer.Stop()
	e.setTimer(time.Now())
	for {
		select {
		case <-ctx.Done():
			close(e.stopped)
			e.work.Wait()
			e.saveAll()
			e.marked = time.Time{}
			e.mark(time.Now().Round(0))
			return nil
		case f := <-e.inbox:
			e.wake(time.Now())
			f()
			e.drain()
		case <-e.timer.C:
			e.wake(time.Now())
			e.tick(time.Now())
		}
		e.setTimer(time.Now())
	}
}

// drain handles what else has arrived, so that the timer is set once for a burst.
func (e *Engine) drain() {
	for range 512 {
		select {
		case f := <-e.inbox:
			f()
		default:
			return
		}
	}
}

// post hands f to the conductor and does not wait for it to run. It is dropped when the engine has ended.
func (e *Engine) post(f func()) {
	select {
	case e.inbox <- f:
	case <-e.stopped:
	}
}

// ask runs f on the conductor and waits until it has run.
func (e *Engine) ask(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case e.inbox <- func() { f(); close(done) }:
	case <-e.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-e.stopped:
		return ErrStopped
	}
}

// Exited tells that the process of a service has ended, as the kernel reported it.
func (e *Engine) Exited(name string, pid int) {
	e.post(func() {
		e.Log.Debug("process has ended", "service", name, "pid", pid)
		e.stirred(name)
	})
}

// Stirred tells that something happened to a service that is worth a look at once.
func (e *Engine) Stirred(name string) {
	e.post(func() { e.stirred(name) })
}
