// Package test runs the real binary against real programs: the way a user meets orderly.
package test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the orderly under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "orderly-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "orderly")
	build := exec.Command("go", "build", "-o", binary, "../cmd/orderly")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build orderly: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience is how long a test waits for what must happen. It is no measure of speed: nothing here takes that long.
const patience = 60 * time.Second

// A daemon is one orderly on a directory of its own.
type daemon struct {
	t      testing.TB
	dir    string
	config string
	listen string // HOST:PORT of the web interface; "": it has none
	cmd    *exec.Cmd
	log    *output
	ended  chan error
}

// output collects what a program writes while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// newDaemon prepares a directory with a control file; @DIR@ in it stands for the directory.
func newDaemon(t testing.TB, control string) *daemon {
	d := &daemon{t: t, dir: t.TempDir()}
	d.config = filepath.Join(d.dir, "monitrc")
	d.configure(control)
	return d
}

func (d *daemon) path(name string) string { return filepath.Join(d.dir, name) }

func (d *daemon) configure(control string) {
	d.t.Helper()
	d.write("monitrc", strings.ReplaceAll(control, "@DIR@", d.dir))
}

func (d *daemon) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// start runs the daemon and waits until it is ready. It is ended with the test.
func (d *daemon) start() {
	d.t.Helper()
	d.launch()
	d.eventually("ready", func() bool {
		select {
		case err := <-d.ended:
			d.t.Fatalf("the daemon ended: %v\n%s", err, d.log)
		default:
		}
		return strings.Contains(d.log.String(), "generation=1")
	})
}

// launch runs the daemon without waiting for anything.
func (d *daemon) launch() {
	d.t.Helper()
	d.log, d.ended = &output{}, make(chan error, 1)
	d.cmd = exec.Command(binary, "run", "-c", d.config, "--state-dir", d.path("state"), "--socket", d.path("sock"), "--listen", cmp.Or(d.listen, "off"))
	d.cmd.Stderr = d.log
	d.cmd.Env = append(os.Environ(), "INSPEQTOR_SOCK="+d.path("inspeqtor.sock"))
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	cmd, ended := d.cmd, d.ended
	done := make(chan struct{})
	go func() {
		ended <- cmd.Wait()
		close(done)
	}()
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
	})
}

// kill9 ends the daemon as a crash would.
func (d *daemon) kill9() {
	d.t.Helper()
	_ = d.cmd.Process.Signal(syscall.SIGKILL)
	<-d.ended
}

// stop ends the daemon as an init system would.
func (d *daemon) stop() {
	d.t.Helper()
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	if err := <-d.ended; err != nil {
		d.t.Errorf("after SIGTERM the daemon ended with %v\n%s", err, d.log)
	}
}

// orderly runs a command against the daemon and returns what it printed and its exit status.
func (d *daemon) orderly(args ...string) (stdout, stderr string, status int) {
	d.t.Helper()
	cmd := exec.Command(binary, append(args, "--socket", d.path("sock"))...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// must is orderly for commands that have to work.
func (d *daemon) must(args ...string) string {
	d.t.Helper()
	out, errs, status := d.orderly(args...)
	if status != 0 {
		d.t.Fatalf("orderly %s: exit %d\n%s%s", strings.Join(args, " "), status, out, errs)
	}
	return out
}

type event struct {
	At                                          time.Time
	Service, Rule, Kind, Text, Evidence, Action string
}

func (d *daemon) events(service string) []event {
	d.t.Helper()
	var all []event
	for line := range strings.Lines(d.must("events", "--json", "--service", service)) {
		var ev event
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			d.t.Fatalf("%v in %q", err, line)
		}
		all = append(all, ev)
	}
	return all
}

// happened tells how often a kind of event was journaled.
func (d *daemon) happened(service, kind string) int {
	d.t.Helper()
	n := 0
	for _, ev := range d.events(service) {
		if ev.Kind == kind {
			n++
		}
	}
	return n
}

type status struct {
	Name, State, Problem string
	Monitored            bool
	PID, Restarts        int
	Check                int
}

func (d *daemon) status(service string) status {
	d.t.Helper()
	out, errs, code := d.orderly("status", "--json", service)
	var reply struct{ Services []status }
	if err := json.Unmarshal([]byte(out), &reply); err != nil || len(reply.Services) != 1 {
		d.t.Fatalf("status %s: exit %d: %v\n%s%s\nlog:\n%s", service, code, err, out, errs, d.log)
	}
	return reply.Services[0]
}

// eventually waits until something holds.
func (d *daemon) eventually(what string, holds func() bool) {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	d.t.Fatalf("never: %s\nlog:\n%s", what, d.log)
}

func (d *daemon) pidIn(name string) int {
	b, err := os.ReadFile(d.path(name))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// alive tells whether a process exists and is not a zombie.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}
