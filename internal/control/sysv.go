package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sysv is scripts in /etc/init.d without an init system that knows more about them.
type sysv struct {
	root  string
	tools tools
}

func newSysV(o UnitOptions) initSystem { return &sysv{root: o.Root, tools: newTools(o)} }

func (s *sysv) name() string { return "sysv" }

func (s *sysv) script(name string) string { return filepath.Join(s.root, "/etc/init.d", name) }

func (s *sysv) present(context.Context) bool { return len(entries(s.script(""))) > 0 }

func (s *sysv) find(_ context.Context, name string) (string, error) {
	if strings.Contains(name, "/") || !isScript(s.script(name)) {
		return "", missing("there is no script of that name in /etc/init.d" + similar(name, entries(s.script(""))))
	}
	return name, nil
}

// list tells of the scripts that a runlevel starts or stops.
func (s *sysv) list(ctx context.Context) ([]Listed, error) {
	enabled := map[string]bool{}
	links, _ := filepath.Glob(filepath.Join(s.root, "/etc/rc[2-5].d/[SK][0-9][0-9]*"))
	for _, link := range links {
		name := filepath.Base(link)[len("S01"):]
		if target, err := os.Readlink(link); err == nil {
			name = filepath.Base(target)
		}
		enabled[name] = enabled[name] || filepath.Base(link)[0] == 'S'
	}
	return glance(ctx, s, slices.Collect(maps.Keys(enabled)), func(name string) bool { return enabled[name] })
}

// status looks at the process that the service's pidfile names. Where that tells nothing the script is asked, if it can
// answer: many cannot, and tell something else instead.
func (s *sysv) status(ctx context.Context, name string) (Unit, error) {
	script := s.script(name)
	if !isScript(script) {
		return Unit{}, missing("there is no script " + name + " in /etc/init.d any more")
	}
	u := Unit{Ref: Ref{System: s.name(), Name: name}, Restarts: -1}
	pidfile := scriptPidfile(script, name)
	if pidfile == "" {
		pidfile = s.usualPidfile(name)
	}
	if pid, since := readPidfile(filepath.Join(s.root, pidfile)); pid > 0 && exists(pid) {
		if began := startOf(pid); began != "" { // it may have ended since
			u.State, u.PID, u.Since, u.Detail = UnitRunning, pid, since, "running"
			u.Run = strconv.Itoa(pid) + "@" + began
			return u, nil
		}
	}
	if !knows(script, "status") {
		if pidfile == "" {
			return u, errors.New("its script knows no status, and there is no pidfile")
		}
		u.State, u.Detail = UnitStopped, "no process of "+pidfile
		return u, nil
	}
	res, err := s.tools.ask(ctx, script, "status")
	if err != nil {
		return u, err
	}
	u.Detail = firstLine(printable(output(res)))
	switch {
	case res.Signaled || res.Status > 3:
		return u, said([]string{script, "status"}, res)
	case res.Status == 0 && pidfile != "":
		// Some scripts say 0 whatever happens; a pidfile whose process is gone knows better.
		u.State, u.Result = UnitFailed, "the process of "+pidfile+" is gone"
	case res.Status == 0:
		u.State = UnitRunning
	case res.Status == 3:
		u.State = UnitStopped
	default:
		u.State, u.Result = UnitFailed, "it is dead, and left its pidfile or its lock behind"
	}
	return u, nil
}

// readPidfile returns the pid in a file, 0 if there is none, and when it was written.
func readPidfile(path string) (int, time.Time) {
	pid, err := strconv.Atoi(readLine(path))
	info, missing := os.Stat(path)
	if err != nil || missing != nil {
		return 0, time.Time{}
	}
	return pid, info.ModTime()
}

// usualPidfile is a pidfile where services usually have one, empty if there is none.
func (s *sysv) usualPidfile(name string) string {
	for _, path := range []string{"/run/" + name + ".pid", "/run/" + name + "/" + name + ".pid", "/var/run/" + name + ".pid"} {
		if readLine(filepath.Join(s.root, path)) != "" {
			return path
		}
	}
	return ""
}

func (s *sysv) do(ctx context.Context, before Unit, verb Verb) error {
	script := s.script(before.Name)
	if verb == VerbReload && !knows(script, "reload") {
		return errors.New("its script knows no reload")
	}
	return s.tools.act(ctx, script, string(verb))
}

// scriptLimit bounds what is read of an init script.
const scriptLimit = 256 << 10

// knows tells whether a script has a branch for a verb. One that has none may print how it is used, and exit with 0.
func knows(script, verb string) bool {
	text, err := readSmall(script, scriptLimit)
	if err != nil || strings.Contains(text, "init-d-script") { // which has all the usual verbs
		return err == nil
	}
	return regexp.MustCompile(`(?m)(^|[\s|("'])` + verb + `["']?\s*(\||\))`).MatchString(text)
}

var (
	pidfileHeader  = regexp.MustCompile(`(?m)^#\s*pidfile:\s*(\S+)`)
	pidfileSetting = regexp.MustCompile(`(?m)^\s*(?:export\s+)?(?:PIDFILE|pidfile|PID_FILE|pid_file)=["']?([^"'\s;]+)`)
	shellVariable  = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)\})`)
)

// scriptPidfile returns the pidfile that an init script names, empty if it names none that can be understood.
func scriptPidfile(script, name string) string {
	text, err := readSmall(script, scriptLimit)
	if err != nil {
		return ""
	}
	found := pidfileHeader.FindStringSubmatch(text)
	if found == nil {
		found = pidfileSetting.FindStringSubmatch(text)
	}
	if found == nil {
		return ""
	}
	path := shellVariable.ReplaceAllStringFunc(found[1], func(v string) string {
		switch v = strings.Trim(v, "${}"); v {
		case "RC_SVCNAME", "SVCNAME":
			return name
		default:
			return setting(text, v)
		}
	})
	if !filepath.IsAbs(path) || strings.ContainsAny(path, "$`*") {
		return ""
	}
	return path
}

// setting returns the value that a script gives to a variable, as far as that is plain text.
func setting(script, variable string) string {
	re := regexp.MustCompile(fmt.Sprintf(`(?m)^\s*(?:export\s+)?%s=["']?([^"'\s;$]+)["']?\s*$`, variable))
	if found := re.FindStringSubmatch(script); found != nil {
		return found[1]
	}
	return "$"
}
