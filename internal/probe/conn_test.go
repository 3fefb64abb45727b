package probe

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// converseWith runs the conversation of a probe with a server at the other end of a pipe. The server must end when the pipe is closed.
func converseWith(t testing.TB, p *model.Probe, server func(net.Conn)) model.Result {
	t.Helper()
	near, wait := pipeTo(server)
	r := overConn(t, near, p)
	wait()
	return r
}

// pipeTo starts a server at the other end of a pipe; wait returns when it has ended.
func pipeTo(server func(net.Conn)) (near net.Conn, wait func()) {
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer far.Close()
		server(far)
	}()
	return pipe{near}, func() { <-done }
}

// pipe is one end of a pipe whose deadline can be set after the other end is closed, as it can with a socket.
type pipe struct{ net.Conn }

func (p pipe) SetDeadline(t time.Time) error {
	p.Conn.SetDeadline(t)
	return nil
}

// overConn runs the conversation of a probe over an established connection.
func overConn(t testing.TB, nc net.Conn, p *model.Probe) model.Result {
	t.Helper()
	if p.Kind == "" {
		p.Kind, p.Host, p.Port = model.ProbePort, "example.com", 99
	}
	proto, err := protocolOf(p)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	r, err := talk(t.Context(), nc, p, proto, newBudget(t.Context(), p, now), now)
	r.OK = err == nil
	if err != nil {
		r.Summary = err.Error()
	}
	return r
}

// script is a server that expects lines and says things: "> text" waits for that line, "< text" sends it with CR LF,
// "... N" is silent for N seconds, "raw text" sends without an end of line.
func script(t *testing.T, steps ...string) func(net.Conn) {
	return func(c net.Conn) {
		in := bufio.NewReader(c)
		for _, step := range steps {
			kind, text, _ := strings.Cut(step, " ")
			switch kind {
			case ">":
				line, err := in.ReadString('\n')
				if strings.TrimRight(line, "\r\n") != text {
					t.Errorf("the server got %q (%v), want %q", line, err, text)
					return
				}
			case "<":
				io.WriteString(c, text+"\r\n")
			case "raw":
				io.WriteString(c, text)
			case "...":
				io.Copy(io.Discard, in) // until the probe gives up
			}
		}
	}
}

// forever writes the same bytes until the other side has had enough, and tells how many that were.
func forever(c net.Conn, b string) (n int) {
	for {
		m, err := io.WriteString(c, b)
		n += m
		if err != nil {
			return n
		}
	}
}

func TestLineOfAHostileServer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server func(net.Conn)
		want   string
	}{
		{"silent", func(c net.Conn) { io.Copy(io.Discard, c) }, "no answer within 5s"},
		{"closes at once", hangUp, "it closed the connection instead of answering"},
		{"truncated", func(c net.Conn) { io.WriteString(c, "SSH-2") }, "it closed the connection in the middle of its answer"},
		{"endless line", func(c net.Conn) { forever(c, strings.Repeat("x", 1000)) }, "a line is longer than 8192 bytes"},
		{"a byte a second", func(c net.Conn) {
			for {
				if _, err := io.WriteString(c, "S"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, "no answer within 5s"},
		{"garbage", func(c net.Conn) { io.WriteString(c, "\x00\xff\xfe\x1b[2J\n") }, `it says "\x00`},
		{"another protocol", func(c net.Conn) { io.WriteString(c, "220 ready\r\n") }, `it says "220 ready" where "SSH-" is expected`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := converseWith(t, &model.Probe{Protocol: "ssh", Timeout: 5 * time.Second}, tt.server)
				mustFail(t, r, "cannot speak ssh with example.com:99: "+tt.want)
				if len(r.Evidence) > evidenceLimit || strings.ContainsAny(r.Evidence, "\x00\x1b") || !utf8.ValidString(r.Evidence) {
					t.Errorf("evidence %q", r.Evidence)
				}
			})
		})
	}
}

// A server that answers each step just before its timeout is cut off all the same.
func TestAttemptIsBoundedAsAWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &model.Probe{Protocol: "http", Timeout: 5 * time.Second, Params: model.Params{{Name: "content", Value: "x"}}}
		near, wait := pipeTo(func(c net.Conn) {
			bufio.NewReader(c).ReadString('\n')
			go io.Copy(io.Discard, c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			for {
				if _, err := io.WriteString(c, "."); err != nil {
					return
				}
				time.Sleep(4900 * time.Millisecond)
			}
		})
		r := overConn(t, near, p)
		if took := time.Since(start); took != 40*time.Second {
			t.Errorf("it took %s", took)
		}
		mustFail(t, r, "the check took longer than it may")
		wait()
	})
}

func TestServerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		r := overConn(t, near, &model.Probe{Protocol: "redis", Timeout: 5 * time.Second})
		mustFail(t, r, "cannot speak redis with example.com:99: cannot send: no answer within 5s")
	})
}

func TestCancelEndsAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		near, far := net.Pipe()
		defer far.Close()
		c := newConn(ctx, near, &model.Probe{}, budget{time.Hour, time.Now().Add(24 * time.Hour)})
		defer c.release()
		go func() {
			time.Sleep(time.Minute)
			cancel()
		}()
		start := time.Now()
		_, err := c.Line()
		if err == nil || err.Error() != "the check was cancelled" || time.Since(start) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		if err := c.Send("x"); err == nil || !strings.Contains(err.Error(), "the check was cancelled") {
			t.Errorf("a step after that: %v", err)
		}
	})
}

// counted is a connection to a server that sends without end.
type counted struct {
	net.Conn
	text string
	sent int
}

func (c *counted) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		n += copy(b[n:], c.text)
	}
	c.sent += n
	return n, nil
}
func (c *counted) Write(b []byte) (int, error)   { return len(b), nil }
func (c *counted) SetDeadline(t time.Time) error { return nil }
func (c *counted) Close() error                  { return nil }

func TestGigabytes(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    model.Probe
		text string
		most int // bytes that may be read
		want string
	}{
		{"line", model.Probe{Protocol: "redis"}, "x", lineLimit, "a line is longer"},
		{"many lines", model.Probe{Protocol: "ftp"}, "220-x\r\n", codedLines * 20, "more than 500 lines"},
		{"header", model.Probe{Protocol: "http"}, "HTTP/1.1 200 OK\r\n", headerLimit + 20000, "longer than 64 KiB"},
		{"interim replies", model.Probe{Protocol: "http"}, "HTTP/1.1 100 Go on\r\n\r\n", lineLimit, "it goes on promising a reply"},
		{"dialogue", model.Probe{Dialog: []model.Turn{{Expect: "y"}}}, "x", lineLimit, "does not match"},
		{"long dialogue", model.Probe{Dialog: []model.Turn{{Expect: "^y"}}, MaxSize: 1 << 30}, "x", receiveLimit + lineLimit, "does not match"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &counted{text: tt.text}
			r := overConn(t, c, &tt.p)
			mustFail(t, r, tt.want)
			if c.sent > tt.most {
				t.Errorf("%d bytes were read, at most %d expected", c.sent, tt.most)
			}
		})
	}
}

func TestExact(t *testing.T) {
	conn := func(server func(net.Conn)) (*Conn, func()) {
		near, wait := pipeTo(server)
		c := newConn(t.Context(), near, &model.Probe{}, budget{5 * time.Second, time.Now().Add(time.Minute)})
		return c, func() { c.release(); wait() }
	}
	c, end := conn(func(c net.Conn) { io.WriteString(c, strings.Repeat("0123456789", 3000)+"tail\n") })
	if b, err := c.Exact(30000); err != nil || len(b) != 30000 || string(b[29995:]) != "56789" {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if line, err := c.Line(); err != nil || line != "tail" {
		t.Errorf("%q, %v", line, err)
	}
	if _, err := c.Exact(1); err == nil {
		t.Error("a byte was read after the end")
	}
	for _, n := range []int{-1, receiveLimit + 1} {
		if _, err := c.Exact(n); err == nil {
			t.Errorf("%d bytes were promised", n)
		}
	}
	if b, err := c.Exact(0); err != nil || len(b) != 0 {
		t.Errorf("no bytes: %q, %v", b, err)
	}
	end()

	c, end = conn(func(c net.Conn) { io.WriteString(c, "1234") })
	if b, err := c.Exact(5); err == nil {
		t.Errorf("%q", b)
	}
	end()
}

func TestReadThatReturnsNothing(t *testing.T) {
	r := overConn(t, nothing{}, &model.Probe{Protocol: "ssh", Timeout: time.Second})
	mustFail(t, r, io.ErrNoProgress.Error())
}

type nothing struct{ counted }

func (nothing) Read([]byte) (int, error)        { return 0, nil }
func (nothing) Write(b []byte) (int, error)     { return len(b), nil }
func (nothing) SetDeadline(time.Time) error     { return nil }
func (nothing) Close() error                    { return nil }
func (nothing) LocalAddr() (a net.Addr)         { return a }
func (nothing) RemoteAddr() (a net.Addr)        { return a }
func (nothing) SetReadDeadline(time.Time) error { return nil }

func TestExplain(t *testing.T) {
	b := budget{3 * time.Second, time.Now().Add(time.Hour)}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", errors.New("odd"))}, "read: odd"},
		{os.ErrDeadlineExceeded, "no answer within 3s"},
		{&net.DNSError{Err: "odd", IsTimeout: true}, "no answer within 3s"},
		{io.ErrClosedPipe, io.ErrClosedPipe.Error()},
	} {
		if got := b.explain(t.Context(), tt.err); got.Error() != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"a\r\nb\tc":                 "a\nb\tc",
		"\x1b[2Jä\x00\xff€\u202e":   ".[2Jä..€.",
		strings.Repeat("€", 10_000): strings.Repeat("€", evidenceLimit/3),
	} {
		if got := printable([]byte(in)); got != want {
			t.Errorf("%.40q: %.40q, want %.40q", in, got, want)
		}
	}
}

// What a server said to an earlier request is not evidence for the last one.
func TestEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := converseWith(t, &model.Probe{Protocol: "ftp", Timeout: time.Second},
			script(t, "< 220 welcome", "> QUIT", "< 500-what?", "< 500 no"))
		mustFail(t, r, `it says "500-what?" where "221" is expected`)
		if r.Evidence != "500-what?\n500 no\n" {
			t.Errorf("evidence %q", r.Evidence)
		}
	})
}
