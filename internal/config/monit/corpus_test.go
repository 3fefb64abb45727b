package monit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/diag"
)

// Real control files are refused where Monit refuses their syntax, and accepted where it accepts it.
func TestCorpusSyntax(t *testing.T) {
	for _, dir := range []string{"monit", "monit-edge"} {
		manifest, err := os.ReadFile(filepath.Join(corpus, dir, "MANIFEST.tsv"))
		if err != nil {
			t.Skip("no corpus beside the repository")
		}
		lines := strings.Split(strings.TrimSpace(string(manifest)), "\n")
		columns := map[string]int{}
		for i, name := range strings.Split(lines[0], "\t") {
			columns[name] = i
		}
		verdict, ok := columns["verdict5353"]
		if !ok {
			verdict = columns["verdict"]
		}
		for _, line := range lines[1:] {
			row := strings.Split(line, "\t")
			checkSyntax(t, filepath.Join(corpus, dir, row[0]), row[verdict], row[columns["message"]])
		}
	}
}

// syntaxMessages are what Monit's messages about syntax contain. Its others are about sense.
var syntaxMessages = []string{"syntax error", "unbalanced quotes", "invalid every format", "invalid mail format"}

// senseless is what this parser already refuses, though it is no matter of syntax to Monit.
var senseless = []string{"maximum number of program arguments", "statement is not allowed in the"}

func checkSyntax(t *testing.T, file, verdict, message string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return
	}
	var diags diag.List
	Parse(diag.NewSource(file, text), fakeIncludes{&txtar.Archive{}}, &diags)
	switch {
	case verdict == "syntax-error" && contains(message, syntaxMessages):
		if !diags.HasErrors() {
			t.Errorf("%s is accepted, Monit says %q", filepath.Base(file), message)
		}
	case diags.HasErrors() && !contains(message, senseless):
		t.Errorf("%s is refused, Monit's verdict is %s: %v", filepath.Base(file), verdict, diags[0])
	}
}

func contains(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
