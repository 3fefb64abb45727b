package child

import (
	"context"
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
	e := &exit{ended: make(chan struct{})}
	go func() {
		awaitExit(pid)
		close(e.ended)
	}()
	return e
}

// wait tells whether the process has ended. It returns false at the given time, the zero time meaning never, and when
// ctx ends; it may also do so early.
func (e *exit) wait(ctx context.Context, until time.Time) bool {
	if e.file != nil {
		return e.poll(ctx, until)
	}
	select {
	case <-e.ended:
	case <-ctx.Done():
	case <-alarm(until):
	}
	return e.hasEnded()
}

// alarm rings once at the given time, never if that is zero.
func alarm(at time.Time) <-chan time.Time {
	if at.IsZero() {
		return nil
	}
	return time.After(time.Until(at))
}

func (e *exit) poll(ctx context.Context, until time.Time) bool {
	_ = e.file.SetReadDeadline(until)
	defer context.AfterFunc(ctx, func() { _ = e.file.SetReadDeadline(time.Unix(1, 0)) })()
	return e.conn.Read(isReadable) == nil || e.hasEnded() // when both come at once the end is what counts
}

func (e *exit) hasEnded() (ended bool) {
	if e.file != nil {
		_ = e.conn.Control(func(fd uintptr) { ended = isReadable(fd) })
		return ended
	}
	select {
	case <-e.ended:
		return true
	default:
		return false
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
