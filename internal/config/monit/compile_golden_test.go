package monit

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
	"orderly/internal/model"
)

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

// dump shows a configuration briefly, in an order that is its own.
func dump(c *model.Config) string {
	var b strings.Builder
	s := c.Settings
	fmt.Fprintf(&b, "settings host=%s interval=%v delay=%v\n", s.Host, s.Interval, s.StartDelay)
	if s.Limits != model.DefaultLimits() {
		fmt.Fprintf(&b, "limits %+v\n", s.Limits)
	}
	if len(s.Mail.Servers) > 0 || s.Mail.Format != (model.MailFormat{}) {
		fmt.Fprintf(&b, "mail %s\n", golden.Compact(s.Mail))
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
			fmt.Fprintf(&b, "%s %s\n", x.name, golden.Compact(x.value))
		}
	}
	for _, r := range c.Routes {
		fmt.Fprintf(&b, "route %s\n", golden.Compact(r))
	}
	for _, s := range c.Services {
		dumpService(&b, s)
	}
	return b.String()
}

func dumpService(b *strings.Builder, s *model.Service) {
	fmt.Fprintf(b, "%s %q %s", s.Kind, s.Name, golden.Compact(s.Subject))
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
			fmt.Fprintf(b, " %s=%s", x.name, golden.Compact(x.value))
		}
	}
	b.WriteByte('\n')
	for _, r := range s.Routes {
		fmt.Fprintf(b, "  route %s\n", golden.Compact(r))
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
		fmt.Fprintf(b, " %s", golden.Compact(r.Operand))
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
		fmt.Fprintf(b, "    probe %s\n", golden.Compact(r.Probe))
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
			text += " " + golden.Compact(a.Exec)
		}
		if a.Repeat > 0 {
			text += fmt.Sprintf(" repeat %d", a.Repeat)
		}
		out = append(out, text)
	}
	return strings.Join(out, ",")
}

func TestCompile(t *testing.T) {
	golden.Run(t, "testdata/compile/*.txtar", func(a *txtar.Archive) map[string]string {
		var diags diag.List
		made := Compile(diag.NewSource("in", golden.Section(a, "in")), fakeIncludes{a}, machineOf(a), &diags)
		made.Config.Seal()
		diags.Sort()
		return map[string]string{"model": dump(made.Config), "diag": golden.Findings(diags)}
	})
}
