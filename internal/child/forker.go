package child

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// errForkTimeout means that the program did not even start in time: its file is on a file system that hangs, or
// starting an earlier one hangs for that reason.
var errForkTimeout = errors.New("it did not start in time")

// forker starts all programs of this process, on one thread that lives as long as the process.
//
// Linux kills the children that asked for it when the thread that forked them ends, not when the process does, so
// programs must not be forked by threads that the Go runtime may end. Nothing is lost by forking one after the
// other: the runtime holds a lock around forks anyway.
type forker struct {
	orders chan *order
	null   *os.File // standard input of every program
}

// order is one program to fork. Who forks closes out, so these descriptors live exactly until the fork is done.
type order struct {
	path      string
	spec      *Spec
	out       [2]*os.File // standard output and standard error; nil: /dev/null
	expired   <-chan time.Time
	abandoned chan struct{} // closed by who ordered, when there was no reply in time
	reply     chan forked
}

type forked struct {
	pid, pidfd int
	err        error
}

// parent is the one forker of this process. It starts with the first program and lives as long as the process.
var parent = sync.OnceValue(newForker)

func newForker() *forker {
	f := &forker{orders: make(chan *order)}
	go f.serve()
	return f
}

func (f *forker) serve() {
	runtime.LockOSThread()
	prepareThread()
	for o := range f.orders {
		r := f.start(o)
		select {
		case o.reply <- r:
		case <-o.abandoned:
			if r.err == nil {
				p := watch(r.pid, r.pidfd)
				_ = syscall.Kill(-r.pid, syscall.SIGKILL)
				p.bury()
			}
		}
	}
}

// fork has the forker start a program, and gives up at the timeout or when ctx ends.
func (f *forker) fork(ctx context.Context, o *order) (*program, error) {
	select {
	case f.orders <- o:
	case <-o.expired:
		closeAll(o.out[:])
		return nil, errForkTimeout
	case <-ctx.Done():
		closeAll(o.out[:])
		return nil, ctx.Err()
	}
	select {
	case r := <-o.reply:
		if r.err != nil {
			return nil, r.err
		}
		return watch(r.pid, r.pidfd), nil
	case <-o.expired:
		close(o.abandoned)
		return nil, errForkTimeout
	case <-ctx.Done():
		close(o.abandoned)
		return nil, ctx.Err()
	}
}

// start forks one program. It runs on the forker's thread.
func (f *forker) start(o *order) forked {
	defer closeAll(o.out[:])
	if f.null == nil {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return forked{err: err}
		}
		f.null = null
	}
	files := []uintptr{f.null.Fd(), f.null.Fd(), f.null.Fd()}
	for i, out := range o.out {
		if out != nil {
			files[i+1] = out.Fd()
		}
	}
	if o.spec.Detach && !signal.Ignored(syscall.SIGPIPE) {
		signal.Ignore(syscall.SIGPIPE) // programs ignore what we ignore while we fork
		defer heedPipe()
	}
	pidfd := -1
	pid, err := syscall.ForkExec(o.path, o.spec.Args, &syscall.ProcAttr{
		Dir:   o.spec.Dir,
		Env:   o.spec.Env,
		Files: files,
		Sys:   attributes(o.spec, &pidfd),
	})
	return forked{pid: pid, pidfd: pidfd, err: err}
}

// heedPipe undoes signal.Ignore(SIGPIPE). signal.Reset alone does not bring back the runtime's handler, without which
// the next programs would ignore the signal too.
func heedPipe() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGPIPE)
	signal.Stop(c)
}

func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}
