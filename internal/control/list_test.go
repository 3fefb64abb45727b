package control

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// A listingInit is an init system that lists.
type listingInit struct {
	fakeInit
	services []string
	err      error
}

func (l *listingInit) list(context.Context) ([]Listed, error) {
	var out []Listed
	for _, name := range l.services {
		out = append(out, Listed{Ref: Ref{l.label, name}})
	}
	return out, l.err
}

func TestList(t *testing.T) {
	lists := func(label string, services ...string) *listingInit {
		return &listingInit{fakeInit: fakeInit{label: label}, services: services}
	}
	absent, secret, broken := lists("d", "x"), lists("e", "x"), lists("f")
	absent.absent, secret.err, broken.err = true, denied("ask root"), errors.New("it does not answer")
	tests := []struct {
		name    string
		systems []initSystem
		want    []string
		fail    string
	}{
		{"in order", []initSystem{lists("b", "z", "a"), lists("a", "m")}, []string{"b a", "b z", "a m"}, ""},
		{"what cannot list", []initSystem{&fakeInit{label: "b"}, absent, lists("a", "m")}, []string{"a m"}, ""},
		{"scripts alone", []initSystem{lists("docker", "a"), lists("sysv", "m")}, []string{"docker a", "sysv m"}, ""},
		{"scripts of systemd", []initSystem{lists("systemd", "m.service"), lists("sysv", "m")}, []string{"systemd m.service"}, ""},
		{"scripts of OpenRC", []initSystem{lists("openrc", "m"), lists("sysv", "m")}, []string{"openrc m"}, ""},
		{"one denies", []initSystem{secret, lists("a", "m")}, []string{"e x", "a m"}, "cannot list all services of e: permission denied; ask root"},
		{
			"two fail",
			[]initSystem{secret, broken},
			[]string{"e x"},
			"cannot list all services of e: permission denied; ask root; cannot list all services of f: it does not answer",
		},
		{"nothing", nil, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, err := (&Units{systems: tt.systems}).List(t.Context())
			var got []string
			for _, l := range all {
				got = append(got, l.System+" "+l.Name)
			}
			if !slices.Equal(got, tt.want) || (err == nil) != (tt.fail == "") || err != nil && err.Error() != tt.fail {
				t.Errorf("got %q, %v", got, err)
			}
			if strings.Contains(tt.fail, "permission") && !errors.Is(err, fs.ErrPermission) {
				t.Error("the error does not wrap fs.ErrPermission")
			}
		})
	}
}

// listed compares what is listed.
func listed(t *testing.T, u *Units, want ...Listed) {
	t.Helper()
	got, err := u.List(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestSystemdLists(t *testing.T) { // S-10, S-13
	generated := t.TempDir()
	for _, name := range []string{"old.service", "off.service", "multi-user.target.wants/old.service"} {
		root{generated}.write(t, name, "")
	}
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		b.loaded = []loadedUnit{
			{Name: "web.service", Description: "the web", Load: "loaded", Active: "active", Sub: "running"},
			{Name: "many@1.service", Load: "loaded", Active: "failed", Sub: "failed"},
			{Name: "missing.service", Load: "not-found", Active: "inactive", Sub: "dead"},
			{Name: "hidden.service", Load: "masked", Active: "inactive", Sub: "dead"},
			{Name: "a.socket", Load: "loaded", Active: "active", Sub: "listening"},
		}
		for i := range b.loaded {
			b.loaded[i].Path, b.loaded[i].JobPath = "/", "/"
		}
		b.files = []unitFile{
			{"/etc/systemd/system/hidden.service", "masked"},
			{"/lib/systemd/system/many@.service", "enabled"},
			{"/lib/systemd/system/site.service", "alias"},
			{"/lib/systemd/system/idle.service", "disabled"},
			{"/lib/systemd/system/next.service", "enabled"},
			{"/lib/systemd/system/b.timer", "enabled"},
			{filepath.Join(generated, "old.service"), "generated"},
			{filepath.Join(generated, "off.service"), "generated"},
		}
		listed(
			t, u,
			Listed{Ref: ref("idle.service"), State: UnitStopped},
			Listed{Ref: ref("many@1.service"), Enabled: true, State: UnitFailed},
			Listed{Ref: ref("next.service"), Enabled: true, State: UnitStopped},
			Listed{Ref: ref("off.service"), State: UnitStopped},
			Listed{Ref: ref("old.service"), Enabled: true, State: UnitStopped},
			Listed{Ref: ref("web.service"), Description: "the web", Enabled: true, State: UnitRunning, PID: 7},
		)
		b.refuse["ListUnits"] = dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied"}
		if all, err := u.List(t.Context()); all != nil || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v, %v", all, err)
		}
	})
}

func TestScriptsList(t *testing.T) { // S-23, S-24
	me := os.Getpid()
	script := "#!/bin/sh\ncase $1 in status) exit 3;; esac\n"
	r := newRoot(t, map[string]string{
		"run/openrc/softlevel": "default", "run/openrc/started/web": "", "run/openrc/started/by-hand": "", "run/openrc/daemons/web/001": "pidfile=/run/web.pid\n",
		"etc/runlevels/default/web": "", "etc/runlevels/boot/next": "", "etc/runlevels/boot/gone": "", "etc/runlevels/shutdown/end": "",
		"etc/init.d/web": script, "etc/init.d/next": script, "etc/init.d/by-hand": script, "etc/init.d/end": script, "etc/init.d/none": script,
		"run/web.pid": strconv.Itoa(me), "etc/rc2.d/K01web": "", "etc/rc3.d/S12web": "", "etc/rc2.d/K02next": "", "etc/rc0.d/S01end": "", "etc/rc5.d/README": "",
	})
	if err := os.Symlink("../init.d/by-hand", filepath.Join(r.dir, "etc/rc2.d/S03other")); err != nil {
		t.Fatal(err)
	}
	listed(
		t, r.units("openrc"),
		Listed{Ref: Ref{"openrc", "by-hand"}, State: UnitRunning},
		Listed{Ref: Ref{"openrc", "next"}, Enabled: true, State: UnitStopped},
		Listed{Ref: Ref{"openrc", "web"}, Enabled: true, State: UnitRunning, PID: me},
	)
	listed(
		t, r.units("sysv"),
		Listed{Ref: Ref{"sysv", "by-hand"}, Enabled: true, State: UnitStopped},
		Listed{Ref: Ref{"sysv", "next"}, State: UnitStopped},
		Listed{Ref: Ref{"sysv", "web"}, Enabled: true, State: UnitRunning, PID: me},
	)
}

func TestSupervisedList(t *testing.T) { // S-20, S-22
	place := t.TempDir()
	r := root{place}
	serve := func(name, text string) {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		r.write(t, name+"/run", "#!/bin/sh\n")
		r.write(t, name+"/supervise/status", string(b))
		fifo(t, filepath.Join(place, name), "control")
	}
	serve("web", "40000000 6b00a2ce 0240d9d4 00000000 00 64 00 00")
	serve("db", "40000000 6b00a2ce 0240d9d4 00000000 00 64 00 00")
	serve("of-s6", "40000000 6b00a2ce 00000001 40000000 6b00a2ce 00000001 00000000 00000000 000f 08")
	r.write(t, "db/down", "")
	r.write(t, "no-service/other", "")
	if err := os.Symlink("web", filepath.Join(place, "zweb")); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(filepath.Join(place, "web/supervise/control"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	listed(
		t, onlyOn(t, "runit", UnitOptions{Runit: []string{place, place}, Root: t.TempDir()}),
		Listed{Ref: Ref{"runit", filepath.Join(place, "db")}, State: UnitStopped},
		Listed{Ref: Ref{"runit", filepath.Join(place, "web")}, Enabled: true, State: UnitStopped},
	)
	r.write(t, ".s6-svscan/lock", "")
	listed(
		t, onlyOn(t, "s6", UnitOptions{S6: []string{place}, Root: t.TempDir()}),
		Listed{Ref: Ref{"s6", filepath.Join(place, "of-s6")}, Enabled: true, State: UnitStopped},
	)
}

func TestCommandsList(t *testing.T) { // S-25, S-26
	r := newRoot(t, map[string]string{
		"bin/initctl": `#!/bin/sh
case $1 in version) echo upstart;; list) cat $ROOT/jobs;; esac
`,
		"jobs":        "web start/running, process 123\nworker (1) start/running, process 7\n\tpost-start process 8\noff stop/waiting\nodd stop/waiting\n",
		"proc/1/comm": "init\n",
		"bin/launchctl": `#!/bin/sh
[ $1 = list ] || exit 1
printf 'PID\tStatus\tLabel\n812\t0\torg.web\n-\t0\torg.idle\n-\t-9\torg.dead\n'
`,
		"sbin/launchd":      "#!/bin/sh\n",
		"etc/init/web.conf": "start on runlevel [2345]\n", "etc/init/worker.conf": "  start on started web\n",
		"etc/init/off.conf": "start on startup\n", "etc/init/off.override": "manual\n", "etc/init/odd.conf": "# start on nothing\n",
	})
	listed(
		t, r.units("upstart"),
		Listed{Ref: Ref{"upstart", "odd"}, State: UnitStopped},
		Listed{Ref: Ref{"upstart", "off"}, State: UnitStopped},
		Listed{Ref: Ref{"upstart", "web"}, Enabled: true, State: UnitRunning, PID: 123},
		Listed{Ref: Ref{"upstart", "worker 1"}, Enabled: true, State: UnitRunning, PID: 7},
	)
	u := r.units("launchd")
	u.systems[0].(*launchd).domains = []string{"system"}
	listed(
		t, u,
		Listed{Ref: Ref{"launchd", "system/org.dead"}, Enabled: true, State: UnitFailed},
		Listed{Ref: Ref{"launchd", "system/org.idle"}, Enabled: true, State: UnitStopped},
		Listed{Ref: Ref{"launchd", "system/org.web"}, Enabled: true, State: UnitRunning, PID: 812},
	)
	r.write(t, "bin/launchctl", "#!/bin/sh\necho no luck >&2\nexit 3\n")
	if _, err := u.List(t.Context()); err == nil || err.Error() != "cannot list all services of launchd: launchctl list exited with 3: no luck" {
		t.Errorf("got %v", err)
	}
}

func TestDockerLists(t *testing.T) { // S-28
	listed(t, (&fakeEngine{state: "running"}).units(t), Listed{Ref: Ref{"docker", "web"}, Enabled: true, State: UnitRunning, PID: 7})
}

func TestSupervisordLists(t *testing.T) { // S-27
	program := func(group string, state, pid int) string {
		return "<value>" + fmt.Sprintf(infoOfWeb, group, state, "", 0, pid) + "</value>"
	}
	config := `<value><struct><member><name>name</name><value>web</value></member><member><name>group</name><value>web</value></member>` +
		`<member><name>autostart</name><value><boolean>0</boolean></value></member></struct></value>`
	answers := map[string]string{
		"getAllProcessInfo": success("<array><data>" + program("web", 0, 0) + program("group", 20, 9) + "</data></array>"),
		"getAllConfigInfo":  success("<array><data>" + config + "</data></array>"),
	}
	u, _ := supervisordOf(t, answers)
	listed(
		t, u,
		Listed{Ref: Ref{"supervisord", "group:web"}, Enabled: true, State: UnitRunning, PID: 9},
		Listed{Ref: Ref{"supervisord", "web"}, State: UnitStopped},
	)
	answers["getAllConfigInfo"] = faulted(1, "UNKNOWN_METHOD")
	listed(
		t, u,
		Listed{Ref: Ref{"supervisord", "group:web"}, Enabled: true, State: UnitRunning, PID: 9},
		Listed{Ref: Ref{"supervisord", "web"}, Enabled: true, State: UnitStopped},
	)
}
