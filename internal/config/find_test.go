package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	home := t.TempDir()
	ours := filepath.Join(home, ".config", "orderly", "orderly.yaml")
	if err := os.MkdirAll(filepath.Dir(ours), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ours, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		euid int
		env  map[string]string
		want []string
	}{
		{"named", 0, map[string]string{"ORDERLY_CONFIG": "/nowhere/x"}, []string{"/nowhere/x"}},
		{"home", 1000, map[string]string{"HOME": home}, []string{ours}},
		{"xdg", 1000, map[string]string{"HOME": "/nowhere", "XDG_CONFIG_HOME": filepath.Join(home, ".config")}, []string{ours}},
		{"none", 1000, map[string]string{"HOME": t.TempDir()}, nil},
	} {
		got := find(tt.euid, func(name string) string { return tt.env[name] })
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct{ path, text, want string }{
		{"/etc/monit/monitrc", "set daemon 30\n", "monit"},
		{"web.conf", "check process web with pidfile /run/web.pid\n", "monit"},
		{"services:", "services:\n", "monit"},
		{"services.d/web.inq", "check service web\n", "inspeqtor"},
		{"/etc/inspeqtor/inspeqtor.conf", "set cycle_time 15\n", "inspeqtor"},
		{"service.inq.template", "check service web\n", "inspeqtor"},
		{"inspeqtor.conf.bak", "# mine\nsend alerts\n  via email with to_email a@example.org\n", "inspeqtor"},
		{"old.conf", "  set  cycle_time 15\n", "inspeqtor"},
		{"cron", "check jobs\n  backup happens every day\n", "inspeqtor"},
		{"monitrc", "# set cycle_time 15\ncheck host jobs with address x\n", "monit"},
		{"orderly.yaml", "services:\n  a:\n    send alerts to: x\n", "orderly"},
		{"config.yml", "check_interval: 30\nmonitors:\n  - name: x\n", "minitor"},
		{"config", "\"monitors\": []\n", "minitor"},
		{"config.hcl", "", "minitor"},
		{"minitor.conf", "check_interval = \"5s\"\nmonitor \"web\" {\n}\n", "minitor"},
		{"orderly.yaml", "services:\n", "orderly"},
		{"orderly.yaml", "monitors:\n", "orderly"},
		{"other.yaml", "services:\n  monitors:\n", "orderly"},
	} {
		if got := detect(tt.path, []byte(tt.text)).name; got != tt.want {
			t.Errorf("%s is taken for %s, want %s", tt.path, got, tt.want)
		}
	}
}
