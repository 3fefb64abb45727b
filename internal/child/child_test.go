package child

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// forever is longer than any test may take: a program that should end before it sleeps this long.
const forever = "1000"

func TestRun(t *testing.T) {
	tests := []struct {
		name   string
		spec   Spec
		status int
		signal bool
		stdout string
		stderr string
		cut    bool
	}{
		{name: "success", spec: sh("exit 0")},
		{name: "status", spec: sh("exit 3"), status: 3},
		{name: "killed by a signal", spec: sh("kill -9 $$"), status: 9, signal: true},
		{name: "both outputs", spec: sh("echo out; echo err >&2"), stdout: "out\n", stderr: "err\n"},
		{name: "no input", spec: sh("cat; echo end"), stdout: "end\n"},
		{name: "standard error first", spec: keep(8, "printf 12345; printf abcdef >&2"), stdout: "12", stderr: "abcdef", cut: true},
		{name: "exactly kept", spec: keep(6, "printf 123; printf abc >&2"), stdout: "123", stderr: "abc"},
		{name: "nothing kept", spec: keep(0, "echo out"), cut: true},
		{name: "discarded", spec: Spec{Args: []string{"/bin/sh", "-c", "echo out; echo err >&2"}, Keep: 100, Discard: true}},
		{name: "arguments are not for a shell", spec: Spec{Args: []string{"/bin/echo", "$HOME", "*", "a  b"}, Keep: 100}, stdout: "$HOME * a  b\n"},
		{name: "environment is complete", spec: Spec{Args: []string{"/usr/bin/env"}, Env: []string{"A=1"}, Keep: 100}, stdout: "A=1\n"},
		{name: "name in PATH", spec: Spec{Args: []string{"echo", "x"}, Env: []string{"PATH=/bin:/usr/bin"}, Keep: 100}, stdout: "x\n"},
		{name: "name without PATH", spec: Spec{Args: []string{"echo", "x"}, Keep: 100}, stdout: "x\n"},
		{name: "directory", spec: Spec{Args: []string{"/bin/pwd"}, Dir: "/usr", Keep: 100}, stdout: "/usr\n"},
		{name: "umask", spec: sh("umask"), stdout: "0022\n"},
		{name: "session and group of its own", spec: sh(`read -r pid name state ppid pgrp session rest </proc/$$/stat; test $session = $$ && test $pgrp = $$`)},
		{name: "output after much output", spec: keep(10, "head -c 3000000 /dev/zero | tr '\\0' x; exit 4"), stdout: "xxxxxxxxxx", cut: true, status: 4},
		{name: "T-program-output of a large limit", spec: keep(200_000, "head -c 150000 /dev/zero | tr '\\0' x"), stdout: strings.Repeat("x", 150_000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := Run(t.Context(), tt.spec)
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != tt.status || res.Signaled != tt.signal {
				t.Errorf("status %d, signaled %t, want %d, %t", res.Status, res.Signaled, tt.status, tt.signal)
			}
			if res.Stdout != tt.stdout || res.Stderr != tt.stderr || res.Truncated != tt.cut {
				t.Errorf("got %.80q, %.80q, truncated %t, want %.80q, %.80q, %t", res.Stdout, res.Stderr, res.Truncated, tt.stdout, tt.stderr, tt.cut)
			}
			if res.TimedOut || res.Left {
				t.Errorf("got %+v", res)
			}
		})
	}
}

func TestRunCannot(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	nonsense := filepath.Join(dir, "nonsense")
	write(t, plain, "#!/bin/sh\n", 0o644)
	write(t, nonsense, "\x00\x01\x02", 0o755)
	tests := []struct {
		name string
		args []string
		want error
	}{
		{"nothing", nil, nil},
		{"empty name", []string{""}, nil},
		{"no file", []string{filepath.Join(dir, "none")}, fs.ErrNotExist},
		{"not in PATH", []string{"orderly-no-such-program"}, fs.ErrNotExist},
		{"not executable", []string{plain}, fs.ErrPermission},
		{"a directory", []string{dir}, fs.ErrPermission},
		{"not a program", []string{nonsense}, syscall.ENOEXEC},
		{"a zero byte", []string{"/bin/echo", "a\x00b"}, syscall.EINVAL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Run(t.Context(), Spec{Args: tt.args})
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "cannot run ") {
				t.Errorf("got %q", err)
			}
		})
	}
}

// startLimit is long enough for a program to start on a machine that is busy.
const startLimit = 2 * time.Second

func TestTimeout(t *testing.T) {
	tests := []struct {
		name   string
		script string
		grace  time.Duration
		want   int
	}{
		{"ends on SIGTERM", "exec sleep " + forever, time.Minute, 15},
		{"ignores SIGTERM", "trap '' TERM; touch $READY; while :; do sleep " + forever + "; done", time.Millisecond, 9},
		{"ends in its own way", `trap 'exit 7' TERM; touch $READY; while :; do sleep 0.01; done`, time.Minute, 7},
		{"floods", "exec yes", time.Minute, 15},
		{"floods standard error", "exec yes >&2", time.Minute, 15},
		{"forks for ever", "trap '' TERM; touch $READY; while :; do sleep 0.01 & done", time.Millisecond, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ready := filepath.Join(t.TempDir(), "ready")
			spec := keep(1000, tt.script)
			spec.Env = append(spec.Env, "READY="+ready)
			spec.Timeout, spec.Grace = startLimit, tt.grace
			spec.Leave = func() bool {
				if strings.Contains(tt.script, "READY") {
					waitFor(t, ready)
				}
				return false
			}
			res, err := Run(t.Context(), spec)
			if err != nil {
				t.Fatal(err)
			}
			if !res.TimedOut || res.Left || res.Status != tt.want || res.Signaled != (tt.want != 7) {
				t.Errorf("got %+v, want status %d", res, tt.want)
			}
			if len(res.Stdout)+len(res.Stderr) > 1000 {
				t.Errorf("kept %d bytes", len(res.Stdout)+len(res.Stderr))
			}
		})
	}
}

// The whole group of a program ends at the timeout, also when the program itself goes at once and the others do not.
func TestTimeoutEndsGroup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	spec := sh("(trap '' TERM; sh -c 'echo $$ >" + file + "; exec sleep " + forever + "') & exec sleep " + forever)
	spec.Timeout, spec.Grace = startLimit, time.Minute
	spec.Leave = func() bool { pollPID(t, file); return false }
	if _, err := Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	waitGone(t, readPID(t, file))
}

func TestCancel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		pollPID(t, file)
		cancel()
	}()
	_, err := Run(ctx, sh("echo $$ >"+file+"; exec sleep "+forever))
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	waitGone(t, readPID(t, file))
	if _, err := Run(ctx, sh("exit 0")); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: got %v", err)
	}
}

// What a start program leaves in the background lives on and does not hold up its caller, although it holds the pipes.
func TestDaemonSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	spec := sh("sleep " + forever + " & echo $! >" + file + "; echo started")
	spec.Detach = true
	res, err := Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	pid := readPID(t, file)
	defer kill(pid)
	if res.Stdout != "started\n" || res.Status != 0 {
		t.Errorf("got %+v", res)
	}
	if !alive(pid) {
		t.Error("the daemon has gone")
	}
}

// A daemon that writes to the output it inherited survives that nobody reads it any more.
func TestDaemonSurvivesWriting(t *testing.T) {
	dir := t.TempDir()
	ready, done := filepath.Join(dir, "go"), filepath.Join(dir, "done")
	spec := sh("(until [ -e " + ready + " ]; do sleep 0.01; done; echo lost; echo $? >" + done + ") &")
	spec.Detach = true
	if _, err := Run(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	write(t, ready, "", 0o600)
	poll(t, func() bool {
		b, _ := os.ReadFile(done)
		return strings.TrimSpace(string(b)) != ""
	})
}

func TestDefaultSignals(t *testing.T) {
	const script = `grep -E '^Sig(Blk|Ign)' /proc/self/status`
	pipe := uint64(1) << (syscall.SIGPIPE - 1)
	for _, detach := range []bool{false, true, false} {
		spec := sh(script)
		spec.Detach = detach
		res, err := Run(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(res.Stdout)
		if len(f) != 4 || f[0] != "SigBlk:" || strings.Trim(f[1], "0") != "" {
			t.Fatalf("got %q", res.Stdout)
		}
		ignored, err := strconv.ParseUint(f[3], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := ignored&pipe != 0; got != detach {
			t.Errorf("detach %t: SIGPIPE ignored is %t", detach, got)
		}
	}
}

func TestLinger(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "go")
	spec := sh("(until [ -e " + ready + " ]; do sleep 0.01; done; echo late) & echo early; touch " + ready)
	spec.Linger = time.Minute
	res, err := Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if res.Stdout != "early\nlate\n" {
		t.Errorf("got %q", res.Stdout)
	}
}

func TestLeave(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	spec := sh("echo $$ >" + file + "; exec sleep " + forever)
	spec.Timeout = time.Second
	spec.Leave = func() bool { pollPID(t, file); return true }
	res, err := Run(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if !res.TimedOut || !res.Left {
		t.Errorf("got %+v", res)
	}
	pid := readPID(t, file)
	if !alive(pid) {
		t.Error("it was not left running")
	}
	kill(pid)
	waitGone(t, pid) // and is reaped then
}

func TestDetachOutlivesContext(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	spec := sh("echo $$ >" + file + "; exec sleep " + forever)
	spec.Detach = true
	var res Result
	for !res.Left { // one that was not known to run when the context ended is not left behind
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			pollPID(t, file)
			cancel()
		}()
		var err error
		if res, err = Run(ctx, spec); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %+v, %v", res, err)
		}
		if !res.Left {
			waitGone(t, readPID(t, file))
			_ = os.Remove(file)
		}
	}
	pid := readPID(t, file)
	if !alive(pid) {
		t.Error("it was ended")
	}
	kill(pid)
	waitGone(t, pid)
}

// A program stuck while it is started must not keep its caller, nor later callers.
func TestForkTimeout(t *testing.T) {
	stuck := &forker{orders: make(chan *order)} // nobody serves
	out, err := newOutput(&Spec{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.close()
	_, err = stuck.fork(t.Context(), time.Unix(1, 0), newOrder("/bin/true", &Spec{}, out))
	if !errors.Is(err, errForkTimeout) {
		t.Errorf("got %v", err)
	}
	if out.finish(time.Minute); out.streams[0].open {
		t.Error("the program's ends of the pipes are still open")
	}
}

// A program whose start is answered too late is ended and reaped.
func TestForkAbandoned(t *testing.T) {
	f := newForker()
	defer close(f.orders)
	file := filepath.Join(t.TempDir(), "pid")
	spec := sh("echo $$ >" + file + "; exec sleep " + forever)
	o := newOrder("/bin/sh", &spec, &output{})
	f.orders <- o
	pid := pollPID(t, file)
	close(o.abandoned)
	waitGone(t, pid)
}

// The same waiting with and without process descriptors.
func TestExit(t *testing.T) {
	for _, pidfds := range []bool{true, false} {
		t.Run(strconv.FormatBool(pidfds), func(t *testing.T) {
			spec := Spec{Args: []string{"sleep", forever}}
			answer, err := parent().fork(t.Context(), time.Time{}, newOrder("/bin/sleep", &spec, &output{}))
			if err != nil {
				t.Fatal(err)
			}
			if pidfds && answer.pidfd < 0 {
				t.Skip("this kernel has none")
			}
			if !pidfds && answer.pidfd >= 0 {
				_ = syscall.Close(answer.pidfd)
				answer.pidfd = -1
			}
			e := newExit(answer.pid, answer.pidfd)
			defer e.close()
			if (e.file != nil) != pidfds {
				t.Errorf("waits by descriptor: %t", e.file != nil)
			}
			if e.wait(t.Context(), time.Now()) {
				t.Error("it has ended too early")
			}
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			for ctx.Err() == nil {
				if e.wait(ctx, time.Time{}) {
					t.Error("it has ended too early")
				}
			}
			kill(answer.pid)
			for range 2 { // it still has ended
				poll(t, func() bool { return e.wait(t.Context(), time.Time{}) })
			}
			ws, err := reap(answer.pid)
			if err != nil || ws.Signal() != syscall.SIGKILL {
				t.Errorf("got signal %d, %v", ws.Signal(), err)
			}
			if _, err := reap(answer.pid); !errors.Is(err, syscall.ECHILD) {
				t.Errorf("reaped twice: %v", err)
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	before := countFDs(t)
	errs := make(chan error)
	const n = 50
	for i := range n {
		go func() {
			res, err := Run(t.Context(), sh("echo "+strconv.Itoa(i)+"; exit "+strconv.Itoa(i)))
			if err == nil && (res.Status != i || strings.TrimSpace(res.Stdout) != strconv.Itoa(i)) {
				err = errors.New("wrong answer: " + res.Stdout)
			}
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	poll(t, func() bool { return countFDs(t) <= before })
}

func sh(script string) Spec { return keep(1000, script) }

func keep(n int, script string) Spec {
	return Spec{
		Args: []string{"/bin/sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}, Keep: n, Timeout: time.Minute,
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// poll waits for a condition that something outside brings about; it fails the test after a time that only a test that
// has failed takes.
func poll(t *testing.T, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("waited for a minute")
			return
		}
	}
}

func waitFor(t *testing.T, file string) {
	t.Helper()
	poll(t, func() bool { _, err := os.Stat(file); return err == nil })
}

func readPID(t *testing.T, file string) int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func pollPID(t *testing.T, file string) (pid int) {
	t.Helper()
	poll(t, func() bool {
		b, _ := os.ReadFile(file)
		text, complete := strings.CutSuffix(string(b), "\n")
		pid, _ = strconv.Atoi(text)
		return complete && pid > 0
	})
	return pid
}

// alive tells whether a process runs; a zombie, which may be somebody else's to reap, does not.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}

func waitGone(t *testing.T, pid int) {
	t.Helper()
	poll(t, func() bool { return !alive(pid) })
}

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

func countFDs(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}
