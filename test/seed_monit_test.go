package test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// safesquid stands in for the proxy of the story: something that answers http on port 8080, run by systemd.
const safesquid = `[Unit]
Description=a proxy
[Service]
Type=forking
PIDFile=/run/safesquid.pid
ExecStart=/bin/bash -c 'cd /srv && (python3 -m http.server 8080 --bind 127.0.0.1 & echo $! > /run/safesquid.pid)'
`

// TestTheStoryOfServiceGovernance follows the first of the documents that orderly was asked for, step by step, on a
// machine where the package takes monit's place. The comments are its lines headed "Verification".
func TestTheStoryOfServiceGovernance(t *testing.T) {
	for _, program := range []string{"dpkg-deb", "curl", "python3"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the story cannot be followed: %v", err)
		}
	}
	m := bootMachine(t)
	packages := t.TempDir()
	must(t, "../packaging/deb/build", binary, "v1.0", packages)
	if err := os.CopyFS(m.path("/tmp/packages"), os.DirFS(packages)); err != nil {
		t.Fatal(err)
	}

	// 1. monit -V prints version.
	m.run("dpkg", "--purge", "monit")
	m.write("/etc/monit/monitrc", `set daemon 2
set log /var/log/monit.log
set idfile /var/lib/monit/id
set statefile /var/lib/monit/state
include /etc/monit/conf.d/*
`, 0o600)
	m.sh("mkdir -p /var/lib/monit /etc/monit/conf.d /srv /var/log/safesquid")
	m.sh("dpkg -i /tmp/packages/orderly_*.deb /tmp/packages/orderly-monit_*.deb")
	if out := m.sh("monit -V"); !strings.HasPrefix(out, "This is Monit version ") {
		t.Errorf("monit -V: %s", out)
	}

	// 2. active and enabled states show active and enabled.
	m.sh("systemctl enable --now monit")
	if out := m.sh("systemctl is-active monit; systemctl is-enabled monit"); out != "active\nenabled\n" {
		t.Errorf("the unit is %q", out)
	}

	// 3. curl -s http://localhost:2812 | head -n1 returns HTML header.
	m.sh(`printf 'set httpd port 2812 and\n  use address localhost\n  allow localhost\n' >> /etc/monit/monitrc`)
	m.sh("monit reload")
	if out := m.sh("curl -s http://localhost:2812 | head -n1"); !strings.Contains(strings.ToLower(out), "<!doctype html>") {
		t.Errorf("the first line of the page is %q", out)
	}

	// 4. monit reload && monit status safesquid shows OK.
	m.write("/etc/systemd/system/safesquid.service", safesquid, 0o644)
	m.sh("systemctl daemon-reload && systemctl start safesquid")
	m.write("/etc/monit/conf.d/safesquid", `check process safesquid with pidfile /var/run/safesquid.pid
  start program = "/bin/systemctl start safesquid"
  stop  program = "/bin/systemctl stop safesquid"
  if failed port 8080 protocol http then restart
  if 3 restarts within 5 cycles then alert
`, 0o600)
	m.sh("monit reload")
	m.eventually("safesquid is OK", `monit status safesquid | grep -q '^  status  *OK$'`)

	// 5. monit status shows checks; logs confirm actions.
	m.write("/etc/logrotate.d/safesquid", "/var/log/safesquid/access.log {\n rotate 1\n missingok\n create 644 root root\n}\n", 0o644)
	m.sh("truncate -s 501M /var/log/safesquid/access.log; touch -d '2 days ago' /tmp/old; mkdir -p /var/tmp/t; touch -d '2 days ago' /var/tmp/t/old")
	m.write("/etc/monit/conf.d/housekeeping", `check file ss-log-size with path /var/log/safesquid/access.log
  if size > 500 MB then exec "/usr/sbin/logrotate -f /etc/logrotate.d/safesquid"
check directory ss-tmp with path /var/tmp/t
  if timestamp > 24 hours then exec "/usr/bin/find /var/tmp/t -type f -mtime +1 -delete"
  if timestamp > 1 second then exec "/usr/bin/find /var/tmp/t -type f -mtime +1 -delete" # nobody can wait for a day
`, 0o600)

	// 6. simulate flag and confirm upgrade script execution.
	m.write("/usr/local/bin/safesquid-upgrade", "#!/bin/sh\ntouch /var/lib/safesquid/upgraded\n", 0o755)
	m.write("/var/lib/safesquid/upgrade.flag", "no\n", 0o644)
	m.write("/etc/monit/conf.d/upgrade", `check file ss-upgrade-flag with path /var/lib/safesquid/upgrade.flag
  if changed checksum then exec "/usr/local/bin/safesquid-upgrade"
`, 0o600)
	m.sh("monit reload")
	m.eventually("the checks are shown", `monit status | grep -q "^File 'ss-log-size'" && monit status | grep -q "^Directory 'ss-tmp'"`)
	m.eventually("old files are deleted", "! test -e /var/tmp/t/old")
	if _, err := os.Stat(m.path("/usr/sbin/logrotate")); err == nil {
		m.eventually("the log is rotated", "test -e /var/log/safesquid/access.log.1")
	}
	m.eventually("the log tells of it", `grep -q "'ss-log-size'.*exec" /var/log/monit.log`)
	m.eventually("the flag was seen", `monit status ss-upgrade-flag | grep -q '^  checksum'`)
	m.sh("echo yes > /var/lib/safesquid/upgrade.flag")
	m.eventually("the upgrade runs", "test -e /var/lib/safesquid/upgraded")

	// 7. All checks show Running and OK.
	m.sh("sed -i '/1 second/d' /etc/monit/conf.d/housekeeping")
	m.sh("monit reload && monit summary && monit status")
	m.eventually("all is OK", `out=$(monit -B summary); echo "$out"; test "$(echo "$out" | grep -c ' OK ')" -ge 5`)

	// Induce a controlled SafeSquid stop and confirm automatic restart within one cycle.
	before := m.sh("cat /run/safesquid.pid")
	m.sh("kill -9 $(cat /run/safesquid.pid)")
	m.eventually("safesquid runs again", "kill -0 $(cat /run/safesquid.pid) && test \"$(cat /run/safesquid.pid)\" != "+strings.TrimSpace(before))
	m.eventually("the dashboard shows it", `curl -s http://localhost:2812/ | grep -q safesquid`)
	m.eventually("the log tells of the restart", `grep -q "'safesquid' .*start" /var/log/monit.log`)
	t.Log(m.sh("monit summary; tail -n 20 /var/log/monit.log"))

	// Fix permissions: a control file that others can read is refused, and the daemon goes on.
	m.sh("chmod 644 /etc/monit/monitrc")
	if out, err := m.run("monit", "reload"); err == nil || !strings.Contains(out, "permission") {
		t.Errorf("monit reload with a readable control file: %v, %s", err, out)
	}
	m.sh("chmod 600 /etc/monit/monitrc && monit reload && systemctl is-active monit")
}
