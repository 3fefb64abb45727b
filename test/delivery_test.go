package test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// told is a configuration that tells everybody in a sink: by web page, by mail, in a room that gathers, with a storm limit, and
// somebody in the place of one who refuses. Its services are files, which are there.
func told(t *testing.T, s *sink, services int) *daemon {
	t.Helper()
	d := &daemon{t: t, dir: t.TempDir()}
	d.config = d.path("orderly.yaml")
	var files strings.Builder
	for i := range services {
		name := fmt.Sprintf("f%04d", i)
		d.write(name, "")
		fmt.Fprintf(&files, "  %s: {file: %s}\n", name, quoted(d.path(name)))
	}
	d.write("orderly.yaml", fmt.Sprintf(`every: 1s
mail: {servers: [{host: 127.0.0.1, port: %d}]}
notify:
  hook: {channel: webhook, with: {url: %s}}
  room: {channel: slack, with: {url: %s, group: 20ms, storm: 5}}
  refused: {channel: webhook, with: {url: %s}, fallback: [spare]}
  spare: {channel: webhook, with: {url: %s}}
alert:
  - {channel: hook, kinds: [failed]}
  - {channel: room, kinds: [failed]}
  - {channel: refused, kinds: [failed]}
  - {to: ops@example.org, kinds: [failed]}
services:
%s`, s.listen(t), quoted(s.url+"/hook"), quoted(s.url+"/room"), quoted(s.url+"/refused"), quoted(s.url+"/spare"), files.String()))
	return d
}

// Show 4: however often the daemon is killed in the middle of sending, everybody hears of everything, and again at most of the
// one message that was leaving, which says that it is the same.
func TestKilledInTheMiddleOfSending(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 8
	}
	services := 8 * kills
	s := newSink(t)
	d := told(t, s, services)
	d.start()
	d.eventually("all are well", func() bool {
		out, _, _ := d.orderly("summary")
		return strings.Count(out, " ok ") >= services
	})
	for i := range services {
		if err := os.Remove(d.path(fmt.Sprintf("f%04d", i))); err != nil {
			t.Fatal(err)
		}
	}
	for k := range kills {
		if before := len(s.got("hook")); k%5 != 0 && before < services {
			d.eventually("some are told", func() bool { return len(s.got("hook")) > before+k%7 || len(s.got("hook")) >= services })
		}
		time.Sleep(rand.N(15 * time.Millisecond)) // a random moment is the point
		d.kill9()
		d.launch()
	}
	places := []string{"hook", "room", "spare", "mail"}
	for _, place := range []string{"hook", "spare", "mail"} {
		d.eventually(place+" is told of everything", func() bool { return s.named(place) == services })
	}
	d.stop() // what the room is still to be told leaves then
	for _, place := range places {
		s.complete(t, place, services, kills)
	}
}

// complete checks that a place heard of everything, in order, and that what it heard twice can be known by what it says it is.
func (s *sink) complete(t *testing.T, place string, services, kills int) {
	t.Helper()
	byID, seen, again, last := map[string]string{}, map[string]bool{}, 0, 0
	for _, p := range s.got(place) {
		members := strings.Join(p.members, " ")
		if p.id == "" || byID[p.id] != "" && byID[p.id] != members {
			t.Errorf("%s: message %q is about %s, and about %s", place, p.id, byID[p.id], members)
		}
		byID[p.id] = members
		repeats, news := false, false
		for _, m := range p.members {
			repeats, news = repeats || seen[m], news || !seen[m]
			seen[m] = true
		}
		if repeats {
			again++
		}
		n := 0
		if _, err := fmt.Sscanf(p.id[strings.LastIndex(p.id, "/")+1:], "%d", &n); err != nil || news && n < last {
			t.Errorf("%s: message %q comes after number %d", place, p.id, last)
		}
		last = max(last, n)
	}
	if len(seen) != services || again > kills {
		t.Errorf("%s heard of %d services, want %d; of %d messages again, at %d kills", place, len(seen), services, again, kills)
	}
	t.Logf("%s: %d services in %d messages, %d of them again", place, len(seen), len(s.got(place)), again)
}

// Whoever cannot be told is seen: in the status, in the list of those to be told and in one event. Nothing is lost when the hook is
// put right.
func TestWhoCannotBeToldIsSeen(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	d := told(t, s, 3)
	d.start()
	d.eventually("all are well", func() bool { return strings.Count(d.must("summary"), " ok ") >= 3 })
	if list := d.must("notify", "list"); strings.Count(list, "was never reached so far") != 5 {
		t.Errorf("before anybody was told anything, the list is\n%s", list)
	}
	for i := range 3 {
		if err := os.Remove(d.path(fmt.Sprintf("f%04d", i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, place := range []string{"hook", "spare", "mail"} {
		d.eventually(place+" is told of everything", func() bool { return s.named(place) == 3 })
	}
	if text, _, _ := d.orderly("status"); !strings.Contains(text, "cannot tell webhook refused since ") || strings.Contains(text, "cannot tell webhook hook") {
		t.Errorf("the status is\n%s", text)
	}
	list := d.must("notify", "list")
	for _, want := range []string{`webhook +hook +was reached `, `webhook +refused +cannot be told since .*403`, `webhook +spare +was reached `, `mail +ops@example.org +was reached `} {
		if !regexp.MustCompile(want).MatchString(list) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	said := 0
	for _, ev := range d.events("") {
		if strings.Contains(ev.Text, "messages by webhook to refused cannot leave") {
			said++
		}
	}
	if said != 1 {
		t.Errorf("that a hook was revoked was said %d times", said)
	}
	config, err := os.ReadFile(d.config)
	if err != nil {
		t.Fatal(err)
	}
	d.write("orderly.yaml", strings.Replace(string(config), s.url+"/refused", s.url+"/mended", 1))
	d.must("reload")
	d.write("f0000", "")
	d.eventually("it is well", func() bool { return d.status("f0000").State == "ok" })
	if err := os.Remove(d.path("f0000")); err != nil {
		t.Fatal(err)
	}
	d.eventually("the new hook is told", func() bool { return s.named("mended") == 1 })
	d.eventually("nobody ails", func() bool {
		text, _, _ := d.orderly("status")
		return !strings.Contains(text, "cannot tell")
	})
}
