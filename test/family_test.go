package test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// family are 21 real processes, of which all others depend on the first.
type family struct {
	*daemon
	names []string
	cmds  map[string]*exec.Cmd
	mails *mailbox
}

func newFamily(t *testing.T) *family {
	f := &family{daemon: newDaemon(t, ""), cmds: map[string]*exec.Cmd{}, mails: &mailbox{t: t}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.mails.open(l)
	var b strings.Builder
	fmt.Fprintf(&b, "every: 1s\nhold: 2s\nsettle: 2s\nmail: {servers: [{host: 127.0.0.1, port: %d}]}\nalert: [ops@example.org]\nservices:\n", l.Addr().(*net.TCPAddr).Port)
	for i := range 21 {
		name := fmt.Sprintf("f%04d", i)
		f.names = append(f.names, name)
		fmt.Fprintf(&b, "  %s: {pidfile: %s, implied rules: false, rules: [if does not exist then alert]", name, f.path(name))
		if i > 0 {
			b.WriteString(", depends: " + f.names[0])
		}
		b.WriteString("}\n")
	}
	f.write("orderly.yaml", b.String())
	f.config = f.path("orderly.yaml")
	t.Cleanup(func() {
		for _, name := range f.names {
			f.die(name)
		}
	})
	for _, name := range f.names {
		f.live(name)
	}
	return f
}

// live starts a process.
func (f *family) live(name string) {
	f.t.Helper()
	cmd := exec.Command("sleep", "infinity")
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.cmds[name] = cmd
	f.write(name, fmt.Sprintln(cmd.Process.Pid))
}

// die kills it as a crash would.
func (f *family) die(name string) {
	if cmd := f.cmds[name]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		delete(f.cmds, name)
	}
}

// settled waits until everything that is known of a service has come of a check that began after now.
func (f *family) settled() {
	f.t.Helper()
	for range 3 {
		f.orderly("status", "--now", "--json") // its exit status tells whether something fails
	}
}

// TestAFamilyDiesInAnyOrder kills a parent and its twenty children: people are told once, of all of them, and of each child that
// does not come back with its parent.
func TestAFamilyDiesInAnyOrder(t *testing.T) { // A-023, D-01
	t.Parallel()
	f := newFamily(t)
	f.start()
	f.eventually("all are well", func() bool {
		_, _, status := f.orderly("status")
		return status == 0
	})
	for round := range 3 {
		before := len(f.mails.letters(""))
		for _, i := range rand.Perm(len(f.names)) {
			f.die(f.names[i])
		}
		f.eventually("people are told", func() bool { return len(f.mails.letters("")) > before })
		f.eventually("it is over", func() bool { return f.status(f.names[0]).State == "failing" })
		f.settled()
		told := f.mails.letters("")[before:]
		if len(told) != 1 {
			t.Fatalf("round %d: %d mails:\n%s", round, len(told), f.mails)
		}
		for _, name := range f.names {
			if !strings.Contains(told[0].subject+told[0].body, name) {
				t.Errorf("round %d: the mail does not name %s:\n%s", round, name, told[0])
			}
		}

		for _, name := range f.names[:11] { // ten children come back with their parent
			f.live(name)
		}
		f.eventually("the other children are told of, and that their parent is back", func() bool {
			for _, name := range f.names[11:] {
				if !f.heard(before+1, name, "is not running") {
					return false
				}
			}
			return f.heard(before+1, f.names[0], "is running")
		})
		for _, name := range f.names[11:] {
			f.live(name)
		}
		f.eventually("their recovery is told", func() bool {
			for _, name := range f.names[11:] {
				if !f.heard(before+1, name, "is running") {
					return false
				}
			}
			return true
		})
		for _, name := range f.names[1:11] {
			if f.heard(before+1, name, "is") {
				t.Errorf("round %d: %s came back with its parent, and is told of:\n%s", round, name, f.mails)
			}
		}
	}
	if os.Getenv("CI") == "" && testing.Verbose() {
		t.Log(f.mails)
	}
}

// heard tells whether some mail since the nth is about a service and has a text.
func (f *family) heard(n int, name, text string) bool {
	for _, l := range f.mails.letters("")[n:] {
		if strings.Contains(l.subject+l.body, name) && strings.Contains(l.body, text) {
			return true
		}
	}
	return false
}
