package cli

import (
	"context"
	"strings"
	"syscall"
)

// reload has the control file read again. Our daemon answers when the new configuration is live, or refused; an older
// Monit is only signalled.
func (m *monitRun) reload(ctx context.Context) error {
	m.tell(ctx, "Reinitializing monit daemon")
	return m.reinitialize(ctx)
}

func (m *monitRun) reinitialize(ctx context.Context) error {
	c, err := m.control(ctx)
	if err != nil {
		return err
	}
	if c != nil {
		reply, err := c.Reload(ctx)
		if err != nil {
			return err
		}
		if reply.Refused == nil {
			return nil
		}
		m.complain(strings.TrimRight(reply.Findings, "\n"))
		return monitErrorf("The old configuration goes on: the new one is refused, errors: %d", reply.Refused.Errors)
	}
	pid, alive := daemonPID(m.at.pidfile)
	if !alive {
		m.tell(ctx, "Monit daemon is not running")
		return nil
	}
	return signalDaemon(pid, syscall.SIGHUP)
}
