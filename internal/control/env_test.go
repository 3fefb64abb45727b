package control

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/child"
	"orderly/internal/model"
)

func TestEnvironment(t *testing.T) {
	at := time.Date(2026, time.November, 20, 19, 42, 21, 0, time.Local)
	ev := model.Event{At: at, Kind: model.EventFailed, Topic: model.TopicChecksum, Text: "digest\x00 differs"}
	c := New(Options{
		Host: "here", Environment: []string{"PATH=/bin", "MONIT_SERVICE=outer", "HOME=/root"},
		Facts: func(*model.Service) Facts {
			return Facts{PID: 4711, MemoryKiB: 2048, Children: 3, CPUPercent: 12.34, ProgramStatus: 5}
		},
	})
	named := ev
	named.Host = "there"
	unknown := New(Options{Host: "here", Environment: c.Environment})
	service := func(k model.Kind) *model.Service { return &model.Service{Name: "web", Kind: k} }
	method := func(c *Controller, k model.Kind, m method) []string {
		return c.methodVariables(&job{service: service(k), method: m, event: ev})
	}
	tests := []struct {
		name string
		got  []string
		want string
	}{
		{"exec of a file", c.execVariables(service(model.KindFile), ev), `
			MONIT_SERVICE=web
			MONIT_DATE=Fri, 20 Nov 2026 19:42:21
			MONIT_HOST=here
			MONIT_EVENT=Checksum failed
			MONIT_DESCRIPTION=digest differs`},
		{"exec on a host with a name of its own", c.execVariables(service(model.KindFile), named)[2:3], `
			MONIT_HOST=there`},
		{"exec of a program", c.execVariables(service(model.KindProgram), ev), `
			MONIT_SERVICE=web
			MONIT_DATE=Fri, 20 Nov 2026 19:42:21
			MONIT_HOST=here
			MONIT_EVENT=Checksum failed
			MONIT_DESCRIPTION=digest differs
			MONIT_PROGRAM_STATUS=5`},
		{"start of a process", method(c, model.KindProcess, starting), `
			MONIT_SERVICE=web
			MONIT_DATE=Fri, 20 Nov 2026 19:42:21
			MONIT_HOST=here
			MONIT_EVENT=Started
			MONIT_DESCRIPTION=Started
			MONIT_PROCESS_PID=4711
			MONIT_PROCESS_MEMORY=2048
			MONIT_PROCESS_CHILDREN=3
			MONIT_PROCESS_CPU_PERCENT=12.3`},
		{"stop of an unknown process", method(unknown, model.KindProcess, stopping), `
			MONIT_SERVICE=web
			MONIT_DATE=Fri, 20 Nov 2026 19:42:21
			MONIT_HOST=here
			MONIT_EVENT=Stopped
			MONIT_DESCRIPTION=Stopped
			MONIT_PROCESS_PID=-1
			MONIT_PROCESS_MEMORY=0
			MONIT_PROCESS_CHILDREN=-1
			MONIT_PROCESS_CPU_PERCENT=-1.0`},
		{"check", c.checkVariables(service(model.KindProgram))[1:], `
			MONIT_SERVICE=web`},
		{"merged", merge(c.Environment, []string{"MONIT_SERVICE=web", "HOME=/home/web"}), `
			PATH=/bin
			MONIT_SERVICE=web
			HOME=/home/web`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.ReplaceAll(strings.TrimSpace(tt.want), "\t", "")
			if got := strings.Join(tt.got, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestEnvironmentOfProgram(t *testing.T) {
	x := newWorld(t)
	s := x.process()
	s.Start = sh("env >$PIDFILE.env; exit 0")
	s.Kind = model.KindFile
	want(t, x.Start(t.Context(), s, model.Event{}), "started.*", "")
	b, err := os.ReadFile(x.pidfile + ".env")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(b)) {
		if name := key(line); name != "PWD" && name != "OLDPWD" && name != "_" && name != "SHLVL" { // the shell's own
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if got, want := strings.Join(names, " "), "MONIT_DATE MONIT_DESCRIPTION MONIT_EVENT MONIT_HOST MONIT_SERVICE PATH PIDFILE"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestRunAsUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	x := newWorld(t)
	_, home, err := child.Lookup(t.Context(), "nobody", "")
	if err != nil {
		t.Fatal(err)
	}
	s := checked(`id -un; echo "$HOME"`)
	s.Subject.Program.User = "nobody"
	sample, err := x.Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sample.Readings.Get(model.Output).Text(), "nobody\n"+home; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCheckIsMarked(t *testing.T) {
	x := newWorld(t)
	sample, err := x.Check(t.Context(), checked(`echo "$ORDERLY_CHECK"`))
	if err != nil {
		t.Fatal(err)
	}
	if got := "ORDERLY_CHECK=" + sample.Readings.Get(model.Output).Text(); got != child.Marker(filepath.Clean(x.pidfile)) {
		t.Errorf("got %q", got)
	}
}
