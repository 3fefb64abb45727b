package probe

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"orderly/internal/model"
)

// mute reads what the probe says while something else is said to it.
func mute(c net.Conn) { io.Copy(io.Discard, c) }

var hostileServers = []struct {
	name string
	say  func(net.Conn)
}{
	{"silent", mute},
	{"hangs up", hangUp},
	{"one byte", func(c net.Conn) { go mute(c); io.WriteString(c, "\x00") }},
	{"zeros without end", func(c net.Conn) { go mute(c); forever(c, strings.Repeat("\x00", 4096)) }},
	{"ones without end", func(c net.Conn) { go mute(c); forever(c, strings.Repeat("\xff", 4096)) }},
	{"lines without end", func(c net.Conn) { go mute(c); forever(c, strings.Repeat("\x1b[2Jwhat?\r\n", 400)) }},
	{"letters without end", func(c net.Conn) { go mute(c); forever(c, strings.Repeat("a", 4096)) }},
	{"a byte at a time", func(c net.Conn) {
		go mute(c)
		for {
			if _, err := io.WriteString(c, "\x01"); err != nil {
				return
			}
			time.Sleep(4900 * time.Millisecond)
		}
	}},
	{"echo", func(c net.Conn) {
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
	}},
}

// said counts what a server gets rid of.
type said struct {
	net.Conn
	bytes int
}

func (s *said) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	s.bytes += n
	return n, err
}

// Whatever a server does, every protocol ends in time, reads no more than it may and says why in one sentence.
func TestHostileServers(t *testing.T) {
	for _, proto := range Protocols() {
		var all model.Params
		for _, spec := range proto.Params {
			all = append(all, param(spec.Name, "1"))
		}
		for _, hostile := range hostileServers {
			for _, p := range []model.Probe{
				{Protocol: proto.Name, UDP: proto.Net == "udp"},
				{Protocol: proto.Name, UDP: proto.Net == "udp", Params: all},
				{Protocol: proto.Name, UDP: proto.Net != "udp"},
			} {
				t.Run(proto.Name+" "+hostile.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { resist(t, p, hostile.say) })
				})
			}
		}
	}
}

func resist(t *testing.T, p model.Probe, hostile func(net.Conn)) {
	p.Timeout = 5 * time.Second
	var server *said
	start := time.Now()
	r := converseWith(t, &p, func(c net.Conn) {
		server = &said{Conn: c}
		hostile(server)
	})
	if took, most := time.Since(start), stepsPerAttempt*p.Timeout; took > most {
		t.Errorf("it took %s, at most %s is allowed", took, most)
	}
	mustFail(t, r, "example.com:99")
	if server.bytes > receiveLimit+lineLimit {
		t.Errorf("%d bytes were read", server.bytes)
	}
	if strings.ContainsAny(r.Summary, "\x00\x1b\r\n") || !utf8.ValidString(r.Summary+r.Evidence) || len(r.Evidence) > evidenceLimit {
		t.Errorf("summary %q, evidence %q", r.Summary, r.Evidence)
	}
}
