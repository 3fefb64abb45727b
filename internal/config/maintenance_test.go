package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maintained writes a configuration and returns how it is read.
func maintained(t *testing.T, text string) (Options, *Reading) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orderly.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Paths: []string{path}}
	return o, Read(o)
}

func TestMaintenanceOfServicesThatAre(t *testing.T) { // A-030, P-340
	o, r := maintained(t, `
maintenance:
  - {name: backup, schedule: 30 1 * * *, zone: Europe/Berlin, for: 45m, services: [WEB], reason: nightly, hold: false, at end: quiet}
  - sun 02:00-04:00 UTC
  - {hours: sat 02:00-04:00 UTC, groups: shop, settle: 0s}
services:
  web: {unit: web, groups: shop}
`)
	if r.Diagnostics.HasErrors() {
		t.Fatal(r.Diagnostics)
	}
	var out bytes.Buffer
	if _, err := Explain(&out, o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"maintenance-backup of web, when the time of Europe/Berlin is 30 1 * * *, for 45",
		"nobody is told, rules do as ever: nightly",
		"what fails at the end is not told, until it is well and fails again",
		"maintenance-2 of all services, sun 02:00-04:00 UTC",
		"nobody is told, rules do nothing",
		"after the end is told then",
		"maintenance-3 of the group shop, sat 02:00-04:00 UTC",
		"what fails at the end is told then",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it is not explained: %s\n%s", want, out.String())
		}
	}
}

func TestMaintenanceOfNothing(t *testing.T) {
	_, r := maintained(t, `
maintenance: {hours: sun 02:00-04:00, services: wbe, groups: shpo}
services:
  web: {unit: web, groups: shop}
`)
	var found []string
	for _, d := range r.Diagnostics {
		found = append(found, d.Summary)
	}
	text := strings.Join(found, "\n")
	for _, want := range []string{`a maintenance is of "wbe", which is not defined`, `of the group "shpo", to which nothing belongs`} {
		if !strings.Contains(text, want) {
			t.Errorf("not reported: %s\n%s", want, text)
		}
	}
}
