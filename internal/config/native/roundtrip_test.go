package native

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// noIncludes is for control files that stand alone.
type noIncludes struct{}

func (noIncludes) Expand(string) ([]string, error) { return nil, nil }
func (noIncludes) Read(string) ([]byte, error)     { return nil, fs.ErrNotExist }

// benign is a machine where whatever a control file wants is there.
func benign() monit.Env {
	find := func(string) (int, error) { return 1, nil }
	there := func(string) error { return nil }
	return monit.Env{
		Hostname: "box", LookupUser: find, LookupGroup: find,
		Stat: func(path string) (monit.FileInfo, error) {
			if filepath.Ext(path) == "" {
				return monit.FileInfo{Mode: fs.ModeDir | 0o700}, nil
			}
			return monit.FileInfo{Mode: 0o600}, nil
		},
		ReadFile:   func(string) ([]byte, error) { return []byte("some\npatterns\nann:password\n"), nil },
		Executable: there, Appendable: there,
		Protocols: func(string) bool { return true },
	}
}

func fromMonit(text []byte, env monit.Env) (*model.Config, diag.List) {
	var diags diag.List
	c := monit.Compile(diag.NewSource("monitrc", text), noIncludes{}, env, &diags).Config
	c.Settings.Foreground = false // whatever runs an orderly.yaml stays there anyway
	c.Seal()
	return c, diags
}

// roundTrip writes a configuration as orderly.yaml, reads that, and compares.
func roundTrip(t *testing.T, c *model.Config, env monit.Env) (text []byte) {
	t.Helper()
	text, err := Encode(c, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.List
	again := Compile(diag.NewSource("orderly.yaml", text), here(env), &diags).Config
	again.Seal()
	if c.Settings.Diagnosis == model.DiagnosisUnsaid && again.Settings.Diagnosis == model.DiagnosisOff {
		again.Settings.Diagnosis = c.Settings.Diagnosis // which is the same
	}
	if diags.HasErrors() {
		t.Errorf("what was written is refused:\n%s%s", findings(diags), text)
		return text
	}
	if !reflect.DeepEqual(again.Settings, c.Settings) {
		t.Errorf("settings became\n%s, they were\n%s", golden.Compact(again.Settings), golden.Compact(c.Settings))
	}
	if golden.Compact(again.Routes) != golden.Compact(c.Routes) {
		t.Errorf("routes became\n%s, they were\n%s", golden.Compact(again.Routes), golden.Compact(c.Routes))
	}
	if len(again.Services) != len(c.Services) {
		t.Fatalf("there are %d services, there were %d", len(again.Services), len(c.Services))
	}
	for i, s := range c.Services {
		if got := again.Services[i]; got.Fingerprint() != s.Fingerprint() {
			t.Errorf("%s became\n%s\nit was\n%s", s.Name, golden.Compact(got), golden.Compact(s))
		}
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	for _, pattern := range []string{"testdata/compile/*.txtar", "../monit/testdata/compile/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no golden files: %v", err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				a, err := txtar.ParseFile(file)
				if err != nil {
					t.Fatal(err)
				}
				in, env := golden.Section(a, "in"), machine(a)
				var diags diag.List
				var c *model.Config
				if strings.Contains(file, "monit") {
					c, diags = fromMonit(in, env)
				} else {
					c, diags = compiled(a, in)
				}
				if !diags.HasErrors() {
					roundTrip(t, c, env)
				}
			})
		}
	}
}

func TestRoundTripCorpus(t *testing.T) {
	const corpus = "../../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the corpus is not there")
	}
	done := 0
	for _, dir := range []string{"monit", "monit-edge"} {
		err := filepath.WalkDir(filepath.Join(corpus, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil || len(text) > 1<<20 {
				return err
			}
			env := benign()
			c, diags := fromMonit(text, env)
			if diags.HasErrors() {
				return nil
			}
			done++
			t.Run(filepath.Base(file), func(t *testing.T) { roundTrip(t, c, env) })
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if t.Logf("%d files", done); done < 100 {
		t.Errorf("only %d files of the corpus were accepted", done)
	}
}

func TestHeartbeatsRoundTrip(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/compile/heartbeats.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.List
	c := Compile(diag.NewSource("orderly.yaml", golden.Section(archive, "in")), here(benign()), &diags).Config
	c.Seal()
	if diags.HasErrors() {
		t.Fatal(findings(diags))
	}
	if text := roundTrip(t, c, benign()); strings.Contains(string(text), "#") {
		t.Errorf("something cannot be said:\n%s", text)
	}
}
