package native

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
)

func TestEncode(t *testing.T) {
	golden.Run(t, "testdata/encode/*.txtar", func(a *txtar.Archive) map[string]string {
		env := machine(a)
		c, diags := fromMonit(golden.Section(a, "in"), env)
		if diags.HasErrors() {
			return map[string]string{"out": findings(diags)}
		}
		return map[string]string{"out": string(roundTrip(t, c, env))}
	})
}

func TestEncodeTellsWhatIsLost(t *testing.T) {
	a := txtar.Parse([]byte("-- /patterns --\nfirst\nsecond\n"))
	c, diags := fromMonit([]byte("check file f with path /f\n if content = /patterns then alert\n if size > 1 then alert\n"), machine(a))
	if diags.HasErrors() {
		t.Fatal(findings(diags))
	}
	text, err := Encode(c, machine(&txtar.Archive{}), nil) // where the file with the patterns is gone
	if err != nil {
		t.Fatal(err)
	}
	if want := "  # Not all of this can be said here: content = /patterns\n  f:\n"; !strings.Contains(string(text), want) {
		t.Errorf("there is no comment %q in\n%s", want, text)
	}
	if want := "      - if size > 1 then alert\n"; !strings.Contains(string(text), want) {
		t.Errorf("there is no rule %q in\n%s", want, text)
	}
}
