package minitor

import (
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

var update = flag.Bool("update", false, "rewrite the golden files of TestCompile")

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

func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
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
		fmt.Fprintf(&b, "%s\n", compact(m))
	}
	for _, s := range made.Config.Services {
		fmt.Fprintf(&b, "%s %q every %v within %v\n  %s\n", s.Kind, s.Name, s.Schedule.Every, s.Subject.Program.Timeout, compact(s.Subject.Program.Args))
		if s.Depends != nil || s.Groups != nil || s.Severity != "" {
			fmt.Fprintf(&b, "  depends=%q groups=%q severity=%q\n", s.Depends, s.Groups, s.Severity)
		}
		if s.Face != nil {
			fmt.Fprintf(&b, "  face %s\n", compact(s.Face))
		}
		if s.Subject.Retries > 0 {
			fmt.Fprintf(&b, "  retries %d\n", s.Subject.Retries)
		}
		for _, r := range s.Rules {
			fmt.Fprintf(&b, "  rule %d %q after %d\n", r.Pos.Line, r.Text, max(1, r.Policy.Fail.Count))
			if r.Mild != nil || len(r.Then) > 1 {
				fmt.Fprintf(&b, "    mild %v then %s\n", r.Mild, compact(r.Then))
			}
		}
		for _, r := range s.Routes {
			fmt.Fprintf(&b, "  %s %s of %s", r.Channel, r.Address, compact(r.Kinds))
			if r.Calls != "" {
				fmt.Fprintf(&b, " calls %q", r.Calls)
			}
			if r.Reminder != (model.Reminder{}) {
				fmt.Fprintf(&b, " again %s", compact(r.Reminder))
			}
			if r.Program != nil {
				fmt.Fprintf(&b, " within %v\n    %s", r.Program.Timeout, compact(r.Program.Args))
			}
			if r.Params != nil {
				fmt.Fprintf(&b, " %s", compact(r.Params))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func findings(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s [%s]\n", d, d.Code)
		if d.Hint != "" {
			fmt.Fprintf(&b, "  hint: %s\n", d.Hint)
		}
	}
	return b.String()
}

// Each archive is a file, the files that it includes, what it became and what was found.
func TestCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
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
			made := Compile(diag.NewSource(a.Files[0].Name, a.Files[0].Data), boxWith(a), &diags)
			made.Config.Seal()
			diags.Sort()
			got := map[string]string{"model": dump(made), "diag": findings(diags)}
			if diags.HasErrors() {
				delete(got, "model")
			}
			if *update {
				rewrite(t, file, a, got)
				return
			}
			for name, text := range got {
				if want := section(a, name); text != want {
					t.Errorf("%s is\n%s\nwant\n%s", name, text, want)
				}
			}
		})
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// rewrite replaces what is expected by what was found.
func rewrite(t *testing.T, file string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	var kept []txtar.File
	for _, f := range a.Files {
		if f.Name != "model" && f.Name != "diag" {
			kept = append(kept, f)
		}
	}
	for _, name := range []string{"model", "diag"} {
		if text, is := got[name]; is {
			kept = append(kept, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	a.Files = kept
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
