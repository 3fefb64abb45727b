package test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nginxControl is the control file of a web server as an administrator would write it: process, port, restart
// limit, the size of its log, and a flag file that asks for an upgrade.
const nginxControl = `
set daemon 1
check process nginx with pidfile @DIR@/nginx.pid
    start program = "/usr/sbin/nginx -c @DIR@/nginx.conf" with timeout 1 seconds
    stop program = "/usr/sbin/nginx -c @DIR@/nginx.conf -s stop"
    if failed port PORT protocol http with timeout 1 seconds then restart
    if 3 restarts within 5 cycles then alert
check file access-log with path @DIR@/access.log
    if size > 1 kB then exec "/bin/sh -c 'mv @DIR@/access.log @DIR@/access.log.1 && kill -USR1 $(cat @DIR@/nginx.pid)'"
check file upgrade-flag with path @DIR@/upgrade.flag
    if changed checksum then exec "/usr/bin/touch @DIR@/upgraded"
`

const nginxConf = `
pid @DIR@/nginx.pid;
error_log @DIR@/error.log;
worker_processes 1;
events { worker_connections 64; }
http {
  access_log @DIR@/access.log;
  client_body_temp_path @DIR@/tmp; proxy_temp_path @DIR@/tmp; fastcgi_temp_path @DIR@/tmp; uwsgi_temp_path @DIR@/tmp; scgi_temp_path @DIR@/tmp;
  server { listen 127.0.0.1:PORT; location / { return 200 "hello\n"; } }
}
`

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// nginx prepares a real web server that orderly is to run.
func nginx(t *testing.T) (d *daemon, url string) {
	t.Helper()
	if _, err := exec.LookPath("/usr/sbin/nginx"); err != nil {
		t.Skip("nginx is not installed")
	}
	port := fmt.Sprint(freePort(t))
	d = newDaemon(t, strings.ReplaceAll(nginxControl, "PORT", port))
	conf := strings.NewReplacer("@DIR@", d.dir, "PORT", port)
	d.write("nginx.conf", conf.Replace(nginxConf))
	d.write("upgrade.flag", "1\n")
	d.write("access.log", "")
	if os.Getuid() == 0 { // workers run as another user and reopen the log
		if err := os.Chmod(d.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		d.write("nginx.conf", "user root;\n"+conf.Replace(nginxConf))
	}
	t.Cleanup(func() {
		if pid := d.pidIn("nginx.pid"); pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGTERM)
			d.eventually("nginx has ended", func() bool { return !alive(pid) })
		}
	})
	return d, "http://127.0.0.1:" + port + "/"
}

func answers(url string) bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func TestHealsNginx(t *testing.T) {
	d, url := nginx(t)
	d.start()
	d.eventually("nginx is started, because it was not running", func() bool { return answers(url) })

	first := d.pidIn("nginx.pid")
	workers := children(first)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for _, w := range workers { // or they keep the port
		_ = syscall.Kill(w, syscall.SIGKILL)
	}
	d.eventually("nginx is back after kill -9", func() bool { return d.pidIn("nginx.pid") != first && answers(url) })

	second := d.pidIn("nginx.pid")
	d.eventually("its port is checked again", func() bool { return d.status("nginx").State == "ok" && len(children(second)) == 1 })
	if err := syscall.Kill(children(second)[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	d.eventually("nginx is restarted when its port no longer answers", func() bool {
		pid := d.pidIn("nginx.pid")
		return pid != second && pid != 0 && answers(url)
	})

	for range 30 {
		answers(url)
	}
	d.eventually("the log was rotated", func() bool { _, err := os.Stat(d.path("access.log.1")); return err == nil })
	d.write("upgrade.flag", "2\n")
	d.eventually("the upgrade was run", func() bool { _, err := os.Stat(d.path("upgraded")); return err == nil })

	d.eventually("the journal tells of it", func() bool {
		return d.happened("nginx", "recovered") >= 2 && d.happened("access-log", "action") >= 1 && d.happened("upgrade-flag", "changed") == 1
	})
	story := d.must("events")
	for _, want := range []string{"process is not running", "restart", "no answer within", "size is", "checksum changed"} {
		if !strings.Contains(story, want) && !strings.Contains(strings.ToLower(story), want) {
			t.Errorf("the story does not tell %q:\n%s", want, story)
		}
	}
	if testing.Verbose() {
		t.Logf("orderly events:\n%s", story)
	}
}

// children lists the pids of a process's children.
func children(pid int) []int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	var out []int
	for _, f := range strings.Fields(string(b)) {
		var n int
		if _, err := fmt.Sscan(f, &n); err == nil {
			out = append(out, n)
		}
	}
	return out
}
