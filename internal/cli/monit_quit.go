package cli

import (
	"context"
	"fmt"
	"syscall"
)

// quit ends the daemon, and returns when it is gone: a start right after it finds the place free.
func (m *monitRun) quit(ctx context.Context) error {
	pid, alive := daemonPID(m.at.pidfile)
	if !alive {
		if c, err := m.control(ctx); c != nil || err != nil {
			return monitErrorf("Cannot quit: orderly answers at %s but has no pid file, so it is to be stopped where it was started", m.at.socket)
		}
		m.tell(ctx, "Monit daemon is not running")
		return nil
	}
	if err := signalDaemon(pid, syscall.SIGTERM); err != nil {
		return err
	}
	if err := awaitEnd(ctx, pid); err != nil {
		return monitErrorf("Monit daemon with pid [%d] was told to stop but has not ended within %v", pid, endPatience)
	}
	m.tell(ctx, fmt.Sprintf("Monit daemon with pid [%d] killed", pid))
	return nil
}
