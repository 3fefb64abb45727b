package test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Show 5: a silence that ends by its time with the service still down tells once, then.
func TestSilenceEndsByItself(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	d := told(t, s, 1)
	d.start()
	d.eventually("it is well", func() bool { return d.status("f0000").State == "ok" })
	over := time.Now().Add(3 * time.Second)
	d.must("silence", "f0000", "--for", "3s")
	if err := os.Remove(d.path("f0000")); err != nil {
		t.Fatal(err)
	}
	d.eventually("it fails", func() bool { return d.status("f0000").State == "failing" })
	for _, place := range []string{"hook", "spare", "mail"} {
		d.eventually(place+" is told", func() bool { return s.named(place) > 0 })
		if at := s.about(place, "f0000")[0].at; at.Before(over) {
			t.Errorf("%s is told %v before the end of the silence", place, over.Sub(at))
		}
	}
	before := d.status("f0000").Check
	d.eventually("it is looked at again and again", func() bool { return d.status("f0000").Check > before+2 })
	d.stop()
	for _, place := range []string{"hook", "spare", "mail", "room"} {
		if n := len(s.about(place, "f0000")); n != 1 {
			t.Errorf("%s is told %d times", place, n)
		}
	}
}

// A maintained service is one whose file is taken away by a command that runs under a silence.
type maintained struct {
	*daemon
	sink *sink
	name string
	cmd  *exec.Cmd
}

// maintain runs such a command until the service fails, of which nobody is told; what the command does then is for the caller.
func (d *daemon) maintain(s *sink, name, then string) *maintained {
	d.t.Helper()
	m := &maintained{daemon: d, sink: s, name: name}
	script := fmt.Sprintf("echo $$ >%[1]s.pid; rm %[1]s; %[2]s", d.path(name), then)
	m.cmd = exec.Command(binary, "maintenance", "run", "--socket", d.path("sock"), name, "--", "/bin/sh", "-c", script)
	out, err := os.Create(d.path(name + ".out")) // no pipe, which the command would keep open
	if err != nil {
		d.t.Fatal(err)
	}
	defer out.Close()
	m.cmd.Stdout, m.cmd.Stderr = out, out
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // nobody types
	if err := m.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { killHard(d.pidIn(name + ".pid")) })
	d.eventually(name+" fails", func() bool { return d.status(name).State == "failing" })
	m.quiet()
	return m
}

// quiet sees that nobody is told, because there is a silence.
func (m *maintained) quiet() {
	m.t.Helper()
	if list := m.must("silence", "list"); !strings.Contains(list, m.name) {
		m.t.Errorf("%s: there is no silence: %s", m.name, list)
	}
	if told := m.sink.about("hook", m.name); len(told) > 0 {
		m.t.Errorf("%s was told of under a silence: %+v", m.name, told)
	}
}

// ended sees that it ended with a status, that there is no silence any more, and that people are told.
func (m *maintained) ended(status int) {
	m.t.Helper()
	if err := m.cmd.Wait(); m.cmd.ProcessState.ExitCode() != status {
		out, _ := os.ReadFile(m.path(m.name + ".out"))
		m.t.Errorf("%s: it ended with %v, want exit status %d\n%s", m.name, err, status, out)
	}
	if list := m.must("silence", "list"); strings.Contains(list, m.name) {
		m.t.Errorf("%s: a silence is left: %s", m.name, list)
	}
	m.mourned()
}

// mourned waits until people are told, which happens once.
func (m *maintained) mourned() {
	m.t.Helper()
	m.eventually(m.name+" is told of", func() bool { return len(m.sink.about("hook", m.name)) > 0 })
	before := m.status(m.name).Check
	m.eventually(m.name+" is looked at again", func() bool { return m.status(m.name).Check > before+1 })
	if told := m.sink.about("hook", m.name); len(told) != 1 {
		m.t.Errorf("%s was told of %d times", m.name, len(told))
	}
}

// Show 5: however maintenance ends, its silence ends with it, people hear then of what is broken, once, and the exit status is
// that of the command.
func TestMaintenanceEnds(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	d := told(t, s, 6)
	d.start()
	d.eventually("all are well", func() bool { return strings.Count(d.must("summary"), " ok ") >= 6 })

	if _, errs, status := d.orderly("maintenance", "run", "--", "false"); status != 1 {
		t.Errorf("maintenance run -- false: exit status %d\n%s", status, errs)
	}
	if list := d.must("silence", "list"); !strings.Contains(list, "no silence is in force") {
		t.Errorf("a silence is left: %s", list)
	}

	orphan := d.maintain(s, "f0000", "exec sleep 300")
	killHard(orphan.cmd.Process.Pid)
	_ = orphan.cmd.Wait()

	for i, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		m := d.maintain(s, fmt.Sprintf("f000%d", 1+i), "exec sleep 300")
		_ = m.cmd.Process.Signal(sig)
		m.ended(128 + int(sig))
	}
	m := d.maintain(s, "f0005", "until [ -e "+d.path("go")+" ]; do sleep 0.01; done; exit 7")
	d.kill9()
	d.start()
	d.eventually("it fails still", func() bool { return d.status("f0005").State == "failing" })
	m.quiet()
	d.write("go", "")
	m.ended(7)

	orphan.mourned() // nobody renews its silence any more
	if list := d.must("silence", "list"); !strings.Contains(list, "no silence is in force") {
		t.Errorf("a silence is left: %s", list)
	}
}
