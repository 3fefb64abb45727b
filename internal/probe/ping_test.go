package probe

import (
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"

	"orderly/internal/model"
)

func TestPing(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    model.Probe
		want string // "" for success
	}{
		{"T-host-ping", model.Probe{Host: "127.0.0.1"}, ""},
		{"T-host-ping4", model.Probe{Host: "localhost", Family: 4}, ""},
		{"T-host-ping6", model.Probe{Host: "::1", Family: 6}, ""},
		{"T-host-ping-count", model.Probe{Host: "127.0.0.1", Count: 1}, ""},
		{"T-host-ping-size", model.Probe{Host: "127.0.0.1", Size: 1492}, ""},
		{"T-host-ping-size smallest", model.Probe{Host: "127.0.0.1", Size: 1}, ""},
		{"T-host-ping-address", model.Probe{Host: "127.0.0.1", Source: "127.0.0.1"}, ""},
		{"source of another host", model.Probe{Host: "127.0.0.1", Source: "192.0.2.1"}, "cannot ping 127.0.0.1: cannot assign requested address"},
		{"source of another family", model.Probe{Host: "127.0.0.1", Source: "::1"}, "cannot ping 127.0.0.1: it has no address of the wanted family"},
		{"no such host", model.Probe{Host: "host.invalid"}, "cannot ping host.invalid: cannot resolve host.invalid: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.p.Kind, tt.p.Timeout = model.ProbePing, 5*time.Second
			r := Run(t.Context(), &tt.p)
			if r.Skipped {
				t.Skip(r.Summary) // T-host-pingskip
			}
			if tt.want != "" {
				mustFail(t, r, tt.want)
				return
			}
			if !r.OK && strings.Contains(tt.p.Host, "::1") {
				t.Skip("no IPv6 here:", r.Summary)
			}
			mustPass(t, r)
			if l := r.Readings.Get(model.Latency).Number(); l <= 0 || l > 5 {
				t.Errorf("latency %v s", l)
			}
		})
	}
}

func TestPingIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := &model.Probe{Kind: model.ProbePing, Host: "127.0.0.1", Timeout: time.Hour}
	if r := Run(ctx, p); r.OK || !r.Skipped {
		t.Errorf("result %+v", r)
	}
}

// Only an answer to our own request counts, whatever else comes by on a raw socket.
func TestPingAnswer(t *testing.T) {
	p := &pinger{id: 7, request: ipv4.ICMPTypeEcho, reply: ipv4.ICMPTypeEchoReply, protocol: 1}
	e := &echo{payload: payload(0), sent: make([]time.Time, 2)}
	if len(e.payload) != pingSize || string(payload(0)) == string(e.payload) {
		t.Error("the payload is not random, or of another size")
	}
	packet := func(kind icmp.Type, id, seq int, data []byte) []byte {
		b, err := (&icmp.Message{Type: kind, Body: &icmp.Echo{ID: id, Seq: seq, Data: data}}).Marshal(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, tt := range []struct {
		name   string
		packet []byte
		want   bool
	}{
		{"ours", packet(p.reply, 7, 1, e.payload), true},
		{"late", packet(p.reply, 7, 0, e.payload), true},
		{"from the future", packet(p.reply, 7, 2, e.payload), false},
		{"a request", packet(p.request, 7, 1, e.payload), false},
		{"another program's", packet(p.reply, 8, 1, e.payload), false},
		{"another check's", packet(p.reply, 7, 1, payload(0)), false},
		{"short", packet(p.reply, 7, 1, nil), false},
		{"empty", nil, false},
		{"garbage", []byte{0, 1, 2}, false},
	} {
		if _, got := p.answer(e, tt.packet); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
