package child

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// killGrace is how long the kernel may take to end a program after SIGKILL. Only a program stuck in the kernel, on a
// dead disk or file server, takes longer.
const killGrace = 2 * time.Second

// A program's output waits in its pipes, which is enough for nearly all of them, and is taken when the program ends, or
// before that at intervals that grow with its age. A program that has filled a pipe waits at most a quarter longer
// for that, and one that does nothing but write gets rid of some 64 MB a second and not of what the CPU can do.
const (
	firstLook  = 10 * time.Millisecond
	lastLook   = time.Second
	lookFilled = time.Millisecond
)

var errExpired = errors.New("the time is up")

// run is one program on its way from fork to its end. Its program leads a session and a process group.
type run struct {
	spec  *Spec
	begin time.Time
	limit time.Time // zero: none
	out   *output
	pid   int
	exit  *exit
}

// start has the program forked.
func (r *run) start(ctx context.Context) error {
	path, err := find(r.spec.Args, r.spec.Env)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.out, err = newOutput(r.spec); err != nil {
		return err
	}
	answer, err := parent().fork(ctx, r.limit, newOrder(path, r.spec, r.out))
	if err != nil {
		r.out.close()
		return err
	}
	r.pid, r.exit = answer.pid, newExit(answer.pid, answer.pidfd)
	return nil
}

// supervise waits until the program has ended, by itself or because it has to, and reaps it.
func (r *run) supervise(ctx context.Context) (Result, error) {
	var res Result
	var cause error
	switch err := r.follow(ctx, r.limit); {
	case err == nil:
		return r.collect(r.spec.Linger)
	case errors.Is(err, errExpired):
		res.TimedOut = true
		res.Left = r.spec.Leave != nil && r.spec.Leave()
	default:
		res.Left = r.spec.Detach
		cause = fmt.Errorf("cannot wait for %s: %w", r.spec.name(), err)
	}
	if res.Left {
		r.bury()
		return res, cause
	}
	if !r.terminate() {
		r.bury()
		return res, fmt.Errorf("cannot end %s: pid %d does not react to SIGKILL", r.spec.name(), r.pid)
	}
	end, err := r.collect(0)
	end.TimedOut = res.TimedOut
	return end, errors.Join(cause, err)
}

// follow waits for the end of the program and takes its output meanwhile. It returns early when ctx ends, and with
// errExpired at the limit, if there is one.
func (r *run) follow(ctx context.Context, limit time.Time) error {
	look := firstLook
	for {
		until := limit
		if now := time.Now(); !r.spec.Discard && (limit.IsZero() || now.Add(look).Before(limit)) {
			until = now.Add(look)
		}
		if r.exit.wait(ctx, until) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		now := time.Now()
		if !limit.IsZero() && !now.Before(limit) {
			return errExpired
		}
		look = min(max(now.Sub(r.begin)/4, firstLook), lastLook)
		if r.out.take() {
			look = lookFilled
		}
	}
}

// terminate ends the program and its process group, and tells whether the program has ended. It is not reaped yet,
// which keeps the number of its group from being used for anything else meanwhile.
func (r *run) terminate() bool {
	_ = syscall.Kill(-r.pid, syscall.SIGTERM)
	_ = r.follow(context.Background(), time.Now().Add(cmp.Or(r.spec.Grace, DefaultGrace)))
	// Even when the leader has gone on SIGTERM: others of its group may not have.
	_ = syscall.Kill(-r.pid, syscall.SIGKILL)
	return r.follow(context.Background(), time.Now().Add(killGrace)) == nil
}

// collect takes the rest of the output, reaps the program, which must have ended, and tells how it ended.
func (r *run) collect(linger time.Duration) (Result, error) {
	r.out.finish(linger)
	r.exit.close()
	ws, err := reap(r.pid)
	if err != nil {
		return Result{}, fmt.Errorf("cannot learn how %s ended: %w", r.spec.name(), err)
	}
	if ws.Signaled() {
		return Result{Status: int(ws.Signal()), Signaled: true}, nil
	}
	return Result{Status: ws.ExitStatus()}, nil
}

// bury reaps the program whenever it ends, so it does not stay a zombie. Nobody waits for that: it may be a daemon
// that runs for years.
func (r *run) bury() {
	r.out.finish(0)
	go bury(r.pid, r.exit)
}

func bury(pid int, e *exit) {
	for !e.wait(context.Background(), time.Time{}) {
	}
	e.close()
	_, _ = reap(pid)
}

func reap(pid int) (syscall.WaitStatus, error) {
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, 0, nil)
		if err != syscall.EINTR {
			return ws, err
		}
	}
}
