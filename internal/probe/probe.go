// Package probe asks something outside the daemon for an answer: it connects, speaks a protocol, pings, reads a certificate.
//
// The entry point is [Run]. A protocol is one file, proto_<name>.go, whose value is put into the catalogue by register;
// proto_redis.go is the smallest. What a server answers is never trusted: every read is bounded in size and in time.
package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"orderly/internal/model"
)

// stepsPerAttempt bounds one attempt as a whole, in units of the timeout of one network step, so that a server
// which answers one byte at a time cannot hold a check for ever.
const stepsPerAttempt = 8

// Run asks once, with the retries of the probe, and says what came of it. It returns within stepsPerAttempt timeouts
// for each attempt, at once when ctx is cancelled, and may be called from many goroutines with the same probe.
//
// A result is Skipped when the answer would say nothing about what is asked: the check was cancelled, the host does not permit
// it, or the daemon itself has run out of descriptors or memory.
func Run(ctx context.Context, p *model.Probe) model.Result {
	var ask func(context.Context, *model.Probe) (model.Result, error)
	switch p.Kind {
	case model.ProbePort, model.ProbeSocket:
		ask = converse
	case model.ProbePing:
		ask = ping
	default:
		return model.Result{Skipped: true, Summary: fmt.Sprintf("cannot ask for %s over the network", p.Kind)}
	}
	var r model.Result
	var err error
	made := 0
	for range max(1, p.Retry) {
		made++
		r, err = ask(ctx, p)
		if err == nil {
			r.OK = true
			return r
		}
		if ctx.Err() != nil || ownFault(err) {
			break
		}
	}
	r.Summary = err.Error()
	r.Skipped = ownFault(err) || errors.Is(ctx.Err(), context.Canceled)
	if made > 1 && !r.Skipped {
		r.Summary += fmt.Sprintf(" (%d attempts)", made)
	}
	return withoutSecrets(p, r)
}

// errNotPermitted marks what this host does not let the daemon do.
var errNotPermitted = errors.New("not permitted")

// ownFault tells whether an error is about this process rather than about what it asks. Healing actions must not follow
// from it: restarting a healthy server does not give the daemon more descriptors.
func ownFault(err error) bool {
	for _, e := range []error{errNotPermitted, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// budget is the time an attempt may take.
type budget struct {
	step time.Duration // for one network step
	end  time.Time     // for everything
}

func newBudget(ctx context.Context, p *model.Probe, now time.Time) budget {
	step := p.Timeout
	if step <= 0 {
		step = model.DefaultLimits().NetworkTimeout
	}
	b := budget{step, now.Add(stepsPerAttempt * step)}
	if d, ok := ctx.Deadline(); ok && d.Before(b.end) {
		b.end = d
	}
	return b
}

// deadline is the end of a step that may take d and begins now.
func (b budget) deadline(now time.Time, d time.Duration) time.Time {
	if t := now.Add(d); t.Before(b.end) {
		return t
	}
	return b.end
}

// converse makes one attempt to connect and to speak the protocol of the probe.
func converse(ctx context.Context, p *model.Probe) (model.Result, error) {
	var r model.Result
	proto, err := protocolOf(p)
	if err != nil {
		return r, err
	}
	now := time.Now()
	b := newBudget(ctx, p, now)
	sites, err := resolve(ctx, p, b)
	if err != nil {
		return r, fmt.Errorf("cannot connect to %s: %w", place(p), err)
	}
	start := time.Now()
	if proto.Run == nil && p.TLS == nil && !p.UDP {
		err = eachSite(sites, func(s site) error { return knock(ctx, s, b) })
	} else {
		var nc net.Conn
		err = eachSite(sites, func(s site) (err error) {
			nc, err = dial(ctx, s, b)
			return err
		})
		if err == nil {
			return talk(ctx, nc, p, proto, b, start)
		}
	}
	if err != nil {
		return r, fmt.Errorf("cannot connect to %s: %w", place(p), b.explain(ctx, err))
	}
	r.Readings.Add(model.Latency, model.Num(time.Since(start).Seconds()))
	return r, nil
}

// talk takes over an established connection, speaks the protocol and closes it.
func talk(ctx context.Context, nc net.Conn, p *model.Probe, proto Protocol, b budget, start time.Time) (model.Result, error) {
	var r model.Result
	c := newConn(ctx, nc, p, b)
	defer c.release()
	err := c.speak(proto)
	if c.leaf != nil {
		r.Readings.AddValidity(c.leaf.NotBefore, c.leaf.NotAfter, time.Now())
	}
	if err != nil {
		hidden := hiding(c.confided)
		r.Evidence = hidden.Replace(printable(c.heard))
		return r, discreet{c.summarize(err, proto), hidden}
	}
	if !c.silent {
		r.Readings.Add(model.Latency, model.Num(time.Since(start).Seconds()))
	}
	r.Readings, r.Evidence = append(r.Readings, c.readings...), c.note
	c.nc.Close() // with TLS a polite end, which a server that failed the test is not owed
	return r, nil
}

// protocolOf finds what is to be spoken. A protocol that is not in the catalogue only tests the connection;
// the compiler of the configuration has warned of it.
func protocolOf(p *model.Probe) (Protocol, error) {
	if len(p.Dialog) > 0 {
		return Protocol{Run: func(_ context.Context, c *Conn, _ model.Params) error { return c.dialogue(p.Dialog) }}, nil
	}
	proto, ok := Lookup(p.Protocol)
	if ok {
		return proto, nil
	}
	if p.UDP {
		return Protocol{Run: answersUDP}, nil
	}
	return Protocol{}, nil
}

// verdict is an error whose text stands for itself: the reply was understood and is not what was wanted.
type verdict string

func (v verdict) Error() string { return string(v) }

func verdictf(format string, args ...any) error { return verdict(fmt.Sprintf(format, args...)) }

// summarize puts an error of a conversation into a sentence that names the server and what was spoken.
func (c *Conn) summarize(err error, proto Protocol) error {
	if v, ok := errors.AsType[verdict](err); ok {
		return v
	}
	switch {
	case proto.Name != "":
		return fmt.Errorf("cannot speak %s with %s: %w", proto.Name, place(c.probe), err)
	case c.probe.TLS != nil && len(c.probe.Dialog) == 0:
		return fmt.Errorf("cannot speak TLS with %s: %w", place(c.probe), err)
	}
	return fmt.Errorf("cannot talk to %s: %w", place(c.probe), err)
}
