package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// user acts as root on the services of a manager of another user, which takes nobody else's word.
func (x *systemdWorld) user(t *testing.T) { // S-15
	const nobody, run = "65534", "/run/user/65534"
	if err := errors.Join(os.MkdirAll(run, 0o700), os.Chown(run, 65534, 65534), os.MkdirAll("/etc/systemd/user", 0o755)); err != nil {
		t.Fatal(err)
	}
	script := "trap : HUP; echo here >&2; while :; do sleep 0.1; done"
	text := fmt.Sprintf("[Service]\nExecStart=/bin/sh -c '%s'\nExecReload=/bin/kill -HUP $MAINPID\n", script)
	broken := "[Service]\nExecStart=/bin/sh -c 'echo no port >&2; exit 3'\n"
	if err := errors.Join(os.WriteFile("/etc/systemd/user/mine.service", []byte(text), 0o644), os.WriteFile("/etc/systemd/user/mine-broken.service", []byte(broken), 0o644)); err != nil {
		t.Fatal(err)
	}
	x.unit(t, "manager.service", "", "Type=notify", "User="+nobody, "Delegate=yes", "Environment=XDG_RUNTIME_DIR="+run, "ExecStart=/lib/systemd/systemd --user --unit=basic.target")
	manage(t, "daemon-reload")
	_, out := x.u.Do(t.Context(), ref("manager.service"), VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	u := onlyOn(t, "systemd --user nobody", UnitOptions{Users: []string{"nobody", "no such user"}})
	mine, err := u.Find(t.Context(), "", "mine")
	if err != nil || mine != (Ref{"systemd --user nobody", "mine.service"}) {
		t.Fatalf("found %v, %v", mine, err)
	}
	for _, way := range []string{"bus", "command"} {
		for _, verb := range []Verb{VerbRestart, VerbReload} {
			_, out := u.Do(t.Context(), mine, verb)
			matches(t, way+": "+out.Done+out.Error, way+": "+verb.done()+`, pid \d+ after .*`)
		}
		fails(t, u, "mine-broken", `it (ended within .* and )?has failed: exit status 3`, "status=3")
		u.systems[0].(*systemd).bus = newBus(door{path: "/no/such/bus"})
	}
	_, out = x.u.Do(t.Context(), ref("manager.service"), VerbStop)
	want(t, out, `stopped after .*`, "")
}

// TestRealUserManager acts on services of a `systemd --user`.
func TestRealUserManager(t *testing.T) { // S-15
	if os.Geteuid() != 0 {
		t.Skip("only root can make the namespaces for a systemd")
	}
	if _, err := os.Stat("/lib/systemd/systemd"); err != nil {
		t.Skip("systemd is not installed")
	}
	group, dir, l := cgroup(t), t.TempDir(), newLiving(t)
	units := filepath.Join(dir, "home/.config/systemd/user")
	for _, d := range []string{group, filepath.Join(dir, "run"), units} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { removeGroup(t, group) })
	web := "[Service]\nExecStart=" + l.script + "\nExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\n"
	if err := os.WriteFile(filepath.Join(units, "web.service"), []byte(web), 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	t.Setenv("XDG_RUNTIME_DIR", run)
	manager := daemon(t, []string{"HOME=" + filepath.Join(dir, "home")}, "bash", "-c", `echo $$ >$0/cgroup.procs
exec unshare -m -C bash -c 'umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/system # without which it believes that this host has no systemd
exec /lib/systemd/systemd --user --unit=basic.target'`, group)
	t.Cleanup(func() {
		_ = manager.Process.Signal(syscall.SIGTERM)
		poll(t, func() bool { return !exists(manager.Process.Pid) })
	})
	poll(t, func() bool { return isSocket(filepath.Join(run, "systemd/private")) || !exists(manager.Process.Pid) })
	if !exists(manager.Process.Pid) {
		t.Skip("this host does not allow a systemd --user here")
	}
	u := onlyOn(t, "systemd --user", UnitOptions{})
	poll(t, func() bool { _, err := u.Find(t.Context(), "", "web"); return err == nil })
	lifecycle(t, u, "systemd --user", l, true)
}
