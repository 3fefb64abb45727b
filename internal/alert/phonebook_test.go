package alert

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orderly/internal/model"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// nameless is a dialer whose name servers cannot be reached, or never answer.
func nameless(hang bool) net.Dialer {
	return net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if hang {
			<-ctx.Done()
		}
		return nil, errors.New("network is unreachable")
	}}}
}

// Pins A-011: who was reached before is reached when names are not resolved any more.
func TestNamesThatAreNotResolvedAnyMore(t *testing.T) {
	at := newServer(t, func(http.ResponseWriter, *http.Request) {})
	port := at[strings.LastIndex(at, ":"):]
	for _, hang := range []bool{false, true} {
		b := &phonebook{dialer: nameless(hang), patience: 20 * time.Millisecond}
		b.learn("Hooks.Example.org", []netip.Addr{netip.MustParseAddr("127.0.0.9"), loopback})
		conn, err := b.dial(t.Context(), "tcp", "hooks.example.org"+port)
		if err != nil {
			t.Fatalf("the name servers hang: %v: %v", hang, err)
		}
		conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := b.dial(ctx, "tcp", "other.example.org"+port); err == nil {
			t.Error("who was never known is reached")
		}
		cancel()
		conn, err = b.dial(t.Context(), "tcp", "127.0.0.1"+port)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
}

// Whoever refuses a connection is not looked for where he was before.
func TestRefusedWhereNamesAreResolved(t *testing.T) {
	at := newServer(t, func(http.ResponseWriter, *http.Request) {})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	b := &phonebook{}
	b.learn("localhost", []netip.Addr{netip.MustParseAddr("127.0.0.2")})
	if conn, err := b.dial(t.Context(), "tcp", "localhost"+closed[strings.LastIndex(closed, ":"):]); err == nil {
		conn.Close()
		t.Error("somebody took the connection")
	}
	conn, err := b.dial(t.Context(), "tcp", "LOCALHOST"+at[strings.LastIndex(at, ":"):])
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got := b.find("localhost"); len(got) == 0 || got[0] != loopback {
		t.Errorf("localhost is known at %v", got)
	}
}

func TestPhonebookIsBounded(t *testing.T) {
	b := &phonebook{}
	for range maxAddresses + 5 {
		b.note("h", loopback)
	}
	if got := b.find("h"); !slices.Equal(got, []netip.Addr{loopback}) {
		t.Errorf("h is known at %v", got)
	}
	next := loopback
	for range maxHosts + 10 {
		next = next.Next()
		b.learn(next.String()+".example.org", []netip.Addr{next})
		b.note("h", next)
	}
	if len(b.known) != maxHosts || len(b.find("h")) != maxAddresses || b.find("h")[0] != next {
		t.Errorf("%d hosts, h at %v", len(b.known), b.find("h"))
	}
}

// texts is a memory in memory.
type texts struct {
	mu   sync.Mutex
	kept map[string]string
	set  chan string
}

func (m *texts) Meta(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key]
}

func (m *texts) SetMeta(key, value string) {
	m.mu.Lock()
	m.kept[key] = value
	m.mu.Unlock()
	if m.set != nil {
		m.set <- key
	}
}

// What was known is known to the next process, which has not reached anybody yet.
func TestPhonebookOutlivesTheProcess(t *testing.T) {
	usual := hosts
	defer func() { hosts = usual }()
	hosts = &phonebook{}
	c := &model.Config{Routes: []model.Route{
		{Channel: "slack", Address: "a", Params: params("url", "http://localhost:1/x")},
		{Channel: "mail", Address: "a@x", Server: &model.MailServer{Host: "127.0.0.1"}},
		{Channel: "syslog", Params: params("url", "udp://localhost")},
		{Channel: "shoutrrr", Params: params("url", "logger://"), Fallback: []model.Route{{Channel: "shoutrrr", Params: params("url", "gotify://localhost/AzyoeNS.D4iJLVa")}}},
	}}
	memory := &texts{kept: map[string]string{metaHosts: `{"hooks.example.org":["127.0.0.1"]}`}, set: make(chan string, 4)}
	a := New(Options{Journal: newMemory(), Means: Means{Log: discard}, Memory: memory})
	end := running(t, a)
	a.Configure(c)
	for key := range memory.set {
		if key == metaHosts && strings.Contains(memory.Meta(metaHosts), `"localhost"`) {
			break
		}
	}
	end()
	if got := a.hosts(); !slices.Equal(got, []string{"localhost", "127.0.0.1", ""}) {
		t.Errorf("the hosts are %q", got)
	}

	hosts = &phonebook{dialer: nameless(false)}
	hosts.recall(memory.Meta(metaHosts))
	at := newServer(t, func(http.ResponseWriter, *http.Request) {})
	r := model.Route{Channel: "slack", Params: params("url", "http://hooks.example.org"+at[strings.LastIndex(at, ":"):])}
	if _, err := Send(t.Context(), Means{Log: discard}, &model.Config{}, r, failing()); err != nil {
		t.Error(err)
	}
	hosts.recall(`{"x":["none"]`)
	hosts.recall("")
}

// What is known to the services of shoutrrr is where they lead.
func TestHostsOfServices(t *testing.T) {
	for name, url := range shoutURLs {
		got := shoutHosts(nil, model.Route{Params: params("url", url)})
		if len(got) != 1 || name != "logger" && name != "signal" && !strings.Contains(got[0], ".") {
			t.Errorf("%s leads to %q", name, got)
		}
	}
}
