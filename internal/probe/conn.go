package probe

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
	"unicode"

	"orderly/internal/model"
)

const (
	lineLimit     = 8 << 10  // longest line that is read, ending included
	receiveLimit  = 16 << 20 // everything read on one connection
	bufferSize    = 2 << 10  // what most replies fit in; it grows up to lineLimit
	silenceEnds   = 200 * time.Millisecond
	quoteLimit    = 80 // of a reply, in a message
	emptyReads    = 16 // reads in a row that may return nothing
	evidenceLimit = 2 << 10
)

// longAgo as a deadline makes whatever waits return.
var longAgo = time.Unix(1, 0)

// A Conn is a connection to a server that is being checked. Each of its methods is one step: it ends within the timeout of the probe,
// when the attempt has used up its time or when the check is cancelled, and reads no more than its limits allow.
// A Conn belongs to one goroutine and to the Run of its protocol; nothing may keep it or its buffers afterwards.
type Conn struct {
	probe  *model.Probe
	ctx    context.Context // cancels the conversation; it lives no longer than the Conn
	budget budget
	raw    net.Conn // what was dialled
	nc     net.Conn // raw, or TLS over it
	detach func() bool
	leaf   *x509.Certificate // of the server, once it has shown one
	silent bool              // the server was not expected to answer, so there is no latency

	readings model.Readings // what the server told of itself
	note     string         // what it could not tell, and why
	confided model.Params   // secrets that the server was told and that are not in the probe

	in       []byte // in[r:w] is received and not yet consumed
	r, w     int
	received int
	taken    int    // bytes consumed since the last Send
	heard    []byte // first bytes received since the last Send: what the server said to it
	out      []byte // for building requests
}

var conns = sync.Pool{New: func() any {
	return &Conn{in: make([]byte, bufferSize), heard: make([]byte, 0, evidenceLimit)}
}}

// newConn takes over an established connection; release closes it.
func newConn(ctx context.Context, nc net.Conn, p *model.Probe, b budget) *Conn {
	c := conns.Get().(*Conn)
	*c = Conn{probe: p, ctx: ctx, budget: b, raw: nc, nc: nc, in: c.in, heard: c.heard[:0], out: c.out[:0]}
	if p.UDP {
		c.widen(lineLimit) // what does not fit of a datagram is lost
	}
	c.detach = context.AfterFunc(ctx, func() { nc.SetDeadline(longAgo) })
	return c
}

// release closes the connection and gives the buffers back.
func (c *Conn) release() {
	c.detach()
	c.raw.Close()
	*c = Conn{in: c.in, heard: c.heard, out: c.out}
	conns.Put(c)
}

// speak brings up TLS where it comes first, and runs the protocol.
func (c *Conn) speak(proto Protocol) error {
	if c.probe.TLS != nil && !proto.asksForTLS(c.probe.Port) {
		if err := c.StartTLS(); err != nil {
			return err
		}
	}
	if proto.Run == nil {
		return nil
	}
	return proto.Run(c.ctx, c, c.probe.Params)
}

// awaitsTLS tells a protocol that it has to ask for TLS and to call StartTLS.
func (c *Conn) awaitsTLS() bool { return c.probe.TLS != nil && c.nc == c.raw }

// begin sets the deadline of a step that may take d.
func (c *Conn) begin(d time.Duration) error {
	if err := c.nc.SetDeadline(c.budget.deadline(time.Now(), d)); err != nil {
		return err
	}
	// A cancellation before SetDeadline is seen here, one after it ends the step by its own deadline.
	return c.ctx.Err()
}

// Send writes the whole text.
func (c *Conn) Send(s string) error {
	c.out = append(c.out[:0], s...)
	return c.flush()
}

// Bye tells the server that the conversation is over. Nothing depends on it any more, so it does not matter whether that arrives.
func (c *Conn) Bye(s string) { _ = c.Send(s) }

// flush sends what was built in out. What the server says from here on is its answer to that.
func (c *Conn) flush() error {
	c.turn()
	err := c.begin(c.budget.step)
	if err == nil {
		_, err = c.nc.Write(c.out)
	}
	if err != nil {
		return fmt.Errorf("cannot send: %w", c.budget.explain(c.ctx, err))
	}
	return nil
}

// turn begins to wait for an answer.
func (c *Conn) turn() { c.heard, c.taken = c.heard[:0], 0 }

// Line reads one line and returns it without its CR and LF.
func (c *Conn) Line() (string, error) {
	line, err := c.line()
	return string(line), err
}

// line is Line without a copy; the result is valid until the next read.
func (c *Conn) line() ([]byte, error) {
	if err := c.begin(c.budget.step); err != nil {
		return nil, c.readError(err)
	}
	for seen := 0; ; {
		if i := bytes.IndexByte(c.in[c.r+seen:c.w], '\n'); i >= 0 {
			line := c.take(seen + i + 1)[:seen+i]
			return bytes.TrimRight(line, "\r"), nil
		}
		seen = c.w - c.r
		if err := c.fill(); err != nil {
			return nil, c.readError(err)
		}
	}
}

// Exact reads n bytes, at most receiveLimit. The caller owns the result.
func (c *Conn) Exact(n int) ([]byte, error) {
	if n < 0 || n > receiveLimit {
		return nil, fmt.Errorf("cannot read %d bytes: more than is ever read", n)
	}
	if err := c.begin(c.budget.step); err != nil {
		return nil, c.readError(err)
	}
	var b []byte // grows with what arrives, not with what is announced
	for len(b) < n {
		if c.r == c.w {
			if err := c.fill(); err != nil {
				return nil, c.readError(err)
			}
		}
		b = append(b, c.take(n-len(b))...)
	}
	return b, nil
}

// some reads what there is, at least one and at most limit bytes, and waits no longer than d for it.
// The result is valid until the next read.
func (c *Conn) some(limit int, d time.Duration) ([]byte, error) {
	if c.r == c.w {
		c.widen(limit)
		err := c.begin(d)
		if err == nil {
			err = c.fill()
		}
		if err != nil {
			return nil, err
		}
	}
	return c.take(limit), nil
}

// datagram waits for one datagram. The result is valid until the next read.
func (c *Conn) datagram() ([]byte, error) {
	b, err := c.some(lineLimit, c.budget.step)
	if err != nil {
		return nil, c.readError(err)
	}
	return b, nil
}

// burst waits for a first byte and reads until the server falls silent, hangs up, or limit bytes are there.
func (c *Conn) burst(limit int) ([]byte, error) {
	b, err := c.some(limit, c.budget.step)
	if err != nil {
		return nil, c.readError(err)
	}
	reply := bytes.Clone(b)
	for len(reply) < limit {
		if b, err = c.some(limit-len(reply), silenceEnds); err != nil {
			break
		}
		reply = append(reply, b...)
	}
	return reply, c.ctx.Err()
}

// Ask sends a request and reads a line, which must begin with want.
func (c *Conn) Ask(request, want string) error {
	if err := c.Send(request); err != nil {
		return err
	}
	return c.Want(want)
}

// Want reads a line, which must begin with prefix.
func (c *Conn) Want(prefix string) error {
	line, err := c.line()
	if err == nil && !bytes.HasPrefix(line, []byte(prefix)) {
		err = unexpected(string(line), prefix)
	}
	return err
}

// unexpected is the error for a reply that was read and is not the one wanted.
func unexpected(got, want string) error {
	return fmt.Errorf("it says %s where %q is expected", quote(got), want)
}

// take consumes at most n of the bytes received.
func (c *Conn) take(n int) []byte {
	n = min(n, c.w-c.r)
	b := c.in[c.r : c.r+n]
	c.r += n
	c.taken += n
	return b
}

var (
	errLongLine = errors.New("a line is longer than 8192 bytes")
	errTooMuch  = errors.New("the server sends more than 16 MiB")
)

// fill receives at least one byte more, within the deadline of the step.
func (c *Conn) fill() error {
	if c.r > 0 {
		c.w = copy(c.in, c.in[c.r:c.w])
		c.r = 0
	}
	if c.w == len(c.in) {
		if c.w >= lineLimit {
			return errLongLine
		}
		c.widen(2 * len(c.in))
	}
	for range emptyReads {
		n, err := c.nc.Read(c.in[c.w:])
		if n > 0 {
			c.hear(c.in[c.w : c.w+n])
			c.w += n
			c.received += n
			if c.received > receiveLimit {
				return errTooMuch
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// widen makes room for receiving n bytes at once, as far as that is allowed.
func (c *Conn) widen(n int) {
	if n = min(n, lineLimit); n > len(c.in) {
		c.in = append(c.in, make([]byte, n-len(c.in))...)
	}
}

func (c *Conn) hear(b []byte) {
	room := evidenceLimit - len(c.heard)
	c.heard = append(c.heard, b[:min(room, len(b))]...)
}

// readError says why a reply could not be read.
func (c *Conn) readError(err error) error {
	switch {
	case errors.Is(err, io.EOF) && c.r == c.w && c.taken == 0:
		return errors.New("it closed the connection instead of answering")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it closed the connection in the middle of its answer")
	}
	return c.budget.explain(c.ctx, err)
}

// quote shows a reply in a message.
func quote(reply string) string {
	if len(reply) > quoteLimit {
		reply = reply[:quoteLimit] + "..."
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(reply, "\uFFFD"))
}

// printable turns the first bytes a server sent into evidence: lines of visible characters, at most evidenceLimit bytes.
func printable(b []byte) string {
	var s strings.Builder
	for _, r := range string(b) {
		switch {
		case r == '\r':
			continue
		case r == '\n' || r == '\t':
		case r == '\uFFFD', !unicode.IsPrint(r):
			r = '.'
		}
		if s.Len()+len(string(r)) > evidenceLimit {
			break
		}
		s.WriteRune(r)
	}
	return s.String()
}
