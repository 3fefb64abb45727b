package test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// deployed are services that nobody starts again, so that the one who tells of their end is the one under test.
var deployed = []string{"one", "two", "three", "four"}

// later are others of that kind: of a service that dies four times within a minute something else is told.
var later = []string{"five", "six", "seven", "eight"}

// bootDeployed has services watched, with Inspeqtor's files.
func bootDeployed(t *testing.T, services ...string) *inspected {
	checks := map[string]string{"jobs.d/jobs.inq": "check jobs\n  backup happens every 1 day\n"}
	for _, name := range services {
		checks["services.d/"+name+".inq"] = "check service " + name + "\n  if memory:rss > 1g then alert\n"
	}
	i := bootInspected(t, "set cycle_time 1\nset deploy_length 5\n", checks)
	for _, name := range services {
		i.m.write("/etc/systemd/system/"+name+".service", "[Service]\nExecStart=/usr/bin/sleep infinity\n", 0o644)
	}
	i.sh("systemctl daemon-reload && systemctl start " + strings.Join(services, " ") + " && systemctl start inspeqtor")
	for _, name := range services {
		i.eventually(name+" is measured", func() bool { return i.status(name).State == "ok" && i.status(name).PID > 0 })
	}
	return i
}

// ctl calls inspeqtorctl, which must print what matches a pattern, and end with a status.
func (i *inspected) ctl(status int, pattern string, args ...string) string {
	i.t.Helper()
	cmd := i.command(append([]string{"inspeqtorctl"}, args...)...)
	out, _ := cmd.CombinedOutput() // the status tells
	if got := cmd.ProcessState.ExitCode(); got != status || !regexp.MustCompile(`^(?:`+pattern+`)$`).Match(out) {
		i.t.Errorf("inspeqtorctl %s: status %d, want %d\n%s\nwant %s", strings.Join(args, " "), got, status, out, pattern)
	}
	return string(out)
}

// TestInspeqtorctl holds what scripts read against its documented shapes.
func TestInspeqtorctl(t *testing.T) { // I-24, I-25
	t.Parallel()
	i := bootDeployed(t, deployed...)
	host := regexp.QuoteMeta(i.host)
	line := `[ !] .{35} .{15}(?: \S+)?\n`
	begin := `Inspeqtor 2\.0\.0, uptime: \S+s, pid: \d+\n`
	blocks := `\nHost: ` + host + `\n(?:` + line + `)+(?:\nService: \S+ \[Up/\d+\]\n(?:` + line + `)+){4}`
	i.ctl(0, begin+blocks, "status")
	i.ctl(0, `one memory:rss min \d+\.\d\dm max \d+\.\d\dm avg \d+\.\d\dm\n[▁▂▃▄▅▆▇█]+\n`, "show", "one", "memory:rss")
	i.ctl(0, host+` load:1 min [\d.]+ max [\d.]+ avg [\d.]+\n[▁▂▃▄▅▆▇█]+\n`, "show", "host", "load:1")
	i.ctl(1, "Unknown metric: memory:sr\n", "show", "one", "memory:sr")
	i.ctl(1, "Invalid target: five\n", "show", "five", "memory:rss")
	i.ctl(1, `show \[target\] \[metric\]\n`, "show")
	i.ctl(0, "Starting deploy, now silenced\n", "start", "deploy")
	i.ctl(0, begin+`Silenced until: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n`+blocks, "status")
	i.ctl(0, "Finished deploy, volume turned to 11\n", "finish", "deploy")
	i.ctl(0, "OK\n", "job_done", "backup")
	i.ctl(1, `Error: no such job "bakcup", verify spelling or reload Inspeqtor\n`, "job_done", "bakcup")
	i.ctl(1, "Usage: job_done <name>\n", "job_done")
	i.ctl(1, "Unknown command: stauts\n", "stauts")
	i.exports()
	i.sh("systemctl stop inspeqtor")
	i.ctl(3, `inspeqtorctl: inspeqtor is not running: (?s:.*)`, "status")
}

// exports reads the export as a program does that wants nothing to be missing.
func (i *inspected) exports() {
	i.t.Helper()
	type block struct {
		Metrics map[string]map[string]float64
		Name    string
		PID     int
	}
	var all struct {
		At       int64 `json:"exported_at"`
		Host     block
		Services map[string]block
	}
	d := json.NewDecoder(strings.NewReader(i.ctl(0, `\{.*\}\n`, "export")))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		i.t.Fatal(err)
	}
	if since := time.Since(time.Unix(all.At, 0)); since < -2*time.Second || since > patience || all.Host.Name != i.host || all.Host.Metrics["load"]["1"] == 0 {
		i.t.Errorf("exported after %v: %+v", since, all.Host)
	}
	for _, name := range deployed {
		if s := all.Services[name]; s.Name != name || s.PID == 0 || s.Metrics["memory"]["rss"] < 100_000 {
			i.t.Errorf("exported of %s: %+v", name, s)
		}
	}
}

// TestDeploysLoseNoFailure has services die while people are not to be told: each death is told once, when the deploy is over,
// however that ended.
func TestDeploysLoseNoFailure(t *testing.T) { // I-21
	t.Parallel()
	i := bootDeployed(t, slices.Concat(deployed, later)...)
	letters := 0
	finish := func() bool {
		i.ctl(0, "Finished deploy.*\n", "finish", "deploy")
		return true
	}
	for _, end := range []struct {
		how string
		of  []string
		nth int // death of each of them
		do  func() (finished bool)
	}{
		{"is finished", deployed, 1, finish},
		{"takes too long", deployed, 2, func() bool { return false }},
		{"is finished after a crash", deployed, 3, func() bool { i.crash(); return finish() }},
		{"is finished again", later, 1, finish},
		{"takes too long, over a crash", later, 2, func() bool { i.crash(); return false }},
	} {
		i.ctl(0, "Starting deploy.*\n", "start", "deploy")
		status := i.ctl(0, `(?s).*`, "status")
		_, until, _ := strings.Cut(status, "Silenced until: ")
		until, _, _ = strings.Cut(until, "\n")
		over, err := time.Parse(time.RFC3339, until)
		if err != nil {
			t.Fatalf("%v in %s", err, status)
		}
		for _, name := range end.of {
			i.killed(name)
		}
		if now := time.Now(); end.do() && now.Before(over) {
			over = now
		}
		i.mourned(end.nth, end.of, end.how, over)
		letters += 2 * len(end.of)
		if got := len(i.mails.letters("")); got != letters {
			t.Errorf("after a deploy that %s there are %d letters, want %d", end.how, got, letters)
		}
	}
}

// crash kills the daemon, and waits until the next one answers.
func (i *inspected) crash() {
	i.t.Helper()
	i.sh("systemctl kill --signal KILL inspeqtor")
	i.eventually("the daemon answers again", func() bool { _, err := i.run("inspeqtorctl", "status"); return err == nil })
}

// mourned sees that the nth death of each service is told after the deploy and not before, and starts them again.
func (i *inspected) mourned(n int, services []string, how string, over time.Time) {
	i.t.Helper()
	for _, name := range services {
		if l := i.told(n, name, ` does not exist\.`); l.at.Before(over) {
			i.t.Errorf("a deploy %s at %v, and %s is told of before: %v", how, over, name, l)
		}
	}
	i.sh("systemctl start " + strings.Join(services, " "))
	for _, name := range services {
		i.told(n, name, ` is now running\.`)
		i.told(n, name, ` does not exist\.`)
	}
}
