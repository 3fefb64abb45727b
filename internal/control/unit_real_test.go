package control

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A living is a service program that counts SIGHUP, ends well on SIGTERM, and has no children that could be left behind.
type living struct {
	dir    string // of its files
	script string
}

func newLiving(t *testing.T) living {
	t.Helper()
	l := living{dir: t.TempDir()}
	if err := syscall.Mkfifo(filepath.Join(l.dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	l.script = l.write(t, "living", `trap 'echo hup >>`+l.dir+`/hups' HUP
trap 'exit 0' TERM
exec 3<>`+l.dir+`/fifo
echo $$ >`+l.dir+`/ready
while :; do read -r nothing <&3; done
`)
	return l
}

// write makes a shell script.
func (l living) write(t *testing.T, name, script string) string {
	t.Helper()
	path := filepath.Join(l.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (l living) hups() int {
	b, _ := os.ReadFile(filepath.Join(l.dir, "hups"))
	return strings.Count(string(b), "hup")
}

// onlyOn are units of one init system, found quickly and settled long enough for a busy machine.
func onlyOn(t *testing.T, system string, o UnitOptions) *Units {
	t.Helper()
	o.Order = []string{system}
	o.Settle = 300 * time.Millisecond
	o.Patience = 30 * time.Second
	u := NewUnits(o)
	t.Cleanup(u.Close)
	return u
}

// lifecycle leads a service, which is called web and does not run, through everything. It says whether the init system
// starts it again when it is killed.
func lifecycle(t *testing.T, u *Units, system string, l living, again bool) {
	ctx := t.Context()
	if got := u.Detect(ctx); len(got) != 1 || got[0] != system {
		t.Fatalf("detected %v", got)
	}
	ref, err := u.Find(ctx, "", "web")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Find(ctx, system, "wbe"); !errors.Is(err, ErrNoUnit) || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("looked for wbe: %v", err)
	}
	if _, err := u.Find(ctx, system, "quite another"); !errors.Is(err, ErrNoUnit) {
		t.Errorf("looked for quite another: %v", err)
	}
	started, out := u.Do(ctx, ref, VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	if started.State != UnitRunning || !exists(started.PID) || started.Run == "" || started.Ref != ref {
		t.Fatalf("started %+v", started)
	}
	if age := time.Since(started.Since); age < -2*time.Second || age > time.Minute {
		t.Errorf("it runs since %v", started.Since)
	}
	_, out = u.Do(ctx, ref, VerbStart)
	want(t, out, `already running, pid \d+`, "")
	if !out.Idle {
		t.Error("a second start is not idle")
	}
	for range 2 { // the second within the same second, which some supervisors' own tools cannot tell from the first
		now, out := u.Do(ctx, ref, VerbRestart)
		want(t, out, `restarted, pid \d+ after .*`, "")
		if now.PID == started.PID || now.Run == started.Run || !exists(now.PID) || exists(started.PID) {
			t.Fatalf("restarted %+v, was %+v", now, started)
		}
		started = now
	}
	reloaded, out := u.Do(ctx, ref, VerbReload)
	want(t, out, `reloaded, pid \d+ after .*`, "")
	if !reloaded.same(&started) {
		t.Errorf("reloaded %+v, was %+v", reloaded, started)
	}
	poll(t, func() bool { return l.hups() == 1 })
	l.killed(t, u, started, again)
	stopped, out := u.Do(ctx, ref, VerbStop)
	if out.Error != "" || stopped.State != UnitStopped && stopped.State != UnitFailed || stopped.PID != 0 || stopped.Run != "" {
		t.Errorf("stopped %+v, %+v", stopped, out)
	}
	_, out = u.Do(ctx, ref, VerbStop)
	want(t, out, "not running", "")
	_, out = u.Do(ctx, ref, VerbReload)
	want(t, out, "", "cannot reload "+ref.Name+": it (is stopped|has failed)")
	_, out = u.Do(ctx, ref, VerbRestart)
	want(t, out, `restarted, pid \d+ after .*`, "")
	_, out = u.Do(ctx, ref, VerbStop)
	want(t, out, `stopped after .*`, "")
}

// killed sees that the death of a service is seen, and that it comes again where it does.
func (l living) killed(t *testing.T, u *Units, was Unit, again bool) {
	t.Helper()
	if err := syscall.Kill(was.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var now Unit
	poll(t, func() bool {
		var err error
		now, err = u.Status(t.Context(), was.Ref)
		return err == nil && (now.State != UnitRunning || !now.same(&was))
	})
	if now.PID == was.PID {
		t.Errorf("killed, it is %+v", now)
	}
	if !again {
		return
	}
	poll(t, func() bool {
		now, err := u.Status(t.Context(), was.Ref)
		b, _ := os.ReadFile(filepath.Join(l.dir, "ready"))
		return err == nil && now.State == UnitRunning && string(b) == strconv.Itoa(now.PID)+"\n"
	})
}

// fails sees that the start of a service that ends at once fails, with what it said.
func fails(t *testing.T, u *Units, name, text, evidence string) {
	t.Helper()
	ref, err := u.Find(t.Context(), "", name)
	if err != nil {
		t.Fatal(err)
	}
	_, out := u.Do(t.Context(), ref, VerbStart)
	want(t, out, "", "cannot start "+ref.Name+": "+text)
	if !strings.Contains(out.Evidence, evidence) {
		t.Errorf("evidence %q", out.Evidence)
	}
}

// daemon runs a program that stays, until the test ends.
func daemon(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath(args[0]); err != nil {
		t.Skipf("%s is not installed", args[0])
	}
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if b, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("%s said:\n%s", args[0], b)
		}
	})
	return cmd
}

func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// matches compares a text with a pattern.
func matches(t *testing.T, got, pattern string) {
	t.Helper()
	if !regexp.MustCompile(`(?s)^(?:` + pattern + `)$`).MatchString(got) {
		t.Errorf("got %q, want %q", got, pattern)
	}
}
