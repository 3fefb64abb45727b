package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// openrc is the services of OpenRC. Their state is read from the directories that OpenRC keeps it in; its commands act.
type openrc struct {
	root  string
	tools tools
}

func newOpenRC(o UnitOptions) initSystem { return &openrc{root: o.Root, tools: newTools(o)} }

func (o *openrc) name() string { return "openrc" }

// state is a path below the directory where OpenRC keeps the state of services.
func (o *openrc) state(elem ...string) string {
	return filepath.Join(append([]string{o.root, "/run/openrc"}, elem...)...)
}

func (o *openrc) script(name string) string { return filepath.Join(o.root, "/etc/init.d", name) }

func (o *openrc) present(context.Context) bool {
	_, err := os.Stat(o.state("softlevel"))
	return err == nil
}

func (o *openrc) find(_ context.Context, name string) (string, error) {
	if strings.Contains(name, "/") || !isScript(o.script(name)) {
		return "", missing("there is no script of that name in /etc/init.d" + similar(name, entries(o.script(""))))
	}
	return name, nil
}

// list tells of what belongs to a runlevel, other than that of the end, and of what was started besides.
func (o *openrc) list(ctx context.Context) ([]Listed, error) {
	enabled := map[string]bool{}
	levels := filepath.Join(o.root, "/etc/runlevels")
	for _, level := range entries(levels) {
		for _, name := range entries(filepath.Join(levels, level)) {
			if level != "shutdown" {
				enabled[name] = true
			}
		}
	}
	names := slices.Concat(slices.Collect(maps.Keys(enabled)), entries(o.state("started")), entries(o.state("failed")))
	slices.Sort(names)
	return glance(ctx, o, slices.Compact(names), func(name string) bool { return enabled[name] })
}

// isScript tells whether a path is that of a program.
func isScript(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// openrcStates are the directories in which a service of a state is listed, in the order in which they count.
var openrcStates = []struct {
	dir   string
	state UnitState
}{
	{"starting", UnitStarting},
	{"stopping", UnitStopping},
	{"inactive", UnitStarting}, // it waits for something outside to become started
	{"failed", UnitFailed},
	{"started", UnitRunning},
}

func (o *openrc) status(_ context.Context, name string) (Unit, error) {
	if !isScript(o.script(name)) {
		return Unit{}, missing("there is no script " + name + " in /etc/init.d any more")
	}
	u := Unit{Ref: Ref{System: o.name(), Name: name}, State: UnitStopped, Detail: "stopped", Restarts: -1}
	for _, s := range openrcStates {
		if info, err := os.Lstat(o.state(s.dir, name)); err == nil {
			u.State, u.Detail, u.Since = s.state, s.dir, info.ModTime()
			break
		}
	}
	if u.State == UnitFailed {
		u.Result = "it could not be started"
	}
	if u.State == UnitRunning {
		o.process(&u)
	}
	return u, nil
}

// process finds the main process of a service that OpenRC believes to run. OpenRC itself does not look whether it does
// unless it recorded the daemon, which it can do only where its own start-stop-daemon is used.
func (o *openrc) process(u *Unit) {
	pidfile := o.pidfile(u.Name)
	if _, err := os.Lstat(o.state("supervise-" + u.Name + ".ctl")); err == nil {
		o.supervised(u, pidfile)
		return
	}
	if pidfile == "" {
		return
	}
	u.PID, _ = strconv.Atoi(readLine(pidfile))
	o.lives(u)
}

// pidfile is the one of a service, empty if none is known.
func (o *openrc) pidfile(name string) string {
	path := readLine(o.state("options", name, "pidfile"))
	if path == "" {
		path = readSetting(o.state("daemons", name, "001"), "pidfile")
	}
	if path == "" {
		path = scriptPidfile(o.script(name), name)
	}
	if path == "" {
		return ""
	}
	return filepath.Join(o.root, path)
}

// supervised is for a service with a supervisor of its own, whose pid the pidfile has. It starts the process again.
func (o *openrc) supervised(u *Unit, pidfile string) {
	child := o.state("options", u.Name, "child_pid")
	if n, err := strconv.Atoi(readLine(o.state("options", u.Name, "start_count"))); err == nil {
		u.Restarts = n
	}
	pid, began := readPidfile(child)
	supervisor, _ := readPidfile(pidfile)
	if pid == 0 {
		u.State = UnitStarting
		return
	}
	u.PID, u.Since = pid, began
	if !exists(pid) && supervisor > 0 && exists(supervisor) {
		u.PID, u.State, u.Detail, u.Result, u.Since = 0, UnitRestarting, "respawning", "its process is gone", time.Time{}
		return
	}
	o.lives(u)
}

// lives tells whether the process of a service is there.
func (o *openrc) lives(u *Unit) {
	if u.PID > 0 && exists(u.PID) {
		if began := startOf(u.PID); began != "" { // it may have ended since
			u.Run = strconv.Itoa(u.PID) + "@" + began
			return
		}
	}
	u.PID, u.State, u.Detail, u.Result = 0, UnitFailed, "crashed", "its process is gone"
}

// do runs the service's script through OpenRC. One that OpenRC believes to run while it does not can only be told so.
func (o *openrc) do(ctx context.Context, before Unit, verb Verb) error {
	switch {
	case before.State == UnitFailed && verb != VerbStop:
		if err := o.run(ctx, before.Name, "zap"); err != nil {
			return err
		}
		return o.run(ctx, before.Name, "start")
	case verb == VerbRestart && before.State == UnitStopped:
		return o.run(ctx, before.Name, "start")
	}
	return o.run(ctx, before.Name, string(verb))
}

// run runs a script, and waits a little for a supervisor that has yet to tell the pid of what it started.
func (o *openrc) run(ctx context.Context, name, verb string) error {
	if err := o.tools.act(ctx, "rc-service", name, verb); err != nil {
		return err
	}
	await(ctx, time.Now().Add(lookPatience), func() bool {
		u, err := o.status(ctx, name)
		return err != nil || u.State != UnitStarting
	})
	return nil
}

func (o *openrc) watch(ctx context.Context, units []string, changed func(Unit)) {
	pollUnits(ctx, o, units, changed)
}

// lineLimit bounds what is read of one small file.
const lineLimit = 4 << 10

// readLine returns the first line of a small file, empty if it cannot be read.
func readLine(path string) string {
	text, _ := readSmall(path, lineLimit)
	return firstLine(text)
}

// readSmall reads a regular file, or its beginning.
func readSmall(path string, limit int64) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, fs.ErrInvalid)
	}
	b, err := io.ReadAll(io.LimitReader(f, limit))
	return string(b), err
}

// readSetting returns the value of a line "name=value".
func readSetting(path, name string) string {
	text, _ := readSmall(path, lineLimit)
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+"="); ok {
			return value
		}
	}
	return ""
}

// startOf returns when a process began, in the kernel's own measure: with its pid that names one run. It is empty where
// the kernel does not tell.
func startOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	const begin = 19 // the fields after the name are counted from the state
	if fields := strings.Fields(after); len(fields) > begin {
		return fields[begin]
	}
	return ""
}
