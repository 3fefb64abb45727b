package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// show prints status, summary or report as the daemon has them.
func (m *monitRun) show(ctx context.Context, what, argument string) error {
	q := client.MonitQuery{What: what, Group: m.group}
	switch {
	case what == "report":
		q.Type = argument
	case argument != "":
		q.Services = []string{argument}
	}
	to, err := m.remote(ctx)
	if err != nil {
		return err
	}
	text, err := to.text(ctx, q)
	if err != nil {
		return err
	}
	m.display(text)
	return nil
}

// display writes a text of the daemon, without colours and boxes where they cannot be shown.
func (m *monitRun) display(text string) {
	batch := m.batch || m.config.Settings.Batch
	if batch || !m.terminal || !capable(os.Getenv) {
		text = monit.Plain(text)
	}
	_, _ = fmt.Fprint(m.stdout, text) // nobody is left to tell
}

// capableTerminals are what the names of terminals begin with that can show colours and boxes.
var capableTerminals = []string{"screen", "xterm", "vt100", "ansi", "linux", "rxvt"}

// capable tells whether the terminal can show colours and boxes.
func capable(getenv func(string) string) bool {
	term := getenv("TERM")
	for _, name := range capableTerminals {
		if strings.HasPrefix(term, name) {
			return true
		}
	}
	return getenv("COLORTERM") != "" || strings.Contains(term, "color")
}

// validate has everything checked now and shows the status. Its exit status is 1, whatever comes of it.
func (m *monitRun) validate(ctx context.Context, name string) error {
	pid, alive := daemonPID(m.at.pidfile)
	control, err := m.control(ctx)
	if err != nil {
		return err
	}
	check := model.Command{Kind: model.CommandCheck, All: true}
	switch {
	case control != nil:
		if _, err := control.Do(ctx, check); err != nil {
			return err
		}
	case alive:
		if err := signalDaemon(pid, syscall.SIGUSR1); err != nil {
			return err
		}
	default:
		if err := m.pass(ctx); err != nil {
			return err
		}
		return errNo
	}
	if alive {
		m.tell(ctx, fmt.Sprintf("Monit daemon with PID %d awakened", pid))
	}
	if err := m.show(ctx, "status", name); err != nil {
		return err
	}
	return errNo
}
