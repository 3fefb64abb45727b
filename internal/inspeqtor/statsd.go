package inspeqtor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"
	"unicode"
)

const (
	resolveTime = 2 * time.Second
	sendTime    = time.Second
	renewal     = 10 * time.Minute // the name of a server may come to mean another one
)

// A batch is what one cycle sends to a server of statsd.
type batch struct {
	to    string // HOST:PORT
	lines []string
}

// datagrams are the known measurements, each as a datagram of statsd: what is counted as "c", all else as "g".
func (v view) datagrams() (out []string) {
	for _, b := range append([]block{v.host}, v.services...) {
		name := flat(v.host.name) + "." + flat(b.name)
		if b.host {
			name = flat(v.host.name) + ".host"
		}
		for i := range b.measurements {
			m := &b.measurements[i]
			if !m.known {
				continue
			}
			kind, path := "g", name+"."+flat(m.family)
			if m.counter {
				kind = "c"
			}
			if m.name != "" {
				path += "." + flat(m.name)
			}
			out = append(out, fmt.Sprintf("%s:%.2f|%s\n", path, m.value, kind))
		}
	}
	return out
}

// flat makes one part of a path of a name: what means something in a datagram, and what cannot be seen, is an underscore.
func flat(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("./:|@#", r) || !unicode.IsGraphic(r) || unicode.IsSpace(r) {
			return '_'
		}
		return r
	}, name)
}

// A sender sends batches beside everything else. One that comes before the last one has left takes its place.
type sender struct {
	log  *slog.Logger
	next chan batch // capacity 1
}

func newSender(log *slog.Logger) sender { return sender{log, make(chan batch, 1)} }

// offer hands a batch over and never waits. It is called by one goroutine.
func (s *sender) offer(b batch) {
	select {
	case <-s.next:
	default:
	}
	s.next <- b
}

// run sends until ctx ends. That a server cannot be reached is told once, until it can be again.
func (s *sender) run(ctx context.Context) {
	var l line
	defer func() { l.hangUp() }()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-s.next:
			err := l.send(ctx, b, time.Now())
			switch {
			case err != nil && told != b.to:
				s.log.Log(ctx, slog.LevelWarn, "statsd does not get all measurements", "to", b.to, "err", err)
				told = b.to
			case err == nil && told == b.to:
				s.log.Log(ctx, slog.LevelInfo, "statsd gets all measurements again", "to", b.to)
				told = ""
			}
		}
	}
}

// A line is a connection to a server. Its zero value leads nowhere.
type line struct {
	to    string
	since time.Time
	net.Conn
}

func (l *line) hangUp() {
	if l.Conn != nil {
		_ = l.Close()
	}
	*l = line{}
}

// send sends all of a batch that it can.
func (l *line) send(ctx context.Context, b batch, now time.Time) error {
	if l.to != b.to || now.Sub(l.since) >= renewal {
		l.hangUp()
		dialer := net.Dialer{Timeout: resolveTime}
		conn, err := dialer.DialContext(ctx, "udp", b.to)
		if err != nil {
			return err
		}
		*l = line{b.to, now, conn}
	}
	if err := l.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
		return err
	}
	var failed error
	for _, text := range b.lines {
		if _, err := l.Write([]byte(text)); err != nil {
			failed = cause(err)
		}
	}
	if failed != nil {
		l.hangUp() // perhaps the name means another server by now
	}
	return failed
}

// cause takes off what an error says about calls and addresses of ours.
func cause(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err
}
