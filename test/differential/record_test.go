package differential

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var recording = flag.Bool("record", false, "write into the scenarios what both programs did; read it before you believe it")

// record plays a scenario with each program and writes down what they did.
func record(t *testing.T, s *scenario) {
	did := map[string]string{}
	for _, program := range programsCompared {
		for _, pace := range paces {
			got, err := attempt(t, s, program, pace, "")
			if err == nil {
				did[program] = got
				break
			}
			t.Logf("%s, with %d s between two cycles: %v", program, pace, err)
		}
	}
	if len(did) < len(programsCompared) {
		t.Fatal("not recorded")
	}
	archive, err := txtar.ParseFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool {
		return slices.Contains([]string{"want", "monit", "orderly"}, f.Name)
	})
	add := func(name, text string) {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	if did["monit"] == did["orderly"] {
		add("want", did["monit"])
	} else {
		add("monit", did["monit"])
		add("orderly", did["orderly"])
	}
	if err := os.WriteFile(s.file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
