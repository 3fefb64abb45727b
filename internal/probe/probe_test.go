package probe

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orderly/internal/model"
)

// serve runs a server on loopback until the test ends and returns the probe of its port.
func serve(t testing.TB, handle func(net.Conn)) *model.Probe {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, handle)
	return &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Timeout: 5 * time.Second}
}

func accept(t testing.TB, l net.Listener, handle func(net.Conn)) {
	done := make(chan struct{})
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			handle(c)
			c.Close()
		}
	}()
}

// closedPort is a port nobody listens on.
func closedPort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func hangUp(net.Conn) {}

func mustPass(t *testing.T, r model.Result) {
	t.Helper()
	if !r.OK || r.Skipped || r.Summary != "" {
		t.Errorf("result %+v, want it to be good", r)
	}
}

func mustFail(t *testing.T, r model.Result, summary string) {
	t.Helper()
	if r.OK || r.Skipped || !strings.Contains(r.Summary, summary) {
		t.Errorf("result %+v, want a failure with %q", r, summary)
	}
	if r.Readings.Get(model.Latency).Present() {
		t.Errorf("a failure has a latency: %+v", r)
	}
}

func TestPort(t *testing.T) { // C-type-tcp, C-host
	p := serve(t, hangUp)
	r := Run(t.Context(), p)
	mustPass(t, r)
	if l := r.Readings.Get(model.Latency).Number(); l <= 0 || l > 5 {
		t.Errorf("latency %v s", l)
	}

	local := *p
	local.Host = ""
	mustPass(t, Run(t.Context(), &local))
	local.Host = "localhost"
	mustPass(t, Run(t.Context(), &local))

	unknown := *p
	unknown.Protocol = "no-such-protocol"
	mustPass(t, Run(t.Context(), &unknown))
}

func TestPortRefused(t *testing.T) {
	port := closedPort(t)
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port, Timeout: time.Second}
	want := "cannot connect to " + place(p) + ": connection refused"
	if r := Run(t.Context(), p); r.OK || r.Summary != want {
		t.Errorf("result %+v, want %q", r, want)
	}
	p.Protocol = "http"
	if r := Run(t.Context(), p); r.OK || r.Summary != want {
		t.Errorf("result %+v, want %q", r, want)
	}
	p.Retry = 3 // C-retry
	if r := Run(t.Context(), p); r.Summary != want+" (3 attempts)" {
		t.Errorf("summary %q", r.Summary)
	}
}

func TestRetrySucceeds(t *testing.T) { // C-retry
	var calls atomic.Int32
	p := serve(t, func(c net.Conn) {
		if calls.Add(1) == 3 {
			c.Write([]byte("SSH-2.0-x\r\n"))
		}
	})
	p.Protocol = "ssh"
	p.Retry = 3
	mustPass(t, Run(t.Context(), p))
	if n := calls.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

func TestAddress(t *testing.T) {
	port := serve(t, hangUp).Port
	for _, tt := range []struct {
		name string
		p    model.Probe
		want string // "" for success
	}{
		{"C-ipv4", model.Probe{Host: "localhost", Family: 4}, ""},
		{"C-ipv4 of a v6 address", model.Probe{Host: "::1", Family: 4}, "it has no address of the wanted family"},
		{"C-ipv6", model.Probe{Host: "127.0.0.1", Family: 6}, "it has no address of the wanted family"},
		{"C-address", model.Probe{Host: "127.0.0.1", Source: "127.0.0.2"}, ""},
		{"C-address of another family", model.Probe{Host: "127.0.0.1", Source: "::1"}, "it has no address of the wanted family"},
		{"C-address that is none", model.Probe{Host: "127.0.0.1", Source: "eth0"}, `"eth0" is not an IP address`},
		{"C-address of another host", model.Probe{Host: "127.0.0.1", Source: "192.0.2.1"}, "cannot assign requested address"},
		{"no such port", model.Probe{Host: "127.0.0.1", Port: 70000}, "there is no port 70000"},
		{"no such host", model.Probe{Host: "host.invalid"}, "cannot resolve host.invalid: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.p
			p.Kind, p.Timeout = model.ProbePort, 5*time.Second
			if p.Port == 0 {
				p.Port = port
			}
			if r := Run(t.Context(), &p); tt.want == "" {
				mustPass(t, r)
			} else {
				mustFail(t, r, tt.want)
			}
		})
	}
}

func TestSourceAddressIsUsed(t *testing.T) { // C-address
	from := make(chan string, 1)
	p := serve(t, func(c net.Conn) { from <- c.RemoteAddr().(*net.TCPAddr).IP.String() })
	p.Source = "127.0.0.2"
	mustPass(t, Run(t.Context(), p))
	if got := <-from; got != "127.0.0.2" {
		t.Errorf("the server sees %s", got)
	}
}

func TestEverySiteIsTried(t *testing.T) {
	// Only 127.0.0.1 listens, so a probe of localhost over IPv6 fails and one over any family does not.
	p := serve(t, hangUp)
	p.Host = "localhost"
	p.Family = 6
	if r := Run(t.Context(), p); r.OK {
		t.Errorf("result %+v", r)
	}
	sites := []site{{}, {}, {}}
	calls := 0
	err := eachSite(sites, func(site) error {
		if calls++; calls < 3 {
			return context.Canceled
		}
		return nil
	})
	if err != nil || calls != 3 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	accept(t, l, func(c net.Conn) { c.Write([]byte("SSH-2.0-x\r\n")) })
	p := &model.Probe{Kind: model.ProbeSocket, Path: path, Timeout: 5 * time.Second}
	mustPass(t, Run(t.Context(), p))
	p.Protocol = "ssh"
	mustPass(t, Run(t.Context(), p))
	p.Path += ".not-there"
	mustFail(t, Run(t.Context(), p), "cannot connect to "+p.Path+": no such file or directory")
}

func TestUDP(t *testing.T) { // C-type-udp, P-default-udp
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := server.LocalAddr().(*net.UDPAddr).Port
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port, UDP: true, Timeout: 50 * time.Millisecond}

	r := Run(t.Context(), p)
	mustPass(t, r)
	if r.Readings.Get(model.Latency).Present() {
		t.Errorf("silence has a latency: %+v", r)
	}
	b := make([]byte, 10)
	n, from, err := server.ReadFrom(b)
	if err != nil || n != 1 || b[0] != 0 {
		t.Errorf("the server got %q, %v", b[:n], err)
	}

	p.Timeout = 5 * time.Second
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if _, from, err = server.ReadFrom(b); err == nil {
			server.WriteTo([]byte("hello"), from)
		}
	}()
	r = Run(t.Context(), p)
	<-answered
	mustPass(t, r)
	if !r.Readings.Get(model.Latency).Present() {
		t.Errorf("an answer has no latency: %+v", r)
	}

	server.Close()
	mustFail(t, Run(t.Context(), p), "connection refused")
}

func TestCancelledCheckSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := serve(t, func(c net.Conn) {
		cancel()
		c.Read(make([]byte, 1)) // until the probe hangs up
	})
	p.Protocol = "ssh"
	p.Timeout = time.Hour
	p.Retry = 10
	if r := Run(ctx, p); !r.Skipped || r.OK || !strings.Contains(r.Summary, "the check was cancelled") {
		t.Errorf("result %+v", r)
	}
}

func TestDeadlineOfTheCheck(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	p := serve(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	p.Protocol = "ssh"
	p.Timeout = time.Hour
	mustFail(t, Run(ctx, p), "the check took longer than it may")
}

func TestTimeoutOfAStep(t *testing.T) { // C-timeout
	p := serve(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	p.Protocol = "ssh"
	p.Timeout = 200 * time.Millisecond
	mustFail(t, Run(t.Context(), p), "cannot speak ssh with "+place(p)+": no answer within 200ms")
}

func TestOtherKindsAreNotAsked(t *testing.T) {
	for _, kind := range []model.ProbeKind{model.ProbeContent, "", "other"} {
		if r := Run(t.Context(), &model.Probe{Kind: kind}); !r.Skipped || r.OK {
			t.Errorf("%q: %+v", kind, r)
		}
	}
}

func TestProtocolsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Protocols() {
		if seen[p.Name] || p.Name == "" || p.Name != strings.ToLower(p.Name) || p.Run == nil || p.Net != "tcp" && p.Net != "udp" {
			t.Errorf("bad entry %+v", p)
		}
		seen[p.Name] = true
		for _, param := range p.Params {
			if (param.Name == "password" || param.Name == "secret") != param.Secret {
				t.Errorf("%s: %s: secret is %v", p.Name, param.Name, param.Secret)
			}
		}
		if got, ok := Lookup(p.Name); !ok || got.Name != p.Name {
			t.Errorf("%s cannot be looked up", p.Name)
		}
	}
	for _, name := range []string{"http", "https", "redis", "memcache", "smtp", "ssh", "ftp", "pop", "imap"} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
