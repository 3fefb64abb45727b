package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A place is where programs run: this host, or a machine on it.
type place struct {
	t     *testing.T
	enter []string // what a command line there begins with
}

func (p *place) command(args ...string) *exec.Cmd {
	args = append(append([]string(nil), p.enter...), args...)
	return exec.Command(args[0], args[1:]...)
}

// run runs a program there and returns what it wrote.
func (p *place) run(args ...string) (string, error) {
	out, err := p.command(args...).CombinedOutput()
	return string(out), err
}

// sh runs a line of shell there, which must succeed.
func (p *place) sh(line string) string {
	p.t.Helper()
	out, err := p.run("/bin/bash", "-c", line)
	if err != nil {
		p.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return out
}

// eventually waits until a line of shell succeeds there.
func (p *place) eventually(what, line string) {
	p.t.Helper()
	var out string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if out, err = p.run("/bin/bash", "-c", line); err == nil {
			return
		}
	}
	p.t.Fatalf("never: %s: %s\n%s", what, line, out)
}

// program makes a file there that can be run.
func (p *place) program(path, text string) {
	p.t.Helper()
	cmd := p.command("/bin/sh", "-c", `cat >"$1" && chmod 700 "$1"`, "sh", path)
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", path, err, out)
	}
}

// background runs a program there until the test ends, and shows what it wrote if the test fails. The end is asked for
// by end, or forced; what it started may outlive it only in a machine.
func (p *place) background(end os.Signal, args ...string) {
	p.t.Helper()
	log, err := os.Create(filepath.Join(p.t.TempDir(), "log"))
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := p.command(args...)
	cmd.Stdout, cmd.Stderr = log, log // no pipe, which others could keep open
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(end)
		select {
		case <-ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-ended
		}
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && p.t.Failed() {
			p.t.Logf("%s wrote:\n%s", args[0], text)
		}
	})
}

// A keeper is the program that keeps a place: its only child is the first process there, and everything ends with it.
type keeper struct {
	pid   int
	log   *output
	ended chan struct{}
}

// keep runs a keeper until the test ends.
func keep(t *testing.T, args ...string) *keeper {
	t.Helper()
	k := &keeper{log: &output{}, ended: make(chan struct{})}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = k.log, k.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Skipf("cannot run %s: %v", args[0], err)
	}
	k.pid = cmd.Process.Pid
	go func() {
		defer close(k.ended)
		_ = cmd.Wait() // it is killed
	}()
	t.Cleanup(func() {
		if first := childOf(k.pid); first != 0 { // which ends when nothing else is left in its place
			_ = syscall.Kill(first, syscall.SIGKILL)
			select {
			case <-k.ended:
			case <-time.After(patience):
			}
		}
		_ = cmd.Process.Kill()
		<-k.ended
	})
	return k
}

func childOf(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + strconv.Itoa(pid) + "/children")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	child, _ := strconv.Atoi(first)
	return child
}

// bootPlace makes a place where an init system other than this host's can be in charge. It skips the test where that
// cannot be done, or where one of the programs is missing.
func bootPlace(t *testing.T, programs ...string) *place {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a place of its own")
	}
	for _, program := range append(programs, "unshare", "nsenter") {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("not installed: %v", err)
		}
	}
	k := keep(t, "testdata/boot-place", filepath.Join(t.TempDir(), "place"))
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		select {
		case <-k.ended:
			t.Skipf("cannot make a place:\n%s", k.log)
		default:
		}
		if strings.HasPrefix(k.log.String(), "ready\n") {
			path := strings.Join([]string{filepath.Dir(binary), os.Getenv("PATH"), "/usr/sbin", "/sbin"}, ":")
			p := &place{t, []string{"nsenter", "-t", strconv.Itoa(childOf(k.pid)), "-m", "-p", "--", "env", "PATH=" + path}}
			if _, err := p.run("test", "-x", binary); err != nil {
				t.Skip("whoever enters a place sees other files than here: the root of this process is not that of its namespace")
			}
			return p
		}
	}
	t.Skipf("a place was not made in time:\n%s", k.log)
	return nil
}
