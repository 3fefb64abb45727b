package cli

import (
	"context"
	"errors"
	"slices"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// A monitRemote is a running daemon, ours or Monit's own.
type monitRemote interface {
	// text returns a text with the colours and boxes of a terminal.
	text(ctx context.Context, q client.MonitQuery) (string, error)
	// act returns when the daemon has accepted a command. Exact names are no expressions; where all services are meant,
	// they are named as well.
	act(ctx context.Context, c model.Command, exact bool) error
}

// errMonitAbsent tells that there is no daemon.
var errMonitAbsent = monitErrorf("Monit: the monit daemon is not running")

// remote finds the daemon: by its control socket, or else where the control file has its web interface.
func (m *monitRun) remote(ctx context.Context) (monitRemote, error) {
	c, err := m.control(ctx)
	switch {
	case err != nil:
		return nil, err
	case c != nil:
		return controlRemote{c}, nil
	}
	if _, alive := daemonPID(m.at.pidfile); !alive {
		return nil, errMonitAbsent
	}
	return newHTTPRemote(m.config.Settings.HTTPD, m.config.Settings.Limits.NetworkTimeout)
}

// control returns a client for the control socket, nil if nobody listens there. One that hangs is an error.
func (m *monitRun) control(ctx context.Context) (*client.Client, error) {
	c := client.New(m.at.socket)
	_, err := c.Version(ctx)
	var gone *client.Unreachable
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &gone) && !errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	}
	return nil, monitErrorf("Monit: %v", err)
}

// controlRemote is our own daemon behind its control socket. What it has accepted survives its crash.
type controlRemote struct{ *client.Client }

func (r controlRemote) text(ctx context.Context, q client.MonitQuery) (string, error) {
	return r.Monit(ctx, q)
}

func (r controlRemote) act(ctx context.Context, c model.Command, exact bool) error {
	switch {
	case c.All:
		c.Names = nil
	case !exact:
		status, err := r.Status(ctx, client.StatusQuery{})
		if err != nil {
			return err
		}
		if c.Names, err = matching(c.Names, status.Services); err != nil {
			return err
		}
	}
	return r.Ask(ctx, c)
}

// matching replaces expressions by the names of the services they match.
func matching(expressions []string, services []model.ServiceStatus) ([]string, error) {
	snapshots := make([]model.Snapshot, len(services))
	for i := range services {
		snapshots[i].Spec = &model.Service{Name: services[i].Name}
	}
	var names []string
	for _, expression := range expressions {
		found := monit.Match(expression, snapshots)
		if len(found) == 0 {
			return nil, monitErrorf("There is no service named \"%s\"", expression)
		}
		for _, i := range found {
			if name := services[i].Name; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}
