package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// How the host was goes along to a program, is in the journal, and names no arguments.
func TestDiagnosis(t *testing.T) {
	d := newNative(t, `
every: 1s
alert: {program: [/bin/sh, -c, 'echo "$ORDERLY_KIND of $ORDERLY_SERVICE: $ORDERLY_DIAGNOSIS" >> @DIR@/told', tell]}
services:
  flag: {file: @DIR@/flag, rules: [if not exist then alert]}
`)
	busy := exec.Command("/bin/sh", "-c", "while :; do :; done", "sh", "--password=hunter2")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Process.Kill(); _ = busy.Wait() }()
	d.write("flag", "")
	d.start()
	d.eventually("the file was looked at", func() bool { return d.status("flag").State == "ok" })
	if err := os.Remove(d.path("flag")); err != nil {
		t.Fatal(err)
	}
	var told string
	d.eventually("somebody was told", func() bool {
		b, _ := os.ReadFile(d.path("told"))
		told = string(b)
		return strings.Contains(told, "failed of flag: ")
	})
	if !strings.Contains(told, "\nmemory: ") || !strings.Contains(told, "load ") || strings.Contains(told, "hunter2") {
		t.Errorf("told:\n%s", told)
	}
	found := ""
	for line := range strings.Lines(d.must("events", "--json", "--service", "flag")) {
		var ev struct{ Kind, Diagnosis string }
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			t.Fatal(err)
		}
		if ev.Kind == "failed" {
			found = ev.Diagnosis
		}
	}
	if !strings.Contains(told, found) || found == "" {
		t.Errorf("the journal has %q", found)
	}
	if text := d.must("events", "-v"); !strings.Contains(text, "| memory: ") {
		t.Errorf("orderly events -v shows\n%s", text)
	}
}
