package public

import (
	"errors"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
)

// A copy leads nowhere outside of itself, and to nothing that is not there (P-237).
func TestExport(t *testing.T) {
	w := shop(t)
	files := map[string]string{}
	last := ""
	err := w.site.Export(t.Context(), func(name string, text []byte) error {
		if _, twice := files[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		files[name], last = string(text), name
		return nil
	})
	if err != nil || last != "index.html" {
		t.Fatalf("the last file is %s: %v", last, err)
	}
	for name := range files {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if _, both := files[dir]; both {
				t.Errorf("%s is a file and a directory", dir)
			}
		}
	}
	links := regexp.MustCompile(`(?:href|src)="([^"#]+)`)
	for name, text := range files {
		if strings.Contains(text, "Backoffice") || strings.Contains(text, "unit-of-") {
			t.Errorf("%s tells what is not for everybody", name)
		}
		if path.Ext(name) != ".html" {
			continue
		}
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			to, err := url.Parse(m[1])
			if err != nil || to.IsAbs() {
				continue
			}
			if at := path.Join(path.Dir(name), to.Path); files[at] == "" && at != "own.css" {
				t.Errorf("%s leads to %s, which is not there", name, m[1])
			}
		}
		if strings.Contains(text, "<form") {
			t.Errorf("%s has a form, which nobody answers to", name)
		}
	}
	for _, name := range []string{"incidents/2.html", "component/1.html", "atom.xml", "atom/1.xml", "component/1/rss.xml", "summary.json", "badge/1/uptime.svg", "calendar.ics"} {
		if files[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	full := errors.New("the disk is full")
	if err := w.site.Export(t.Context(), func(string, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("a copy that cannot be written: %v", err)
	}
}
