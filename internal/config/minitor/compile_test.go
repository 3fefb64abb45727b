package minitor

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// variables are the environment of an imaginary host.
var variables = map[string]string{
	"MAILGUN_API_KEY": "k-1'2", "INTERVAL": "5", "HOST_NAME": `a:\1 b`, "EMPTY": "", "CREDENTIALS_DIRECTORY": "/run/credentials/minitor",
}

// box is a small imaginary host.
var box = Env{
	Hostname: "box",
	Variable: func(name string) (string, bool) { v, is := variables[name]; return v, is },
	ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	Channels: func(r model.Route) error {
		if !strings.Contains(r.Params.Get("url"), "://") {
			return errors.New("this is no URL")
		}
		return nil
	},
}

// boxWith is that host with the files of an archive.
func boxWith(a *txtar.Archive) Env {
	env := box
	env.ReadFile = func(path string) ([]byte, error) {
		for _, f := range a.Files {
			if f.Name == path {
				return f.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
	env.PyCompat = strings.Contains(string(a.Comment), "-py-compat")
	return env
}

// dump shows a compilation briefly.
func dump(made *Compilation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %s\n", made.Dialect, made.Reason)
	fmt.Fprintf(&b, "interval=%v\n", made.Config.Settings.Interval)
	if made.Included != nil {
		fmt.Fprintf(&b, "included %s\n", made.Included)
	}
	if made.Secrets != nil {
		fmt.Fprintf(&b, "secrets %q\n", made.Secrets)
	}
	for _, m := range made.Config.Settings.Maintenance {
		fmt.Fprintf(&b, "%s\n", golden.Compact(m))
	}
	for _, s := range made.Config.Services {
		fmt.Fprintf(&b, "%s %q every %v within %v\n  %s\n", s.Kind, s.Name, s.Schedule.Every, s.Subject.Program.Timeout, golden.Compact(s.Subject.Program.Args))
		if s.Depends != nil || s.Groups != nil || s.Severity != "" {
			fmt.Fprintf(&b, "  depends=%q groups=%q severity=%q\n", s.Depends, s.Groups, s.Severity)
		}
		if s.Face != nil {
			fmt.Fprintf(&b, "  face %s\n", golden.Compact(s.Face))
		}
		if s.Subject.Retries > 0 {
			fmt.Fprintf(&b, "  retries %d\n", s.Subject.Retries)
		}
		for _, r := range s.Rules {
			fmt.Fprintf(&b, "  rule %d %q after %d\n", r.Pos.Line, r.Text, max(1, r.Policy.Fail.Count))
			if r.Mild != nil || len(r.Then) > 1 {
				fmt.Fprintf(&b, "    mild %v then %s\n", r.Mild, golden.Compact(r.Then))
			}
		}
		for _, r := range s.Routes {
			fmt.Fprintf(&b, "  %s %s of %s", r.Channel, r.Address, golden.Compact(r.Kinds))
			if r.Calls != "" {
				fmt.Fprintf(&b, " calls %q", r.Calls)
			}
			if r.Reminder != (model.Reminder{}) {
				fmt.Fprintf(&b, " again %s", golden.Compact(r.Reminder))
			}
			if r.Program != nil {
				fmt.Fprintf(&b, " within %v\n    %s", r.Program.Timeout, golden.Compact(r.Program.Args))
			}
			if r.Params != nil {
				fmt.Fprintf(&b, " %s", golden.Compact(r.Params))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Each archive is a file, the files that it includes, what it became and what was found.
func TestCompile(t *testing.T) {
	golden.Run(t, "testdata/*.txtar", func(a *txtar.Archive) map[string]string {
		var diags diag.List
		made := Compile(diag.NewSource(a.Files[0].Name, a.Files[0].Data), boxWith(a), &diags)
		made.Config.Seal()
		diags.Sort()
		if diags.HasErrors() {
			return map[string]string{"diag": golden.Findings(diags)}
		}
		return map[string]string{"model": dump(made), "diag": golden.Findings(diags)}
	})
}
