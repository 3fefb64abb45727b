package config

import (
	"bytes"
	"path/filepath"
	"testing"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// converted is a Minitor file with all that a monitor can say.
const converted = `check_interval: 5
monitors:
  - name: site
    command: [curl, -sf, 'https://example.org']
    alerts: [log, tell]
    alert_up: [tell]
    alert_after: 3
  - name: Site
    command: |
      test -e /srv/a || {
        echo "it isn't there"; exit 1; }
    warn_status: [2, 3]
    retries: 2
    fix: [no-such-fix, "a b"]
    fix_limit: 2
    alert_max_gap: 1h
    alert_after: 10
    severity: degraded
    group: night
    depends_on: site
    component: Shop
    link: https://example.org/
    maintenance: sun 02:00-04:00 Europe/Berlin
  - name: never again
    command: "false"
    alert_every: 0
alerts:
  tell:
    command: 'echo "{alert_message}: {last_output}" | mail me'
  idle:
    command: [echo, "{monitor_name}"]
`

// Pins M-096: what is written in our own format means the same.
func TestConvertMinitor(t *testing.T) {
	dir := t.TempDir()
	from := create(t, filepath.Join(dir, "config.yml"), converted, 0o600)
	want := Read(Options{Paths: []string{from}})
	text, found, err := Convert(Options{Paths: []string{from}})
	if err != nil || found.HasErrors() {
		t.Fatal(err, found)
	}
	if bytes.Contains(text, []byte("# Not all")) {
		t.Errorf("something is lost:\n%s", text)
	}
	got := Read(Options{Paths: []string{create(t, filepath.Join(dir, "orderly.yaml"), string(text), 0o600)}})
	if got.Diagnostics.HasErrors() {
		var out bytes.Buffer
		_ = diag.Print(&out, got.Diagnostics)
		t.Fatalf("it is refused:\n%s\n%s", out.Bytes(), text)
	}
	if d := model.Diff(want.Config, got.Config); len(d.Unchanged) != len(want.Config.Services) || len(d.Added) > 1 { // the host itself, which Minitor does not watch
		t.Errorf("%+v\n%s", d, text)
	}
	if a, b := want.Config.Settings, got.Config.Settings; a.Interval != b.Interval || a.Hold != b.Hold || a.Flapping != b.Flapping {
		t.Errorf("settings are %+v, want %+v", b, a)
	}
}
