package config

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/model"
)

// inspeqtorDir makes a directory as Inspeqtor has one.
func inspeqtorDir(t *testing.T) (at func(name string) string) {
	t.Helper()
	dir := t.TempDir()
	at = func(name string) string { return filepath.Join(dir, name) }
	create(t, at("inspeqtor.conf"), "set cycle_time 20\nsend alerts via email with smtp_server localhost, to_email all@example.org\n"+
		"send alerts to ops via email with smtp_server localhost, to_email ops@example.org\n", 0o600)
	create(t, at("host.inq"), "check host\n  if load:5 > 10 then alert\n  if disk:/ > 90% then alert\n", 0o644)
	create(t, at("services.d/web.inq"), "check service web with owner ops\n  if memory:rss > 1g then alert, restart\n", 0o644)
	create(t, at("services.d/db.inq.template"), "junk", 0o644)
	create(t, at("services.d/README"), "junk", 0o644)
	create(t, at("jobs.d/jobs.inq"), "check jobs\n  backup happens every 2 hours\n", 0o644)
	return at
}

func serviceNames(c *model.Config) (names []string) {
	for _, s := range c.Services {
		names = append(names, s.Name)
	}
	return names
}

// An Inspeqtor directory may be named itself or by its inspeqtor.conf, and files of it besides.
func TestLoadInspeqtor(t *testing.T) {
	at := inspeqtorDir(t)
	all := []string{hostname(), "disk:/", "web", "backup"}
	for _, tt := range []struct {
		name     string
		paths    []string
		dialect  string
		services []string
		files    int
		found    []string
	}{
		{name: "directory", paths: []string{at("")}, services: all, files: 4},
		{name: "directory, forced", paths: []string{at("")}, dialect: "inspeqtor", services: all, files: 4},
		{name: "by its settings", paths: []string{at("inspeqtor.conf")}, services: all, files: 4},
		{name: "with a file of it", paths: []string{at("inspeqtor.conf"), at("services.d/web.inq")}, services: all, files: 5},
		{
			name: "one file", paths: []string{at("services.d/web.inq")}, services: []string{"web", hostname()}, files: 1,
			found: []string{"warning inq/unknown-route"},
		},
		{
			name: "a template, forced", paths: []string{at("services.d/db.inq.template")}, dialect: "inspeqtor", files: 1,
			services: []string{hostname()}, found: []string{"error inq/syntax"},
		},
		{
			name: "as something else", paths: []string{at("host.inq")}, dialect: "monit", files: 1, services: []string{hostname()},
			found: []string{"error config/mode", "error monit/syntax", "error monit/syntax"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Read(Options{Paths: tt.paths, Dialect: tt.dialect})
			if got := serviceNames(r.Config); !slices.Equal(got, tt.services) {
				t.Errorf("services %q, want %q", got, tt.services)
			}
			if len(r.Files) != tt.files {
				t.Errorf("files %q, want %d", r.Files, tt.files)
			}
			if got := found(r.Diagnostics); !slices.Equal(got, tt.found) {
				t.Errorf("findings %q, want %q", got, tt.found)
			}
		})
	}
}

// What is missing in the directory is said, and the rest is read.
func TestIncompleteInspeqtorDirectory(t *testing.T) {
	dir := t.TempDir()
	create(t, filepath.Join(dir, "host.inq"), "check host\n  if load:5 > 10 then alert\n", 0o644)
	create(t, filepath.Join(dir, "services.d/open.inq"), "check service open\n", 0o666)
	r := Read(Options{Paths: []string{dir}})
	if got, want := found(r.Diagnostics), []string{"warning config/missing", "error config/mode"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
}

// Beside an orderly.yaml, Inspeqtor's files keep their routes and add their services.
func TestInspeqtorBesideOthers(t *testing.T) {
	at := inspeqtorDir(t)
	create(t, at("orderly.yaml"), "host: front\nevery: 5s\nservices: {backup: {file: /a}}\n", 0o644)
	r := Read(Options{Paths: []string{at("orderly.yaml"), at("services.d/web.inq"), at("jobs.d/jobs.inq")}})
	if got, want := found(r.Diagnostics), []string{"error config/duplicate-name", "warning inq/unknown-route"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	if s := r.Config.Settings; s.Host != "front" || s.Interval.Seconds() != 5 {
		t.Errorf("settings %+v", s)
	}
}

func TestExplainInspeqtor(t *testing.T) {
	at := inspeqtorDir(t)
	var b bytes.Buffer
	if _, err := Explain(&b, Options{Paths: []string{at("inspeqtor.conf")}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"    set cycle_time 20\n", "tells        all@example.org of everything but instance\n",
		"unit web (" + at("services.d/web.inq") + ":1)\n", "    check service web with owner ops\n",
		"watches      the service that the init system knows as web\n", "tells        nobody else\n",
		"    if memory:rss > 1g then alert, restart\n", "then         alert, restart once\n",
		"    backup happens every 2 hours\n", "trouble when silence > 2h1m\n", "watches      signs of life\n",
		"watches      /\n", "    if disk:/ > 90% then alert\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the explanation lacks %q:\n%s", want, b.String())
		}
	}
}

// What orderly.yaml makes of Inspeqtor's files means the same.
func TestConvertInspeqtor(t *testing.T) {
	files, err := filepath.Glob("inq/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	converted := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var paths []string
			for _, f := range a.Files {
				if strings.Contains(f.Name, ".") {
					paths = append(paths, create(t, filepath.Join(dir, "etc", f.Name), string(f.Data), 0o600))
				}
			}
			before := Read(Options{Paths: paths})
			text, diags, err := Convert(Options{Paths: paths})
			if err != nil {
				t.Fatal(err)
			}
			if diags.HasErrors() {
				return
			}
			converted++
			again := Read(Options{Paths: []string{create(t, filepath.Join(dir, "orderly.yaml"), string(text), 0o600)}})
			if again.Diagnostics.HasErrors() || strings.Contains(string(text), "# Not all") {
				t.Fatalf("it became %v\n%s", again.Diagnostics, text)
			}
			if got, want := meaning(t, again.Config), meaning(t, before.Config); got != want {
				t.Errorf("it means\n%s\nwhat was read means\n%s", got, want)
			}
			is, was := again.Config.Settings, before.Config.Settings
			is.Source, was.Source = "", ""
			if is.Diagnosis == model.DiagnosisOff && was.Diagnosis == model.DiagnosisUnsaid { // which is the same
				is.Diagnosis = was.Diagnosis
			}
			if !reflect.DeepEqual(is, was) {
				t.Errorf("settings %+v, were %+v", is, was)
			}
			for i, r := range again.Config.Routes {
				r.Pos = before.Config.Routes[i].Pos
				if !reflect.DeepEqual(r, before.Config.Routes[i]) {
					t.Errorf("route %+v, was %+v", r, before.Config.Routes[i])
				}
			}
		})
	}
	if converted < 8 {
		t.Errorf("only %d were converted", converted)
	}
}

// meaning is all that services say, but where and whether rules were written.
func meaning(t *testing.T, c *model.Config) string {
	t.Helper()
	for _, s := range c.Services {
		for i := range s.Rules {
			s.Rules[i].Implicit = false
		}
	}
	text, err := json.MarshalIndent(c.Services, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
