package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestMonitPlaces(t *testing.T) { // C-24, D-03
	at := places{stateDir: "/var/lib/orderly", socket: "/run/orderly/orderly.sock"}
	long := "/" + strings.Repeat("d", 120)
	for _, tt := range []struct {
		name    string
		options monitOptions
		files   model.Files
		uid     int
		want    monitPlaces
	}{
		{
			"root",
			monitOptions{},
			model.Files{},
			0,
			monitPlaces{"/run/monit.pid", "/home/a/.monit.id", "/home/a/.monit.state", "/var/lib/orderly", "/run/orderly/orderly.sock"},
		},
		{
			"user",
			monitOptions{},
			model.Files{},
			7,
			monitPlaces{"/home/a/.monit.pid", "/home/a/.monit.id", "/home/a/.monit.state", "/var/lib/orderly", "/run/orderly/orderly.sock"},
		},
		{
			"the control file",
			monitOptions{},
			model.Files{PID: "/p", ID: "/i", State: "/s"},
			0,
			monitPlaces{"/p", "/i", "/s", "/s.orderly", "/p.sock"},
		},
		{
			"what is named is the default",
			monitOptions{pidfile: "/run/monit.pid"},
			model.Files{PID: "/p"},
			0,
			monitPlaces{"/run/monit.pid", "/home/a/.monit.id", "/home/a/.monit.state", "/var/lib/orderly", "/run/orderly/orderly.sock"},
		},
		{
			"a second daemon", // has a state of its own: two cannot use one
			monitOptions{pidfile: "/q"},
			model.Files{},
			0,
			monitPlaces{"/q", "/home/a/.monit.id", "/home/a/.monit.state", "/var/lib/orderly/monit-04ddae955c505d09", "/q.sock"},
		},
		{
			"options win",
			monitOptions{pidfile: "/q", statefile: "/t"},
			model.Files{PID: "/p", ID: "/i", State: "/s"},
			0,
			monitPlaces{"/q", "/i", "/t", "/t.orderly", "/q.sock"},
		},
		{
			"a path too long for a socket",
			monitOptions{pidfile: long},
			model.Files{},
			0,
			monitPlaces{
				long, "/home/a/.monit.id", "/home/a/.monit.state", "/var/lib/orderly/monit-da4e47513be5e3cb",
				"/run/orderly/monit-da4e47513be5e3cb.sock",
			},
		},
	} {
		if got := monitPlacesOf(tt.options, tt.files, tt.uid, "/home/a", at); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestFindControlFile(t *testing.T) { // C-02
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")}
	if _, err := findControlFile(files); err == nil || !strings.Contains(err.Error(), strings.Join(files, ", ")) {
		t.Errorf("got %v", err)
	}
	for _, file := range files[1:] {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := findControlFile(files); err != nil || got != files[1] {
		t.Errorf("got %s, %v", got, err)
	}
	t.Chdir(dir)
	want := "/home/a/.monitrc /etc/monitrc /etc/monit/monitrc /usr/local/etc/monitrc " + filepath.Join(dir, "monitrc")
	if got := strings.Join(monitFiles("/home/a"), " "); got != want {
		t.Errorf("looks at %s, want %s", got, want)
	}
}

func TestAdmitControlFile(t *testing.T) { // C-02
	file := filepath.Join(t.TempDir(), "monitrc")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o700, 0o400} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if err := admitControlFile(file, os.Geteuid()); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	want := "The control file '" + file + "' must be owned by you."
	if err := admitControlFile(file, os.Geteuid()+1); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	want = "The control file '" + file + "' permission 0644 is wrong, maximum 0700 allowed"
	if err := admitControlFile(file, os.Geteuid()); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestCapable(t *testing.T) { // C-14
	for _, tt := range []struct {
		term, colorterm string
		want            bool
	}{
		{"xterm-256color", "", true},
		{"screen.linux", "", true},
		{"linux", "", true},
		{"rxvt-unicode", "", true},
		{"vt100", "", true},
		{"ansi", "", true},
		{"tmux-256color", "", true},
		{"dumb", "", false},
		{"", "", false},
		{"tmux", "", false},
		{"dumb", "truecolor", true},
	} {
		env := map[string]string{"TERM": tt.term, "COLORTERM": tt.colorterm}
		if got := capable(func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("TERM=%s COLORTERM=%s: %v", tt.term, tt.colorterm, got)
		}
	}
}
