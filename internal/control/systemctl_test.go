package control

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

// fakeSystemctl has the unit web, whose properties are in a file, and others that fail in the ways of the real command.
const fakeSystemctl = `#!/bin/sh
echo "$*" >>$ROOT/calls
verb=$1
for unit; do :; done
[ ! -e $ROOT/no-bus ] || { echo "Failed to connect to bus: No such file or directory" >&2; exit 1; }
case "$verb $unit" in
list-unit-files*) printf 'web.service enabled enabled\nidle.service  disabled enabled\nsite.service alias -\na.socket enabled -\n' ;;
"show web.service") cat $ROOT/web ;;
"show *.service") cat $ROOT/web; echo; printf 'Id=gone.service\nLoadState=not-found\n' ;;
show*) printf 'Id=%s\nLoadState=not-found\nActiveState=inactive\nMainPID=0\n' $unit ;;
"start web.service" | "restart web.service") sed -i 's/^ActiveState=.*/ActiveState=active/; s/^MainPID=.*/MainPID=12/; s/^InvocationID=.*/InvocationID=0102/' $ROOT/web ;;
"stop web.service")
	[ -e $ROOT/code ] && { echo "Failed to stop web.service: $unit" >&2; exit $(cat $ROOT/code); }
	sed -i 's/^ActiveState=.*/ActiveState=failed/; s/^MainPID=.*/MainPID=0/; s/^InvocationID=.*/InvocationID=/' $ROOT/web ;;
esac
`

const shownWeb = `Type=notify
Restart=no
MainPID=7
NRestarts=2
Result=success
ExecMainStatus=0
Id=web.service
Description=the web = all of it
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
StateChangeTimestamp=Fri 2026-01-02 03:04:05 UTC
InvocationID=abcd
`

func newSystemctl(t *testing.T) (root, *Units) {
	r := newRoot(t, map[string]string{"run/systemd/system/x": "", "web": shownWeb, "bin/systemctl": fakeSystemctl})
	return r, r.units("systemd")
}

func TestSystemctl(t *testing.T) { // S-16
	r, u := newSystemctl(t)
	found, err := u.Find(t.Context(), "", "web")
	if err != nil || found != ref("web.service") {
		t.Fatalf("found %v, %v", found, err)
	}
	if _, err := u.Find(t.Context(), "", "wbe"); !errors.Is(err, ErrNoUnit) || !strings.HasSuffix(err.Error(), "did you mean web.service?") {
		t.Errorf("wbe: %v", err)
	}
	want := Unit{
		Ref: found, Description: "the web = all of it", State: UnitRunning, Detail: "active (running)", PID: 7, Run: "abcd", Restarts: 2,
		Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Local(), Alone: true, vouched: true,
	}
	if got, err := u.Status(t.Context(), found); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	idle := Listed{Ref: ref("idle.service"), State: UnitStopped}
	listed(t, u, idle, Listed{Ref: found, Description: "the web = all of it", Enabled: true, State: UnitRunning, PID: 7})
	for _, tt := range []struct {
		verb Verb
		done string
	}{
		{VerbRestart, "restarted, pid 12 after .*"}, {VerbReload, "reloaded, pid 12 after .*"}, {VerbStop, "stopped after .*"}, {VerbStart, "started, pid 12 after .*"},
	} {
		_, out := u.Do(t.Context(), found, tt.verb)
		matches(t, out.Done+out.Error, tt.done)
	}
	calls, _ := os.ReadFile(r.dir + "/calls")
	var acts []string
	for line := range strings.Lines(string(calls)) {
		if !strings.HasPrefix(line, "show -- ") && !strings.HasPrefix(line, "list-unit-files ") {
			acts = append(acts, strings.TrimSpace(line))
		}
	}
	if got := strings.Join(acts, ", "); got != "reset-failed -- web.service, restart -- web.service, reload -- web.service, stop -- web.service, "+
		"reset-failed -- web.service, start -- web.service" {
		t.Errorf("asked to %s", got)
	}
}

func TestSystemctlFails(t *testing.T) { // S-16, S-29
	for code, want := range map[string]string{
		"1": "systemctl stop -- web.service exited with 1: Failed to stop web.service: web.service",
		"4": "permission denied; .*polkit rule.*",
		"5": "there is no unit web.service any more",
	} {
		r, u := newSystemctl(t)
		r.write(t, "code", code)
		_, out := u.Do(t.Context(), ref("web.service"), VerbStop)
		matches(t, out.Error, "cannot stop web.service: "+want)
	}
	r, u := newSystemctl(t)
	u.systems[0].(*systemd).command.tools.sudo = true
	r.write(t, "bin/sudo", "#!/bin/sh\n[ $1 = -n ] && shift; case $* in *list-unit-files*) echo sudo: a password is required >&2; exit 1;; esac\nexec \"$@\"\n")
	if got, err := u.Status(t.Context(), ref("web.service")); err != nil || got.PID != 7 {
		t.Errorf("by sudo: %+v, %v", got, err)
	}
	if _, err := u.List(t.Context()); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "lines for systemctl in sudoers") {
		t.Errorf("without leave for sudo: %v", err)
	}
	u.systems[0].(*systemd).command.tools.sudo = false
	r.write(t, "no-bus", "")
	if _, err := u.Status(t.Context(), ref("web.service")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "system_bus_socket") {
		t.Errorf("without a bus: %v", err)
	}
	if _, err := u.List(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a bus: %v", err)
	}
}
