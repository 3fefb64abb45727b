package host

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// exits waits for the ends of all watched processes in one goroutine, which runs from the first hold until close.
type exits struct {
	onExit func(service string, pid int)
	limit  int // open files that are allowed

	mu     sync.Mutex // guards the rest
	epoll  int
	wake   int // an eventfd that ends the goroutine
	done   chan struct{}
	closed bool
	last   int64
	held   map[int64]*hold
}

// A hold is a watched process. It knows at once and without a system call when the process has ended.
type hold struct {
	id      int64 // unlike descriptors, never used again
	service string
	pid     int
	fd      int
	fired   atomic.Bool
}

// ended tells whether the process is known to have ended; a nil hold knows nothing.
func (w *hold) ended() bool { return w != nil && w.fired.Load() }

// alive tells whether the process is known to live; a nil hold knows nothing.
func (w *hold) alive() bool { return w != nil && !w.fired.Load() }

// open returns a descriptor of a process, or -1 if there is no such process or the kernel has no descriptor for it.
// A quarter of the descriptors stays free for others.
func (e *exits) open(pid int) int {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1
	}
	if fd > e.limit/4*3 {
		unix.Close(fd)
		return -1
	}
	return fd
}

// watch tells OnExit when the process of fd ends; if it has already, at once. It takes over fd.
// It returns nil when the process can not be watched.
func (e *exits) watch(service string, pid, fd int) *hold {
	e.mu.Lock()
	defer e.mu.Unlock()
	if fd < 0 || !e.running() {
		closeFile(fd)
		return nil
	}
	e.last++
	w := &hold{id: e.last, service: service, pid: pid, fd: fd}
	e.held[w.id] = w
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(w.id), Pad: int32(w.id >> 32)}
	if err := unix.EpollCtl(e.epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		delete(e.held, w.id)
		closeFile(fd)
		return nil
	}
	return w
}

// drop stops watching. OnExit may be under way meanwhile.
func (e *exits) drop(w *hold) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w != nil && e.held[w.id] == w {
		delete(e.held, w.id)
		closeFile(w.fd)
	}
}

// running starts the goroutine if it is not there yet.
func (e *exits) running() bool {
	if e.closed || e.done != nil {
		return !e.closed
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return false
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		closeFile(epoll)
		return false
	}
	event := unix.EpollEvent{Events: unix.EPOLLIN} // the only one with the number 0
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &event); err != nil {
		closeFile(wake)
		closeFile(epoll)
		return false
	}
	e.epoll, e.wake, e.held, e.done = epoll, wake, map[int64]*hold{}, make(chan struct{})
	go e.run(epoll, e.done)
	return true
}

func (e *exits) run(epoll int, done chan struct{}) {
	defer close(done)
	events := make([]unix.EpollEvent, 64)
	for {
		n, err := uninterrupted(func() (int, error) { return unix.EpollWait(epoll, events, -1) })
		if err != nil {
			return
		}
		for _, event := range events[:n] {
			id := int64(event.Pad)<<32 | int64(uint32(event.Fd))
			if id == 0 {
				return
			}
			if w := e.fire(id); w != nil && e.onExit != nil {
				e.onExit(w.service, w.pid)
			}
		}
	}
}

// fire notes the end of a process; nil if it is not watched any more.
func (e *exits) fire(id int64) *hold {
	e.mu.Lock()
	defer e.mu.Unlock()
	w := e.held[id]
	if w != nil {
		delete(e.held, id)
		closeFile(w.fd)
		w.fired.Store(true)
	}
	return w
}

// close ends the goroutine, waits for it and closes all descriptors.
func (e *exits) close() error {
	e.mu.Lock()
	if e.closed || e.done == nil {
		e.closed = true
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	e.mu.Unlock()
	if _, err := unix.Write(e.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}); err != nil {
		return fmt.Errorf("cannot stop waiting for processes: %w", err)
	}
	<-e.done
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, w := range e.held {
		closeFile(w.fd)
	}
	e.held = nil
	closeFile(e.wake)
	closeFile(e.epoll)
	return nil
}

// closeFile closes a descriptor, which of a process or of the kernel's own files cannot fail.
func closeFile(fd int) {
	if fd >= 0 {
		_ = unix.Close(fd)
	}
}
