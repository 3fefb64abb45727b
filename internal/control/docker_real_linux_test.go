package control

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestRealDocker(t *testing.T) { // S-28
	if os.Geteuid() != 0 {
		t.Skip("only root can run dockerd")
	}
	for _, program := range []string{"docker", "dockerd", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil || !static(busybox) {
		t.Skip("busybox-static is not installed")
	}
	l, dir := newLiving(t), t.TempDir()
	t.Cleanup(func() { _ = syscall.Unmount(dir+"/data", syscall.MNT_DETACH) }) // dockerd mounts it where mounts are not shared, and may leave it so
	socket := filepath.Join(dir, "docker.sock")
	dockerd := daemon(t, nil, "dockerd", "--data-root", dir+"/data", "--exec-root", dir+"/exec", "--pidfile", dir+"/pid", "-H", "unix://"+socket,
		"--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs", "--userland-proxy=false")
	docker := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("docker", append([]string{"-H", "unix://" + socket}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("docker %v: %v: %s", args, err, out)
		}
	}
	poll(t, func() bool {
		return exec.Command("docker", "-H", "unix://"+socket, "version").Run() == nil || !exists(dockerd.Process.Pid)
	})
	if !exists(dockerd.Process.Pid) {
		t.Skip("this host does not allow a dockerd")
	}
	t.Cleanup(func() {
		_ = exec.Command("sh", "-c", "docker -H unix://"+socket+" ps -qa | xargs -r docker -H unix://"+socket+" rm -f").Run()
		_ = dockerd.Process.Signal(syscall.SIGTERM)
		poll(t, func() bool { return !exists(dockerd.Process.Pid) })
		_ = syscall.Unmount(filepath.Join(dir, "exec/netns/default"), syscall.MNT_DETACH)
		groups, _ := filepath.Glob("/sys/fs/cgroup/*/docker")
		for _, g := range groups {
			_ = os.Remove(g) // which works for an empty one only
		}
	})
	image(t, docker, busybox)
	mount := l.dir + ":" + l.dir
	docker("create", "--net", "host", "--pid", "host", "--name", "web", "--restart", "always", "-v", mount, "living:1", "/bin/sh", l.script)
	docker("create", "--net", "host", "--name", "broken", "living:1", "/bin/sh", "-c", "echo no port >&2; exit 3")
	u := onlyOn(t, "docker", UnitOptions{Engines: []string{socket}})
	lifecycle(t, u, "docker", l, true)
	fails(t, u, "broken", `it (ended within .* and )?has failed: exit status 3`, "no port")
	seen := &followed{}
	var wg sync.WaitGroup
	ctx, cancel := cancelled(t)
	wg.Go(func() { u.Watch(ctx, []Ref{{"docker", "web"}}, seen.add) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.State == UnitStopped }) })
	docker("start", "web")
	poll(t, func() bool { return seen.has(func(u Unit) bool { return u.State == UnitRunning && u.PID != 0 }) })
	docker("rm", "-f", "web")
	poll(t, func() bool {
		return seen.has(func(u Unit) bool { return strings.Contains(u.Detail, "no such container") })
	})
}

func static(program string) bool {
	out, err := exec.Command("ldd", program).CombinedOutput()
	return err != nil && strings.Contains(string(out), "not a dynamic executable")
}

// image makes an image with a shell out of what is there.
func image(t *testing.T, docker func(...string), busybox string) {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(root+"/bin", 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(busybox)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/bin/busybox", b, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("busybox", root+"/bin/sh"); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "image.tar")
	if out, err := exec.Command("tar", "-C", root, "-cf", archive, ".").CombinedOutput(); err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
	docker("import", archive, "living:1")
}
