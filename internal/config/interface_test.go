package config

import (
	"path/filepath"
	"slices"
	"testing"

	"orderly/internal/model"
)

func TestInterfacesOfLaterFiles(t *testing.T) {
	dir := t.TempDir()
	first := create(t, filepath.Join(dir, "1"), `set log `+filepath.Join(dir, "log")+`
set pidfile /run/first.pid
set idfile /run/first.id
set httpd port 2812 allow localhost
set mmonit http://first.example.net/
set terminal batch
`, 0o600)
	second := create(t, filepath.Join(dir, "2.yaml"), `log: {syslog: local1}
pidfile: /run/second.pid
httpd: {port: 2813, allow: [{user: admin, password: sesame}]}
collectors: [http://second.example.net/]
`, 0o600)
	r := Read(Options{Paths: []string{first, second}})
	if len(r.Diagnostics) > 0 {
		t.Error(r.Diagnostics)
	}
	s := r.Config.Settings
	want := model.Files{PID: "/run/second.pid", ID: "/run/first.id"}
	if s.Log != (model.Log{Facility: "local1"}) || s.Files != want || !s.Batch {
		t.Errorf("log %+v, files %+v, batch %v", s.Log, s.Files, s.Batch)
	}
	if s.HTTPD == nil || s.HTTPD.Port != 2813 || len(s.HTTPD.Allow) != 1 {
		t.Errorf("the web interface is %+v", s.HTTPD)
	}
	if len(s.Collectors) != 1 || s.Collectors[0].Host != "second.example.net" {
		t.Errorf("collectors are %+v", s.Collectors)
	}
	if s.Source != first {
		t.Errorf("the source is %q, want %q", s.Source, first)
	}
}

func TestUnmanageable(t *testing.T) { // D-W-mmonit
	dir := t.TempDir()
	users := create(t, filepath.Join(dir, "users"), "me:sesame\n", 0o600)
	const told, silent = "set mmonit http://a.example.net/\n", "set mmonit http://a.example.net/ register without credentials\n"
	for _, tt := range []struct {
		name, text string
		managed    bool
	}{
		{"no web interface", told, false},
		{"nor is one wanted", silent, false},
		{"a unix socket", told + "set httpd unixsocket /run/x allow me:sesame", false},
		{"hosts only", told + "set httpd port 2812 allow localhost", false},
		{"to look only", told + "set httpd port 2812 allow me:sesame read-only", false},
		{"digests", told + "set httpd port 2812 allow md5 " + users, false},
		{"hosts only, no login wanted", silent + "set httpd port 2812 allow localhost", true},
		{"a login", told + "set httpd port 2812 allow localhost allow me:sesame", true},
		{"a login of a file", told + "set httpd port 2812 allow " + users, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := create(t, filepath.Join(dir, "monitrc"), tt.text+"\n", 0o600)
			r := Read(Options{Paths: []string{in}})
			if got := !slices.Contains(found(r.Diagnostics), "warning monit/unmanageable"); got != tt.managed {
				t.Errorf("managed: %v, want %v; findings %v", got, tt.managed, r.Diagnostics)
			}
		})
	}
}
