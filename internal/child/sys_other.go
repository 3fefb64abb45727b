//go:build !linux

package child

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepareThread does nothing: these systems have no umask per thread.
func prepareThread() {}

// attributes are the parts of a Spec that the kernel knows. Nothing but Linux has DieWithParent.
func attributes(spec *Spec, _ *int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Credential: spec.Credential.system()}
}

func openPipe(p *[2]int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(p[:]); err != nil {
		return os.NewSyscallError("pipe", err)
	}
	syscall.CloseOnExec(p[0])
	syscall.CloseOnExec(p[1])
	return nil
}

// awaitExit returns when the process has ended, without reaping it.
func awaitExit(pid int) {
	queue, err := unix.Kqueue()
	if err != nil {
		return // reaping waits as well
	}
	defer unix.Close(queue)
	unix.CloseOnExec(queue)
	event := unix.Kevent_t{Fflags: unix.NOTE_EXIT}
	unix.SetKevent(&event, pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	changes := []unix.Kevent_t{event}
	for {
		_, err := unix.Kevent(queue, changes, make([]unix.Kevent_t, 1), nil)
		if err != unix.EINTR {
			return // the event, or the process had ended before
		}
	}
}
