package collector

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
	"orderly/internal/trust"
)

var (
	errGone        = errors.New("the service is gone") // that of an event is not configured any more
	errUnreachable = errors.New("cannot connect")
)

// defaultTimeout is how long a collector may take for each step, where its settings do not tell.
const defaultTimeout = 5 * time.Second

// post tells the collector how everything is, and of an event if there is one, over a connection of its own.
// The error is a *[refusal] if the collector answered, errGone if it need not be told.
func (l *link) post(ctx context.Context, ev *model.Event) error {
	c := &l.now.Collector
	services, err := l.agent.services(ctx)
	if err != nil {
		return err
	}
	if ev != nil && ev.Service != "" && !slices.ContainsFunc(services, func(s model.Snapshot) bool { return s.Spec.Name == ev.Service }) {
		return errGone
	}
	timeout := cmp.Or(c.Timeout, defaultTimeout)
	conn, err := l.connect(ctx, c, timeout)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer conn.Close()
	interrupted := context.AfterFunc(ctx, func() { conn.Close() })
	defer interrupted()

	in := l.agent.Backend.Instance()
	in.Address = hostOf(conn.LocalAddr())
	in.Settings = settingsFor(in.Settings, c)
	body := monit.Document(in, services, monit.FormatPost, ev)
	if l.zip == compress {
		body = compressed(body)
	}
	sent := send(conn, request(c, body, l.zip == compress), timeout)
	_ = conn.SetReadDeadline(time.Now().Add(timeout)) // only a closed connection has none
	zip, err := receive(conn, c, l.zip == undecided)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return err // perhaps before all was read
	case err != nil && sent != nil:
		return fmt.Errorf("cannot send: %w", sent)
	case err == nil && l.zip == undecided:
		l.zip = zip
	}
	return err
}

// connect opens a connection, within the timeout.
func (l *link) connect(ctx context.Context, c *model.Collector, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := l.agent.dial(ctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
	if err != nil || c.Scheme != "https" {
		return conn, err
	}
	config, err := trust.Client(c.TLS, c.Host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	private := tls.Client(conn, config)
	if err := private.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return private, nil
}

// settingsFor are settings as a collector may know them: what is said of the others is not its business.
func settingsFor(s *model.Settings, c *model.Collector) *model.Settings {
	own := model.Settings{}
	if s != nil {
		own = *s
	}
	own.Collectors = []model.Collector{*c}
	return &own
}

// hostOf is the host of an address, "" if it has none.
func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return ""
	}
	return host
}
