package cli

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// start is what Monit does without a command: it wakes the daemon or starts it, or checks once where nobody said how often.
func (m *monitRun) start(ctx context.Context) error {
	switch {
	case !m.periodic && m.foreground:
		return monitErrorf("Staying in the foreground needs a poll time: add 'set daemon SECONDS' to the control file, or use -d")
	case !m.periodic:
		return m.pass(ctx)
	}
	if pid, alive := daemonPID(m.at.pidfile); alive {
		if err := signalDaemon(pid, syscall.SIGUSR1); err != nil {
			return err
		}
		m.tell(ctx, fmt.Sprintf("Monit daemon with PID %d awakened", pid))
		return nil
	}
	foreground := m.foreground || m.config.Settings.Foreground
	if !foreground && os.Getpid() != 1 {
		return m.background(ctx)
	}
	if !foreground {
		m.complain("The first process of a system cannot go to the background, so it stays in the foreground")
	}
	return m.serve(ctx)
}

// serve is the daemon itself.
func (m *monitRun) serve(ctx context.Context) error {
	report := readiness(os.Getenv)
	if report == nil {
		m.tell(ctx, m.greeting())
		return printed(m.daemon(ctx, m.daemonOptions()))
	}
	m.stderr = report
	o := m.daemonOptions()
	o.Ready = func(*model.Config) { report.ready() }
	return printed(m.daemon(ctx, o))
}

// pass checks everything once, here or in the daemon that runs already.
func (m *monitRun) pass(ctx context.Context) error {
	c, err := m.control(ctx)
	switch {
	case err != nil:
		return err
	case c != nil:
		_, err = c.Do(ctx, model.Command{Kind: model.CommandCheck, All: true})
		return err
	}
	_, err = m.once(ctx, m.daemonOptions(), model.Command{})
	return printed(err)
}

// greeting says that the daemon starts, and where it can be asked.
func (m *monitRun) greeting() string {
	text := "Starting Monit " + monit.Version + " daemon"
	switch h := m.config.Settings.HTTPD; {
	case h == nil:
	case h.Port != 0 && h.Address == "":
		text += fmt.Sprintf(" with http interface at [*]:%d", h.Port)
	case h.Port != 0:
		text += fmt.Sprintf(" with http interface at [%s]:%d", h.Address, h.Port)
	case h.Socket != nil:
		text += " with http interface at " + h.Socket.Path
	}
	return text
}
