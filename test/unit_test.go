package test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// An initStory is an init system, as far as the story of its units needs to know it.
type initStory struct {
	system string
	// boot returns a place where the init system is in charge, and a directory there for the files of the story.
	boot func(t *testing.T) (p *place, dir string)
	// services has it run three programs of the directory: "web" is started again when it ends, and "loop", which ends at
	// once, as well. "once" is not.
	services func(p *place, dir string)
	again    string // how it is told that web was killed: a pattern, because that may be seen before and after it came again
	left     string // how it is told that once does not run
	idle     bool   // it starts nothing again: web is like once, and there is no loop
}

// living is a service that counts how often it is told to read its configuration again, and has no children.
const living = `#!/bin/sh
trap 'echo told >>%[1]s/reloads' HUP
trap 'exit 0' TERM
echo it lives
exec 3<>%[1]s/fifo
while :; do read -r nothing <&3; done
`

// watched is the configuration of the story. Nobody looks by the clock: what becomes known was told.
const watched = `every: 1h
services:
  web: {unit: web, init: %[1]s}
  once: {unit: once, init: %[1]s}
`

// TestUnits follows the story of services that an init system runs: that one was killed is known at once, whoever starts
// it again, and orderly starts only what the init system leaves.
func TestUnits(t *testing.T) { // S-14, S-30
	for _, story := range initStories {
		t.Run(story.system, func(t *testing.T) {
			t.Parallel()
			p, dir := story.boot(t)
			p.sh("mkfifo " + dir + "/fifo")
			config := fmt.Sprintf(watched, story.system)
			if !story.idle {
				config += "  loop: {unit: loop, init: " + story.system + "}\n"
			}
			for name, program := range map[string]string{
				"web": fmt.Sprintf(living, dir), "once": fmt.Sprintf(living, dir), "loop": "#!/bin/sh\nexit 3\n",
				"orderly.yaml": config,
			} {
				p.program(filepath.Join(dir, name), program)
			}
			story.services(p, dir)
			p.background(syscall.SIGTERM, "orderly", "run", "-c", dir+"/orderly.yaml", "--state-dir", dir+"/state", "--socket", dir+"/sock", "--listen", "off")
			u := &unitStory{&guest{p, dir + "/sock"}, dir, story}
			u.eventually("web and once are watched", func() bool { return u.status("web").State == "ok" && u.status("once").State == "ok" })
			if !story.idle {
				u.comesAgain()
			}
			u.isStartedAgain()
			u.obeys()
			if !story.idle {
				u.loops()
			}
		})
	}
}

// A unitStory is the story of one init system while it is told.
type unitStory struct {
	*guest
	dir string
	initStory
}

// comesAgain kills what the init system starts again.
func (u *unitStory) comesAgain() {
	u.t.Helper()
	before := u.kill("web")
	u.eventually("the end of web is known", func() bool { return u.changes("web") == 1 })
	u.eventually("web is well", func() bool { now := u.status("web"); return now.State == "ok" && now.PID > 0 && now.PID != before })
	for _, ev := range u.events("web") {
		if ev.Kind != "changed" || ev.Rule != "ends unasked" || !regexp.MustCompile("^ended unasked: "+u.again+"$").MatchString(ev.Text) {
			u.t.Errorf("it is told as %+v", ev)
		}
	}
}

// isStartedAgain kills what nobody but orderly starts again.
func (u *unitStory) isStartedAgain() {
	u.t.Helper()
	before := u.kill("once")
	u.eventually("once is well", func() bool { now := u.status("once"); return now.State == "ok" && now.PID > 0 && now.PID != before })
	var told []string
	for _, ev := range u.events("once") {
		if ev.Kind != "changed" { // whether that was an end unasked not every init system can tell
			told = append(told, ev.Kind)
		}
		if ev.Kind == "failed" && ev.Text != "unit is not running: "+u.left {
			u.t.Errorf("its end is told as %q", ev.Text)
		}
	}
	if want := []string{"failed", "action", "recovered"}; !slices.Equal(told, want) {
		u.t.Errorf("told of once: %q, want %q", told, want)
	}
}

// obeys has a service reloaded, restarted, stopped and started.
func (u *unitStory) obeys() {
	u.t.Helper()
	first, ends := u.status("web").PID, u.changes("web")
	u.orderly("reload", "web")
	u.eventually("web was told", func() bool { return u.sh("cat "+u.dir+"/reloads") == "told\n" })
	if pid := u.status("web").PID; pid != first {
		u.t.Errorf("reloaded, it is process %d, was %d", pid, first)
	}
	u.orderly("restart", "web")
	second := u.status("web")
	if second.PID == first || second.PID == 0 || second.State != "ok" {
		u.t.Errorf("restarted, it is %+v, was %d", second, first)
	}
	u.orderly("stop", "web")
	if out, err := u.run("kill", "-0", strconv.Itoa(second.PID)); err == nil {
		u.t.Errorf("stopped, it is still there: %s", out)
	}
	u.orderly("start", "web")
	if now := u.status("web"); now.PID == 0 || now.PID == second.PID || now.State != "ok" {
		u.t.Errorf("started, it is %+v", now)
	}
	if n := u.changes("web"); n != ends {
		u.t.Errorf("what orderly was asked to do is told as an end unasked: %+v", u.events("web"))
	}
}

// loops sees that one who never stays up is told of once, and left to the init system.
func (u *unitStory) loops() {
	u.t.Helper()
	u.eventually("the loop is known", func() bool {
		return slices.ContainsFunc(u.events("loop"), func(ev event) bool { return ev.Kind == "failed" && ev.Rule == "restart loop" })
	})
	told := 0
	for _, ev := range u.events("loop") {
		switch {
		case ev.Kind == "action":
			u.t.Errorf("orderly does what %s does: %+v", u.system, ev)
		case ev.Rule == "restart loop":
			told++
		}
	}
	if told != 1 {
		u.t.Errorf("the loop is told of %d times", told)
	}
}

// changes counts the ends unasked of a service that were told.
func (u *unitStory) changes(service string) (n int) {
	for _, ev := range u.events(service) {
		if ev.Kind == "changed" {
			n++
		}
	}
	return n
}
