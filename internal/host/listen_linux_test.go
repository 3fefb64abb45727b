package host

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
)

// holds gives processes of a recording open sockets.
func (r *recording) holds(pid int, inodes ...int) {
	r.t.Helper()
	dir := filepath.Join(r.dir, "proc", strconv.Itoa(pid), "fd")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
	for i, inode := range inodes {
		if err := os.Symlink(fmt.Sprintf("socket:[%d]", inode), filepath.Join(dir, strconv.Itoa(1000+i))); err != nil {
			r.t.Fatal(err)
		}
	}
}

func TestRecordedListeners(t *testing.T) {
	r := record(t)
	r.unpack("listeners")
	r.holds(1, 505, 511) // socket activation: systemd opened it, sshd has it
	r.holds(100, 501, 504)
	r.holds(101, 501, 504, 508)
	r.holds(200, 502, 503)
	r.holds(300, 505)
	got, err := r.h.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	nginx := Listener{PID: 100, Parents: []int{1}, Program: "nginx", Unit: "nginx.service"}
	worker := Listener{Network: "unix", Path: "/run/web app/front.sock", PID: 101, Parents: []int{100, 1}, Program: "nginx", Unit: "nginx.service"}
	at := func(l Listener, network, address string) Listener {
		l.Network, l.Address = network, netip.MustParseAddrPort(address)
		return l
	}
	want := []Listener{
		at(Listener{PID: 300, Parents: []int{1}, Program: "sshd", Unit: "ssh.service"}, "tcp", "[::1]:22"),
		at(nginx, "tcp", "0.0.0.0:80"),
		at(nginx, "tcp", "[::]:80"),
		at(Listener{PID: 200, Parents: []int{150, 1}, Program: "redis-server", Unit: "cache.service", User: true}, "tcp", "127.0.0.1:6379"),
		at(Listener{}, "udp", "0.0.0.0:123"),
		worker,
		{Network: "unix", Path: "@abstract", PID: 1, Program: "systemd", Unit: "init.scope"},
	}
	slices.SortFunc(want, compareListeners)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// A machine without tables of sockets has none that listen.
func TestNoSocketTables(t *testing.T) {
	r := record(t)
	if got, err := r.h.Listeners(); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOwnListeners(t *testing.T) {
	h := open(t, Options{})
	dir, err := os.MkdirTemp("", "o") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var want []Listener
	add := func(l Listener, c interface{ Close() error }, err error) {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		want = append(want, l)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	add(Listener{Network: "tcp"}, tcp, err)
	want[0].Address = netip.MustParseAddrPort(tcp.Addr().String())
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	add(Listener{Network: "udp"}, udp, err)
	want[1].Address = netip.MustParseAddrPort(udp.LocalAddr().String())
	path := filepath.Join(dir, "a b.sock")
	stream, err := net.Listen("unix", path)
	add(Listener{Network: "unix", Path: path}, stream, err)
	got, err := h.Listeners()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want {
		i := slices.IndexFunc(got, func(l Listener) bool { return l.Network == w.Network && l.Address == w.Address && l.Path == w.Path })
		if i < 0 {
			t.Errorf("%+v is not among %+v", w, got)
			continue
		}
		if l := got[i]; l.PID != os.Getpid() || l.Program == "" || len(l.Parents) == 0 || l.Parents[0] != os.Getppid() {
			t.Errorf("the holder of %+v is not this process, %d", l, os.Getpid())
		}
	}
}

func TestCgroups(t *testing.T) {
	for _, tt := range []struct {
		text, unit string
		user       bool
	}{
		{"0::/system.slice/nginx.service\n", "nginx.service", false},
		{"0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n", "postgresql@15-main.service", false},
		{"0::/system.slice/docker.service/payload\n", "docker.service", false},
		{"12:pids:/a.service\n1:name=systemd:/system.slice/b.service\n0::/\n", "b.service", false},
		{"0::/\n1:name=systemd:/system.slice/b.service\n", "b.service", false},
		{"0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n", "web.service", true},
		{"0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "init.scope", true},
		{"0::/user.slice/user-1000.slice/session-2.scope\n", "session-2.scope", false},
		{"0::/system.slice/_cgroup.service\n", "cgroup.service", false},
		{"0::/\n", "", false},
		{"4:cpu:/x.service\n", "", false},
		{"garbage\n", "", false},
		{"", "", false},
	} {
		if unit, user := parseCgroup([]byte(tt.text)); unit != tt.unit || user != tt.user {
			t.Errorf("%q is in %q (of a user: %v), want %q (%v)", tt.text, unit, user, tt.unit, tt.user)
		}
	}
}

// FuzzSocketTables reads anything as a table of sockets.
func FuzzSocketTables(f *testing.F) {
	for _, seed := range []string{
		"   0: 0100007F:18EB 00000000:0000 0A 0:0 00:0 0 105 0 502 1 0\n",
		"   1: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 505 1\n",
		"0: 00000002 00000000 00010000 0001 01 508 /run/web app\n", "0: 01:FFFF :0000 0A 0 0 0 0 0 18446744073709551616", "\x00\n\n: : :",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, s := range parseInet(text, "tcp", tcpListens) {
			if !s.Address.IsValid() || s.Address.Port() == 0 || s.Path != "" {
				t.Errorf("%q is read as %+v", text, s)
			}
		}
		for _, s := range parseUnix(text) {
			if s.Path == "" || s.Address.IsValid() {
				t.Errorf("%q is read as %+v", text, s)
			}
		}
		parseCgroup(text)
	})
}
