package test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// served are the services of a machine, and what each is asked by the configuration that is proposed for it.
func served(postgresql string) []struct{ name, question string } {
	return []struct{ name, question string }{
		{"nginx", "if failed port 80 protocol http for 2 cycles then restart"},
		{"redis-server", "if failed port 6379 protocol redis for 2 cycles then restart"},
		{postgresql, "if failed port 5432 protocol pgsql for 2 cycles then restart"},
		{"cron", ""},
		{"ssh", "if failed port 22 protocol ssh for 2 cycles then restart"},
	}
}

// TestDiscover follows the story of a machine whose owner has no configuration: what is proposed for it holds, runs as it
// is, and brings each service back, by its init system where that does it and by orderly where it does not.
func TestDiscover(t *testing.T) {
	for _, program := range []string{"nginx", "redis-server", "pg_ctlcluster", "cron", "sshd"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("the machine of the story cannot be had: %v", err)
		}
	}
	clusters, _ := filepath.Glob("/etc/postgresql/*/main")
	if len(clusters) != 1 {
		t.Skipf("the machine of the story has one cluster of PostgreSQL, not %q", clusters)
	}
	found := served("postgresql@" + filepath.Base(filepath.Dir(clusters[0])) + "-main")
	m := bootMachine(t)
	must(t, "install", "-m", "755", binary, m.path("/usr/bin/orderly"))
	m.sh("systemctl enable --quiet --now nginx redis-server postgresql cron ssh")
	for _, s := range found {
		m.eventually(s.name+" runs", "systemctl is-active "+s.name)
	}
	m.eventually("the servers listen", "for port in 22 80 5432 6379; do (echo >/dev/tcp/127.0.0.1/$port) || exit 1; done")

	proposal := m.sh("umask 077; orderly discover > /root/orderly.yaml && cat /root/orderly.yaml")
	for _, s := range found {
		want := fmt.Sprintf("  %[1]s:\n    unit: %[1]s.service\n", s.name)
		if !strings.Contains(proposal, want) || !strings.Contains(proposal, "- "+s.question) {
			t.Errorf("the proposal lacks %s%s", want, s.question)
		}
	}
	if out := m.sh("orderly check /root/orderly.yaml"); out != "1 files, 0 errors, 0 warnings\n" {
		t.Errorf("orderly check: %s", out)
	}
	if t.Failed() {
		t.Fatal(proposal)
	}

	m.sh("systemd-run --quiet --unit=watcher -p KillMode=process orderly run -c /root/orderly.yaml")
	for _, s := range found {
		m.eventually(s.name+" is well", fmt.Sprintf("orderly status %q | grep -Eq '^  state +ok$'", s.name))
		m.kill(s.name)
	}
}

// kill ends the main process of a unit as a crash would, and waits until there is another one, of which orderly tells.
func (m *machine) kill(name string) {
	m.t.Helper()
	defer func() {
		if m.t.Failed() {
			out, _ := m.run("/bin/bash", "-c", "orderly events; systemctl status --no-pager -l "+name)
			m.t.Log(out)
		}
	}()
	before := strings.TrimSpace(m.sh("systemctl show -P MainPID " + name))
	m.sh("kill -9 " + before)
	m.eventually(name+" has another process", fmt.Sprintf("systemctl is-active %[1]s && pid=$(systemctl show -P MainPID %[1]s) && "+
		"[ $pid != 0 ] && [ $pid != %[2]s ]", name, before))
	m.eventually("its end is told of", fmt.Sprintf("orderly events --service %q | grep -q 'killed by signal 9'", name))
	m.eventually(name+" is well again", fmt.Sprintf("orderly status %q | grep -Eq '^  state +ok$'", name))
}
