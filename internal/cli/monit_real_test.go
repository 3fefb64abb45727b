package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// realMonit starts Monit itself, with a web interface, and returns its control file and the settings of that interface.
// Without a Monit the test is skipped.
func realMonit(t *testing.T) (file string, settings *model.HTTPD) {
	t.Helper()
	path, err := exec.LookPath(monitName)
	if err != nil {
		t.Skip("there is no monit")
	}
	if text, err := exec.Command(path, "-V").Output(); err != nil || strings.Contains(string(text), "orderly") {
		t.Skip("monit is not Monit's own")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings = portOf(t, l.Addr())
	dir := t.TempDir()
	file = filepath.Join(dir, "monitrc")
	text := fmt.Sprintf("set daemon 300\nset pidfile %[1]s/pid\nset idfile %[1]s/id\nset statefile %[1]s/state\n"+
		"set httpd port %[2]d and use address 127.0.0.1 allow admin:sesame\n"+
		"check directory one with path %[1]s\n group g\ncheck directory two.x with path %[1]s\n group g\n", dir, settings.Port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	daemon := exec.Command(path, "-c", file, "-I")
	daemon.Stderr = t.Output()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	return file, settings
}

// ask repeats a question until the daemon listens.
func ask(t *testing.T, r monitRemote, q client.MonitQuery) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		text, err := r.text(ctx, q)
		if err == nil {
			return monit.Plain(text)
		}
		if ctx.Err() != nil || !strings.HasPrefix(err.Error(), "Cannot connect") {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// What the command line asks for over HTTP, Monit's own daemon understands.
func TestHTTPRemoteAgainstMonit(t *testing.T) { // H-15, C-25
	_, settings := realMonit(t)
	r, err := newHTTPRemote(settings, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if text := ask(t, r, client.MonitQuery{What: "report", Type: "total"}); text != "3\n" {
		t.Errorf("got %q", text)
	}
	text := ask(t, r, client.MonitQuery{What: "status", Services: []string{"ONE"}})
	if !strings.HasPrefix(text, "Monit ") || !strings.Contains(text, "\nDirectory 'one'\n") || strings.Contains(text, "two.x") {
		t.Errorf("got %s", text)
	}
	text = ask(t, r, client.MonitQuery{What: "summary", Group: "g"})
	if !strings.Contains(text, " one ") || !strings.Contains(text, " two.x ") || strings.ContainsAny(text, "│\x1b") {
		t.Errorf("got %s", text)
	}
	for _, tt := range []struct {
		what  string
		ask   func() error
		wants string
	}{
		{"unknown service", func() error {
			return r.act(t.Context(), model.Command{Kind: model.CommandStop, Names: []string{"zz"}}, false)
		}, `There is no service named "zz"`},
		{"unknown report", func() error {
			_, err := r.text(t.Context(), client.MonitQuery{What: "report", Type: "bogus"})
			return err
		}, "Invalid report type: 'bogus'"},
		{"unknown group", func() error {
			_, err := r.text(t.Context(), client.MonitQuery{What: "status", Group: "zz"})
			return err
		}, "Service group 'zz' not found"},
		{"an expression", func() error {
			return r.act(t.Context(), model.Command{Kind: model.CommandUnmonitor, Names: []string{"two.*"}}, false)
		}, ""},
		{"exact names", func() error {
			return r.act(t.Context(), model.Command{Kind: model.CommandMonitor, Names: []string{"one", "two.x"}}, true)
		}, ""},
	} {
		if err := tt.ask(); tt.wants == "" && err != nil || tt.wants != "" && (err == nil || err.Error() != tt.wants) {
			t.Errorf("%s: got %v", tt.what, err)
		}
	}
	stranger := *settings
	stranger.Allow = nil
	if r, err = newHTTPRemote(&stranger, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	var said monitError
	if _, err := r.text(t.Context(), client.MonitQuery{What: "status"}); !errors.As(err, &said) || said == "" {
		t.Errorf("without a login: %v", err)
	}
}

// The command line does with Monit's own daemon what Monit's does.
func TestCommandLineAgainstMonit(t *testing.T) { // H-15, C-06, C-22, C-23
	file, settings := realMonit(t)
	r, err := newHTTPRemote(settings, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, r, client.MonitQuery{What: "report", Type: "total"})
	for _, tt := range []struct {
		args           string
		status         int
		stdout, stderr string // what they begin with
	}{
		{"report total", 0, "3\n", ""},
		{"status one", 0, "Monit 5.", ""},
		{"status nope", 1, "", "Service 'nope' not found\n"},
		{"-g zz summary", 1, "", "Service group 'zz' not found\n"},
		{"unmonitor tw.*", 0, "", ""},
		{"stop nope", 1, "", "There is no service named \"nope\"\n"},
		{"-g zz stop", 1, "", "Group 'zz' not found\n"},
		{"-g g monitor", 0, "", ""},
		{"restart all", 0, "", ""},
		{"", 0, "Monit daemon with PID ", ""},
		{"validate one", 1, "Monit daemon with PID ", ""},
		{"reload", 0, "Reinitializing monit daemon\n", ""},
		{"quit", 0, "Monit daemon with pid [", ""},
		{"quit", 0, "Monit daemon is not running\n", ""},
		{"summary", 1, "", "Monit: the monit daemon is not running\n"},
	} {
		p, stdout, stderr := newProgram()
		p.places.socket = filepath.Join(filepath.Dir(file), "none.sock")
		status := p.main(t.Context(), append([]string{monitName, "-c", file}, strings.Fields(tt.args)...))
		if status != tt.status || !begins(stdout.String(), tt.stdout) || !begins(stderr.String(), tt.stderr) {
			t.Errorf("monit %s: status %d, stdout %q, stderr %q", tt.args, status, stdout, stderr)
		}
	}
}

// begins tells whether text has the beginning; "" is all of it.
func begins(text, with string) bool {
	return with == "" && text == "" || with != "" && strings.HasPrefix(text, with)
}
