package native

import (
	"os"
	"testing"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
)

// FuzzDecode feeds any text to the decoder. Findings must lie within the text, and what is accepted must survive
// being written and read again.
func FuzzDecode(f *testing.F) {
	for _, a := range golden.Archives(f, "testdata/compile/*.txtar") {
		f.Add(golden.Section(a, "in"))
	}
	example, err := os.ReadFile("../../../docs/orderly.example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<14 {
			return
		}
		env := benign()
		var diags diag.List
		src := diag.NewSource("orderly.yaml", text)
		c := Compile(src, Env{Env: env, Variable: noVariable}, &diags).Config
		c.Seal()
		for _, d := range diags {
			if sp := d.Span; sp.Src != src || sp.Start > len(text) || sp.End > len(text) || sp.Start > sp.End {
				t.Fatalf("%s is at %d to %d of %d", d.Summary, sp.Start, sp.End, len(text))
			}
		}
		if !diags.HasErrors() {
			roundTrip(t, c, env)
		}
	})
}
