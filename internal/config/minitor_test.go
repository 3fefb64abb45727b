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

// Secrets that are kept elsewhere stay there: what was written refers to them, and no explanation of it shows them.
func TestConvertMinitorKeepsSecrets(t *testing.T) { // M-062, M-064, M-096
	dir := t.TempDir()
	t.Setenv("API_KEY", "sesame {{1}}")
	secret := create(t, filepath.Join(dir, "secret"), "sesame 2\n", 0o600)
	from := create(t, filepath.Join(dir, "config.yml"), `monitors:
  - name: site
    command: [curl, -u, 'me:${API_KEY}', 'https://example.org']
    fix: [curl, -d, '${file:`+secret+`}', 'https://example.org']
    alerts: [tell, shout]
alerts:
  tell: {command: [mail, '${API_KEY}', '{alert_message}', '${file:`+secret+`}']}
  shout: {channels: 'ntfy://:${API_KEY}@ntfy.example.org/topic'}
`, 0o600)
	want := Read(Options{Paths: []string{from}})
	text, found, err := Convert(Options{Paths: []string{from}})
	if err != nil || found.HasErrors() {
		t.Fatal(err, found)
	}
	if bytes.Contains(text, []byte("sesame")) || bytes.Contains(text, []byte("# Not all")) {
		t.Errorf("what was written is\n%s", text)
	}
	again := create(t, filepath.Join(dir, "orderly.yaml"), string(text), 0o600)
	got := Read(Options{Paths: []string{again}})
	if a, b := want.Config.Find("site"), got.Config.Find("site"); got.Diagnostics.HasErrors() || b == nil || a.Fingerprint() != b.Fingerprint() {
		t.Errorf("%v\n%+v\n%+v\n%s", got.Diagnostics, a, b, text)
	}
	var out bytes.Buffer
	if _, err := Explain(&out, Options{Paths: []string{again}}); err != nil || bytes.Contains(out.Bytes(), []byte("sesame")) {
		t.Errorf("%v\n%s", err, out.Bytes())
	}
	t.Setenv("API_KEY", "")
	if found := Read(Options{Paths: []string{again}}).Diagnostics; !found.HasErrors() {
		t.Error("it is not told that a secret cannot be had")
	}
}
