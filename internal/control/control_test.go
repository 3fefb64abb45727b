package control

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderly/internal/child"
	"orderly/internal/model"
)

// forever is longer than any test may take.
const forever = "1000"

func TestStart(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("sleep " + forever + " & echo $! >$PIDFILE")
	got := x.Start(t.Context(), s, model.Event{})
	want(t, got, `started, pid \d+ after \d.*`, "")
	pid := x.pid()
	if !x.alive(pid) {
		t.Fatal("the process is not there")
	}
	want(t, x.Start(t.Context(), s, model.Event{}), "already running, pid "+strconv.Itoa(pid), "")
	if x.pid() != pid {
		t.Error("started twice")
	}
}

func TestStartOutcomes(t *testing.T) {
	x := newWorld(t)
	service := func(kind model.Kind, timeout time.Duration, args ...string) *model.Service {
		return &model.Service{Name: "it", Kind: kind, Start: &model.Program{Args: args, Timeout: timeout}}
	}
	const soon = time.Second
	tests := []struct {
		name       string
		s          *model.Service
		done, fail string
		evidence   string
	}{
		{"no start program", x.process(), "no start program", "", ""},
		{"of another kind", service(model.KindFile, time.Minute, "/bin/true"), `started after .*`, "", ""},
		{
			"the exit status does not decide", service(model.KindFile, time.Minute, "/bin/sh", "-c", "echo no >&2; exit 3"),
			`started after .*; the start program exited with 3`, "", "no",
		},
		{"cannot run", service(model.KindProcess, time.Minute, "/no/such"), "", "cannot start: cannot run /no/such: no such file or directory", ""},
		{"does not end", service(model.KindFile, soon, "/bin/sleep", forever), "", `cannot start: /bin/sleep was not done after .* and was ended`, ""},
		{"no process", service(model.KindProcess, soon, "/bin/true"), "", `cannot start: (no process|/bin/true was not done) after .*`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := x.Start(t.Context(), tt.s, model.Event{})
			want(t, got, tt.done, tt.fail)
			if got.Evidence != tt.evidence || got.Service != tt.s.Name {
				t.Errorf("got service %q, evidence %q", got.Service, got.Evidence)
			}
		})
	}
}

func TestFailureTexts(t *testing.T) {
	long := strings.Repeat("é", evidenceLimit)
	tests := []struct {
		name           string
		result         child.Result
		want, evidence string
	}{
		{"quiet", child.Result{}, `cannot start: no process after .*`, ""},
		{"status", child.Result{Status: 2}, `cannot start: no process after .*; the start program exited with 2`, ""},
		{"signal", child.Result{Status: 9, Signaled: true}, `cannot start: .*; the start program was killed by signal 9`, ""},
		{"standard error first", child.Result{Stdout: "out\n", Stderr: " bad\x1b[1m\nworse\n"}, `cannot start: no process after [^:]*: bad\?\[1m`, "bad?[1m\nworse\nout"},
		{"much", child.Result{Stdout: long}, `cannot start: no process after [^:]*: é+`, long[:evidenceLimit]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := &job{service: &model.Service{Name: "it"}, method: starting, program: sh(""), begin: time.Now(), result: tt.result}
			got := j.gaveUp(t.Context(), "no process")
			want(t, got, "", tt.want)
			if got.Evidence != tt.evidence {
				t.Errorf("got evidence %.80q", got.Evidence)
			}
		})
	}
}

// A start program that stays in the foreground has not done what it was to do, but what it started is not ended.
func TestStartInForeground(t *testing.T) {
	x := newWorld(t)
	asked := 0
	there := x.Alive
	x.Alive = func(s *model.Service) (int, bool) {
		if asked++; asked > 2 { // at the timeout
			poll(t, func() bool { return x.pid() > 0 })
		}
		return there(s)
	}
	s := x.process()
	s.Start = sh("echo $$ >$PIDFILE; exec sleep " + forever)
	s.Start.Timeout = 2 * time.Second // long enough for the program to begin, on any machine
	got := x.Start(t.Context(), s, model.Event{})
	want(t, got, "", `cannot start: /bin/sh was not done after .*; it is left running, because the process is there`)
	if !x.alive(x.pid()) {
		t.Error("the process was ended")
	}
	want(t, x.Start(t.Context(), s, model.Event{}), `already running, pid \d+`, "")
}

func TestStop(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("sleep " + forever + " & echo $! >$PIDFILE")
	want(t, x.Stop(t.Context(), s, model.Event{}), "not running", "")
	want(t, x.Start(t.Context(), s, model.Event{}), `started.*`, "")
	pid := x.pid()
	want(t, x.Stop(t.Context(), s, model.Event{}), "no stop program", "")

	s.Stop = &model.Program{Args: []string{"/bin/true"}, Timeout: time.Second}
	want(t, x.Stop(t.Context(), s, model.Event{}), "", `cannot stop: (pid \d+ is still there|/bin/true was not done) after .*`)

	s.Stop = sh("kill $(cat $PIDFILE); rm $PIDFILE")
	want(t, x.Stop(t.Context(), s, model.Event{}), `stopped after .*`, "")
	if exists(pid) {
		t.Error("the process is there, although its service stopped")
	}
	file := &model.Service{Name: "it", Kind: model.KindFile, Stop: sh("exit 0")}
	want(t, x.Stop(t.Context(), file, model.Event{}), `stopped after .*`, "")
}

func TestRestart(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("sleep " + forever + " & echo $! >$PIDFILE")
	s.Stop = sh("kill $(cat $PIDFILE)")
	want(t, x.Restart(t.Context(), s, model.Event{}), `started, pid \d+ after .*`, "")
	first := x.pid()
	want(t, x.Restart(t.Context(), s, model.Event{}), `stopped after .*, then started, pid \d+ after .*`, "")
	second := x.pid()
	if second == first || x.alive(first) || !x.alive(second) {
		t.Errorf("pid %d, then %d", first, second)
	}

	s.Stop = &model.Program{Args: []string{"/bin/true"}, Timeout: time.Second}
	want(t, x.Restart(t.Context(), s, model.Event{}), "", `cannot stop: .*`)
	if x.pid() != second {
		t.Error("started, although it was not stopped")
	}

	s.Restart = sh("kill $(cat $PIDFILE); sleep " + forever + " & echo $! >$PIDFILE; echo $MONIT_EVENT >$PIDFILE.event")
	want(t, x.Restart(t.Context(), s, model.Event{}), `restarted, pid \d+ after .*`, "")
	if third := x.pid(); third == second {
		t.Error("the restart program did not run")
	}
	if b, _ := os.ReadFile(x.pidfile + ".event"); string(b) != "Restarted\n" {
		t.Errorf("got event %q", b)
	}
}

// A restart program that hangs is ended, although the process is there: it is the one that was there before.
func TestRestartHangs(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("sleep " + forever + " & echo $! >$PIDFILE")
	want(t, x.Start(t.Context(), s, model.Event{}), `started.*`, "")
	s.Restart = sh("exec sleep " + forever)
	s.Restart.Timeout = time.Second
	want(t, x.Restart(t.Context(), s, model.Event{}), "", `cannot restart: /bin/sh was not done after .* and was ended`)
	if !x.alive(x.pid()) {
		t.Error("the process was ended as well")
	}
}

func TestCancelled(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("echo $$ >$PIDFILE.start; exec sleep " + forever)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		poll(t, func() bool { return x.read(".start") > 0 })
		cancel()
	}()
	want(t, x.Start(ctx, s, model.Event{}), "", "cannot start: orderly stopped waiting for /bin/sh")
	pid := x.read(".start")
	if !x.alive(pid) {
		t.Error("the start program was ended")
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestCancelledWhileWaiting(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("touch $PIDFILE.ran")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		poll(t, func() bool { _, err := os.Stat(x.pidfile + ".ran"); return err == nil })
		cancel()
	}()
	want(t, x.Start(ctx, s, model.Event{}), "", "cannot start: orderly stopped waiting.*")
}

func TestExec(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	tests := []struct {
		name       string
		p          *model.Program
		limit      time.Duration
		done, fail string
	}{
		{"O-act-exec", sh("echo ignored"), 0, `/bin/sh exited with 0 after .*`, ""},
		{"status", sh("exit 4"), 0, `/bin/sh exited with 4 after .*`, ""},
		{"missing", &model.Program{Args: []string{"/no/such"}}, 0, "", "cannot exec /no/such: cannot run /no/such: no such file or directory"},
		{"unknown user", &model.Program{Args: []string{"/bin/true"}, User: "orderly-nobody"}, 0, "", "cannot exec /bin/true: cannot .*"},
		{"O-act-exec-timeout", sh("exec sleep " + forever), time.Second, "", "cannot exec /bin/sh: it was not done after 1 s and was ended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.Limits.ExecTimeout = tt.limit
			got := x.Exec(t.Context(), s, tt.p, model.Event{})
			want(t, got, tt.done, tt.fail)
			if got.Evidence != "" {
				t.Errorf("got %q, although the output is discarded", got.Evidence)
			}
		})
	}
}

// A world is a controller, and a process service whose pidfile its programs find in PIDFILE.
type world struct {
	*Controller
	t       *testing.T
	pidfile string
}

func newWorld(t *testing.T) *world {
	x := &world{t: t, pidfile: filepath.Join(t.TempDir(), "pid")}
	x.Controller = New(Options{
		Alive: func(*model.Service) (int, bool) {
			pid := x.pid()
			return pid, pid > 0 && x.alive(pid)
		},
		Environment: []string{"PATH=/usr/bin:/bin", "PIDFILE=" + x.pidfile},
		Host:        "here",
		Instance:    x.pidfile,
	})
	t.Cleanup(func() {
		if pid := x.pid(); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	return x
}

func (x *world) process() *model.Service {
	return &model.Service{Name: "it", Kind: model.KindProcess, Subject: model.Subject{Pidfile: x.pidfile}, Limits: model.DefaultLimits()}
}

func (x *world) pid() int { return x.read("") }

func (x *world) read(suffix string) int {
	b, _ := os.ReadFile(x.pidfile + suffix)
	text, complete := strings.CutSuffix(string(b), "\n")
	pid, _ := strconv.Atoi(text)
	if !complete {
		return 0
	}
	return pid
}

func (x *world) alive(pid int) bool { return exists(pid) }

func sh(script string) *model.Program { return &model.Program{Args: []string{"/bin/sh", "-c", script}} }

func want(t *testing.T, got model.Outcome, done, fail string) {
	t.Helper()
	for _, x := range []struct{ got, want string }{{got.Done, done}, {got.Error, fail}} {
		if !regexp.MustCompile(`(?s)^(?:` + x.want + `)$`).MatchString(x.got) {
			t.Errorf("got %+v, want %q, %q", got, done, fail)
		}
	}
}

// poll waits for something outside; only a test that has failed waits to the end.
func poll(t *testing.T, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("waited for a minute")
			return
		}
	}
}
