package test

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// A guest is an orderly that runs in a place.
type guest struct {
	*place
	socket string
}

// orderly runs a command, which must work.
func (g *guest) orderly(args ...string) string {
	g.t.Helper()
	out, err := g.run(append([]string{"orderly", "--socket", g.socket}, args...)...)
	if err != nil {
		g.t.Fatalf("orderly %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (g *guest) events(service string) []event {
	g.t.Helper()
	var all []event
	for line := range strings.Lines(g.orderly("events", "--json", "--service", service)) {
		var ev event
		if err := json.Unmarshal([]byte(line), &ev); err != nil {
			g.t.Fatalf("%v in %q", err, line)
		}
		all = append(all, ev)
	}
	return all
}

// status is that of a service; its zero value while orderly does not answer.
func (g *guest) status(service string) status {
	g.t.Helper()
	out, _ := g.command("orderly", "status", "--json", service, "--socket", g.socket).Output()
	var reply struct{ Services []status }
	if json.Unmarshal(out, &reply) != nil || len(reply.Services) != 1 {
		return status{}
	}
	return reply.Services[0]
}

func (g *guest) eventually(what string, holds func() bool) {
	g.t.Helper()
	g.within(patience, what, holds)
}

// within is eventually for what may take longer than most.
func (g *guest) within(most time.Duration, what string, holds func() bool) {
	g.t.Helper()
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	out, _ := g.run("orderly", "events", "--socket", g.socket)
	g.t.Fatalf("never: %s\n%s", what, out)
}

// kill kills the process of a service, and returns which one that was.
func (g *guest) kill(service string) int {
	g.t.Helper()
	pid := g.status(service).PID
	if pid == 0 {
		g.t.Fatalf("%s has no process", service)
	}
	g.sh("kill -9 " + strconv.Itoa(pid))
	return pid
}
