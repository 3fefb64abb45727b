package daemon

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/model"
	"orderly/internal/store"
)

// onceOn makes a directory with a control file and the options to use it.
func onceOn(t *testing.T, control string) (dir string, o Options, log *bytes.Buffer) {
	t.Helper()
	dir = t.TempDir()
	path := filepath.Join(dir, "monitrc")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(control, "@DIR@", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	log = &bytes.Buffer{}
	return dir, Options{ConfigPaths: []string{path}, StateDir: filepath.Join(dir, "state"), LogFormat: "text", Stderr: log}, log
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

func TestOnePassActs(t *testing.T) { // C-05: no daemon mode
	dir, o, log := onceOn(t, `
check file one with path @DIR@/one
  if does not exist then exec "/bin/sh -c 'echo exec >> @DIR@/trace'"
check file two with path @DIR@/two
  start program = "/bin/sh -c 'echo start >> @DIR@/trace; touch @DIR@/two'"
  if does not exist then start
`)
	o.LogTo = filepath.Join(dir, "log")
	if _, err := Once(t.Context(), o, model.Command{}); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	trace := strings.Fields(read(t, filepath.Join(dir, "trace")))
	if len(trace) != 2 || trace[0] == trace[1] {
		t.Errorf("done: %q\n%s", trace, log)
	}
	if text := read(t, filepath.Join(dir, "log")); !strings.Contains(text, "error    : 'one' ") {
		t.Errorf("the log has %q", text)
	}
}

func TestACommandWithoutADaemonDoesNothingElse(t *testing.T) { // C-07
	dir, o, log := onceOn(t, `
check file one with path @DIR@/one
  start program = "/bin/sh -c 'echo start >> @DIR@/trace; touch @DIR@/one'"
check file two with path @DIR@/two
  start program = "/bin/sh -c 'echo two >> @DIR@/trace'"
  if does not exist then start
`)
	out, err := Once(t.Context(), o, model.Command{Kind: model.CommandStart, Names: []string{"one"}})
	if err != nil || len(out) == 0 || out[0].Error != "" {
		t.Fatalf("%+v, %v\n%s", out, err, log)
	}
	if trace := read(t, filepath.Join(dir, "trace")); trace != "start\n" {
		t.Errorf("done: %q", trace)
	}
	if _, err := Once(t.Context(), o, model.Command{Kind: model.CommandStart, Names: []string{"none"}}); err == nil {
		t.Error("a service that is not configured was started")
	}
}

func TestUnmonitorWithoutADaemonIsLeftForTheNextOne(t *testing.T) {
	_, o, log := onceOn(t, "check file one with path @DIR@/one\n")
	for _, kind := range []model.CommandKind{model.CommandUnmonitor, model.CommandMonitor} {
		if _, err := Once(t.Context(), o, model.Command{Kind: kind, Names: []string{"ONE"}}); err != nil {
			t.Fatalf("%v\n%s", err, log)
		}
	}
	d := newInstance(o)
	var err error
	if d.store, err = store.Open(o.StateDir, d.log); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.store.Close() }()
	left := d.store.Meta(metaErrands)
	first, second := strings.Index(left, `"unmonitor"`), strings.Index(left, `"monitor"`)
	if first < 0 || second < first {
		t.Errorf("left: %s", left)
	}
	if _, err := Once(t.Context(), o, model.Command{Kind: model.CommandMonitor, Names: []string{"none"}}); err == nil {
		t.Error("a service that is not configured was monitored")
	}
}
