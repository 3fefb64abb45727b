package inq

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// FuzzCompile feeds anything at all, as a check beside settings that are whole and as settings. What comes out must be
// a model that the rest of orderly can rely on.
func FuzzCompile(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, src := range sources(a) {
			f.Add(src.Text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		settings := "send alerts via email with smtp_server a, to_email a@b\nsend alerts to ops via null with a b\n"
		for _, set := range [][]*diag.Source{
			{diag.NewSource("x.inq", text)},
			{diag.NewSource("inspeqtor.conf", []byte(settings)), diag.NewSource("x.inq", text), diag.NewSource("y.inq", text)},
			{diag.NewSource("inspeqtor.conf", text)},
		} {
			var diags diag.List
			made := Compile(set, box, &diags)
			made.Config.Seal()
			for _, d := range diags {
				if d.Summary == "" || d.Span.Src == nil || d.Span.Start > d.Span.End || d.Span.End > len(d.Span.Src.Text) {
					t.Errorf("a finding without place or words: %+v", d)
				}
			}
			for _, s := range made.Config.Services {
				if s.Name == "" || s.Kind == model.KindUnit && s.Subject.Unit == "" {
					t.Errorf("a service without a name: %+v", s)
				}
				if diags.HasErrors() {
					continue
				}
				for _, r := range s.Rules {
					sound(t, r)
				}
			}
		}
	})
}

func sound(t *testing.T, r model.Rule) {
	t.Helper()
	if r.Text == "" || r.Topic.Bit() == 0 || r.Metric == "" || r.Op == "" || len(r.Then) == 0 || r.ID == "" ||
		r.Operand.Present() == (r.Op == model.Changed) {
		t.Errorf("an incomplete rule: %+v", r)
	}
	if rate := r.Policy.Fail; rate != (model.Rate{}) && (rate.Count < 1 || rate.Count > rate.Window || rate.Window > 64) {
		t.Errorf("an impossible rate: %+v", rate)
	}
	if p := r.Probe; p != nil && (p.Timeout <= 0 || p.Protocol == "" || p.Port == 0 && p.Path == "") {
		t.Errorf("a probe of nothing: %+v", p)
	}
}
