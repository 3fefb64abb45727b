package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// A machine is a systemd of its own, on an overlay of this host's files. What is done there does not last.
type machine struct {
	place
	init int // its first process, as this host numbers it
}

// bootMachine starts systemd in namespaces of its own, and skips the test where that cannot be done.
func bootMachine(t *testing.T) *machine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can boot a systemd of its own")
	}
	for _, program := range []string{"/lib/systemd/systemd", "/usr/bin/unshare", "/usr/bin/nsenter", "/usr/sbin/ip", "/usr/bin/dbus-daemon"} {
		if _, err := os.Stat(program); err != nil {
			t.Skipf("cannot boot systemd: %v", err)
		}
	}
	if machines.hopeless.Load() {
		t.Skip("systemd did not come up in a machine before")
	}
	cgroup := newCgroup(t)
	k := keep(t, "testdata/boot-systemd", filepath.Join(t.TempDir(), "machine"), cgroup)
	m := &machine{place: place{t: t}}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-k.ended:
			t.Skipf("cannot boot systemd:\n%s", k.log)
		default:
		}
		if m.init = childOf(k.pid); m.init == 0 { // at first these are helpers of the one that boots
			continue
		}
		m.enter = []string{"nsenter", "-t", strconv.Itoa(m.init), "-a", "--"}
		if state, _ := m.run("systemctl", "is-system-running"); state == "running\n" || state == "degraded\n" {
			return m
		}
	}
	machines.hopeless.Store(true)
	t.Skipf("systemd did not come up in a machine of its own:\n%s", k.log)
	return nil
}

// machines remembers that none comes up here, so that not every test waits for one.
var machines struct{ hopeless atomic.Bool }

// newCgroup makes a control group for a machine, which is removed when the test ends.
func newCgroup(t *testing.T) string {
	t.Helper()
	for _, top := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		if _, err := os.Stat(filepath.Join(top, "cgroup.procs")); err != nil {
			continue
		}
		group, err := os.MkdirTemp(top, "orderly-test-")
		if err != nil {
			t.Skipf("cannot boot systemd: %v", err)
		}
		t.Cleanup(func() { removeCgroup(group) })
		if err := os.Chmod(group, 0o755); err != nil {
			t.Fatal(err)
		}
		return group
	}
	t.Skip("cannot boot systemd: there is no cgroup2 tree")
	return ""
}

// removeCgroup removes what a machine leaves once its processes are gone, which takes the kernel a moment.
func removeCgroup(top string) {
	for range 100 {
		_ = exec.Command("find", top, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run() // those not empty yet stay
		if _, err := os.Stat(top); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// path is where a file of the machine is on this host.
func (m *machine) path(name string) string {
	return filepath.Join("/proc", strconv.Itoa(m.init), "root", name)
}

func (m *machine) write(name, text string, mode os.FileMode) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), mode); err != nil {
		m.t.Fatal(err)
	}
}
