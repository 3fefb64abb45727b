package monit

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/diag"
	"orderly/internal/model"
)

var updateCompiled = flag.Bool("update-compiled", false, "rewrite the golden files of TestCompile")

// machineOf is a small imaginary host: its files are those of an archive.
func machineOf(a *txtar.Archive) Env {
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	ids := map[string]int{"root": 0, "0": 0, "www": 33, "33": 33}
	lookup := func(who string) (int, error) {
		if id, ok := ids[who]; ok {
			return id, nil
		}
		return 0, errors.New("unknown")
	}
	euid := 0
	if strings.Contains(string(a.Comment), "D-root") {
		euid = 33
	}
	return Env{
		EUID: euid, Hostname: "box", LookupUser: lookup, LookupGroup: lookup,
		Stat: func(path string) (FileInfo, error) {
			switch {
			case path == "/dir":
				return FileInfo{Mode: fs.ModeDir | 0o755}, nil
			case path == "/group.pem":
				return FileInfo{Mode: 0o640}, nil
			case path == "/wide.pem":
				return FileInfo{Mode: 0o777}, nil
			case path == "/foreign.pem":
				return FileInfo{Mode: 0o600, UID: 33}, nil
			case files[path] != nil:
				return FileInfo{Mode: 0o600}, nil
			}
			return FileInfo{}, fs.ErrNotExist
		},
		ReadFile: func(path string) ([]byte, error) {
			if text := files[path]; text != nil {
				return text, nil
			}
			return nil, fs.ErrNotExist
		},
		Executable: func(path string) error {
			if !strings.HasPrefix(path, "/bin/") {
				return fs.ErrNotExist
			}
			return nil
		},
		Appendable: func(path string) error {
			if !strings.HasPrefix(path, "/var/log/") {
				return fs.ErrNotExist
			}
			return nil
		},
		Protocols: func(name string) bool { return name == "http" || name == "smtp" || name == "redis" },
	}
}

// fakeIncludes are the files of an archive.
type fakeIncludes struct{ *txtar.Archive }

func (x fakeIncludes) Expand(pattern string) (names []string, err error) {
	for _, f := range x.Files {
		if ok, err := filepath.Match(pattern, f.Name); ok && err == nil {
			names = append(names, f.Name)
		}
	}
	return names, nil
}

func (x fakeIncludes) Read(path string) ([]byte, error) {
	for _, f := range x.Files {
		if f.Name == path {
			return f.Data, nil
		}
	}
	return nil, fs.ErrNotExist
}

func section(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name})
	return &a.Files[len(a.Files)-1]
}

func compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// dump shows a configuration briefly, in an order that is its own.
func dump(c *model.Config) string {
	var b strings.Builder
	s := c.Settings
	fmt.Fprintf(&b, "settings host=%s interval=%v delay=%v\n", s.Host, s.Interval, s.StartDelay)
	if s.Limits != model.DefaultLimits() {
		fmt.Fprintf(&b, "limits %+v\n", s.Limits)
	}
	if len(s.Mail.Servers) > 0 || s.Mail.Format != (model.MailFormat{}) {
		fmt.Fprintf(&b, "mail %s\n", compact(s.Mail))
	}
	for _, x := range []struct {
		name  string
		value any
		shown bool
	}{
		{"log", s.Log, s.Log != model.Log{}},
		{"files", s.Files, s.Files != model.Files{}},
		{"httpd", s.HTTPD, s.HTTPD != nil},
		{"collectors", s.Collectors, s.Collectors != nil},
		{"batch", s.Batch, s.Batch},
	} {
		if x.shown {
			fmt.Fprintf(&b, "%s %s\n", x.name, compact(x.value))
		}
	}
	for _, r := range c.Routes {
		fmt.Fprintf(&b, "route %s\n", compact(r))
	}
	for _, s := range c.Services {
		dumpService(&b, s)
	}
	return b.String()
}

func dumpService(b *strings.Builder, s *model.Service) {
	fmt.Fprintf(b, "%s %q %s", s.Kind, s.Name, compact(s.Subject))
	for _, x := range []struct {
		name  string
		value any
		shown bool
	}{
		{"schedule", s.Schedule, s.Schedule != model.Schedule{}},
		{"mode", s.Mode, s.Mode != ""},
		{"onreboot", s.OnReboot, s.OnReboot != ""},
		{"depends", s.Depends, s.Depends != nil},
		{"groups", s.Groups, s.Groups != nil},
		{"ignore", s.Ignore, s.Ignore != nil},
		{"start", s.Start, s.Start != nil},
		{"stop", s.Stop, s.Stop != nil},
		{"restart", s.Restart, s.Restart != nil},
		{"reload", s.Reload, s.Reload != nil},
		{"repair", s.Repair, s.Repair != nil},
		{"limits", fmt.Sprintf("%+v", s.Limits), s.Limits != model.DefaultLimits()},
	} {
		if x.shown {
			fmt.Fprintf(b, " %s=%s", x.name, compact(x.value))
		}
	}
	b.WriteByte('\n')
	for _, r := range s.Routes {
		fmt.Fprintf(b, "  route %s\n", compact(r))
	}
	for _, l := range s.RestartLimits {
		fmt.Fprintf(b, "  limit %q %d/%d -> %s\n", l.Text, l.Restarts, l.Cycles, deeds(l.Then))
	}
	for _, r := range s.Rules {
		dumpRule(b, r)
	}
}

func dumpRule(b *strings.Builder, r model.Rule) {
	fmt.Fprintf(b, "  rule %d %q %s: %s", r.Pos.Line, r.Text, r.Topic, r.Metric)
	if r.Over > 0 {
		fmt.Fprintf(b, " over %v", r.Over)
	}
	fmt.Fprintf(b, " %s", r.Op)
	if r.Operand.Present() {
		fmt.Fprintf(b, " %s", compact(r.Operand))
	}
	if r.Policy.Fail.Window > 0 {
		fmt.Fprintf(b, " for %d/%d", r.Policy.Fail.Count, r.Policy.Fail.Window)
	}
	fmt.Fprintf(b, " -> %s", deeds(r.Then))
	if r.Else != nil {
		b.WriteString(" else ")
		if r.Policy.Pass.Window > 0 {
			fmt.Fprintf(b, "%d/%d ", r.Policy.Pass.Count, r.Policy.Pass.Window)
		}
		b.WriteString(deeds(r.Else))
	}
	if r.Implicit {
		b.WriteString(" (implied)")
	}
	b.WriteByte('\n')
	if r.Probe != nil {
		fmt.Fprintf(b, "    probe %s\n", compact(r.Probe))
	}
}

func deeds(list []model.Action) string {
	var out []string
	for _, a := range list {
		text := string(a.Kind)
		if a.On != "" {
			text += " " + a.On
		}
		if a.Once {
			text += " once"
		}
		if a.Exec != nil {
			text += " " + compact(a.Exec)
		}
		if a.Repeat > 0 {
			text += fmt.Sprintf(" repeat %d", a.Repeat)
		}
		out = append(out, text)
	}
	return strings.Join(out, ",")
}

func findings(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s [%s]\n", d, d.Code)
		if d.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", strings.ReplaceAll(d.Hint, "\n", " / "))
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  %d:%d: %s\n", r.Span.Pos().Line, r.Span.Pos().Column, r.Summary)
		}
	}
	return b.String()
}

func TestCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/compile/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var diags diag.List
			made := Compile(diag.NewSource("in", section(a, "in").Data), fakeIncludes{a}, machineOf(a), &diags)
			made.Config.Seal()
			diags.Sort()
			for _, x := range []struct{ name, got string }{{"model", dump(made.Config)}, {"diag", findings(diags)}} {
				if f := section(a, x.name); *updateCompiled {
					f.Data = []byte(x.got)
				} else if x.got != string(f.Data) {
					t.Errorf("%s is\n%s\nwant\n%s", x.name, x.got, f.Data)
				}
			}
			if *updateCompiled {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
