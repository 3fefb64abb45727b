package httpd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// TestMonitsOwnCommandLine has the real one, where it is installed, talk to us. A process of its own stands in for the daemon.
func TestMonitsOwnCommandLine(t *testing.T) { // H-15
	program, err := exec.LookPath("monit")
	if err != nil {
		t.Skip("monit is not installed")
	}
	if out, err := exec.Command(program, "-V").Output(); err != nil || !strings.Contains(string(out), "Copyright (C) 2001-") {
		t.Skip("this is another monit")
	}
	h := onSocket(t, admin)
	s, _ := onPort(t, h)
	s.services = s.services[:3]
	for way, where := range map[string]string{
		"port":   fmt.Sprintf("port %d address 127.0.0.1", h.Port),
		"socket": "unixsocket " + h.Socket.Path,
	} {
		t.Run(way, func(t *testing.T) { s.obeyMonit(t, program, where) })
	}
}

// obeyMonit has Monit's command line give commands to what its control file calls its httpd.
func (s *stage) obeyMonit(t *testing.T, program, where string) {
	dir := t.TempDir()
	control := filepath.Join(dir, "monitrc")
	text := fmt.Sprintf("set daemon 30\nset pidfile %[1]s/pid\nset idfile %[1]s/id\nset statefile %[1]s/state\n"+
		"set httpd %[2]s allow admin:monit\ncheck system web1.example.org\n"+
		"check process appd with pidfile /run/appd.pid group app\ncheck directory spool path /var/spool group app\n", dir, where)
	for name, content := range map[string]string{"monitrc": text, "pid": fmt.Sprintln(os.Getpid())} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		args           string
		stdout, stderr string
		status         int
		did            []model.Command
	}{
		{"report", "up:             1 (33.3%)\ndown:           1 (33.3%)\ninitialising:   0 (0.0%)\nunmonitored:    1 (33.3%)\ntotal:          3 services\n", "", 0, nil},
		{"report up", "1\n", "", 0, nil},
		{"report bogus", "", "Invalid report type: 'bogus'\n", 1, nil},
		{"status", monit.Plain(monit.Status(s.Instance(), s.services)), "", 0, nil},
		{"status spool", monit.Plain(monit.Status(s.Instance(), s.services[2:])), "", 0, nil},
		{"summary", monit.Plain(monit.Summary(s.Instance(), s.services, true)), "", 0, nil},
		{"summary zz", "", "Service 'zz' not found\n", 1, nil},
		{"stop appd", "", "", 0, []model.Command{{Kind: "stop", Names: []string{"appd"}}}},
		{"unmonitor spool", "", "", 0, []model.Command{{Kind: "unmonitor", Names: []string{"spool"}}}},
		{"monitor zz", "", "There is no service named \"zz\"\n", 1, nil},
		{"restart all", "", "", 0, []model.Command{{Kind: "restart", Names: []string{"web1.example.org", "appd", "spool"}}}},
		{"-g app monitor", "", "", 0, []model.Command{{Kind: "monitor", Names: []string{"appd", "spool"}}}},
	} {
		t.Run(tt.args, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), program, append([]string{"-c", control}, strings.Fields(tt.args)...)...)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); cmd.ProcessState.ExitCode() != tt.status {
				t.Errorf("exit status %d: %v", cmd.ProcessState.ExitCode(), err)
			}
			// The first run of all tells of the id that it made.
			got := stdout.String()
			if _, rest, ok := strings.Cut(got, "Stored in '"+dir+"/id'\n"); ok {
				got = rest
			}
			if got != tt.stdout || stderr.String() != tt.stderr {
				t.Errorf("got %q and %q, want %q and %q", got, stderr.String(), tt.stdout, tt.stderr)
			}
			if did := s.taken(); !reflect.DeepEqual(did, tt.did) {
				t.Errorf("did %v, want %v", did, tt.did)
			}
		})
	}
}
