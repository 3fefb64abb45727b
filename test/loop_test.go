package test

import "testing"

// TestRestartLoop has systemd start a program again and again that never stays: people hear of it once, orderly does not do
// what systemd does already, and people hear when it is over.
func TestRestartLoop(t *testing.T) { // S-14
	if testing.Short() {
		t.Skip("a restart loop is over when a minute has passed")
	}
	t.Parallel()
	o := bootOverseen(t, "  loop: {unit: loop}\n", map[string]string{"loop": `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'test -e /srv/steady && exec sleep infinity; sleep 0.3; exit 3'
Restart=always
RestartSec=100ms
`}, "loop")
	o.hears("restart loop")
	first := o.status("loop").Check
	o.eventually("it was looked at again and again", func() bool { return o.status("loop").Check > first+5 })
	o.sh("touch /srv/steady")
	o.hears("runs steadily again") // when the last minute has seen it end less often
	o.heard(
		"ended unasked: .*systemd .*",
		`restart loop: ended \d+ times in 1 min: .*systemd .*`,
		"runs steadily again",
	)
	if done := o.acted("loop"); done != nil {
		t.Errorf("orderly does what systemd does: %+v", done)
	}
}
