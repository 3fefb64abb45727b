package test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// nginxServices have a web server reload when somebody has changed its configuration.
const nginxServices = `  nginx:
    unit: nginx
  nginx-conf:
    file: /etc/nginx/nginx.conf
    rules: if changed checksum then reload service nginx
`

// bootNginx has orderly watch a web server as its package runs it.
func bootNginx(t *testing.T) *overseen {
	if _, err := exec.LookPath("/usr/sbin/nginx"); err != nil {
		t.Skip("nginx is not installed")
	}
	o := bootOverseen(t, nginxServices, nil, "nginx")
	o.eventually("nginx is watched", func() bool {
		return o.status("nginx").State == "ok" && o.status("nginx").PID > 0 && o.status("nginx-conf").State == "ok"
	})
	return o
}

// workers are the processes that serve, in any order.
func (o *overseen) workers() []string {
	return strings.Fields(o.sh("pgrep --parent $(systemctl show -P MainPID nginx) || true"))
}

// reloaded sees that something replaces the workers of the same server.
func (o *overseen) reloaded(by string, do func()) {
	o.t.Helper()
	master, before := o.status("nginx").PID, o.workers()
	do()
	o.eventually(by+" replaces the workers", func() bool {
		now := o.workers()
		return len(now) == len(before) && !slices.ContainsFunc(now, func(pid string) bool { return slices.Contains(before, pid) })
	})
	if now := strings.TrimSpace(o.sh("systemctl show -P MainPID nginx")); now != fmt.Sprint(master) || o.status("nginx").PID != master {
		o.t.Errorf("after %s, nginx is process %s, was %d", by, now, master)
	}
}

// TestReloads has a server read its configuration again: when somebody says so, and when a rule does.
func TestReloads(t *testing.T) { // S-12
	t.Parallel()
	o := bootNginx(t)
	o.reloaded("orderly reload", func() { o.orderly("reload", "nginx") })
	o.reloaded("the rule", func() { o.sh("echo '# changed' >>/etc/nginx/nginx.conf") })
	o.sh("echo 'an error;' >>/etc/nginx/nginx.conf")
	o.hears(`(?s)cannot reload nginx\.service: .* unknown directive "an"`)
}

// TestMaintenance has a service stopped and started without anybody being told, or it being started too early.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	o := bootNginx(t)
	pid := o.status("nginx").PID
	o.orderly("maintenance", "run", "nginx", "--", "sh", "-c", "systemctl stop nginx; until orderly status nginx | grep 'not running'; do sleep 0.1; done; systemctl start nginx")
	o.eventually("another nginx is watched", func() bool { return o.status("nginx").State == "ok" && o.status("nginx").PID != pid })
	o.heard()
	o.kill("nginx")
	o.hears("unit is not running")
	o.hears("unit is running")
	o.heard("unit is not running: killed by signal 9; systemd does not start it again", `unit is running, pid \d+`)
}
