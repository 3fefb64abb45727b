package native

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// machine is a small imaginary host: its files are those of an archive.
func machine(a *txtar.Archive) monit.Env {
	read := func(path string) ([]byte, error) {
		for _, f := range a.Files {
			if f.Name == path {
				return f.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
	ids := map[string]int{"root": 0, "0": 0, "www": 33, "33": 33}
	lookup := func(who string) (int, error) {
		if id, ok := ids[who]; ok {
			return id, nil
		}
		return 0, errors.New("unknown")
	}
	under := func(dir string) func(string) error {
		return func(path string) error {
			if !strings.HasPrefix(path, dir) {
				return fs.ErrNotExist
			}
			return nil
		}
	}
	return monit.Env{
		Hostname: "box", LookupUser: lookup, LookupGroup: lookup, ReadFile: read,
		Stat: func(path string) (monit.FileInfo, error) {
			if path == "/dir" {
				return monit.FileInfo{Mode: fs.ModeDir | 0o755}, nil
			}
			_, err := read(path)
			return monit.FileInfo{Mode: 0o600}, err
		},
		Executable: under("/bin/"), Appendable: under("/var/log/"),
		Protocols: func(string) bool { return true },
	}
}

// here is a machine whose environment has one secret.
func here(env monit.Env) Env {
	return Env{
		Env:      env,
		Variable: func(name string) (string, bool) { return "from-the-environment", name == "TOKEN" },
		Channels: func(r model.Route) error {
			if strings.HasPrefix(r.Params.Get("url"), "bad:") {
				return errors.New("no service is called \"bad\"")
			}
			return nil
		},
	}
}

func noVariable(string) (string, bool) { return "", false }

func dump(c *model.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "settings %s\n", golden.Compact(c.Settings))
	for _, r := range c.Routes {
		fmt.Fprintf(&b, "route %d:%d %s\n", r.Pos.Line, r.Pos.Column, golden.Compact(r))
	}
	for _, s := range c.Services {
		brief := *s
		brief.Rules, brief.RestartLimits, brief.Routes = nil, nil, nil
		fmt.Fprintf(&b, "service %d:%d %s\n", s.Pos.Line, s.Pos.Column, golden.Compact(brief))
		for _, r := range s.Routes {
			fmt.Fprintf(&b, "  route %d:%d %s\n", r.Pos.Line, r.Pos.Column, golden.Compact(r))
		}
		for _, l := range s.RestartLimits {
			fmt.Fprintf(&b, "  limit %d:%d %s\n", l.Pos.Line, l.Pos.Column, golden.Compact(l))
		}
		for _, r := range s.Rules {
			fmt.Fprintf(&b, "  rule %d:%d %s\n", r.Pos.Line, r.Pos.Column, golden.Compact(r))
		}
	}
	return b.String()
}

func findings(l diag.List) string {
	var b bytes.Buffer
	for _, d := range l {
		fmt.Fprintf(&b, "[%s] ", d.Code)
		if err := diag.Print(&b, diag.List{d}); err != nil {
			return err.Error()
		}
	}
	return b.String()
}

func compiled(a *txtar.Archive, text []byte) (*model.Config, diag.List) {
	var diags diag.List
	made := Compile(diag.NewSource("orderly.yaml", text), here(machine(a)), &diags)
	made.Config.Seal()
	diags.Sort()
	return made.Config, diags
}

func TestCompile(t *testing.T) {
	golden.Run(t, "testdata/compile/*.txtar", func(a *txtar.Archive) map[string]string {
		c, diags := compiled(a, golden.Section(a, "in"))
		out := map[string]string{"diag": findings(diags)}
		if !diags.HasErrors() {
			out["model"] = dump(c)
		}
		return out
	})
}

func TestExampleCompiles(t *testing.T) {
	text, err := os.ReadFile("../../../docs/orderly.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env := benign()
	var diags diag.List
	c := Compile(diag.NewSource("orderly.example.yaml", text), here(env), &diags).Config
	if len(diags) > 0 {
		t.Fatal(findings(diags))
	}
	c.Seal()
	roundTrip(t, c, env)
	for _, key := range keys(serviceFields) {
		if !bytes.Contains(text, []byte(key)) {
			t.Errorf("the example does not have the key %q", key)
		}
	}
}
