package control

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestRealOpenRC runs TestInsideOpenRC where OpenRC is in charge.
func TestRealOpenRC(t *testing.T) { // S-23
	if os.Geteuid() != 0 {
		t.Skip("only root can make the namespaces for OpenRC")
	}
	for _, program := range []string{"unshare", "rc-service", "openrc-run"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "bash", "testdata/openrc-up", t.TempDir(),
		self, "-test.v", "-test.run", "^TestInsideOpenRC$")
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideOpenRC") {
		t.Error(err)
	}
}

// TestInsideOpenRC is run by TestRealOpenRC.
func TestInsideOpenRC(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		t.Skip("runs inside TestRealOpenRC")
	}
	l := newLiving(t)
	script := func(name, text string) {
		if err := os.WriteFile("/etc/init.d/"+name, []byte("#!/sbin/openrc-run\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script("web", `command=/bin/sh
command_args=`+l.script+`
command_background=yes
pidfile=/run/$RC_SVCNAME.pid
extra_started_commands="reload"
reload() { kill -HUP $(cat $pidfile); }
`)
	script("supervised", "supervisor=supervise-daemon\ncommand="+l.script+"\nrespawn_delay=1\n")
	script("broken", "start() { echo no port >&2; return 1; }\n")
	u := onlyOn(t, "openrc", UnitOptions{})
	lifecycle(t, u, "openrc", l, false)
	fails(t, u, "broken", `rc-service broken start exited with 1.*`, "no port")
	t.Run("supervised", func(t *testing.T) {
		ref := Ref{"openrc", "supervised"}
		started, out := u.Do(t.Context(), ref, VerbStart)
		want(t, out, `started, pid \d+ after .*`, "")
		if got := comm(started.PID); got != "living" {
			t.Errorf("the main process is %s", got)
		}
		if err := syscall.Kill(started.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		poll(t, func() bool {
			now, err := u.Status(t.Context(), ref)
			return err == nil && now.State == UnitRunning && now.PID != started.PID && now.Restarts == started.Restarts+1
		})
		_, out = u.Do(t.Context(), ref, VerbStop)
		want(t, out, `stopped after .*`, "")
	})
	t.Run("crashed", func(t *testing.T) {
		ref := Ref{"openrc", "web"}
		started, out := u.Do(t.Context(), ref, VerbStart)
		want(t, out, `started, pid \d+ after .*`, "")
		l.killed(t, u, started, false)
		if now, err := u.Status(t.Context(), ref); err != nil || now.State != UnitFailed || now.Result != "its process is gone" {
			t.Errorf("killed, it is %+v, %v", now, err)
		}
		_, out = u.Do(t.Context(), ref, VerbRestart)
		want(t, out, `restarted, pid \d+ after .*`, "")
		_, out = u.Do(t.Context(), ref, VerbStop)
		want(t, out, `stopped after .*`, "")
	})
}
