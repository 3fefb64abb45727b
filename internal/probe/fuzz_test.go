package probe

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// recorded is a connection to a server that says the same whatever it is asked, some bytes at a time, and hangs up.
type recorded struct {
	reply []byte
	piece int
}

func (r *recorded) Read(b []byte) (int, error) {
	if len(r.reply) == 0 {
		return 0, io.EOF
	}
	n := copy(b, r.reply[:min(len(r.reply), r.piece)])
	r.reply = r.reply[n:]
	return n, nil
}
func (r *recorded) Write(b []byte) (int, error)      { return len(b), nil }
func (r *recorded) Close() error                     { return nil }
func (r *recorded) LocalAddr() net.Addr              { return nil }
func (r *recorded) RemoteAddr() net.Addr             { return nil }
func (r *recorded) SetDeadline(time.Time) error      { return nil }
func (r *recorded) SetReadDeadline(time.Time) error  { return nil }
func (r *recorded) SetWriteDeadline(time.Time) error { return nil }

// fuzz says arbitrary replies to a probe.
func fuzz(f *testing.F, p model.Probe, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, reply []byte) { sameInPieces(t, p, reply) })
}

// sameInPieces says a reply to a probe. The verdict must not depend on how the network cuts it into pieces.
func sameInPieces(t *testing.T, p model.Probe, reply []byte) {
	var first model.Result
	for i, piece := range []int{1 << 20, 1, 5} {
		p := p
		r := overConn(t, &recorded{reply, piece}, &p)
		if r.OK == (r.Summary != "") || len(r.Evidence) > evidenceLimit || !utf8.ValidString(r.Summary+r.Evidence) {
			t.Fatalf("result %+v", r)
		}
		r.Readings = slices.DeleteFunc(r.Readings, func(each model.Reading) bool { return each.Metric == model.Latency })
		if i == 0 {
			first = r
		} else if r.OK != first.OK || r.Summary != first.Summary || !slices.Equal(r.Readings, first.Readings) {
			t.Fatalf("in pieces of %d: %+v, as a whole: %+v", piece, r, first)
		}
	}
}

func FuzzHTTPReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "http", MaxSize: 1000, Params: model.Params{
		{Name: "content", Op: model.Equal, Value: "a.*b"}, {Name: "checksum", Value: "5d41402abc4b2a76b9719d911017c592"},
	}},
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nhello",
		"HTTP/1.0 200\n\na\x00b", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\n\r\n", "SSH-2.0-x\r\n", "")
}

func FuzzHTTPStatus(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "http"}, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 ")
}

func FuzzGenericReply(f *testing.F) {
	fuzz(f, model.Probe{MaxSize: 64, Dialog: []model.Turn{{Expect: "^a"}, {Send: "x"}, {Expect: `\\0|b$`}}}, "a", "a\x00b", "ab", "")
}

func FuzzRedisReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "redis", Params: model.Params{{Name: "password", Value: "x"}}},
		"+OK\r\n+PONG\r\n", "+OK\r\n-NOAUTH\r\n", "-ERR\r\n", "+OK\n+PONG")
}

func FuzzMemcacheReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "memcache"}, "\x81\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "ERROR\r\n")
}

func FuzzSMTPReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "smtp", Params: model.Params{{Name: "username", Value: "u"}, {Name: "password", Value: "p"}}},
		"220 x\r\n250-AUTH PLAIN\r\n250 x\r\n235 y\r\n221 z\r\n", "220 x\r\n500 no\r\n250 x\r\n", "220-a\r\n220 b\r\n250 AUTH LOGIN\r\n334 \r\n334 \r\n235 \r\n221 \r\n")
}

func FuzzLineProtocols(f *testing.F) {
	for _, name := range []string{"ftp", "pop", "imap", "ssh"} {
		f.Add(name, []byte("220 x\r\n221 y\r\n"))
		f.Add(name, []byte("+OK\r\n+OK\r\n"))
		f.Add(name, []byte("* OK\r\n* BYE\r\n"))
		f.Add(name, []byte("SSH-2.0-x\r\n"))
	}
	f.Fuzz(func(t *testing.T, name string, reply []byte) {
		if _, ok := Lookup(name); !ok || name == "https" {
			return
		}
		r := overConn(t, &recorded{reply, 3}, &model.Probe{Protocol: name})
		if r.OK == (r.Summary != "") || !utf8.ValidString(r.Summary+r.Evidence) {
			t.Fatalf("result %+v", r)
		}
	})
}

func FuzzTLSReply(f *testing.F) {
	fuzz(f, model.Probe{TLS: &model.TLS{Verify: true}}, "220 hello\r\n", "\x15\x03\x03\x00\x02\x02\x28", "\x16\x03\x03\x00\x04\x02\x00\x00\x00")
}

func FuzzSettings(f *testing.F) {
	f.Add(`\0x41\0xzz`)
	f.Add(`\0x`)
	f.Fuzz(func(t *testing.T, send string) {
		if len(decode(send)) > len(send) {
			t.Errorf("%q grew to %q", send, decode(send))
		}
		if target := escape(send); len(target) == 0 || target[0] != '/' && target[0] != '*' {
			t.Errorf("%q is asked for as %q", send, target)
		} else if again := escape(target); again != target {
			t.Errorf("%q is asked for as %q, and that as %q", send, target, again)
		}
	})
}
