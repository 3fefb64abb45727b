package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// insideVariable tells the test binary that it runs under a systemd of the test's own. It has the recipes for ordinary users.
const insideVariable = "ORDERLY_TEST_INSIDE"

// TestRealSystemd runs TestInsideSystemd under a systemd that is process 1 of its own namespaces.
func TestRealSystemd(t *testing.T) {
	init := bootSystemd(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", self, fmt.Sprintf("/proc/%d/root/tmp/control.test", init)).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	cmd := exec.Command("nsenter", "-t", strconv.Itoa(init), "-a", "/tmp/control.test", "-test.v", "-test.run", "^TestInsideSystemd$")
	recipes, err := os.ReadFile("../../docs/least-privilege.md")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), insideVariable+"="+string(recipes), "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR=")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInsideSystemd") {
		t.Error(err)
	}
}

// bootSystemd starts a systemd in namespaces and returns its pid.
func bootSystemd(t *testing.T) int {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make the namespaces for a systemd")
	}
	for _, program := range []string{"unshare", "nsenter", "pivot_root", "/lib/systemd/systemd", "dbus-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	group := cgroup(t)
	cmd := daemon(t, nil, "bash", "testdata/systemd-up", t.TempDir(), group)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		removeGroup(t, group)
	})
	var init int
	poll(t, func() bool {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", cmd.Process.Pid))
		init, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		return err != nil || init != 0 && strings.HasPrefix(comm(init), "systemd")
	})
	if init == 0 {
		t.Skip("this host does not allow a systemd in namespaces")
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		out, _ := exec.Command("nsenter", "-t", strconv.Itoa(init), "-a", "systemctl", "is-system-running").Output()
		if state := strings.TrimSpace(string(out)); state == "running" || state == "degraded" {
			return init
		}
	}
	t.Skip("a systemd in namespaces does not come up on this host")
	return 0
}

func comm(pid int) string { return readLine(fmt.Sprintf("/proc/%d/comm", pid)) }

// cgroup names a control group of our own, which does not exist yet.
func cgroup(t *testing.T) string {
	t.Helper()
	for _, root := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err == nil {
			return filepath.Join(root, fmt.Sprintf("orderly-test-%d-%d", os.Getpid(), time.Now().UnixNano()))
		}
	}
	t.Skip("there are no version 2 control groups")
	return ""
}

// removeGroup removes a control group once what ran in it has ended.
func removeGroup(t *testing.T, dir string) {
	poll(t, func() bool {
		_ = exec.Command("find", dir, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run()
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	})
}

// TestInsideSystemd is run by TestRealSystemd; what it does to init is not for a host that anybody uses.
func TestInsideSystemd(t *testing.T) {
	if os.Getenv(insideVariable) == "" {
		t.Skip("runs inside TestRealSystemd")
	}
	x := newSystemdWorld(t)
	t.Run("lifecycle", func(t *testing.T) { lifecycle(t, x.u, "systemd", x.l, true) }) // S-10, S-11
	t.Run("without a bus", x.withoutBus)
	t.Run("with systemctl", x.withCommand)
	t.Run("failures", x.failures)
	t.Run("kinds", x.kinds)
	t.Run("names", x.names)
	t.Run("list", x.list)
	t.Run("watch", x.watch)
	t.Run("known", x.known)
	t.Run("user", x.user)
	t.Run("many", x.many)
	t.Run("limited", x.limited)
	t.Run("overdue", x.overdue)
	t.Run("not root", x.notRoot)
	t.Run("polkit", x.polkit)
	t.Run("anew", x.anew)
}

type systemdWorld struct {
	l living
	u *Units
}

func newSystemdWorld(t *testing.T) *systemdWorld {
	x := &systemdWorld{l: newLiving(t)}
	broken := x.l.write(t, "broken", "echo no port >&2\nexit 3\n")
	x.unit(t, "web.service", "Description=the web", "ExecStart="+x.l.script, "ExecReload=/bin/kill -HUP $MAINPID", "Restart=always", "RestartSec=100ms")
	x.unit(t, "broken.service", "", "ExecStart="+broken)
	x.unit(t, "absent.service", "", "ExecStart=/no/such/program")
	x.unit(t, "silent.service", "", "Type=notify", "ExecStart="+x.l.script, "TimeoutStartSec=1")
	x.unit(t, "needy.service", "Requires=job-fails.service\nAfter=job-fails.service", "ExecStart="+x.l.script)
	x.unit(t, "job-fails.service", "", "Type=oneshot", "ExecStart="+broken)
	x.unit(t, "job.service", "", "Type=oneshot", "ExecStart=/bin/true")
	x.unit(t, "job-stays.service", "", "Type=oneshot", "RemainAfterExit=yes", "ExecStart=/bin/true")
	x.unit(t, "many@.service", "", "ExecStart=/bin/sleep 1000")
	x.unit(t, "many-broken@.service", "", "ExecStart="+broken)
	x.unit(t, "many-silent@.service", "", "Type=notify", "ExecStart=/bin/sleep 1000", "TimeoutStartSec=1")
	x.unit(t, "many-jobs@.service", "", "Type=oneshot", "ExecStart=/bin/false")
	x.unit(t, "many-absent@.service", "", "ExecStart=/no/such/program")
	x.unit(t, "many-needy@.service", "Requires=job-fails.service\nAfter=job-fails.service", "ExecStart=/bin/sleep 1000")
	x.unit(t, "many-loops@.service", "StartLimitIntervalSec=0", "ExecStart="+broken, "Restart=always", "RestartSec=100ms")
	x.unit(t, "limited.service", "StartLimitIntervalSec=1h\nStartLimitBurst=2", "ExecStart="+x.l.script)
	x.unit(t, "once.service", "", "ExecStart="+x.l.script)
	x.unit(t, "slow.service", "", "Type=notify", "ExecStart="+x.l.script)
	x.unit(t, "loop.service", "StartLimitIntervalSec=0", "ExecStart="+broken, "Restart=always", "RestartSec=100ms")
	if err := os.Symlink("web.service", "/etc/systemd/system/site.service"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/null", "/etc/systemd/system/hidden.service"); err != nil {
		t.Fatal(err)
	}
	manage(t, "daemon-reload")
	x.u = onlyOn(t, "systemd", UnitOptions{})
	return x
}

func (x *systemdWorld) unit(t *testing.T, name, general string, service ...string) {
	t.Helper()
	text := "[Unit]\n" + general + "\n[Service]\n" + strings.Join(service, "\n") + "\n"
	if err := os.WriteFile("/etc/systemd/system/"+name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func manage(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("systemctl", args...).CombinedOutput(); err != nil {
		t.Fatalf("systemctl %v: %v: %s", args, err, out)
	}
}

func ref(name string) Ref { return Ref{"systemd", name} }

func (x *systemdWorld) withoutBus(t *testing.T) {
	x.through(t, door{path: "/no/such/bus"}, door{path: "/run/systemd/private", own: true})
}

func (x *systemdWorld) withCommand(t *testing.T) { x.through(t, door{path: "/no/such/bus"}) } // S-16

// through leads the service through its life by other doors than the usual ones.
func (x *systemdWorld) through(t *testing.T, doors ...door) {
	u := onlyOn(t, "systemd", UnitOptions{})
	u.systems[0].(*systemd).bus = newBus(doors...)
	if err := os.Remove(filepath.Join(x.l.dir, "hups")); err != nil {
		t.Fatal(err)
	}
	lifecycle(t, u, "systemd", x.l, true)
	x.lists(t, u)
}

func (x *systemdWorld) failures(t *testing.T) {
	fails(t, x.u, "broken", `it (ended within .* and )?has failed: exit status 3`, "no port")
	fails(t, x.u, "absent", `.*exit status 203, its program cannot be run`, "")
	fails(t, x.u, "silent", `its job failed: it took longer than systemd lets it`, "")
	fails(t, x.u, "needy", `a unit that it needs failed`, "")
	fails(t, x.u, "job-fails", `its job failed: exit status 3`, "no port")
	fails(t, x.u, "hidden", `the unit is masked.*`, "")
	fails(t, x.u, "loop", `(it ended within .* and (is restarting|is starting|systemd started it again)|it is restarting).*`, "no port")
	_, out := x.u.Do(t.Context(), ref("loop.service"), VerbStop)
	want(t, out, "stopped after .*", "")
	_, out = x.u.Do(t.Context(), ref("many@1.service"), VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	_, out = x.u.Do(t.Context(), ref("many@1.service"), VerbReload)
	want(t, out, "", "cannot reload many@1.service: the unit cannot do that; a service needs ExecReload= to be reloaded")
}

func (x *systemdWorld) kinds(t *testing.T) { // S-13
	for _, name := range []string{"job.service", "job-stays.service"} {
		_, out := x.u.Do(t.Context(), ref(name), VerbStart)
		want(t, out, "started after .*", "")
	}
	for _, tt := range []struct {
		name   string
		state  UnitState
		detail string
	}{
		{"job.service", UnitStopped, "inactive (dead)"},
		{"job-stays.service", UnitRunning, "active (exited)"},
		{"multi-user.target", UnitRunning, "active (active)"},
		{"-.mount", UnitRunning, "active (mounted)"},
		{"dbus.socket", UnitRunning, "active (running)"},
		{"hidden.service", UnitStopped, "masked, inactive (dead)"},
		{"broken.service", UnitFailed, "failed (failed)"},
	} {
		got, err := x.u.Status(t.Context(), ref(tt.name))
		if err != nil || got.State != tt.state || got.Detail != tt.detail || got.PID != 0 {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
}

func (x *systemdWorld) names(t *testing.T) {
	for name, found := range map[string]string{
		"web": "web.service", "web.service": "web.service", "site": "web.service", "many@a-b": "many@a-b.service",
		`many@a\x2db`: `many@a\x2db.service`, "multi-user.target": "multi-user.target", "hidden": "hidden.service",
	} {
		if got, err := x.u.Find(t.Context(), "", name); err != nil || got.Name != found {
			t.Errorf("%s: found %v, %v", name, got, err)
		}
	}
	for name, why := range map[string]string{
		"many@": "is a template", "a b": "' '", "nothing": "there is no unit nothing.service", "../x": "'/'", ".service": "no name",
		strings.Repeat("x", 300): "too long",
	} {
		if _, err := x.u.Find(t.Context(), "", name); !errors.Is(err, ErrNoUnit) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := x.u.Status(t.Context(), ref("nothing.service")); !errors.Is(err, ErrNoUnit) {
		t.Errorf("nothing: %v", err)
	}
}

func (x *systemdWorld) list(t *testing.T) { // S-10, S-13
	for _, l := range x.lists(t, x.u) {
		now, err := x.u.Status(t.Context(), l.Ref)
		if err != nil || now.State != l.State || now.PID != l.PID || l.Description != "" && now.Description != l.Description {
			t.Errorf("listed as %+v, it is %+v, %v", l, now, err)
		}
		out, _ := exec.Command("systemctl", "is-enabled", l.Name).Output()
		if word := strings.TrimSpace(string(out)); strings.HasPrefix(word, "enabled") != l.Enabled && word != "generated" {
			t.Errorf("%+v is %s", l, word)
		}
	}
}

// lists sees that services are listed once and by their own names.
func (x *systemdWorld) lists(t *testing.T, u *Units) []Listed {
	all, err := u.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, l := range all {
		times[l.Name]++
	}
	for name, count := range map[string]int{
		"web.service": 1, "broken.service": 1, "dbus.service": 1, "systemd-journald.service": 1,
		"site.service": 0, "hidden.service": 0, "many@.service": 0, "dbus.socket": 0,
	} {
		if times[name] != count {
			t.Errorf("%s is listed %d times", name, times[name])
		}
	}
	return all
}

// limited starts what systemd does not want to start any more.
func (x *systemdWorld) limited(t *testing.T) {
	for range 4 {
		_, out := x.u.Do(t.Context(), ref("limited.service"), VerbRestart)
		want(t, out, `restarted, pid \d+ after .*`, "")
	}
	for range 3 {
		_ = exec.Command("systemctl", "restart", "limited").Run()
	}
	now, err := x.u.Status(t.Context(), ref("limited.service"))
	if err != nil || now.State != UnitFailed || now.Result != "it was started too often" {
		t.Fatalf("systemd does not refuse it: %+v, %v", now, err)
	}
	_, out := x.u.Do(t.Context(), ref("limited.service"), VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	_, out = x.u.Do(t.Context(), ref("limited.service"), VerbStop)
	want(t, out, `stopped after .*`, "")
}

// overdue has no patience for a service that never says that it is ready.
func (x *systemdWorld) overdue(t *testing.T) { // S-11
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, out := x.u.Do(ctx, ref("slow.service"), VerbStart)
	want(t, out, "", `cannot start slow.service: it was not done after 1(\.\d+)? s; its job was cancelled, and it is starting, pid \d+`)
	if out, _ := exec.Command("systemctl", "list-jobs", "--no-legend").Output(); strings.Contains(string(out), "slow.service") {
		t.Errorf("jobs: %s", out)
	}
	_, out = x.u.Do(t.Context(), ref("slow.service"), VerbStop)
	want(t, out, `stopped after .*`, "")
}
