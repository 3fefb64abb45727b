package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

func TestRealSupervisord(t *testing.T) { // S-27
	l := newLiving(t)
	port := freePort(t)
	socket, conf := filepath.Join(l.dir, "socket"), filepath.Join(l.dir, "conf")
	err := os.WriteFile(conf, fmt.Appendf(nil, `
[unix_http_server]
file=%[1]s/socket
[inet_http_server]
port=127.0.0.1:%[2]d
username=us
password=p&<w
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
logfile=%[1]s/log
pidfile=%[1]s/pid
childlogdir=%[1]s
[program:web]
command=%[3]s
autostart=false
startsecs=0
[program:broken]
command=%[4]s
autostart=false
startretries=0
[program:absent]
command=/no/such/program
autostart=false
[program:worker]
command=%[3]s
autostart=false
process_name=%%(program_name)s_%%(process_num)02d
numprocs=2
`, l.dir, port, l.script, l.write(t, "broken", "echo no port >&2\nexit 3\n")), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	daemon(t, nil, "supervisord", "-n", "-c", conf)
	poll(t, func() bool { return isSocket(socket) })
	u := onlyOn(t, "supervisord", UnitOptions{Supervisord: []string{"unix://" + socket}})
	poll(t, func() bool { _, err := u.Find(t.Context(), "", "web"); return err == nil })
	lifecycle(t, u, "supervisord", l, true)
	fails(t, u, "broken", `it cannot be started.*`, "no port")
	fails(t, u, "absent", `its program cannot be run.*`, "")
	if ref, err := u.Find(t.Context(), "", "worker_01"); err != nil || ref.Name != "worker:worker_01" {
		t.Errorf("found %v, %v", ref, err)
	}
	followProgram(t, u)
	for secret, denied := range map[string]bool{"p&<w": false, "other": true} {
		url := "http://us:" + escapeUser(secret) + "@127.0.0.1:" + strconv.Itoa(port)
		u := onlyOn(t, "supervisord", UnitOptions{Supervisord: []string{url}})
		if _, err := u.Find(t.Context(), "", "web"); (err != nil) != denied || denied && !errors.Is(err, fs.ErrPermission) {
			t.Errorf("with password %s: %v", secret, err)
		}
	}
}

// followProgram sees that what happens to a program is told: that it starts, that it is killed, and that it runs again.
func followProgram(t *testing.T, u *Units) {
	ref, seen := Ref{"supervisord", "web"}, &followed{}
	var wg sync.WaitGroup
	ctx, cancel := cancelled(t)
	wg.Go(func() { u.Watch(ctx, []Ref{ref, {"supervisord", "none"}}, seen.add) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.Ref == ref && u.State == UnitStopped }) })
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.Detail == "there is no program none" }) })
	was, out := u.Do(ctx, ref, VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.Ref == ref && u.PID == was.PID }) })
	if err := syscall.Kill(was.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	poll(t, func() bool {
		return seen.has(func(u Unit) bool { return u.Ref == ref && u.PID != was.PID && u.State == UnitRunning })
	})
	_, out = u.Do(ctx, ref, VerbStop)
	want(t, out, "stopped after .*", "")
}

func escapeUser(s string) string {
	out := ""
	for _, c := range []byte(s) {
		out += fmt.Sprintf("%%%02x", c)
	}
	return out
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
