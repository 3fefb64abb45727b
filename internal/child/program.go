package child

import (
	"syscall"
	"time"
)

// program is a running program: the leader of its own session and process group, until it is reaped.
type program struct {
	pid   int
	ended chan struct{} // closed when the program has ended; it waits to be reaped then
}

// watch makes a program of a process that was just forked. pidfd is -1 where the kernel has none; it is taken over.
func watch(pid, pidfd int) *program {
	p := &program{pid: pid, ended: make(chan struct{})}
	go func() {
		awaitExit(pid, pidfd)
		close(p.ended)
	}()
	return p
}

// terminate ends the program and its process group, and tells whether the program has ended. It is not reaped yet,
// which keeps the number of its group from being used for anything else meanwhile.
func (p *program) terminate(grace time.Duration) bool {
	_ = syscall.Kill(-p.pid, syscall.SIGTERM)
	p.within(grace)
	// Even when the leader has gone on SIGTERM: others of its group may not have.
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	return p.within(killGrace)
}

func (p *program) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func (p *program) within(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return true
	case <-timer.C:
		return false
	}
}

// reap collects the status. The program must have ended.
func (p *program) reap() (syscall.WaitStatus, error) {
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(p.pid, &ws, 0, nil)
		if err != syscall.EINTR {
			return ws, err
		}
	}
}

// bury reaps the program whenever it ends, so it does not stay a zombie. Nobody waits for that: it may be a daemon
// that runs for years.
func (p *program) bury() {
	go func() {
		<-p.ended
		_, _ = p.reap()
	}()
}
