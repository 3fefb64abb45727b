package minitor

import (
	"strings"
	"testing"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
	"orderly/internal/notice"
)

// seed adds the first file of each golden archive whose name ends like this.
func seed(f *testing.F, like string) {
	f.Helper()
	for _, a := range golden.Archives(f, "testdata/*.txtar") {
		if strings.HasSuffix(a.Files[0].Name, like) {
			f.Add(a.Files[0].Data)
		}
	}
}

// anything compiles a text. What comes out must be a model that the rest of orderly can rely on.
func anything(t *testing.T, name string, text []byte) {
	t.Helper()
	var diags diag.List
	made := Compile(diag.NewSource(name, text), box, &diags)
	made.Config.Seal()
	for _, d := range diags {
		if d.Summary == "" || d.Span.Src == nil || d.Span.Start > d.Span.End || d.Span.End > len(d.Span.Src.Text) {
			t.Errorf("a finding without place or words: %+v", d)
		}
	}
	if diags.HasErrors() {
		return
	}
	if len(made.Config.Services) == 0 {
		t.Error("nothing is checked")
	}
	names := map[string]bool{}
	for _, s := range made.Config.Services {
		key := strings.ToLower(s.Name)
		if s.Name == "" || names[key] || len(s.Subject.Program.Args) == 0 || s.Schedule.Every < minInterval || s.Subject.Program.Timeout <= 0 {
			t.Errorf("an incomplete service: %+v", s)
		}
		names[key] = true
		if rate := s.Rules[0].Policy.Fail; rate.Count != rate.Window || rate.Count < 0 {
			t.Errorf("an impossible rate: %+v", rate)
		}
		for _, r := range s.Routes {
			if r.Channel == "exec" && (len(r.Program.Args) == 0 || r.Program.Timeout <= 0) {
				t.Errorf("an incomplete route: %+v", r)
			}
		}
	}
}

func FuzzYAML(f *testing.F) {
	seed(f, ".yml")
	f.Fuzz(func(t *testing.T, text []byte) { anything(t, "config.yml", text) })
}

func FuzzHCL(f *testing.F) {
	seed(f, ".hcl")
	seed(f, ".json")
	f.Fuzz(func(t *testing.T, text []byte) {
		anything(t, "config.hcl", text)
		anything(t, "config.json", text)
	})
}

// FuzzFormat holds that what is filled into a command for the shell can end no quotes, and that templates stay templates.
func FuzzFormat(f *testing.F) {
	for _, text := range []string{
		"echo {monitor_name!r:>10} {{}} {last_output}", `"{last_output}" '{last_output}' $(a "{last_output}")`, "cat <<E\n{last_output}\nE\n",
		"{{.LastCheckOutput}} '{last_output}' {{if .IsUp}}{{end}}", "{{{{.X}}}} {{{alert_count}}}", "\\{last_output} # '\n{last_output}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, in := range []style{python, golang, golangTokens} {
			c := newCompiler(diag.NewSource("x", nil), box, &diag.List{})
			for _, sh := range []*shell{nil, {}} {
				made, err := c.template([]piece{{text: text}, {"{{ opaque {", true}, {text: "}"}}, in, sh)
				if err != nil {
					continue
				}
				if _, err := notice.Parse(made); err != nil {
					t.Errorf("%q became %q: %v", text, made, err)
				}
			}
		}
	})
}

// FuzzEnvironment holds that nothing is lost around references.
func FuzzEnvironment(f *testing.F) {
	for _, text := range []string{"a${HOST_NAME}b", "'${INTERVAL}' ${UNSET-x} ${EMPTY:-y}", `\${INTERVAL} ${file:/x}`, "cat <<'E'\n${INTERVAL}\nE"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []Dialect{Unclear, Python, Go, HCL} {
			c := newCompiler(diag.NewSource("x", nil), box, &diag.List{})
			c.made.Dialect = d
			for _, forShell := range []bool{false, true} {
				rest := text
				for _, p := range c.expand(&node{shape: scalar, text: text}, forShell) {
					if p.opaque {
						continue
					}
					i := strings.Index(rest, p.text)
					if i < 0 {
						t.Fatalf("%q is not in %q", p.text, rest)
					}
					rest = rest[i+len(p.text):]
				}
			}
		}
	})
}
