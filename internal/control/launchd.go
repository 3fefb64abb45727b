package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"orderly/internal/child"
)

// launchd is the jobs of macOS, as launchctl tells of them.
type launchd struct {
	root    string
	tools   tools
	domains []string // where labels are looked for
}

func newLaunchd(o UnitOptions) initSystem {
	uid := strconv.Itoa(os.Geteuid())
	l := &launchd{root: o.Root, tools: newTools(o), domains: []string{"system", "gui/" + uid, "user/" + uid}}
	if os.Geteuid() == 0 {
		l.domains = l.domains[:1]
	}
	return l
}

func (l *launchd) name() string { return "launchd" }

func (l *launchd) present(context.Context) bool {
	return isScript(filepath.Join(l.root, "/bin/launchctl")) && isScript(filepath.Join(l.root, "/sbin/launchd"))
}

// find takes a label, or a label with its domain. Labels are compared as a whole.
func (l *launchd) find(ctx context.Context, name string) (string, error) {
	targets := []string{name}
	if !strings.Contains(name, "/") {
		targets = nil
		for _, domain := range l.domains {
			targets = append(targets, domain+"/"+name)
		}
	}
	for _, target := range targets {
		_, err := l.status(ctx, target)
		if err == nil || !errors.Is(err, ErrNoUnit) {
			return target, err
		}
	}
	return "", missing("there is no job of that label in " + strings.Join(l.domains, ", "))
}

// list tells of the jobs that are loaded in our own domain, which start by themselves: rows of pid, status and label.
func (l *launchd) list(ctx context.Context) ([]Listed, error) {
	args := []string{"launchctl", "list"}
	res, err := l.tools.ask(ctx, args...)
	if err != nil {
		return nil, err
	}
	if res.Status != 0 {
		return nil, said(args, res)
	}
	domain := l.domains[0]
	if len(l.domains) > 1 {
		domain = l.domains[1]
	}
	var out []Listed
	for line := range strings.Lines(res.Stdout) {
		columns := strings.Fields(line)
		if len(columns) != 3 || columns[0] == "PID" {
			continue
		}
		job := Listed{Ref: Ref{l.name(), domain + "/" + columns[2]}, Enabled: true, State: UnitStopped}
		if pid, err := strconv.Atoi(columns[0]); err == nil && pid > 0 {
			job.State, job.PID = UnitRunning, pid
		} else if columns[1] != "0" && columns[1] != "-" {
			job.State = UnitFailed
		}
		out = append(out, job)
	}
	return out, nil
}

func (l *launchd) status(ctx context.Context, target string) (Unit, error) {
	args := []string{"launchctl", "print", target}
	res, err := l.tools.ask(ctx, args...)
	if err != nil {
		return Unit{}, err
	}
	u, err := launchctlPrint(args, res)
	u.Ref = Ref{System: l.name(), Name: target}
	return u, err
}

// noService is launchctl's exit status for a label that it does not know.
const noService = 113

// launchctlPrint understands a description of a job: lines "key = value", of which only those of the job itself count,
// which are one tab deep.
func launchctlPrint(args []string, res child.Result) (Unit, error) {
	if res.Status == noService || strings.Contains(output(res), "Could not find service") {
		return Unit{}, missing("there is no such job")
	}
	if res.Status != 0 || res.Signaled {
		return Unit{}, said(args, res)
	}
	values := map[string]string{}
	for line := range strings.Lines(res.Stdout) {
		if inner, ok := strings.CutPrefix(line, "\t"); ok && !strings.HasPrefix(inner, "\t") {
			if key, value, ok := strings.Cut(strings.TrimSpace(inner), " = "); ok {
				values[key] = value
			}
		}
	}
	u := Unit{Detail: values["state"], Restarts: -1}
	u.PID, _ = strconv.Atoi(values["pid"])
	if runs, err := strconv.Atoi(values["runs"]); err == nil && runs > 0 {
		u.Restarts = runs - 1
	}
	code, err := strconv.Atoi(values["last exit code"])
	switch {
	case u.Detail == "":
		return u, errors.New("cannot understand what launchctl says")
	case u.PID > 0:
		u.State, u.Run = UnitRunning, strconv.Itoa(u.PID)
	case u.Detail == "spawn scheduled":
		u.State, u.Result = UnitRestarting, ended(code, 0)
	case err == nil && code != 0:
		u.State, u.Result = UnitFailed, ended(code, 0)
	default:
		u.State = UnitStopped
	}
	return u, nil
}

func (l *launchd) do(ctx context.Context, before Unit, verb Verb) error {
	target := before.Name
	switch verb {
	case VerbStart:
		if err := l.tools.act(ctx, "launchctl", "kickstart", target); err != nil {
			return err
		}
	case VerbRestart:
		if err := l.tools.act(ctx, "launchctl", "kickstart", "-k", target); err != nil {
			return err
		}
	case VerbReload:
		return l.tools.act(ctx, "launchctl", "kill", "HUP", target)
	case VerbStop:
		if err := l.tools.act(ctx, "launchctl", "kill", "TERM", target); err != nil {
			return err
		}
	}
	return l.follow(ctx, before, verb)
}

// follow waits for what launchctl does not wait for.
func (l *launchd) follow(ctx context.Context, before Unit, verb Verb) error {
	limit := deadline(ctx)
	var last Unit
	var failed error
	reached := func() bool {
		last, failed = l.status(ctx, before.Name)
		if failed != nil {
			return true
		}
		if verb == VerbStop {
			return last.PID == 0 || last.PID != before.PID
		}
		return last.State == UnitRunning && (verb == VerbStart || last.PID != before.PID)
	}
	switch {
	case !await(ctx, limit, reached):
		return overdue(ctx)
	case failed != nil:
		return failed
	case verb == VerbStop && last.PID != 0:
		return fmt.Errorf("launchd started it again at once%s, because it has KeepAlive", at(last.PID))
	}
	return nil
}
