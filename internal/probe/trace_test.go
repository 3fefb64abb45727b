package probe

import (
	"context"
	"net"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestTrace(t *testing.T) {
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	port := func(a net.Addr) int { return a.(*net.TCPAddr).Port }
	for _, tt := range []struct {
		name  string
		probe model.Probe
		want  string // of each line a pattern, split by blanks around |
	}{
		{
			"open",
			model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port(open.Addr())},
			`127.0.0.1 is 127.0.0.1 after \S+ ms | 127.0.0.1:\d+: connected after \S+ ms`,
		},
		{
			"refused",
			model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port(gone.Addr())},
			`127.0.0.1 is 127.0.0.1 after \S+ ms | 127.0.0.1:\d+: cannot connect: connection refused after \S+ ms`,
		},
		{
			"TLS",
			model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port(secure.Listener.Addr()), TLS: &model.TLS{}},
			`127.0.0.1 is .* | \S+ connected .* | \S+ TLS 1.3 after \S+ ms | \S+ its certificate is valid until 20\d\d-\d\d-\d\d`,
		},
		{
			"TLS that is not believed",
			model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: port(secure.Listener.Addr()), TLS: &model.TLS{Verify: true}},
			`127.0.0.1 is .* | \S+ connected .* | \S+ cannot set up TLS: .* after \S+ ms | \S+ its certificate is .*`,
		},
		{"datagrams", model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 9, UDP: true}, `127.0.0.1 is .*`},
		{"ping", model.Probe{Kind: model.ProbePing, Host: "127.0.0.1"}, `127.0.0.1 is .*`},
		{"socket", model.Probe{Kind: model.ProbeSocket, Path: "/nonexistent/socket"}, `/nonexistent/socket: cannot connect: no such file or directory after .*`},
		{"content", model.Probe{Kind: model.ProbeContent}, ``},
		{"no such port", model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 70_000}, `there is no port 70000 after .*`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.probe.Timeout = 5 * time.Second
			got := strings.Join(Trace(t.Context(), &tt.probe), " | ")
			want := "^" + strings.ReplaceAll(tt.want, " | ", ` \| `) + "$"
			if !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTraceEndsWithItsContext(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: silent.Addr().(*net.TCPAddr).Port, TLS: &model.TLS{}, Timeout: time.Hour}
	lines := strings.Join(Trace(ctx, &p), "\n")
	if !strings.Contains(lines, "the check was cancelled") {
		t.Errorf("it says %q", lines)
	}
}
