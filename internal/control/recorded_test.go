package control

import (
	"errors"
	"strings"
	"testing"

	"orderly/internal/child"
)

func TestInitctlStatus(t *testing.T) { // S-25
	tests := []struct {
		text string
		want Unit
		fail string
	}{
		{"web start/running, process 123\n", Unit{State: UnitRunning, Detail: "start/running", PID: 123, Run: "123"}, ""},
		{"web stop/waiting\n", Unit{State: UnitStopped, Detail: "stop/waiting"}, ""},
		{"web start/starting\n", Unit{State: UnitStarting, Detail: "start/starting"}, ""},
		{"web start/post-start, process 12\n\tpost-start process 13\n", Unit{State: UnitStarting, Detail: "start/post-start", PID: 12}, ""},
		{"web stop/killed, process 9\n", Unit{State: UnitStopping, Detail: "stop/killed", PID: 9}, ""},
		{"worker (1) start/running, process 7\n", Unit{State: UnitRunning, Detail: "start/running", PID: 7, Run: "7"}, ""},
		{"net (eth0 a) start/running\n", Unit{State: UnitRunning, Detail: "start/running"}, ""},
		{"something else", Unit{}, "cannot understand"},
		{"", Unit{}, "cannot understand"},
	}
	for _, tt := range tests {
		got, err := initctlStatus(nil, child.Result{Stdout: tt.text})
		if tt.fail != "" {
			if err == nil || !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("%q: got %v", tt.text, err)
			}
			continue
		}
		tt.want.Restarts = -1
		if err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v", tt.text, got, err)
		}
	}
	_, err := initctlStatus(nil, child.Result{Status: 1, Stderr: "initctl: Unknown job: web\n"})
	if !errors.Is(err, ErrNoUnit) {
		t.Errorf("unknown job: %v", err)
	}
	_, err = initctlStatus([]string{"initctl", "status", "web"}, child.Result{Status: 1, Stderr: "initctl: Unable to connect to system bus: no\n"})
	if err == nil || errors.Is(err, ErrNoUnit) || !strings.Contains(err.Error(), "Unable to connect") {
		t.Errorf("no bus: %v", err)
	}
}

func TestLaunchctlPrint(t *testing.T) { // S-26
	job := func(lines ...string) string {
		return "system/com.example.web = {\n\t" + strings.Join(lines, "\n\t") + "\n}\n"
	}
	tests := []struct {
		text string
		want Unit
	}{
		{
			job("active count = 1", "path = /Library/LaunchDaemons/com.example.web.plist", "state = running", "", "program = /usr/bin/web", "runs = 3", "pid = 812", "last exit code = 1", "endpoints = {", "\tstate = other", "\tpid = 1", "}"),
			Unit{State: UnitRunning, Detail: "running", PID: 812, Run: "812", Restarts: 2},
		},
		{job("state = not running", "runs = 0", "last exit code = (never exited)"), Unit{State: UnitStopped, Detail: "not running", Restarts: -1}},
		{job("state = not running", "runs = 1", "last exit code = 0"), Unit{State: UnitStopped, Detail: "not running"}},
		{job("state = not running", "runs = 2", "last exit code = 78"), Unit{State: UnitFailed, Detail: "not running", Restarts: 1, Result: "exit status 78"}},
		{job("state = spawn scheduled", "runs = 9", "last exit code = 3"), Unit{State: UnitRestarting, Detail: "spawn scheduled", Restarts: 8, Result: "exit status 3"}},
	}
	for _, tt := range tests {
		if got, err := launchctlPrint(nil, child.Result{Stdout: tt.text}); err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v", tt.text, got, err)
		}
	}
	_, err := launchctlPrint(nil, child.Result{Status: noService, Stderr: "Could not find service \"x\" in domain for system\n"})
	if !errors.Is(err, ErrNoUnit) {
		t.Errorf("unknown label: %v", err)
	}
	if _, err := launchctlPrint(nil, child.Result{Stdout: "nonsense"}); err == nil {
		t.Error("nonsense is a job")
	}
	if _, err := launchctlPrint([]string{"launchctl"}, child.Result{Status: 1, Stderr: "no"}); err == nil || errors.Is(err, ErrNoUnit) {
		t.Errorf("a failure: %v", err)
	}
}

// fakeLaunchctl has a job that comes back by itself when the file keep is there.
const fakeLaunchctl = `#!/bin/sh
state=$ROOT/state
for target; do :; done
[ "$target" = system/com.example.web ] || { echo "Could not find service" >&2; exit 113; }
case "$1 $2" in
print*) if [ -e $state ]; then printf 'x = {\n\tstate = running\n\tpid = %s\n}\n' $(cat $state); else printf 'x = {\n\tstate = not running\n}\n'; fi ;;
"kill TERM") rm $state; [ ! -e $ROOT/keep ] || echo $$ >$state ;;
"kill HUP") [ -e $state ] ;;
kickstart*) echo $$ >$state ;;
esac
`

func TestLaunchd(t *testing.T) { // S-26
	r := newRoot(t, map[string]string{"bin/launchctl": fakeLaunchctl, "sbin/launchd": "#!/bin/sh\n"})
	u := r.units("launchd")
	for _, s := range u.systems {
		s.(*launchd).domains = []string{"gui/501", "system"}
	}
	found, err := u.Find(t.Context(), "", "com.example.web")
	if err != nil || found.Name != "system/com.example.web" {
		t.Fatalf("found %v, %v", found, err)
	}
	if _, err := u.Find(t.Context(), "", "com.example"); !errors.Is(err, ErrNoUnit) {
		t.Errorf("a part of a label: %v", err)
	}
	for _, verb := range []Verb{VerbStart, VerbRestart, VerbReload, VerbStop, VerbStart} {
		if _, out := u.Do(t.Context(), found, verb); out.Error != "" || out.Idle {
			t.Errorf("%s: %+v", verb, out)
		}
	}
	r.write(t, "keep", "")
	_, out := u.Do(t.Context(), found, VerbStop)
	want(t, out, "", `cannot stop system/com.example.web: launchd started it again at once, pid \d+, because it has KeepAlive`)
}
