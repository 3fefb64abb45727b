package control

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A root is a directory that stands for /.
type root struct{ dir string }

func newRoot(t *testing.T, files map[string]string) root {
	t.Helper()
	r := root{t.TempDir()}
	for name, text := range files {
		r.write(t, name, text)
	}
	return r
}

func (r root) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.dir, name)
	mode := os.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode)); err != nil {
		t.Fatal(err)
	}
}

// units are those of one init system here, whose commands are those of this root first.
func (r root) units(system string) *Units {
	return NewUnits(UnitOptions{
		Root: r.dir, Order: []string{system}, Patience: 10 * time.Second, Settle: time.Millisecond,
		Environment: []string{"PATH=" + r.dir + "/bin:/usr/bin:/bin", "ROOT=" + r.dir},
	})
}

func TestOpenRCStates(t *testing.T) { // S-23
	me := strconv.Itoa(os.Getpid())
	const gone = "999999999"
	tests := []struct {
		name  string
		files map[string]string
		want  Unit
	}{
		{"stopped", nil, Unit{State: UnitStopped, Detail: "stopped"}},
		{"started", map[string]string{"started/web": ""}, Unit{State: UnitRunning, Detail: "started"}},
		{"starting", map[string]string{"starting/web": ""}, Unit{State: UnitStarting, Detail: "starting"}},
		{"stopping", map[string]string{"stopping/web": "", "started/web": ""}, Unit{State: UnitStopping, Detail: "stopping"}},
		{"inactive", map[string]string{"inactive/web": ""}, Unit{State: UnitStarting, Detail: "inactive"}},
		{"failed", map[string]string{"failed/web": ""}, Unit{State: UnitFailed, Detail: "failed", Result: "it could not be started"}},
		{"runs", map[string]string{"started/web": "", "daemons/web/001": "exec=/x\npidfile=/pid\n", "../../pid": me}, Unit{State: UnitRunning, Detail: "started", PID: os.Getpid()}},
		{"supervised", map[string]string{"started/web": "", "supervise-web.ctl": "", "options/web/child_pid": me, "options/web/start_count": "3\n"}, Unit{State: UnitRunning, Detail: "started", PID: os.Getpid(), Restarts: 3}},
		{"supervised soon", map[string]string{"started/web": "", "supervise-web.ctl": ""}, Unit{State: UnitStarting, Detail: "started"}},
		{"supervised again", map[string]string{"started/web": "", "supervise-web.ctl": "", "options/web/child_pid": gone, "options/web/pidfile": "/pid", "../../pid": me}, Unit{State: UnitRestarting, Detail: "respawning", Result: "its process is gone"}},
		{"supervised no more", map[string]string{"started/web": "", "supervise-web.ctl": "", "options/web/child_pid": gone, "options/web/pidfile": "/pid", "../../pid": gone}, Unit{State: UnitFailed, Detail: "crashed", Result: "its process is gone"}},
		{"crashed", map[string]string{"started/web": "", "options/web/pidfile": "/pid", "../../pid": gone}, Unit{State: UnitFailed, Detail: "crashed", Result: "its process is gone"}},
		{"pidfile is gone", map[string]string{"started/web": "", "options/web/pidfile": "/pid"}, Unit{State: UnitFailed, Detail: "crashed", Result: "its process is gone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoot(t, map[string]string{"run/openrc/softlevel": "default", "etc/init.d/web": "#!/sbin/openrc-run\n"})
			for name, text := range tt.files {
				r.write(t, filepath.Join("run/openrc", name), text)
			}
			u := r.units("openrc")
			ref, err := u.Find(t.Context(), "", "web")
			if err != nil {
				t.Fatal(err)
			}
			got, err := u.Status(t.Context(), ref)
			if got.Since.IsZero() != (tt.want.State == UnitStopped || tt.want.State == UnitRestarting) || (got.Run != "") != (tt.want.PID != 0) {
				t.Errorf("since %v, run %q", got.Since, got.Run)
			}
			got.Since, got.Run, tt.want.Ref = time.Time{}, "", ref
			if tt.want.Restarts == 0 {
				tt.want.Restarts = -1
			}
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestScriptsHaveNoPaths(t *testing.T) { // S-23, S-24
	r := newRoot(t, map[string]string{"run/openrc/softlevel": "default", "etc/init.d/web": "#!/sbin/openrc-run\n"})
	for _, system := range []string{"openrc", "sysv"} {
		if ref, err := r.units(system).Find(t.Context(), "", "../init.d/web"); !errors.Is(err, ErrNoUnit) {
			t.Errorf("%s: found %+v, %v", system, ref, err)
		}
	}
}

func TestSysVStates(t *testing.T) { // S-24
	me := strconv.Itoa(os.Getpid())
	withStatus := func(answer string) string { return "#!/bin/sh\ncase $1 in\nstatus) " + answer + ";;\nesac\n" }
	tests := []struct {
		name, script string
		pid          string // in /run/web.pid
		want         Unit
		fail         string
	}{
		{"running", withStatus("echo up; exit 0"), "", Unit{State: UnitRunning, Detail: "up"}, ""},
		{"dead, pidfile left", withStatus("exit 1"), "", Unit{State: UnitFailed, Result: "it is dead, and left its pidfile or its lock behind"}, ""},
		{"stopped", withStatus("echo down >&2; exit 3"), "", Unit{State: UnitStopped, Detail: "down"}, ""},
		{"unknown", withStatus("echo what; exit 4"), "", Unit{}, "exited with 4: what"},
		{"no status, no pidfile", "#!/bin/sh\n", "", Unit{}, "its script knows no status, and there is no pidfile"},
		{"pidfile", "#!/bin/sh\n", me, Unit{State: UnitRunning, Detail: "running", PID: os.Getpid()}, ""},
		{"pidfile of the dead", "#!/bin/sh\n", "999999999", Unit{State: UnitStopped, Detail: "no process of /run/web.pid"}, ""},
		{"always well", withStatus("exit 0"), "999999999", Unit{State: UnitFailed, Result: "the process of /run/web.pid is gone"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoot(t, map[string]string{"etc/init.d/web": tt.script})
			if tt.pid != "" {
				r.write(t, "run/web.pid", tt.pid+"\n")
			}
			u := r.units("sysv")
			ref, err := u.Find(t.Context(), "", "web")
			if err != nil {
				t.Fatal(err)
			}
			got, err := u.Status(t.Context(), ref)
			if tt.fail != "" {
				if err == nil || !strings.HasSuffix(err.Error(), tt.fail) {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			got.Since, got.Run, tt.want.Ref, tt.want.Restarts = time.Time{}, "", ref, -1
			if err != nil || got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Pins I-20: where only a pidfile tells a run, another process of that number is another run.
func TestRunOfAPidfile(t *testing.T) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Skip("there is no /proc here")
	}
	me := strconv.Itoa(os.Getpid())
	for _, system := range []string{"sysv", "openrc"} {
		r := newRoot(t, map[string]string{
			"etc/init.d/web": "#!/bin/sh\n# pidfile: /run/web.pid\n", "run/web.pid": me + "\n",
			"run/openrc/softlevel": "default\n", "run/openrc/started/web": "",
		})
		ref, err := r.units(system).Find(t.Context(), "", "web")
		if err != nil {
			t.Fatal(err)
		}
		const start = 21 // the name of this process has no blanks
		got, err := r.units(system).Status(t.Context(), ref)
		if want := me + "@" + strings.Fields(string(stat))[start]; err != nil || got.Run != want {
			t.Errorf("%s: run %q, %v; want %q", system, got.Run, err, want)
		}
	}
}

// An unknown verb makes many scripts print how they are used and exit with 0.
func TestSysVReload(t *testing.T) {
	r := newRoot(t, map[string]string{"etc/init.d/web": "#!/bin/sh\ncase $1 in status) exit 0;; *) echo usage;; esac\n"})
	_, out := r.units("sysv").Do(t.Context(), Ref{"sysv", "web"}, VerbReload)
	if out.Error != "cannot reload web: its script knows no reload" {
		t.Errorf("got %+v", out)
	}
}

func TestScriptPidfile(t *testing.T) {
	for text, want := range map[string]string{
		"# pidfile: /var/run/httpd/httpd.pid\nPIDFILE=/other": "/var/run/httpd/httpd.pid",
		"PIDFILE=/run/web.pid":                                "/run/web.pid",
		"pidfile=\"/run/${RC_SVCNAME}.pid\"":                  "/run/web.1.pid",
		"pidfile=/run/$RC_SVCNAME.pid # so":                   "/run/web.1.pid",
		"NAME=nginx\nPIDFILE=/run/$NAME.pid":                  "/run/nginx.pid",
		"export PIDFILE='/run/x.pid'":                         "/run/x.pid",
		"PIDFILE=$(mktemp)":                                   "",
		"PIDFILE=/run/$UNKNOWN.pid":                           "",
		"PIDFILE=relative.pid":                                "",
		"#PIDFILE=/run/web.pid":                               "",
		"":                                                    "",
		"NAME=a\nDIR=/run/$NAME\nPIDFILE=$DIR/a.pid":          "",
	} {
		r := newRoot(t, map[string]string{"script": text})
		if got := scriptPidfile(filepath.Join(r.dir, "script"), "web.1"); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestKnows(t *testing.T) {
	for text, want := range map[string]bool{
		"case $1 in\nreload)\n": true, "start|reload)": true, "\treload|force-reload)": true, `"reload")`: true,
		"force-reload)": false, "echo usage: {start|stop}": false, "reload_it)": false, "#!/lib/init/init-d-script": true, "": false,
	} {
		r := newRoot(t, map[string]string{"script": text})
		if got := knows(filepath.Join(r.dir, "script"), "reload"); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

const fakeInitctl = `#!/bin/sh
name=$2 state=$ROOT/state
case "$1 $name" in
"version ") echo "init (upstart 1.12.1)" ;;
"status web") if [ -e $state ]; then echo "web start/running, process $(cat $state)"; else echo "web stop/waiting"; fi ;;
"start web") echo $$ >$state; echo "web start/running, process $$" ;;
"stop web") rm $state; echo "web stop/waiting" ;;
"reload web") [ -e $state ] ;;
"status worker") echo "worker ($3) start/running, process 7" ;;
"start broken") echo "initctl: Job failed to start" >&2; exit 1 ;;
"status broken") echo "broken stop/waiting" ;;
*) echo "initctl: Unknown job: $name" >&2; exit 1 ;;
esac
`

func TestUpstart(t *testing.T) { // S-25
	files := map[string]string{"bin/initctl": fakeInitctl, "etc/init/web.conf": "", "proc/1/comm": "systemd\n"}
	r := newRoot(t, files)
	u := r.units("upstart")
	if got := u.Detect(t.Context()); got != nil {
		t.Errorf("process 1 is systemd, and there is %v", got)
	}
	r.write(t, "proc/1/comm", "init\n")
	ref, err := u.Find(t.Context(), "", "web")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		verb       Verb
		done, fail string
	}{
		{VerbStop, "not running", ""},
		{VerbReload, "", "cannot reload web: it is stopped"},
		{VerbStart, `started, pid \d+ after .*`, ""},
		{VerbStart, `already running, pid \d+`, ""},
		{VerbReload, `reloaded, pid \d+ after .*`, ""},
		{VerbRestart, `restarted, pid \d+ after .*`, ""},
		{VerbStop, `stopped after .*`, ""},
	} {
		_, out := u.Do(t.Context(), ref, tt.verb)
		want(t, out, tt.done, tt.fail)
	}
	fails(t, u, "broken", "initctl start broken exited with 1: initctl: Job failed to start", "Job failed")
	if got, err := u.Status(t.Context(), Ref{"upstart", "worker 3"}); err != nil || got.PID != 7 {
		t.Errorf("instance: %+v, %v", got, err)
	}
	if _, err := u.Find(t.Context(), "", "nothing"); !errors.Is(err, ErrNoUnit) {
		t.Errorf("nothing: %v", err)
	}
}
