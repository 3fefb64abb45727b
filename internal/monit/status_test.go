package monit

import (
	"strings"
	"testing"
	"time"
)

func TestStatusIsAsRecorded(t *testing.T) { // C-10, C-11
	for _, c := range []struct {
		file string
		host *recorded
		now  time.Time
	}{
		{"status.txt", recordedEarlier(), moment("19:29:14")},
		{"status-with-failures.txt", recordedFailures(), moment("19:43:10")},
	} {
		t.Run(c.file, func(t *testing.T) {
			text := Status(Instance{Started: c.now, Now: c.now}, c.host.services)
			differ(t, asRecorded(Plain(text)), recording(t, c.file))
		})
	}
}

func TestStatusHasTheRecordedColours(t *testing.T) { // C-10, C-14
	now := moment("19:33:15")
	text := Status(Instance{Started: now, Now: now}, recordedHost().services)
	differ(t, asRecorded(text), recording(t, "status-coloured.txt"))
}

func TestStatusOfNothing(t *testing.T) {
	now := moment("19:33:15")
	got := Status(Instance{Started: now.Add(-26*time.Hour - 3*time.Minute), Now: now}, nil)
	if want := "Monit " + Version + " uptime: 1d 2h 3m\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNamesDoNotLeaveTheirLine(t *testing.T) {
	h := recordedHost()
	h.service("spool").Spec.Name = "evil'\n\x1b[2Jname"
	now := moment("19:33:15")
	text := Status(Instance{Started: now, Now: now}, h.services)
	if !strings.Contains(text, "Directory 'evil' ?[2Jname'") {
		t.Errorf("the name is not made harmless in:\n%q", text)
	}
}
