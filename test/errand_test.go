package test

import (
	"os"
	"strings"
	"testing"
)

// TestAnAcceptedCommandSurvivesACrash kills the daemon after it has accepted commands and before they are done.
func TestAnAcceptedCommandSurvivesACrash(t *testing.T) { // C-27, C-28
	d := newDaemon(t, `set daemon 3600
check file blocker with path @DIR@/blocker
  start program = "/bin/sh -c 'test -e @DIR@/go && echo start >> @DIR@/trace || { touch @DIR@/began; sleep 60; }'" with timeout 400 seconds
  stop program = "/bin/sh -c 'echo stop >> @DIR@/trace'"
`)
	d.write("blocker", "")
	d.start()
	d.must("start", "blocker", "--no-wait")
	d.must("stop", "blocker", "--no-wait")
	d.eventually("the first of them is under way", func() bool { _, err := os.Stat(d.path("began")); return err == nil })
	d.kill9()
	if trace, err := os.ReadFile(d.path("trace")); err == nil {
		t.Fatalf("before the crash, this was done: %q", trace)
	}
	d.write("go", "")
	d.start()
	var trace string
	d.eventually("both commands are carried out, in their order", func() bool {
		text, _ := os.ReadFile(d.path("trace"))
		trace = string(text)
		return strings.Count(trace, "\n") >= 2
	})
	if trace != "start\nstop\n" {
		t.Errorf("done after the crash: %q", trace)
	}
	d.eventually("the second is done", func() bool { return d.status("blocker").State == "unmonitored" })
	d.stop()
	d.start()
	d.must("status", "--now")
	if text, _ := os.ReadFile(d.path("trace")); string(text) != trace {
		t.Errorf("a command that was done was carried out again: %q", text)
	}
	d.stop()
}
