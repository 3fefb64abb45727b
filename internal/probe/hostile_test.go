package probe

import (
	"crypto/tls"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// mute reads what the probe says while something else is said to it.
func mute(c net.Conn) { io.Copy(io.Discard, c) }

// babble says the head once and the text without end.
func babble(head, text string) func(net.Conn) {
	text = strings.Repeat(text, max(1, 4096/len(text)))
	return func(c net.Conn) {
		go mute(c)
		if _, err := io.WriteString(c, head); err == nil {
			forever(c, text)
		}
	}
}

// drip says one byte again and again, with pauses.
func drip(pause time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		go mute(c)
		for {
			if _, err := io.WriteString(c, "\x01"); err != nil {
				return
			}
			time.Sleep(pause)
		}
	}
}

// once says a text and hangs up.
func once(text string) func(net.Conn) {
	return func(c net.Conn) {
		go mute(c)
		io.WriteString(c, text)
	}
}

// stall says a text and then nothing, until the probe hangs up.
func stall(text string) func(net.Conn) {
	return func(c net.Conn) {
		left := make(chan struct{})
		go func() {
			defer close(left)
			mute(c)
		}()
		io.WriteString(c, text)
		<-left
	}
}

func parrot(c net.Conn) {
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		if _, err := c.Write(b[:n]); err != nil {
			return
		}
	}
}

const (
	tlsAlert = "\x15\x03\x03\x00\x02\x02\x28" // handshake failure
	httpOK   = "HTTP/1.1 200 OK\r\n"
)

// hostileServers do what no server of any protocol may do.
var hostileServers = []struct {
	name string
	say  func(net.Conn)
}{
	{"silent", mute},
	{"hangs up", hangUp},
	{"hangs up when spoken to", func(c net.Conn) { c.Read(make([]byte, 1)) }},
	{"one byte", once("\x00")},
	{"half a line", stall("2")},
	{"empty lines", babble("", "\r\n")},
	{"zeros without end", babble("", "\x00")},
	{"ones without end", babble("", "\xff")},
	{"lines without end", babble("", "\x1b[2Jwhat?\r\n")},
	{"letters without end", babble("", "a")},
	{"digits without end", babble("", "2")},
	{"characters cut in two", babble("\x81", "\xe2\x82")},
	{"a byte a second", drip(time.Second)},
	{"a byte just in time", drip(4900 * time.Millisecond)},
	{"echo", parrot},
	{"alert of TLS", stall(tlsAlert)},
	{"half a record of TLS", stall("\x16\x03\x03\x40\x00\x02")},
	{"records of TLS without end", babble("", "\x16\x03\x03\x00\x05\x0b\x00\x00\x01\x00")},
	{"page of another server", once("HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nwhat?")},
	{"prompt of another server", stall("login: ")},
	{"status line without end", babble("HTTP/1.1 200 ", "O")},
	{"headers without end", babble(httpOK, "X: y\r\n")},
	{"replies without end", babble("", "HTTP/1.1 100 Continue\r\n\r\n")},
	{"four gigabytes announced", babble("", "\x84\xff\xff\xff\xff")},
	{"less than nothing announced", babble("", "\xff\xff\xff\xff\x80")},
}

// said counts what a server gets rid of.
type said struct {
	net.Conn
	bytes atomic.Int64
}

func (s *said) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	s.bytes.Add(int64(n))
	return n, err
}

// Whatever a server does, every protocol ends in time, reads no more than it may and says why in one sentence.
func TestHostileServers(t *testing.T) {
	pair := selfIssued(t, 30)
	for _, proto := range Protocols() {
		var all model.Params
		for _, spec := range proto.Params {
			all = append(all, param(spec.Name, "1"))
		}
		usual := proto.Net == "udp"
		for _, hostile := range hostileServers {
			for _, p := range []model.Probe{
				{Protocol: proto.Name, UDP: usual},
				{Protocol: proto.Name, UDP: usual, Params: all},
				{Protocol: proto.Name, UDP: !usual},
				{Protocol: proto.Name, TLS: &model.TLS{}},
			} {
				t.Run(proto.Name+" "+hostile.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { resist(t, p, hostile.say) })
				})
			}
			t.Run(proto.Name+" TLS "+hostile.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					resist(t, model.Probe{Protocol: proto.Name, TLS: &model.TLS{}}, inTLS(pair, hostile.say))
				})
			})
		}
	}
}

// inTLS is a server that is honest up to the end of the handshake, which is the first thing in the conversation.
func inTLS(pair tls.Certificate, say func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{pair}})
		if s.Handshake() == nil {
			say(s)
		}
	}
}

func resist(t *testing.T, p model.Probe, hostile func(net.Conn)) {
	p.Timeout = 5 * time.Second
	server := &said{}
	start := time.Now()
	r := converseWith(t, &p, func(c net.Conn) {
		server.Conn = c
		hostile(server)
	})
	if took, most := time.Since(start), stepsPerAttempt*p.Timeout; took > most {
		t.Errorf("it took %s, at most %s is allowed", took, most)
	}
	mustFail(t, r, "example.com:99")
	if n := server.bytes.Load(); n > receiveLimit+lineLimit {
		t.Errorf("%d bytes were read", n)
	}
	mustBeReadable(t, r)
}

// mustBeReadable wants nothing in a result that would harm a terminal, a log or a mail.
func mustBeReadable(t *testing.T, r model.Result) {
	t.Helper()
	if strings.ContainsAny(r.Summary, "\x00\x1b\r\n") || !utf8.ValidString(r.Summary+r.Evidence) || len(r.Evidence) > evidenceLimit {
		t.Errorf("summary %q, evidence %q", r.Summary, r.Evidence)
	}
}

// allocated is how much memory f asks for, in bytes, whether it gives it back or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// broken is a connection that the server resets.
type broken struct{ recorded }

func (broken) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// A reset is told as what it is, whatever is spoken.
func TestReset(t *testing.T) {
	for _, proto := range Protocols() {
		for _, tls := range []*model.TLS{nil, {}} {
			r := overConn(t, &broken{}, &model.Probe{Protocol: proto.Name, TLS: tls})
			mustFail(t, r, "cannot speak "+proto.Name+" with example.com:99: ")
			mustFail(t, r, ": connection reset by peer")
		}
	}
}

// half is a connection whose other side has said all it has to say and goes on listening.
type half struct {
	recorded
	asked int // times something was sent
}

func (h *half) Write(b []byte) (int, error) {
	h.asked++
	return len(b), nil
}

// A server that only listens is not talked to for ever.
func TestHalfClosed(t *testing.T) {
	for _, proto := range Protocols() {
		for _, tls := range []*model.TLS{nil, {}} {
			h := &half{}
			r := overConn(t, h, &model.Probe{Protocol: proto.Name, TLS: tls})
			mustFail(t, r, ": it closed the connection instead of answering")
			if h.asked > 1 {
				t.Errorf("%s: it was sent something %d times", proto.Name, h.asked)
			}
		}
	}
}

// A redirection is an answer. Where it leads is not looked at, so that it cannot lead in circles, or elsewhere.
func TestRedirection(t *testing.T) {
	for _, location := range []string{"/", "http://example.com:99/", "file:///etc/passwd", strings.Repeat("x", 8000)} {
		h := &half{recorded: recorded{[]byte(strings.Repeat("HTTP/1.1 302 Found\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n", 3)), 1 << 20}}
		mustPass(t, overConn(t, h, &model.Probe{Protocol: "http"}))
		if h.asked != 1 {
			t.Errorf("it was asked %d times", h.asked)
		}
		h = &half{recorded: recorded{[]byte("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\n\r\n"), 1 << 20}}
		mustFail(t, overConn(t, h, &model.Probe{Protocol: "http", Params: status(model.Equal, "200")}), "HTTP status 302 from http://example.com:99/, expected = 200")
	}
}
