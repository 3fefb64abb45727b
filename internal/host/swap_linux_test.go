package host

import (
	"os"
	"path/filepath"
	"testing"

	"orderly/internal/model"
)

// Pins I-12: where there is no swap space, none of it is used.
func TestNoSwap(t *testing.T) {
	r := record(t)
	text := "MemTotal: 4000000 kB\nMemFree: 2000000 kB\nMemAvailable: 3000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
	if err := os.WriteFile(filepath.Join(r.dir, "proc/meminfo"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got := r.measure(&model.Service{Name: "box", Kind: model.KindSystem, Rules: rules(model.SwapPercent, model.Swap)})
	compare(t, got, map[model.Metric]float64{model.SwapPercent: 0, model.Swap: 0})
}
