package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A tale is what `orderly why --json` tells.
type tale struct {
	State string
	Ended time.Time
	Steps []struct {
		Kind, What, Text, Rule, Follows string
		Told                            []struct{ Channel, Address, Error string }
	}
	Incident  struct{ Title, Phase string }
	Diagnosis string
}

// why asks for the story of a service.
func (d *daemon) why(service string) (s tale) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.must("why", service, "--json")), &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// A process is killed and started again: why tells what happened, and who was told and who could not be.
func TestWhy(t *testing.T) {
	d := newNative(t, fmt.Sprintf(`
every: 1s
notify:
  desk: {program: [/bin/sh, -c, 'echo "$ORDERLY_MESSAGE" >>@DIR@/told']}
  room: {channel: webhook, with: {url: "http://127.0.0.1:%d/hooks/token-of-the-room"}}
alert: [desk, room]
services:
  sleeper:
    pidfile: @DIR@/pid
    start: [/bin/sh, -c, 'sleep 1000 >/dev/null 2>&1 & echo $! >@DIR@/pid']
`, freePort(t)))
	t.Cleanup(func() {
		if pid := d.pidIn("pid"); pid > 0 {
			killHard(pid)
		}
	})
	d.start()
	d.eventually("it runs", func() bool { return d.status("sleeper").State == "ok" && d.pidIn("pid") > 0 })
	before := len(d.why("sleeper").Steps)
	killHard(d.pidIn("pid"))
	var s tale
	d.eventually("it is back, and everybody knows or cannot be told", func() bool {
		s = d.why("sleeper")
		n := len(s.Steps)
		return s.State == "ok" && n > before && len(s.Steps[n-1].Told) == 2
	})
	n := len(s.Steps)
	failed, done, back := s.Steps[n-3], s.Steps[n-2], s.Steps[n-1]
	if failed.Kind != "failed" || failed.Rule != "does not exist" || failed.Follows != "restart" || !strings.Contains(done.Text, "pid") || back.Kind != "recovered" {
		t.Errorf("the story ends with %+v", s.Steps[n-3:])
	}
	for _, told := range back.Told {
		if reached := told.Error == ""; reached != (told.Address == "desk") || strings.Contains(told.Error, "token") {
			t.Errorf("%s %s: %q", told.Channel, told.Address, told.Error)
		}
	}
	if s.Ended.IsZero() || s.Incident.Title == "" || s.Diagnosis == "" {
		t.Errorf("it ended at %s, with the incident %+v and the diagnosis %q", s.Ended, s.Incident, s.Diagnosis)
	}
	text := d.must("why", "sleeper")
	for _, want := range []string{"sleeper is ok", "told: exec desk", "not told: webhook room: ", "Status page: incident 1", "what follows: restart"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not tell %q:\n%s", want, text)
		}
	}
	d.stop()
	d.start()
	if again := d.why("sleeper"); len(again.Steps) != n || len(again.Steps[n-1].Told) != 2 {
		t.Errorf("after a restart it tells %+v", again.Steps)
	}
}
