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

// parent is the one forker of this process. It starts with the first program and lives as long as the process.
var parent = sync.OnceValue(newForker)

func newForker() *forker {
	f := &forker{orders: make(chan *order)}
	go f.serve()
	return f
}

// order is one program to fork. Whoever has it closes out: a descriptor closed earlier could be another file by the
// time of the fork.
type order struct {
	path      string
	spec      *Spec
	out       []int         // standard output and standard error; none: /dev/null
	abandoned chan struct{} // closed by who ordered, when there was no answer in time
	answer    chan forked
}

type forked struct {
	pid, pidfd int
	err        error
}

func newOrder(path string, spec *Spec, out *output) *order {
	o := &order{path: path, spec: spec, abandoned: make(chan struct{}), answer: make(chan forked)}
	for i := range out.streams {
		o.out = append(o.out, out.streams[i].child)
	}
	return o
}

// fork has the forker start a program, and gives up at the limit, unless that is zero, and when ctx ends.
func (f *forker) fork(ctx context.Context, limit time.Time, o *order) (forked, error) {
	expired := alarm(limit)
	select {
	case f.orders <- o:
	case <-expired:
		o.close()
		return forked{}, errForkTimeout
	case <-ctx.Done():
		o.close()
		return forked{}, ctx.Err()
	}
	select {
	case answer := <-o.answer:
		return answer, answer.err
	case <-expired:
		close(o.abandoned)
		return forked{}, errForkTimeout
	case <-ctx.Done():
		close(o.abandoned)
		return forked{}, ctx.Err()
	}
}

func (f *forker) serve() {
	runtime.LockOSThread()
	prepareThread()
	for o := range f.orders {
		answer := f.start(o)
		select {
		case o.answer <- answer:
		case <-o.abandoned:
			if answer.err == nil {
				_ = syscall.Kill(-answer.pid, syscall.SIGKILL)
				go bury(answer.pid, newExit(answer.pid, answer.pidfd))
			}
		}
	}
}

// start forks one program. It runs on the forker's thread.
func (f *forker) start(o *order) forked {
	defer o.close()
	if f.null == nil {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return forked{err: err}
		}
		f.null = null
	}
	null := f.null.Fd()
	files := []uintptr{null, null, null}
	for i, fd := range o.out {
		files[i+1] = uintptr(fd)
	}
	if o.spec.Merge {
		files[2] = files[1]
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

func (o *order) close() {
	for _, fd := range o.out {
		_ = syscall.Close(fd)
	}
}

// heedPipe undoes signal.Ignore(SIGPIPE). signal.Reset alone does not bring back the runtime's handler, without which
// the next programs would ignore the signal too.
func heedPipe() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGPIPE)
	signal.Stop(c)
}
