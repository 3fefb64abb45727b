package native

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestEncode(t *testing.T) {
	golden(t, "testdata/encode/*.txtar", func(a *txtar.Archive) map[string]string {
		env := machine(a)
		c, diags := fromMonit(section(a, "in").Data, env)
		if diags.HasErrors() {
			return map[string]string{"out": findings(diags)}
		}
		return map[string]string{"out": string(roundTrip(t, c, env))}
	})
}
