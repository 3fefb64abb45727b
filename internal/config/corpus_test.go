package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
)

// generous is a machine on which everything that a control file names is there.
func generous() monit.Env {
	env := machine()
	env.LookupUser = func(string) (int, error) { return 1, nil }
	env.LookupGroup = env.LookupUser
	env.ReadFile = func(string) ([]byte, error) { return []byte("user:word\n"), nil }
	env.Executable = func(string) error { return nil }
	env.Appendable = env.Executable
	env.Protocols = func(string) bool { return true }
	env.Stat = func(path string) (monit.FileInfo, error) {
		if strings.HasSuffix(path, "certs") {
			return monit.FileInfo{Mode: fs.ModeDir | 0o755}, nil
		}
		return monit.FileInfo{Mode: 0o600, UID: env.EUID}, nil
	}
	return env
}

// Real control files, and the verdicts of Monit 5.35 on them: what it accepts must load, and what it refuses must not.
func TestCorpus(t *testing.T) {
	for _, set := range []string{"monit", "monit-edge"} {
		dir := filepath.Join("..", "..", "..", "shared", "corpus", set)
		manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("the corpus is not here")
		}
		if err != nil {
			t.Fatal(err)
		}
		columns := map[string]int{}
		for n, line := range strings.Split(strings.TrimSpace(string(manifest)), "\n") {
			fields := strings.Split(line, "\t")
			if n == 0 {
				for i, name := range fields {
					columns[name] = i
				}
				continue
			}
			verdict := fields[max(columns["verdict"], columns["verdict5353"])]
			if setup, ok := columns["setup"]; ok && fields[setup] != "-" {
				continue // about modes and other files
			}
			t.Run(fields[0], func(t *testing.T) {
				if got := verdictOn(t, filepath.Join(dir, fields[0])); got != accepts(verdict) {
					t.Errorf("accepted: %v, although Monit says %s", got, line)
				}
			})
		}
	}
}

func accepts(verdict string) bool { return verdict != "syntax-error" }

func verdictOn(t *testing.T, path string) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l := &loader{env: generous(), reading: &Reading{}}
	p := compileMonit(diag.NewSource(path, text), l)
	c, _ := join([]*part{p}, &l.reading.Diagnostics)
	c.Seal()
	return !l.reading.Diagnostics.HasErrors()
}
