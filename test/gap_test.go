package test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// newNative prepares a directory with an orderly.yaml; @DIR@ in it stands for the directory.
func newNative(t *testing.T, text string) *daemon {
	d := &daemon{t: t, dir: t.TempDir()}
	d.config = d.path("orderly.yaml")
	d.write("orderly.yaml", strings.ReplaceAll(text, "@DIR@", d.dir))
	return d
}

// lastAlive changes when the daemon, which does not run, was last at work.
func (d *daemon) lastAlive(at time.Time) {
	d.t.Helper()
	db, err := sql.Open("sqlite", d.path("state/orderly.db"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	done, err := db.Exec("update meta set value = ? where key = 'alive'", at.UTC().Format(time.RFC3339Nano))
	if err != nil {
		d.t.Fatal(err)
	}
	if n, err := done.RowsAffected(); n != 1 || err != nil {
		d.t.Fatalf("%d rows, %v", n, err)
	}
}

// Killed and away for long: that is told once, and of what happened meanwhile only what is still so.
func TestMonitoringWasInterrupted(t *testing.T) {
	d := newNative(t, `
every: 1s
services:
  came back: {file: @DIR@/flag, rules: [if not exist then alert]}
  job: {heartbeat: true, period: 1h, grace: 10m}
`)
	d.write("flag", "")
	d.start()
	d.must("beat", "job")
	d.kill9()
	d.lastAlive(time.Now().Add(-3 * time.Hour))
	d.start()
	d.eventually("the file was looked at", func() bool { return d.status("came back").Check > 1 })
	all := d.must("events")
	if n := strings.Count(all, "monitoring was interrupted"); n != 1 {
		t.Errorf("told %d times of the gap:\n%s", n, all)
	}
	for _, service := range []string{"came back", "job"} {
		if n := d.happened(service, "failed"); n != 0 {
			t.Errorf("%s is said to have failed:\n%s", service, all)
		}
	}
	d.stop()
	d.start()
	if n := strings.Count(d.must("events"), "monitoring was interrupted"); n != 1 {
		t.Errorf("told %d times after another, short absence", n)
	}
}
