package probe

import (
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderly/internal/model"
)

// fullQueue returns the port of a listener whose queue is full and which takes nothing off it: the kernel leaves
// whoever connects without an answer.
func fullQueue(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}
	for range 20 {
		c, err := net.DialTimeout("tcp", addr.String(), 500*time.Millisecond)
		if err != nil {
			return addr.Port
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("this kernel answers although the queue is full")
	return 0
}

func TestConnectWithoutAnswer(t *testing.T) {
	p := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: fullQueue(t), Timeout: 200 * time.Millisecond}
	want := "cannot connect to " + place(p) + ": no answer within 200ms"
	if r := Run(t.Context(), p); r.Summary != want {
		t.Errorf("%q, want %q", r.Summary, want)
	}
	p.Protocol = "http"
	if r := Run(t.Context(), p); r.Summary != want {
		t.Errorf("%q, want %q", r.Summary, want)
	}
}

func TestNoDescriptorsLeft(t *testing.T) {
	p := serve(t, hangUp)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: old.Max}); err != nil {
		t.Skip("cannot lower the number of descriptors:", err)
	}
	r := Run(t.Context(), p)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	// The server is not to blame, and restarting it would not help.
	if !r.Skipped || r.OK || !strings.Contains(r.Summary, "too many open files") {
		t.Errorf("result %+v", r)
	}
}

func TestConnectionToItselfIsNone(t *testing.T) {
	fd, to, err := openSocket(site{addr: netip.AddrPortFrom(localhost[0], uint16(closedPort(t)))})
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, to); err != nil {
		t.Fatal(err)
	}
	if err := connect(fd, to); err != syscall.ECONNREFUSED {
		t.Errorf("error %v", err)
	}
}
