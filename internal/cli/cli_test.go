package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/daemon"
	"orderly/internal/model"
)

// newProgram is a program whose output can be looked at.
func newProgram() (*program, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	return &program{
		stdout: &stdout, stderr: &stderr, now: time.Now,
		places: places{stateDir: "/var/lib/orderly", socket: "/run/orderly/orderly.sock", listen: "127.0.0.1:2812"},
	}, &stdout, &stderr
}

func TestRunPassesOptionsOn(t *testing.T) {
	for _, tt := range []struct {
		args string
		want daemon.Options
	}{
		{"run", daemon.Options{
			StateDir: "/var/lib/orderly", Socket: "/run/orderly/orderly.sock", Listen: "127.0.0.1:2812", LogFormat: "text",
		}},
		{"run -c a,b -c c --dialect monit --state-dir /s --socket /k --listen off --log-format json", daemon.Options{
			ConfigPaths: []string{"a,b", "c"}, Dialect: "monit", StateDir: "/s", Socket: "/k", Listen: "off", LogFormat: "json",
		}},
	} {
		p, _, stderr := newProgram()
		var got daemon.Options
		p.daemon = func(_ context.Context, o daemon.Options) error { got = o; return nil }
		if status := p.main(t.Context(), strings.Fields(tt.args)); status != 0 {
			t.Errorf("%s: status %d, %s", tt.args, status, stderr)
		}
		if got.Version == "" || got.Stderr != stderr {
			t.Errorf("%s: version %q, stderr %v", tt.args, got.Version, got.Stderr)
		}
		got.Version, got.Stderr = "", nil
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.args, got, tt.want)
		}
	}
}

func TestRunFails(t *testing.T) {
	p, stdout, stderr := newProgram()
	p.daemon = func(context.Context, daemon.Options) error { return errors.New("cannot start: no state") }
	if status := p.main(t.Context(), []string{"run"}); status != exitNo || stderr.String() != "orderly: cannot start: no state\n" || stdout.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

func TestReport(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		text   string
	}{
		{nil, 0, ""},
		{errNo, 1, ""},
		{errors.New("cannot do it"), 1, "orderly: cannot do it\n"},
		{errors.New("said by a server: \x1b[31m\nx"), 1, "orderly: said by a server: \ufffd[31m x\n"},
		{&client.Unreachable{Why: "orderly is not running", Hint: "start it"}, 3, "orderly is not running\n  start it\n"},
		{&exit{exitUsage, "a name is missing", ""}, 2, "orderly: a name is missing\n"},
		{context.Canceled, 1, "orderly: interrupted\n"},
	} {
		p, _, stderr := newProgram()
		if status := p.report(tt.err); status != tt.status || stderr.String() != tt.text {
			t.Errorf("%v: status %d, %q, want %d, %q", tt.err, status, stderr, tt.status, tt.text)
		}
	}
}

func TestDefaultPlaces(t *testing.T) {
	const usual = "/var/run/inspeqtor.sock"
	for _, tt := range []struct {
		name string
		uid  int
		env  map[string]string
		want places
	}{
		{"root", 0, map[string]string{"XDG_RUNTIME_DIR": "/run/user/0"}, places{"/var/lib/orderly", "/run/orderly/orderly.sock", "127.0.0.1:2812", usual}},
		{
			"user", 1000,
			map[string]string{"HOME": "/home/ann", "XDG_RUNTIME_DIR": "/run/user/1000", "XDG_STATE_HOME": "/state"},
			places{"/state/orderly", "/run/user/1000/orderly.sock", "127.0.0.1:2812", usual},
		},
		{
			"user without XDG", 1000,
			map[string]string{"HOME": "/home/ann"},
			places{"/home/ann/.local/state/orderly", "/home/ann/.local/state/orderly/orderly.sock", "127.0.0.1:2812", usual},
		},
		{"named", 0, map[string]string{"ORDERLY_SOCKET": "/s"}, places{"/var/lib/orderly", "/s", "127.0.0.1:2812", usual}},
		{"named for Inspeqtor", 0, map[string]string{"INSPEQTOR_SOCK": "/i"}, places{"/var/lib/orderly", "/run/orderly/orderly.sock", "127.0.0.1:2812", "/i"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := defaultPlaces(tt.uid, func(k string) string { return tt.env[k] }); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestColour(t *testing.T) {
	services := []model.ServiceStatus{
		{Name: "wéb", State: model.StateFailing, Kind: model.KindProcess, Problem: "down"},
		{Name: "d", State: model.StateActing, Doing: "restart", Kind: model.KindProcess},
		{Name: "e", State: model.StateInitializing, Kind: model.KindFile, Waiting: true},
		{Name: "f", State: model.StateInitializing, Kind: model.KindFile, Needs: "wéb"},
	}
	if got := trouble(&model.ServiceStatus{State: model.StateOK, Waiting: true}); got != "" {
		t.Errorf("that a well service is not due is no trouble: %q", got)
	}
	p, stdout, _ := newProgram()
	p.printSummary(services)
	want := "wéb  failing          process  down\n" +
		"d    acting: restart  process\n" +
		"e    initializing     file     waits for its time\n" +
		"f    initializing     file     waits for wéb\n"
	if stdout.String() != want {
		t.Errorf("got\n%swant\n%s", stdout, want)
	}
	p, stdout, _ = newProgram()
	p.colour = true
	p.printSummary(services)
	coloured := strings.NewReplacer("failing", "\x1b[31mfailing\x1b[0m", "acting: restart", "\x1b[33macting: restart\x1b[0m",
		"initializing", "\x1b[33minitializing\x1b[0m").Replace(want)
	if stdout.String() != coloured {
		t.Errorf("got\n%q\nwant\n%q", stdout, coloured)
	}
}

func TestWantsColour(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = device.Close() }()
	for _, tt := range []struct {
		name string
		out  *os.File
		env  map[string]string
		want bool
	}{
		{"file", file, nil, false},
		{"device", device, nil, true},
		{"NO_COLOR", device, map[string]string{"NO_COLOR": "1"}, false},
		{"dumb", device, map[string]string{"TERM": "dumb"}, false},
	} {
		if got := wantsColour(tt.out, func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestEventsOfToday(t *testing.T) {
	p, stdout, _ := newProgram()
	now := time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)
	p.now = func() time.Time { return now }
	show := p.eventPrinter(false, false)
	for _, at := range []time.Time{now.Add(-time.Minute), now, now.AddDate(0, 0, 1)} {
		if err := show(model.Event{At: at, Service: "web", Kind: model.EventActionFailed, Text: "cannot start"}); err != nil {
			t.Fatal(err)
		}
	}
	want := `15:03:05 web              action failed  cannot start
15:04:05 web              action failed  cannot start
-- 2026-01-03
15:04:05 web              action failed  cannot start
`
	if stdout.String() != want {
		t.Errorf("got\n%swant\n%s", stdout, want)
	}
}

func TestBuildDetails(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got := buildDetails(info); !strings.HasPrefix(got, "orderly 1.2.3 (go") || !strings.HasSuffix(got, ", 0123456789ab with changes)") {
		t.Errorf("got %s", got)
	}
	if got := buildDetails(nil); !strings.HasPrefix(got, "orderly devel (go") {
		t.Errorf("got %s", got)
	}
	defer func(v string) { version = v }(version)
	version = "2.0"
	if got := buildVersion(info); got != "2.0" {
		t.Errorf("the linker's version is not used: %s", got)
	}
}
