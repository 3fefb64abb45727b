package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestDaemonPID(t *testing.T) { // C-24
	sleeper := exec.Command("sleep", "60")
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() }()
	asleep, gone := sleeper.Process.Pid, ended.Process.Pid
	for _, tt := range []struct {
		name   string
		text   string
		locked bool
		want   int // 0: no daemon
	}{
		{"locked", strconv.Itoa(asleep) + "\n", true, asleep},
		{"a number that belongs to somebody else", strconv.Itoa(asleep) + "\n", false, 0},
		{"ours", strconv.Itoa(os.Getpid()), false, 0},
		{"ended", strconv.Itoa(gone) + "\n", false, 0},
		{"ended, but locked by a child it left", strconv.Itoa(gone) + "\n", true, 0},
		{"empty", "", true, 0},
		{"every process of ours", "-1\n", true, 0},
		{"our group", "0\n", true, 0},
		{"text", "monit\n", true, 0},
		{"endless", strings.Repeat("1", 1<<20), true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "pid")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if tt.locked {
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = f.Close() }()
				if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
					t.Fatal(err)
				}
			}
			got, alive := daemonPID(path)
			if alive != (tt.want != 0) || alive && got != tt.want {
				t.Errorf("got %d, %v", got, alive)
			}
		})
	}
	if _, alive := daemonPID(filepath.Join(t.TempDir(), "none")); alive {
		t.Error("a daemon without a pid file")
	}
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, alive := daemonPID(fifo); alive {
		t.Error("a fifo names a daemon")
	}
}

// An older Monit does not lock its pid file; its process is known by its name.
func TestDaemonPIDOfAnOlderMonit(t *testing.T) { // C-24
	dir := t.TempDir()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no sleep")
	}
	text, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	monit := filepath.Join(dir, "monit")
	if err := os.WriteFile(monit, text, 0o700); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command(monit, "60")
	daemon.Args[0] = "sleep" // of programs that are many in one
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "pid")
	if err := os.WriteFile(path, []byte(strconv.Itoa(daemon.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	if pid, alive := daemonPID(path); !alive || pid != daemon.Process.Pid {
		t.Errorf("got %d, %v", pid, alive)
	}
	_ = daemon.Process.Kill()
	if err := awaitEnd(t.Context(), daemon.Process.Pid); err != nil {
		t.Errorf("it has ended, even if nobody has asked how: %v", err)
	}
	if _, alive := daemonPID(path); alive {
		t.Error("a process that has ended is a daemon")
	}
	_ = daemon.Wait()
}
