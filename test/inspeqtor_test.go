package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// An inspeqtor is this program where it is called by that name, with its files in a directory of its own.
type inspeqtor struct {
	*daemon
	out *output
}

func newInspeqtor(t *testing.T) *inspeqtor {
	i := &inspeqtor{daemon: &daemon{t: t, dir: t.TempDir()}, out: &output{}}
	for _, name := range []string{"inspeqtor", "inspeqtorctl"} {
		if err := os.Symlink(binary, i.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"etc/services.d", "etc/jobs.d"} {
		if err := os.MkdirAll(i.path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	i.write("etc/inspeqtor.conf", "set cycle_time 1\nset expose_port 0\nset log_level debug\nsend alerts via null with a b\n")
	i.write("etc/host.inq", "check host\n  if load:1 > 100000 then alert\n")
	i.write("etc/jobs.d/jobs.inq", "check jobs\n  backup happens every 1 day\n")
	return i
}

func (i *inspeqtor) launch() {
	i.t.Helper()
	i.ended = make(chan error, 1)
	i.cmd = exec.Command(i.path("inspeqtor"), "-c", i.path("etc"), "-s", i.path("i.sock"), "-state-dir", i.path("state"))
	i.cmd.Env = append(os.Environ(), "ORDERLY_SOCKET="+i.path("sock"))
	i.cmd.Stdout, i.log = i.out, &output{}
	i.cmd.Stderr = i.log
	if err := i.cmd.Start(); err != nil {
		i.t.Fatal(err)
	}
	cmd, ended, done := i.cmd, i.ended, make(chan struct{})
	go func() {
		ended <- cmd.Wait()
		close(done)
	}()
	i.t.Cleanup(func() { _ = cmd.Process.Kill(); <-done })
	i.eventually("ready", func() bool { return strings.Contains(i.out.String(), "ready (generation=1") })
}

// ctl calls inspeqtorctl, and returns what it prints and its exit status.
func (i *inspeqtor) ctl(args ...string) (string, int) {
	i.t.Helper()
	cmd := exec.Command(i.path("inspeqtorctl"), args...)
	cmd.Env = append(os.Environ(), "INSPEQTOR_SOCK="+i.path("i.sock"), "ORDERLY_SOCKET="+i.path("none"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		i.t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (i *inspeqtor) expect(want string, status int, args ...string) {
	i.t.Helper()
	if out, got := i.ctl(args...); got != status || !strings.HasPrefix(out, want) {
		i.t.Errorf("inspeqtorctl %s: status %d, %q; want %d, %q", strings.Join(args, " "), got, out, status, want)
	}
}

// Pins I-25, I-28, I-29 and I-31 against the program as it is run by an init system and asked by scripts.
func TestInspeqtor(t *testing.T) {
	i := newInspeqtor(t)
	i.launch()
	i.expect("Inspeqtor 2.0.0, uptime: ", 0, "status")
	i.expect("Starting deploy, now silenced\n", 0, "start", "deploy")
	if out, _ := i.ctl("status"); !strings.Contains(out, "\nSilenced until: ") {
		t.Errorf("nothing is silenced:\n%s", out)
	}
	i.expect("OK\n", 0, "job_done", "backup")
	i.expect(`Error: no such job "bakcup"`, 1, "job_done", "bakcup")
	i.expect("Unknown command: strat deploy", 1, "strat", "deploy")

	// A reload that fails changes nothing, and one that works keeps the silence.
	i.write("etc/services.d/web.inq", "check service web\n  if memory:rss > then alert\n")
	_ = i.cmd.Process.Signal(syscall.SIGHUP)
	i.eventually("refused", func() bool {
		return strings.Contains(i.out.String(), "the configuration has errors: the old one goes on")
	})
	if place := filepath.Join("services.d", "web.inq") + ":2:19: error: "; !strings.Contains(i.log.String(), place) {
		t.Errorf("the error has no place:\n%s", i.log)
	}
	i.write("etc/services.d/web.inq", "check service web\n  if memory:rss > 1g then alert\n")
	_ = i.cmd.Process.Signal(syscall.SIGHUP)
	i.eventually("reloaded", func() bool {
		return strings.Contains(i.out.String(), "the configuration was reloaded: 1 service added")
	})
	if out, _ := i.ctl("status"); !strings.Contains(out, "\nSilenced until: ") || !strings.Contains(out, "\nService: web [") {
		t.Errorf("after the reload:\n%s", out)
	}
	i.expect("Finished deploy, volume turned to 11\n", 0, "finish", "deploy")

	_ = i.cmd.Process.Signal(syscall.SIGTERM)
	if err := <-i.ended; err != nil {
		t.Errorf("it ended with %v\n%s", err, i.log)
	}
	i.expect("inspeqtorctl: inspeqtor is not running: there is no socket at ", 3, "status")
	shape := regexp.MustCompile(`^[WIDV] \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \d+ \S`)
	debugged := false
	for line := range strings.Lines(i.out.String()) {
		debugged = debugged || strings.HasPrefix(line, "D ")
		if !shape.MatchString(line) {
			t.Errorf("no line of a log: %q", line)
		}
	}
	if !debugged {
		t.Errorf("log_level has no effect:\n%s", i.out)
	}
}

// A deploy goes on over a restart, also one by force (I-21, I-22).
func TestInspeqtorDeployOutlivesIt(t *testing.T) {
	i := newInspeqtor(t)
	i.launch()
	i.expect("Starting deploy, now silenced\n", 0, "start", "deploy")
	i.kill9()
	i.expect("inspeqtorctl: inspeqtor is not running: nobody answers at ", 3, "status")
	i.out = &output{}
	i.launch()
	if out, _ := i.ctl("status"); !strings.Contains(out, "\nSilenced until: ") {
		t.Errorf("the deploy is over:\n%s", out)
	}
}
