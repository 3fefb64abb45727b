package child

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// exit is the end of a process that is our child. Waiting for it does not reap the process. Where the kernel has
// process descriptors, the runtime's poller waits for one; elsewhere a goroutine and its thread do.
type exit struct {
	file *os.File        // process descriptor; nil where there is none
	conn syscall.RawConn // of file

	ended chan struct{} // without file: closed at the end
	wake  chan struct{} // without file: interrupts
}

// newExit takes over the process descriptor, -1 for none.
func newExit(pid, pidfd int) *exit {
	if pidfd >= 0 {
		if _, err := unix.FcntlInt(uintptr(pidfd), unix.F_SETFL, unix.O_NONBLOCK); err == nil {
			file := os.NewFile(uintptr(pidfd), "process")
			conn, err := file.SyscallConn()
			if err == nil && file.SetReadDeadline(time.Time{}) == nil { // a file the poller does not take has no deadlines
				return &exit{file: file, conn: conn}
			}
			_ = file.Close()
		} else {
			_ = unix.Close(pidfd)
		}
	}
	e := &exit{ended: make(chan struct{}), wake: make(chan struct{}, 1)}
	go func() {
		awaitExit(pid)
		close(e.ended)
	}()
	return e
}

// wait tells whether the process has ended. It returns false at the given time, the zero time meaning never, and
// when it is interrupted.
func (e *exit) wait(until time.Time) bool {
	if e.file != nil {
		_ = e.file.SetReadDeadline(until)
		return e.conn.Read(isReadable) == nil || e.hasEnded() // both at once: the end is what counts
	}
	var expired <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-e.ended:
		return true
	case <-e.wake:
	case <-expired:
	}
	select {
	case <-e.ended:
		return true
	default:
		return false
	}
}

func (e *exit) hasEnded() (ended bool) {
	_ = e.conn.Control(func(fd uintptr) { ended = isReadable(fd) })
	return ended
}

// interrupt makes a wait that is under way return. It may be called from any goroutine.
func (e *exit) interrupt() {
	if e.file != nil {
		_ = e.file.SetReadDeadline(time.Unix(1, 0))
		return
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *exit) close() {
	if e.file != nil {
		_ = e.file.Close()
	}
}

// isReadable is true for the descriptor of a process that has ended.
func isReadable(fd uintptr) bool {
	set := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(set, 0)
	return n > 0 && err == nil
}
