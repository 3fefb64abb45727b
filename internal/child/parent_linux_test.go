package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The test binary is also a daemon to be killed: TestMain runs one of these instead of the tests.
var daemons = map[string]func(args []string) error{
	"run":  func(args []string) error { return daemonRuns(Spec{Args: args}) },
	"die":  func(args []string) error { return daemonRuns(Spec{Args: args, DieWithParent: true}) },
	"mark": daemonMarks,
	"user": func(args []string) error { _, _, err := Lookup(context.Background(), args[0], args[1]); return err },
}

func TestMain(m *testing.M) {
	daemon, ok := daemons[os.Getenv("CHILD_TEST_DAEMON")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := daemon(os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func daemonRuns(spec Spec) error {
	spec.Keep = 10_000
	res, err := Run(context.Background(), spec)
	fmt.Print(res.Stdout)
	return err
}

func daemonMarks(args []string) error {
	return daemonRuns(Spec{Args: args[1:], DieWithParent: true, Env: append(os.Environ(), Marker(args[0]))})
}

func startDaemon(t *testing.T, what string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "CHILD_TEST_DAEMON="+what)
	t.Cleanup(func() {
		if cmd.Process != nil && cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd
}

func TestDieWithParent(t *testing.T) {
	for what, want := range map[string]bool{"run": true, "die": false} {
		t.Run(what, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			cmd := startDaemon(t, what, "/bin/sh", "-c", "echo $$ >"+file+"; exec sleep "+forever)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			pid := pollPID(t, file)
			defer kill(pid)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if want {
				if !alive(pid) {
					t.Error("the program has gone, although it was not to die with its parent")
				}
				return
			}
			waitGone(t, pid)
		})
	}
}

// Children that die with their parent do not die with a thread: many goroutines come and go meanwhile.
func TestDieWithParentNotThread(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	spec := sh("echo $$ >" + file + "; exec sleep " + forever)
	spec.DieWithParent = true
	go func() {
		_, err := Run(ctx, spec)
		done <- err
	}()
	pid := pollPID(t, file)
	endThreads()
	if !alive(pid) {
		t.Error("the program died with a thread")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestNoInheritedDescriptors(t *testing.T) {
	leak, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer leak.Close()
	cmd := startDaemon(t, "run", "/bin/ls", "/proc/self/fd")
	cmd.ExtraFiles = []*os.File{leak, leak}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Fields(string(out)), "0 1 2 3"; strings.Join(got, " ") != want { // 3 is of ls itself
		t.Errorf("got descriptors %v, want %s", got, want)
	}
}

func TestLookupNotRoot(t *testing.T) {
	needRoot(t)
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	id, err := parseID(nobody.Uid)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "child") // t.TempDir is not open to others
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "test")
	if err := errors.Join(os.Chmod(dir, 0o755), copyFile(binary, os.Args[0])); err != nil {
		t.Fatal(err)
	}
	cmd := startDaemon(t, "user", "root", "")
	cmd.Path = binary
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	out, err := cmd.Output()
	if want := "cannot run as root: only root can run programs as somebody else\n"; err == nil || string(out) != want {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	script := strings.Join([]string{
		"sh -c 'echo $$ >" + file("orphan") + "; exec sleep " + forever + "' &",
		"setsid sh -c 'echo $$ >" + file("session") + "; exec sleep " + forever + "' &",
		"sh -c 'echo $$ >" + file("quiet") + "; exec sleep " + forever + "' >/dev/null 2>&1 &",
		"exec sleep " + forever,
	}, "\n")
	cmd := startDaemon(t, "mark", dir, "/bin/sh", "-c", script)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	orphan, session, quiet := pollPID(t, file("orphan")), pollPID(t, file("session")), pollPID(t, file("quiet"))
	defer kill(session)
	defer kill(quiet)
	waitFor(t, file("quiet"))
	if n := Sweep(dir); n != 0 {
		t.Errorf("killed %d while the daemon runs", n)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if n := Sweep(dir + "x"); n != 0 {
		t.Errorf("killed %d of another instance", n)
	}
	killed := 0
	poll(t, func() bool { killed += Sweep(dir); return killed > 0 }) // the leader dies a moment after the daemon
	waitGone(t, orphan)
	if killed != 1 || !alive(session) || !alive(quiet) {
		t.Errorf("killed %d; detached processes alive: %t, %t", killed, alive(session), alive(quiet))
	}
}

func TestIsStale(t *testing.T) {
	const name = "ORDERLY_CHECK="
	tests := []struct {
		environ string
		want    bool
	}{
		{"", false},
		{"A=1\x00" + name + "/var/a:OLD\x00B=2", true},
		{name + "/var/a:OLD", true},
		{name + "/var/a:", false},
		{name + "/var/a", false},
		{name + "/var/a:b:OLD", false},
		{name + "/var/b:OLD", false},
		{"X" + name + "/var/a:OLD", false},
		{Marker("/var/a"), false},
	}
	for _, tt := range tests {
		if got := isStale(tt.environ, "/var/a"); got != tt.want {
			t.Errorf("%q: got %t", tt.environ, got)
		}
	}
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// endThreads has the runtime start threads and end them: a goroutine that ends while locked takes its thread along.
func endThreads() {
	var all sync.WaitGroup
	for range 20 {
		all.Go(runtime.LockOSThread)
	}
	all.Wait()
}
