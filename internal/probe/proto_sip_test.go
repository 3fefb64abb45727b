package probe

import (
	"crypto/tls"
	"net"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

func TestSIPReply(t *testing.T) { // P-sip
	for _, tt := range []struct{ name, reply, want string }{
		{"ok", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n", ""},
		{"accepted", "SIP/2.0 202 Accepted\r\n\r\n", ""},
		{"end of the range", "SIP/2.0 299 x\r\n", ""},
		{"trying", "SIP/2.0 100 Trying\r\n\r\n", ""},
		{"no reason", "SIP/2.0 200\r\n", ""},
		{"ringing", "SIP/2.0 180 Ringing\r\n\r\n", "SIP status 180 from example.com:99, expected 200 to 299"},
		{"moved", "SIP/2.0 302 Moved\r\n\r\n", "SIP status 302"},
		{"unknown", "SIP/2.0 404 Not Found\r\n\r\n", "SIP status 404"},
		{"failing", "SIP/2.0 500 x\r\n\r\n", "SIP status 500"},
		{"declined", "SIP/2.0 603 x\r\n\r\n", "SIP status 603"},
		{"no status", "SIP/2.0 x\r\n", `it says "SIP/2.0 x" where "SIP/2.0 200 OK" is expected`},
		{"long status", "SIP/2.0 2000 x\r\n", `it says "SIP/2.0 2000 x"`},
		{"huge status", "SIP/2.0 200000000000000000000 x\r\n", `where "SIP/2.0 200 OK" is expected`},
		{"HTTP", "HTTP/1.1 200 OK\r\n", `it says "HTTP/1.1 200 OK"`},
		{"cut short", "SIP/2.0 200", "it closed the connection in the middle of its answer"},
		{"long line", strings.Repeat("x", lineLimit), "a line is longer than 8192 bytes"},
		{"closed", "", "it closed the connection instead of answering"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := converseWith(t, &model.Probe{Protocol: "sip", Timeout: 5 * time.Second}, httpServer(tt.reply, 3000, nil))
			if tt.want == "" {
				mustPass(t, r)
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		mustFail(t, converseWith(t, &model.Probe{Protocol: "sip", Timeout: 5 * time.Second}, mute), "no answer within 5s")
	})
}

var sipRequest = regexp.MustCompile(`^OPTIONS (sips?):(\S+) SIP/2.0\r
Via: SIP/2.0/(\S+) ([^;]+);branch=z9hG4bK(\w{16,})(;rport)?\r
Max-Forwards: (\d+)\r
To: <sips?:([^>]+)>\r
From: <sips?:orderly@([^>]+)>;tag=(\w{16,})\r
Call-ID: (\w{16,})\r
CSeq: 1 OPTIONS\r
Contact: <sips?:orderly@([^>]+)>\r
Accept: application/sdp\r
User-Agent: orderly\r
Content-Length: 0\r
\r
$`)

func TestSIPRequest(t *testing.T) {
	config := &tls.Config{Certificates: []tls.Certificate{selfIssued(t, 30)}}
	seen := map[string]bool{}
	for _, tt := range []struct {
		name   string
		probe  model.Probe
		params model.Params
		want   string // scheme, target, transport, rport, hops
	}{
		{"TCP", model.Probe{}, nil, "sip nobody@localhost TCP  70"},
		{"UDP", model.Probe{UDP: true}, nil, "sip nobody@localhost UDP ;rport 70"},
		{"TLS", model.Probe{TLS: &model.TLS{}}, nil, "sips nobody@localhost TLS  70"},
		{"options", model.Probe{}, model.Params{param("target", "me@example.com"), param("maxforward", "0")}, "sip me@example.com TCP  0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.probe
			p.Protocol, p.Params = "sip", tt.params
			var got string
			server := httpServer("SIP/2.0 200 OK\r\n\r\n", 100, &got)
			mustPass(t, converseWith(t, &p, func(c net.Conn) {
				if p.TLS != nil {
					c = tls.Server(c, config)
				}
				server(c)
				if p.TLS != nil {
					c.Close()
				}
			}))
			m := sipRequest.FindStringSubmatch(got)
			if m == nil {
				t.Fatalf("request\n%s", got)
			}
			if have := strings.Join([]string{m[1], m[2], m[3], m[6], m[7]}, " "); have != tt.want || m[2] != m[8] {
				t.Errorf("%q, want %q in\n%s", have, tt.want, got)
			}
			for _, i := range []int{4, 9, 12} {
				if m[i] != "localhost" {
					t.Errorf("we are at %q", m[i])
				}
			}
			for _, i := range []int{5, 10, 11} {
				if seen[m[i]] {
					t.Errorf("%q was used before", m[i])
				}
				seen[m[i]] = true
			}
		})
	}
}

// What the configuration says cannot begin another header.
func TestSIPTargetStaysInItsLine(t *testing.T) {
	var got string
	p := &model.Probe{Protocol: "sip", Params: model.Params{param("target", "a@b\r\nX: y")}}
	converseWith(t, p, httpServer("SIP/2.0 200 OK\r\n\r\n", 100, &got))
	if !strings.HasPrefix(got, "OPTIONS sip:a@b  X: y SIP/2.0\r\n") {
		t.Errorf("request\n%s", got)
	}
}

// Over UDP the request is one datagram, and says where it comes from.
func TestSIPOverUDP(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { server.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 4096)
		n, from, err := server.ReadFrom(b)
		if err != nil {
			return
		}
		m := sipRequest.FindStringSubmatch(string(b[:n]))
		if m == nil || m[4] != from.String() {
			t.Errorf("request from %s\n%s", from, b[:n])
		}
		server.WriteTo([]byte("SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"), from)
	}()
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: server.LocalAddr().(*net.UDPAddr).Port, UDP: true, Protocol: "sip", Timeout: 5 * time.Second}
	mustPass(t, Run(t.Context(), p))
}

func FuzzSIPReply(f *testing.F) {
	fuzz(f, model.Probe{Protocol: "sip"}, "SIP/2.0 200 OK\r\n\r\n", "SIP/2.0 100\r\n", "SIP/2.0 -12\r\n", "SIP/2.0 \n")
}
