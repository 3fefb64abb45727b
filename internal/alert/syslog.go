package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

func init() {
	channels["syslog"] = channel{open: func(Means) sender { return &syslogger{} }, where: []string{"url"}, check: checkSyslog, hosts: urlHost}
}

const (
	syslogTimeout = 5 * time.Second
	syslogPort    = "514"
)

// localSyslog are the places of the local log, the first that is there.
var localSyslog = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

// facilities are the names of RFC 5424, by their numbers.
var facilities = []string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
	"local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

// syslogger tells a log by the protocol of that name: the local one, or one by udp://HOST:PORT or tcp://HOST:PORT.
// Parameters: url and facility.
type syslogger struct {
	conn net.Conn // nil while resting
	to   string
}

func (s *syslogger) rest() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}

func (s *syslogger) send(ctx context.Context, c *model.Config, p parcel) (string, error) {
	network, addresses, err := syslogAt(p.route.Params.Get("url"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoWay, err)
	}
	if to := p.route.Params.Get("url"); s.conn == nil || s.to != to {
		s.rest()
		if s.conn, err = dialFirst(ctx, network, addresses); err != nil {
			return "", fmt.Errorf("cannot reach the log: %w", err)
		}
		s.to = to
	}
	err = s.conn.SetDeadline(time.Now().Add(syslogTimeout))
	if err == nil {
		_, err = s.conn.Write(syslogLine(c, p, network))
	}
	if err != nil {
		s.rest()
		return "", fmt.Errorf("cannot write to the log: %w", err)
	}
	return "it is in the log", nil
}

// dialFirst connects to the first address that takes it.
func dialFirst(ctx context.Context, network string, addresses []string) (conn net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, syslogTimeout)
	defer cancel()
	for _, a := range addresses {
		if conn, err = hosts.dial(ctx, network, a); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// syslogAt is where the log of a URL is; "" stands for the local one.
func syslogAt(text string) (network string, addresses []string, err error) {
	if text == "" {
		return "unixgram", localSyslog, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return "", nil, errors.New("the url of a log is udp://HOST:PORT or tcp://HOST:PORT")
	}
	return u.Scheme, []string{net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), syslogPort))}, nil
}

// syslogLine is a message as logs want it: in the old form for the local one, by RFC 5424 for those elsewhere.
func syslogLine(c *model.Config, p parcel, network string) []byte {
	ev := p.events[0]
	severity := 6 // informational
	switch {
	case alarming(ev):
		severity = 3 // error
	case ev.Kind == model.EventRecovered:
		severity = 5 // notice
	}
	priority := facilityOf(p.route)*8 + severity
	text := p.text(c, lineLength)
	if network == "unixgram" {
		return fmt.Appendf(nil, "<%d>%s orderly[%d]: %s", priority, ev.At.Local().Format(time.Stamp), os.Getpid(), text)
	}
	host := oneWord(hostOf(c, ev))
	line := fmt.Appendf(nil, "<%d>1 %s %s orderly %d %s - %s", priority, ev.At.Format(time.RFC3339Nano), host, os.Getpid(), oneWord(string(ev.Kind)), text)
	if network == "tcp" { // octet counting of RFC 6587
		return append(fmt.Appendf(nil, "%d ", len(line)), line...)
	}
	return line
}

// oneWord makes text fit for a field of a line.
func oneWord(text string) string {
	return cmp.Or(strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, text), "-")
}

func facilityOf(r model.Route) int {
	return slices.Index(facilities, cmp.Or(r.Params.Get("facility"), "daemon"))
}

func checkSyslog(r model.Route) error {
	if facilityOf(r) < 0 {
		return fmt.Errorf("there is no facility %q", r.Params.Get("facility"))
	}
	if _, _, err := syslogAt(r.Params.Get("url")); err != nil {
		return err
	}
	return checkText(r)
}
