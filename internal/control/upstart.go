package control

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"orderly/internal/child"
)

// upstart is the jobs of Upstart, as initctl tells of them.
type upstart struct {
	root  string
	tools tools
}

func newUpstart(o UnitOptions) initSystem { return &upstart{root: o.Root, tools: newTools(o)} }

func (s *upstart) name() string { return "upstart" }

// present asks what runs: /etc/init is there on hosts that have long left Upstart.
func (s *upstart) present(ctx context.Context) bool {
	if readLine(filepath.Join(s.root, "/proc/1/comm")) != "init" || len(entries(filepath.Join(s.root, "/etc/init"))) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	res, err := s.tools.ask(ctx, "initctl", "version")
	return err == nil && strings.Contains(res.Stdout, "upstart")
}

// find takes the name of a job, and of one of its instances behind a blank: "worker 3" or "worker INDEX=3".
func (s *upstart) find(ctx context.Context, name string) (string, error) {
	if _, err := s.ask(ctx, name); err != nil {
		return "", err
	}
	return strings.Join(strings.Fields(name), " "), nil
}

// list tells of all jobs and their instances.
func (s *upstart) list(ctx context.Context) ([]Listed, error) {
	args := []string{"initctl", "list"}
	res, err := s.tools.ask(ctx, args...)
	if err != nil {
		return nil, err
	}
	if res.Status != 0 {
		return nil, said(args, res)
	}
	var out []Listed
	for line := range strings.Lines(res.Stdout) {
		found := initctlLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if found == nil { // about a helping process
			continue
		}
		u, _ := initctlStatus(args, child.Result{Stdout: line})
		job, _, _ := strings.Cut(line, " ")
		name := strings.TrimSpace(job + " " + found[1])
		out = append(out, Listed{Ref: Ref{s.name(), name}, Enabled: s.enabled(job), State: u.State, PID: u.PID})
	}
	return out, nil
}

var (
	startOn = regexp.MustCompile(`(?m)^\s*start\s+on\s`)
	manual  = regexp.MustCompile(`(?m)^\s*manual\s*$`)
)

// enabled tells whether an event starts a job. In its override file a host's administrator has the last word.
func (s *upstart) enabled(job string) bool {
	stem := filepath.Join(s.root, "/etc/init", job)
	conf, _ := readSmall(stem+".conf", scriptLimit)
	override, _ := readSmall(stem+".override", scriptLimit)
	if startOn.MatchString(override) {
		return true
	}
	return startOn.MatchString(conf) && !manual.MatchString(conf) && !manual.MatchString(override)
}

func (s *upstart) status(ctx context.Context, name string) (Unit, error) {
	u, err := s.ask(ctx, name)
	u.Ref = Ref{System: s.name(), Name: name}
	return u, err
}

func (s *upstart) ask(ctx context.Context, name string) (Unit, error) {
	args := append([]string{"initctl", "status"}, strings.Fields(name)...)
	res, err := s.tools.ask(ctx, args...)
	if err != nil {
		return Unit{}, err
	}
	return initctlStatus(args, res)
}

// The first line of a status: "web start/running, process 123", "web (3) stop/waiting".
var initctlLine = regexp.MustCompile(`^\S+(?: \((.*)\))? (start|stop)/([a-z-]+)(?:, \(?process (\d+)\)?)?$`)

// initctlStatus understands what initctl says of a job. Further lines are about its helping processes.
func initctlStatus(args []string, res child.Result) (Unit, error) {
	text := output(res)
	if strings.Contains(text, "Unknown job") || strings.Contains(text, "Unknown instance") {
		return Unit{}, missing("there is no such job")
	}
	found := initctlLine.FindStringSubmatch(firstLine(text))
	if found == nil {
		if res.Status == 0 {
			return Unit{}, errors.New("cannot understand what initctl says: " + firstLine(printable(text)))
		}
		return Unit{}, said(args, res)
	}
	goal, state := found[2], found[3]
	u := Unit{Detail: goal + "/" + state, Restarts: -1}
	u.PID, _ = strconv.Atoi(found[4])
	switch {
	case state == "running":
		u.State, u.Run = UnitRunning, found[4]
	case goal == "start":
		u.State = UnitStarting
	case state == "waiting":
		u.State, u.PID = UnitStopped, 0
	default:
		u.State = UnitStopping
	}
	return u, nil
}

// do stops and starts for a restart: Upstart's own restart would keep the job as it was defined when it was started.
func (s *upstart) do(ctx context.Context, before Unit, verb Verb) error {
	if verb != VerbRestart {
		return s.run(ctx, before.Name, string(verb))
	}
	if before.State != UnitStopped {
		if err := s.run(ctx, before.Name, "stop"); err != nil {
			return err
		}
	}
	return s.run(ctx, before.Name, "start")
}

func (s *upstart) run(ctx context.Context, name, verb string) error {
	return s.tools.act(ctx, append([]string{"initctl", verb}, strings.Fields(name)...)...)
}
