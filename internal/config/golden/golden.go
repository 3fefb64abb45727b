// Package golden holds what is made of configuration texts against what stands beside them in archives. It is for tests.
//
// [Run] is the entry point. With -update, archives are rewritten to hold what is.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Run runs a test over the archives of a pattern. It returns sections by name; those of the archive must be the same, and
// one that is not there stands for an empty one.
func Run(t *testing.T, pattern string, run func(a *txtar.Archive) map[string]string) {
	t.Helper()
	for _, file := range files(t, pattern) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a := parsed(t, file)
			got := run(a)
			if *update {
				rewrite(t, file, a, got)
			}
			for _, name := range slices.Sorted(maps.Keys(got)) {
				if want := string(Section(a, name)); got[name] != want {
					t.Errorf("%s is\n%s\nwant\n%s", name, got[name], want)
				}
			}
		})
	}
}

// Archives are those of a pattern, for fuzzers to begin with.
func Archives(t testing.TB, pattern string) (all []*txtar.Archive) {
	t.Helper()
	for _, file := range files(t, pattern) {
		all = append(all, parsed(t, file))
	}
	return all
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files %s: %v", pattern, err)
	}
	return files
}

func parsed(t testing.TB, file string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// rewrite puts what is in the place of what was expected. New sections come last.
func rewrite(t *testing.T, file string, a *txtar.Archive, got map[string]string) {
	t.Helper()
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(got))) {
		i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == name })
		if i < 0 && got[name] != "" {
			i = len(a.Files)
			a.Files = append(a.Files, txtar.File{Name: name})
		}
		if i >= 0 {
			a.Files[i].Data = []byte(got[name])
		}
	}
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Section returns a file of an archive; nil where there is none.
func Section(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// Compact shows a value on one line.
func Compact(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// Findings shows findings with their codes, hints and places besides.
func Findings(l diag.List) string {
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
