package test

import (
	"os"
	"os/exec"
	"path/filepath"
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
