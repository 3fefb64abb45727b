package probe

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"orderly/internal/model"
)

// frames is a server that agrees to speak WebSocket, answers a ping and a close with what it is given for each, and hangs up after
// the last answer it has.
func frames(t *testing.T, answers ...string) func(net.Conn) {
	return func(c net.Conn) {
		httpServer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", 1000, nil)(c)
		for i, answer := range answers {
			want := [2]string{"\x89\x80\x00\x00\x00\x00", "\x88\x80\x00\x00\x00\x00"}[i]
			got := make([]byte, len(want))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
				t.Errorf("the server got %q (%v), want %q", got, err, want)
				return
			}
			io.WriteString(c, answer)
		}
	}
}

func TestWebSocketFrames(t *testing.T) { // P-websocket
	const pong, bye = "\x8a\x00", "\x88\x00"
	for _, tt := range []struct {
		name    string
		answers []string
		want    string // "" for success
	}{
		{"both", []string{pong, bye}, ""},
		{"with payload", []string{"\x8a\x02ab", "\x88\x02\x03\xe8"}, ""},
		{"news first", []string{"\x81\x05hello\x02\x01a\x80\x01b" + pong, "\x81\x05hello" + bye}, ""},
		{"both at once", []string{pong + bye, ""}, ""},
		{"frame of 256 bytes", []string{"\x81\x7e\x01\x00" + strings.Repeat("x", 256) + pong, bye}, ""},
		{"frame of 257 bytes", []string{"\x81\x7e\x01\x01" + strings.Repeat("x", 257) + pong}, "it sends a frame longer than 256 bytes"},
		{"frame of an oversized length", []string{"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"}, "it sends a frame longer than 256 bytes"},
		{"pong of an oversized length", []string{"\x8a\x7e\xff\xff"}, "it sends a frame longer than 256 bytes"},
		{"masked", []string{"\x8a\x80\x00\x00\x00\x00"}, "it masks its frames"},
		{"no pong", []string{""}, "it closed the connection"},
		{"close for a pong", []string{bye}, "it closed the connection"},
		{"no close", []string{pong, ""}, "it closed the connection"},
		{"pong for a close", []string{pong, pong}, "it closed the connection"},
		{"half a head", []string{"\x8a"}, "it closed the connection"},
		{"half a length", []string{"\x8a\x7e\x00"}, "it closed the connection"},
		{"half a payload", []string{"\x8a\x05abc"}, "it closed the connection"},
		{"only news", []string{strings.Repeat("\x81\x01a", skippedFrames)}, "it sends 100 frames, and none of kind 0xa"},
		{"news, then pong", []string{strings.Repeat("\x81\x01a", skippedFrames-1) + pong, bye}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := converseWith(t, &model.Probe{Protocol: "websocket", Timeout: 5 * time.Second}, frames(t, tt.answers...))
				if tt.want == "" {
					mustPass(t, r)
				} else {
					mustFail(t, r, "cannot speak websocket with example.com:99: "+tt.want)
				}
			})
		})
	}
}

func TestWebSocketSilence(t *testing.T) {
	for name, server := range map[string]func(net.Conn){
		"at once": mute,
		"after the upgrade": func(c net.Conn) {
			httpServer("HTTP/1.1 101 Go\r\n\r\n", 100, nil)(c)
			mute(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mustFail(t, converseWith(t, &model.Probe{Protocol: "websocket", Timeout: 5 * time.Second}, server), "no answer within 5s")
			})
		})
	}
}

func TestWebSocketUpgrade(t *testing.T) {
	for _, tt := range []struct{ name, reply, want string }{
		{"refused", "HTTP/1.1 426 Upgrade Required\r\n\r\n", "HTTP status 426 from http://example.com:99/, expected = 101"},
		{"a page", "HTTP/1.1 200 OK\r\n\r\n", "HTTP status 200"},
		{"not HTTP", "\x8a\x00\r\n", "is not the beginning of an HTTP reply"},
		{"closed", "", "it closed the connection instead of answering"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := converseWith(t, &model.Probe{Protocol: "websocket"}, httpServer(tt.reply, 100, nil))
			mustFail(t, r, tt.want)
		})
	}
}

func TestWebSocketRequest(t *testing.T) {
	const before = "User-Agent: orderly\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: "
	for _, tt := range []struct {
		params model.Params
		want   string
	}{
		{nil, "GET / HTTP/1.1\r\nHost: example.com:99\r\n" + before + "13\r\n\r\n"},
		{
			model.Params{param("host", "me"), param("request", "/a b"), param("origin", "http://you\r\nX: y"), param("version", "8")},
			"GET /a%20b HTTP/1.1\r\nHost: me\r\n" + before + "8\r\nOrigin: http://you  X: y\r\n\r\n",
		},
	} {
		var got string
		converseWith(t, &model.Probe{Protocol: "websocket", Params: tt.params}, httpServer("", 1, &got))
		if got != tt.want {
			t.Errorf("request\n%s\nwant\n%s", got, tt.want)
		}
	}
}

func FuzzWebSocketReply(f *testing.F) {
	const ok = "HTTP/1.1 101 Go\r\n\r\n"
	fuzz(f, model.Probe{Protocol: "websocket"},
		ok+"\x8a\x00\x88\x00", ok+"\x81\x05hello\x8a\x01x\x88\x02\x03\xe8", ok+"\x81\x7e\x00\x02ab\x8a\x00", ok+"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", ok+"\x8a\x80\x00\x00\x00\x00")
}
