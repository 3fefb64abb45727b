package monit

import (
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
	"orderly/internal/model"
	"orderly/internal/pattern"
)

// FuzzCompile feeds anything at all. What comes out must be a model that the rest of orderly can rely on.
func FuzzCompile(f *testing.F) {
	for _, a := range golden.Archives(f, "testdata/compile/*.txtar") {
		f.Add(golden.Section(a, "in"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var diags diag.List
		made := Compile(diag.NewSource("in", text), fakeIncludes{&txtar.Archive{}}, machineOf(&txtar.Archive{}), &diags)
		made.Config.Seal()
		for _, d := range diags {
			if d.Summary == "" || d.Span.Src == nil || d.Span.Start > d.Span.End || d.Span.End > len(text) {
				t.Errorf("a finding without place or words: %+v", d)
			}
		}
		for _, s := range made.Config.Services {
			for _, r := range s.Rules {
				sound(t, r)
			}
		}
	})
}

func sound(t *testing.T, r model.Rule) {
	t.Helper()
	if r.Text == "" || len([]rune(r.Text)) > maxText || r.Topic.Bit() == 0 || r.Metric == "" || r.Op == "" || len(r.Then) == 0 || r.ID == "" {
		t.Errorf("an incomplete rule: %+v", r)
	}
	for _, rate := range []model.Rate{r.Policy.Fail, r.Policy.Pass} {
		if rate != (model.Rate{}) && (rate.Count < 1 || rate.Count > rate.Window || rate.Window > maxWindow) {
			t.Errorf("an impossible rate: %+v", rate)
		}
	}
	if p := r.Probe; p != nil && p.Kind != model.ProbeContent && p.Timeout <= 0 {
		t.Errorf("a probe without end: %+v", p)
	}
	if p := r.Probe; p != nil && p.Match != nil {
		for _, ere := range p.Match.Patterns {
			if _, err := pattern.Compile(ere); err != nil {
				t.Errorf("a pattern that cannot be used: %v", err)
			}
		}
	}
}
