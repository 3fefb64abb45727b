package layout

import (
	"html/template"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPages(t *testing.T) {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"frame.html":  `<b>{{block "main" .}}{{end}}</b>`,
		"part_x.html": `{{define "x"}}[{{shout .}}]{{end}}`,
		"one.html":    `{{define "main"}}1 {{template "x" .}}{{end}}`,
		"two.html":    `{{define "main"}}2 {{template "x" .}}{{end}}`,
		"wrong.html":  `{{define "main"}}{{nothing}}{{end}}`,
	} {
		files["pages/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	p := New(files, "pages", template.FuncMap{"shout": strings.ToUpper})
	if got := p.Names(); !slices.Equal(got, []string{"one", "two", "wrong"}) {
		t.Errorf("the pages are %v", got)
	}
	for range 2 {
		for _, c := range []struct{ page, name, want, err string }{
			{"one", "frame.html", "<b>1 [A&lt;B]</b>", ""},
			{"two", "frame.html", "<b>2 [A&lt;B]</b>", ""},
			{"two", "x", "[A&lt;B]", ""},
			{"wrong", "frame.html", "", `cannot show page "wrong": `},
			{"three", "frame.html", "", `cannot show page "three": there is none`},
			{"frame", "frame.html", "", `cannot show page "frame": there is none`},
		} {
			var out strings.Builder
			err := p.Execute(&out, c.page, c.name, "a<b")
			if out.String() != c.want || (err == nil) != (c.err == "") || err != nil && !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%s %s: %q %v", c.page, c.name, out.String(), err)
			}
		}
	}
}
