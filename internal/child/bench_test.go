package child

import (
	"bytes"
	"os/exec"
	"testing"
)

func BenchmarkRun(b *testing.B) {
	spec := Spec{Args: []string{"/bin/true"}, Keep: 512, DieWithParent: true}
	for b.Loop() {
		if _, err := Run(b.Context(), spec); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOSExec is what the standard library takes for the same.
func BenchmarkOSExec(b *testing.B) {
	for b.Loop() {
		var stdout, stderr bytes.Buffer
		cmd := exec.CommandContext(b.Context(), "/bin/true")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
