package test

import (
	"slices"
	"testing"
)

// TestRepairsEnd has orderly start a program that never stays, which nobody else starts: it tries as often as it may, says
// aloud that this does not help, and leaves it at that until somebody does something.
func TestRepairsEnd(t *testing.T) { // S-02
	t.Parallel()
	o := bootOverseen(t, "  ill: {unit: ill, repair: {wait: 100ms, times: 3, within: 10m, retry: never}}\n", map[string]string{
		"ill": "[Service]\nExecStart=/bin/sh -c 'test -e /srv/cure && exec sleep infinity; echo no cure; exit 3'\n",
	})
	const gaveUp = "gave up: 3 repairs within 10 min did not help; nothing more is done until somebody does"
	o.hears(gaveUp)
	first := o.status("ill").Check
	o.eventually("it was looked at again and again", func() bool { return o.status("ill").Check > first+3 })
	if done := o.acted("ill"); len(done) != 3 || slices.ContainsFunc(done, func(ev event) bool { return ev.Kind != "action_failed" }) {
		t.Errorf("done were %+v", done)
	}
	o.sh("touch /srv/cure")
	o.orderly("start", "ill")
	o.hears("is well again, after it was given up")
	o.heard(
		`unit is not running: systemd says: inactive \(dead\)`,
		"cannot restart ill.service: it .*: exit status 3",
		gaveUp,
		`started, pid \d+ after .*`,
		`unit is running, pid \d+`,
		"is well again, after it was given up",
	)
}
