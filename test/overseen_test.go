package test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// An overseen machine has an orderly with a configuration of its own, which tells people by mail.
type overseen struct {
	guest
	m     *machine
	mails *mailbox
}

// bootOverseen has services watched that are units of systemd. Some are begun before they are watched.
func bootOverseen(t *testing.T, services string, units map[string]string, begun ...string) *overseen {
	m := bootMachine(t)
	must(t, "install", "-m", "755", binary, m.path("/usr/bin/orderly"))
	o := &overseen{guest{&m.place, "/run/orderly/orderly.sock"}, m, m.mailbox()}
	for name, text := range units {
		m.write("/etc/systemd/system/"+name+".service", text, 0o644)
	}
	m.write("/etc/orderly/orderly.yaml", "every: 1s\nmail: {servers: [localhost]}\nalert: [{to: ops@example.org, not: [instance]}]\nservices:\n"+services, 0o600)
	m.sh("systemctl daemon-reload")
	for _, name := range begun {
		m.sh("systemctl start " + name)
	}
	m.sh("systemd-run --quiet --unit=orderly -p Type=notify -p KillMode=process orderly run")
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := m.run("orderly", "events")
			t.Log(out)
		}
	})
	return o
}

// told is what people were told, without who and when.
func (o *overseen) told() []string {
	var out []string
	for _, l := range o.mails.letters("") {
		_, after, _ := strings.Cut(l.body, "Description: ")
		text, _, _ := strings.Cut(after, "\n")
		out = append(out, text)
	}
	return out
}

// heard sees that people were told this and nothing else, in patterns.
func (o *overseen) heard(want ...string) {
	o.t.Helper()
	told := o.told()
	if !slices.EqualFunc(told, want, func(text, pattern string) bool { return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(text) }) {
		o.t.Errorf("people were told %q, want %q", told, want)
	}
}

// hears waits until people were told of something.
func (o *overseen) hears(pattern string) {
	o.t.Helper()
	o.within(2*time.Minute, "people hear "+pattern, func() bool { return len(o.mails.letters(pattern)) > 0 })
}

// acted lists what was done to a service because rules said so, or somebody.
func (o *overseen) acted(service string) (done []event) {
	o.t.Helper()
	for _, ev := range o.events(service) {
		if ev.Kind == "action" || ev.Kind == "action_failed" {
			done = append(done, ev)
		}
	}
	return done
}
