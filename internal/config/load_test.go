package config

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orderly/internal/diag"
)

var update = flag.Bool("update", false, "rewrite golden files")

// found is a list of findings in brief: "error config/mode".
func found(l diag.List) (out []string) {
	for _, d := range l {
		if d.Code != "monit/not-yet" {
			out = append(out, d.Severity.String()+" "+d.Code)
		}
	}
	return out
}

const process = "check process NAME with pidfile /run/NAME.pid\n"

func named(name string) string { return strings.ReplaceAll(process, "NAME", name) }

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	create(t, at("good"), named("a")+"include "+at("included.conf")+"\n", 0o600)
	create(t, at("included.conf"), named("b"), 0o644)
	create(t, at("open"), named("c"), 0o644)
	create(t, at("broken"), "frobnicate\n", 0o644)
	create(t, at("junk"), strings.Repeat("\x00\x01\x02\x7fELF", 200), 0o600)
	create(t, at("web.inq"), "check service web\n", 0o600)
	create(t, at("host.inq"), "check host\n  if load:5 > 10 then alert\n", 0o600)
	create(t, at("minitor.yml"), "monitors:\n", 0o600)
	create(t, at("d/2.conf"), named("two"), 0o644)
	create(t, at("d/1.conf"), named("one")+"depends on two\n", 0o644)
	create(t, at("d/.hidden"), "junk", 0o644)
	create(t, at("d/old~"), "junk", 0o644)
	create(t, at("d/sub/x"), "junk", 0o644)
	create(t, at("writable/1.conf"), named("one"), 0o666)
	if err := os.Mkdir(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(at("good"), at("link")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		paths    []string
		dialect  string
		services []string // besides the host's own
		files    int
		found    []string
	}{
		{name: "a file and what it includes", paths: []string{"good"}, services: []string{"a", "b"}, files: 2},
		{name: "a symbolic link", paths: []string{"link"}, services: []string{"a", "b"}, files: 2},
		{name: "L-mode", paths: []string{"open"}, services: []string{"c"}, files: 1, found: []string{"error config/mode"}},
		{name: "syntax errors are reported besides the mode", paths: []string{"broken"}, files: 1, found: []string{"error config/mode", "error monit/syntax"}},
		{name: "junk", paths: []string{"junk"}, files: 1, found: []string{"error config/binary"}},
		{name: "missing", paths: []string{"none"}, found: []string{"error config/open"}},
		{name: "inspeqtor", paths: []string{"web.inq"}, services: []string{"web"}, files: 1},
		{name: "minitor", paths: []string{"minitor.yml"}, files: 1, found: []string{"error minitor/monitors"}},
		{name: "forced", paths: []string{"host.inq"}, dialect: "monit", files: 1, found: []string{"error monit/syntax"}},
		{name: "unknown dialect", paths: []string{"good"}, dialect: "monitor", found: []string{"error config/dialect"}},
		{name: "a directory", paths: []string{"d"}, services: []string{"one", "two"}, files: 2},
		{name: "a directory others may write to", paths: []string{"writable"}, services: []string{"one"}, files: 1, found: []string{"error config/mode"}},
		{name: "an empty directory", paths: []string{"empty"}, found: []string{"warning config/empty"}},
		{
			name: "the same twice", paths: []string{"good", "good"}, services: []string{"a", "b"}, files: 4,
			found: []string{"error config/duplicate-name", "error config/duplicate-name"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Dialect: tt.dialect}
			for _, p := range tt.paths {
				o.Paths = append(o.Paths, at(p))
			}
			r := Read(o)
			var services []string
			for _, s := range r.Config.Services {
				if s.Kind != "system" {
					services = append(services, s.Name)
				}
			}
			if !slices.Equal(services, tt.services) || len(r.Files) != tt.files {
				t.Errorf("services %q of %d files, want %q of %d", services, len(r.Files), tt.services, tt.files)
			}
			got := found(r.Diagnostics)
			slices.Sort(got)
			if !slices.Equal(got, tt.found) {
				t.Errorf("findings %v, want %q", r.Diagnostics, tt.found)
			}
			if r.Config == nil {
				t.Error("there is no configuration at all")
			}
		})
	}
}

func TestLoadForeign(t *testing.T) { // L-owner
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	in := create(t, filepath.Join(t.TempDir(), "monitrc"), named("a"), 0o600)
	if err := os.Chown(in, 4711, 0); err != nil {
		t.Fatal(err)
	}
	if got := found(Read(Options{Paths: []string{in}}).Diagnostics); !slices.Equal(got, []string{"error config/owner"}) {
		t.Errorf("findings %q", got)
	}
}

func TestLoadBuiltin(t *testing.T) {
	t.Setenv("ORDERLY_CONFIG", "")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	if _, err := os.Stat("/etc/orderly/orderly.yaml"); err == nil {
		t.Skip("this host has a configuration")
	}
	r := Read(Options{})
	c, diags := r.Config, r.Diagnostics
	if len(diags) > 0 || c.Services[0].Kind != "system" || c.Services[0].Fingerprint() == "" {
		t.Errorf("the built-in configuration is %+v, %v", c, diags)
	}
}

func TestExplain(t *testing.T) {
	in := create(t, filepath.Join(t.TempDir(), "monitrc"), explained, 0o600)
	var b bytes.Buffer
	diags, err := Explain(&b, Options{Paths: []string{in}})
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	got := strings.ReplaceAll(b.String(), in, "monitrc")
	got = strings.ReplaceAll(got, hostname(), "HOST")
	golden := filepath.Join("testdata", "explain.txt")
	if *update {
		create(t, golden, got, 0o644)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the explanation is\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(got, "sesame") && strings.Count(got, "sesame") > strings.Count(explained, "sesame") {
		t.Error("a password is shown beside the statement it is written in")
	}
}

const explained = `set daemon 20 with start delay 60
set mailserver mx.example.net with ssl { verify: enable }
set log /tmp/orderly-explained.log
set pidfile /run/orderly.pid
set idfile /var/lib/orderly/id
set statefile /var/lib/monit/state
set httpd port 2812 address localhost signature disable unixsocket /run/orderly.http permission 0660
    allow localhost allow admin:"sesame" allow guest:sesame read-only
set mmonit https://me:sesame@mmonit.example.net:8443/collector with hostgroups [web, far]
set alert ops@example.net but not on { instance }
set alert few@example.net on { timeout, nonexist } with reminder on 5 cycles
check process web with pidfile /run/web.pid
    start program = "/bin/sh -c 'exec web'" with timeout 10 seconds
    stop program = "/bin/kill web" as uid root
    depends on conf
    group www
    mode passive
    onreboot laststate
    noalert ops@example.net
    if failed port 443 protocol https request "/" username me password "sesame" retry 2
        with ssl { verify: enable, selfsigned: allow } for 2 times within 3 cycles then restart
        else if succeeded for 2 cycles then alert
    if succeeded port 23 type udp ipv6 then stop
    if failed unixsocket /run/web.sock send "x" expect "y" then exec "/bin/true 'a b'" repeat every 3 cycles
    if cpu > 80% for 3 cycles then alert
    if memory > 100 MB then alert
    if 3 restarts within 5 cycles then timeout
check file conf with path /etc/hostname
    every 5 cycles
    if failed checksum then alert
    if content != "box" then alert
check process old matching "old.*" every "* 1 * * *"
check process older matching "older.*" not every "* 1 * * *" onreboot nostart
check network lo with interface lo
    if total download > 1 GB in last 2 hours then alert
check host peer with address 192.0.2.1
    if failed ping then alert
check program p with path "/bin/sh -c true"
    if status != 0 then alert
    if content not changed then alert
check system mybox
`
