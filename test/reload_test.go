package test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const threeFiles = `
set daemon 30
check file a with path @DIR@/a
check file b with path @DIR@/b
check file c with path @DIR@/c
    if size > 1 MB then alert
`

func TestReloadThenUnmonitorIsNeverLost(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	d := newDaemon(t, threeFiles)
	for _, f := range []string{"a", "b", "c"} {
		d.write(f, "x")
	}
	d.start()
	for i := range rounds {
		d.must("reload")
		d.must("unmonitor", "b")
		if st := d.status("b"); st.Monitored {
			t.Fatalf("round %d: unmonitor was lost", i)
		}
		if i%20 == 19 { // and it is on disk when the command returns
			d.kill9()
			d.start()
			if st := d.status("b"); st.Monitored {
				t.Fatalf("round %d: unmonitor was lost by kill -9", i)
			}
		}
		d.must("monitor", "b")
	}
}

func TestBrokenReloadChangesNothing(t *testing.T) {
	d := newDaemon(t, threeFiles)
	for _, f := range []string{"a", "b", "c"} {
		d.write(f, "x")
	}
	d.start()
	d.must("unmonitor", "a")
	d.configure(strings.Replace(threeFiles, "if size", "if sizzle", 1))
	out, errs, status := d.orderly("reload")
	if status != 1 || !strings.Contains(out+errs, "monitrc:6:8: error:") {
		t.Errorf("exit %d\n%s%s", status, out, errs)
	}
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.eventually("SIGHUP reports it as well", func() bool { return strings.Count(d.log.String(), "the old one goes on") == 2 })
	if d.status("a").Monitored || !d.status("c").Monitored {
		t.Error("a broken file changed something")
	}
	d.configure(threeFiles + "check file d with path @DIR@/d\n")
	if out := strings.Join(strings.Fields(d.must("reload", "--json")), ""); !strings.Contains(out, `"added":["d"]`) {
		t.Errorf("reload said %s", out)
	}
}

func TestManyReloadsAndCommandsAtOnce(t *testing.T) {
	d := newDaemon(t, threeFiles)
	for _, f := range []string{"a", "b", "c"} {
		d.write(f, "x")
	}
	d.start()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				d.orderly("reload")
				d.orderly([]string{"monitor", "unmonitor"}[i%2], "c")
			}
		})
	}
	all.Wait()
	d.must("unmonitor", "c")
	if d.status("c").Monitored {
		t.Error("the last command does not hold")
	}
}

func TestBadFilesStartNothing(t *testing.T) {
	huge := strings.Repeat("# filler\n", 3<<20)
	for _, c := range []struct {
		name, control string
		mode          os.FileMode
		want          string
	}{
		{"a typo", "check process x with pidfle /run/x\n", 0o600, "error:"},
		{"binary junk", "\x7fELF\x00\x01\x02\xff\xfe junk", 0o600, "error:"},
		{"includes itself and has an error", "include @DIR@/monitrc\ncheck frob\n", 0o600, "error:"},
		{"others may write", "set daemon 5\n", 0o622, "error:"},
		{"enormous", huge, 0o600, "error:"},
		{"an unknown user", "check file f with path /f\n if failed uid nosuchuser then alert\n", 0o600, "nosuchuser"},
		{"a missing check program", "check program p with path /nonexistent/p\n if status != 0 then alert\n", 0o600, "/nonexistent/p"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDaemon(t, c.control)
			if err := os.Chmod(d.config, c.mode); err != nil {
				t.Fatal(err)
			}
			d.launch()
			if err := <-d.ended; err == nil || d.cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("the daemon ended with %v", err)
			}
			d.ended <- nil
			if !strings.Contains(d.log.String(), c.want) {
				t.Errorf("no word of %q:\n%s", c.want, d.log)
			}
			if _, err := os.Stat(d.path("state")); err == nil {
				t.Error("something was started: there is a state directory")
			}
		})
	}
}

func TestSecondDaemonSaysSo(t *testing.T) {
	d := newDaemon(t, threeFiles)
	d.start()
	second := &daemon{t: t, dir: d.dir, config: d.config}
	second.launch()
	if err := <-second.ended; err == nil {
		t.Error("two daemons run on one state directory")
	}
	if want := fmt.Sprintf("pid %d", d.cmd.Process.Pid); !strings.Contains(second.log.String(), want) {
		t.Errorf("it does not name the first one (%s):\n%s", want, second.log)
	}
	d.must("summary")
}
