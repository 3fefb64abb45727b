package test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestKillNineWhileChecksRun kills the daemon again and again while slow programs run: what users asked for holds,
// no program outlives it, and what it watches does not notice.
func TestKillNineWhileChecksRun(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 10
	}
	var control strings.Builder
	control.WriteString("set daemon 1\n")
	const processes = 5
	for i := range processes {
		fmt.Fprintf(&control, "check process p%d with pidfile @DIR@/p%d.pid\n"+
			"  start program = \"/bin/sh -c 'sleep 1000 & echo $! > @DIR@/p%d.pid'\"\n", i, i, i)
	}
	// Killing the daemon kills the program; what the program started is found by its mark.
	control.WriteString("check program slow path \"/bin/sh -c 'touch @DIR@/began; sleep 300 & sleep 301'\" with timeout 400 seconds\n  if status != 0 then alert\n")
	control.WriteString("check file off with path @DIR@/off\n")
	d := newDaemon(t, control.String())
	d.write("off", "")
	t.Cleanup(func() {
		for i := range processes {
			if pid := d.pidIn(fmt.Sprintf("p%d.pid", i)); pid > 0 {
				killHard(pid)
			}
		}
	})
	d.start()
	d.must("unmonitor", "off")
	var before []int
	for i := range processes {
		d.eventually("p is up", func() bool { return d.pidIn(fmt.Sprintf("p%d.pid", i)) > 0 })
		before = append(before, d.pidIn(fmt.Sprintf("p%d.pid", i)))
	}
	for k := range kills {
		d.eventually("the slow program runs", func() bool { _, err := os.Stat(d.path("began")); return err == nil })
		time.Sleep(rand.N(20 * time.Millisecond)) // a random moment is the point
		d.kill9()
		if err := os.Remove(d.path("began")); err != nil {
			t.Fatal(err)
		}
		d.start()
		if st := d.status("off"); st.Monitored {
			t.Fatalf("kill %d: a service that was off is on again", k)
		}
	}
	d.eventually("no check program of an earlier run is left", func() bool { return len(carrying(d.dir)) <= 3 })
	d.stop()
	d.eventually("none is left after the end", func() bool { return len(carrying(d.dir)) == 0 })
	for i, pid := range before {
		if now := d.pidIn(fmt.Sprintf("p%d.pid", i)); now != pid || !alive(pid) {
			t.Errorf("watched process %d was touched: pid %d became %d", i, pid, now)
		}
	}
}

func killHard(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

// carrying lists the check programs, and what they started, whose command line or environment names the directory.
func carrying(dir string) []int {
	var out []int
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		env, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(env), "ORDERLY_CHECK=") || !alive(pid) {
			continue
		}
		if cwd, err := os.ReadFile(filepath.Join(filepath.Dir(f), "cmdline")); err == nil && (strings.Contains(string(cwd), dir) || strings.Contains(string(cwd), "sleep\x0030")) {
			out = append(out, pid)
		}
	}
	return out
}

// TestGoesOnWithoutItsDisk fills the file system of the state directory: checks, actions and commands go on.
func TestGoesOnWithoutItsDisk(t *testing.T) {
	d := newDaemon(t, "set daemon 1\ncheck file f with path @DIR@/f\n if size > 10 B then exec \"/usr/bin/touch @DIR@/acted\"\ncheck file g with path @DIR@/f\n")
	d.write("f", "x")
	small := d.path("state")
	mountTiny(t, small)
	d.start()
	fill, err := os.Create(filepath.Join(small, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	defer fill.Close()
	for chunk := make([]byte, 512); err == nil; {
		_, err = fill.Write(chunk)
	}
	_, _, _ = d.orderly("unmonitor", "g") // tells that it cannot be saved, or could just be
	if d.status("g").Monitored {
		t.Error("unmonitor is not effective on a full disk")
	}
	d.write("f", "more than ten bytes")
	d.eventually("a rule still acts", func() bool { _, err := os.Stat(d.path("acted")); return err == nil })
	check := d.status("f").Check
	d.eventually("checks go on", func() bool { return d.status("f").Check > check+1 })
	if err := fill.Truncate(0); err != nil {
		t.Fatal(err)
	}
	d.eventually("with room again, everything is saved", func() bool {
		_, _, status := d.orderly("unmonitor", "g")
		return status == 0
	})
	d.kill9()
	d.start()
	if d.status("g").Monitored {
		t.Error("what was said while the disk was full is lost")
	}
}
