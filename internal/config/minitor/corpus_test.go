package minitor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"orderly/internal/diag"
)

// corpus are real files with what three Minitors say of them, kept beside the repository.
var corpus = filepath.Join("..", "..", "..", "..", "shared", "corpus", "minitor")

// judged are the variables that were set when the files were judged.
var judged = []string{"MAILGUN_API_KEY", "AVAILABLE_NUMBER", "MY_PHONE", "ACCOUNT_SID", "AUTH_TOKEN"}

// Where the verdict is another one than that of every Minitor, and a part of the first finding or warning. What Minitor's
// manifest judges by is the last version of each kind; docs/minitor.md tells why these files fare otherwise.
var differing = map[string]string{
	"minitor-019": "not a number of seconds",                     // M-013, M-015: Python's version sleeps for ever
	"minitor-034": "only the very first Go version knew",         // M-010: version 0.1.0 takes these, and means what we do
	"minitor-035": "only the very first Go version knew",         // likewise
	"minitor-037": "only the very first Go version knew",         // likewise
	"minitor-038": "only the very first Go version knew",         // likewise
	"minitor-006": `the environment has no variable "TWILIO_API`, // refused by all: this is the reason that is wanted
}

// Pins M-001, M-003, M-054 and M-060: what any of the Minitors accepts is accepted, the rest refused with a line.
func TestCorpus(t *testing.T) {
	manifest, err := os.ReadFile(filepath.Join(corpus, "MANIFEST.tsv"))
	if err != nil {
		t.Skip("no corpus beside the repository")
	}
	box := box
	box.Variable = func(name string) (string, bool) {
		if !slices.Contains(judged, name) {
			return "", false
		}
		return "x-" + name, true
	}
	seen := 0
	for _, line := range strings.Split(strings.TrimSpace(string(manifest)), "\n")[1:] {
		row := strings.Split(line, "\t")
		if !strings.HasPrefix(row[0], "minitor/") {
			continue
		}
		seen++
		text, err := os.ReadFile(filepath.Join(corpus, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		var diags diag.List
		Compile(diag.NewSource(row[0], text), box, &diags)
		wanted := slices.Contains(row[4:8], "ok")
		id := filepath.Base(row[0])[:len("minitor-000")]
		if text, differs := differing[id]; differs {
			if id != "minitor-006" {
				wanted = !wanted
			}
			if !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool { return strings.Contains(d.Summary, text) }) {
				t.Errorf("%s: nothing says %q: %v", row[0], text, diags)
			}
		}
		if accepted := !diags.HasErrors(); accepted != wanted {
			t.Errorf("%s: accepted %v, want %v: %v", row[0], accepted, wanted, diags)
		}
		for _, d := range diags {
			if d.Severity == diag.Error && d.Span.Pos().Line == 0 && id != "minitor-019" && id != "minitor-010" {
				t.Errorf("%s: %s has no line", row[0], d.Summary)
			}
		}
	}
	if seen != 23 {
		t.Errorf("there are %d files", seen)
	}
}
