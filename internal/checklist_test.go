package internal

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	headings     = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	caption      = regexp.MustCompile(`[^a-z0-9 _-]`)
	brackets     = regexp.MustCompile(`\(([A-Z]-\d\d+(?:, [A-Z]-\d\d+)*)\)`)
)

// tests finds every test of the repository as PACKAGE:FUNCTION, and every case that is a file as PACKAGE:/FILE.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, root := range []string{".", "../test"} {
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			pkg := filepath.ToSlash(filepath.Clean(filepath.Join("internal", filepath.Dir(file))))
			switch {
			case strings.HasSuffix(file, "_test.go"):
				text, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				for _, m := range testFunction.FindAllSubmatch(text, -1) {
					found[pkg+":"+string(m[1])] = true
				}
			case strings.HasSuffix(file, ".txtar"):
				pkg, _, _ = strings.Cut(pkg, "/testdata")
				found[pkg+":/"+strings.TrimSuffix(filepath.Base(file), ".txtar")] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// A checklist is the rows that orderly has to keep to, each with the tests that fail when it does not, and the page that
// tells where it does otherwise.
type checklist struct {
	file string // of testdata
	page string // of docs
	rows int
}

// told are the anchors of the headings under which the page tells how orderly differs, and the rows that it names there.
func (c checklist) told(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/" + c.page)
	if err != nil {
		t.Fatal(err)
	}
	_, behind, ok := strings.Cut(string(text), "\n# Differences\n")
	if !ok {
		t.Fatalf("docs/%s does not tell any differences", c.page)
	}
	found := map[string][]string{}
	anchor := ""
	for line := range strings.Lines(behind) {
		if m := headings.FindStringSubmatch(line); m != nil {
			anchor = strings.ReplaceAll(caption.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
			found[anchor] = nil
		}
		for _, m := range brackets.FindAllStringSubmatch(line, -1) {
			found[anchor] = append(found[anchor], strings.Split(m[1], ", ")...)
		}
	}
	return found
}

// Every row is held by tests that exist, or its difference is told.
func TestChecklist(t *testing.T) {
	known := tests(t)
	for _, c := range []checklist{
		{"checklist_monit.txt", "monit.md", 651},
		{"checklist_inspeqtor.txt", "inspeqtor.md", 32},
		{"checklist_minitor.txt", "minitor.md", 59},
		{"checklist_supervisors.txt", "units.md", 26},
		{"checklist_alerting.txt", "notify.md", 31},
		{"checklist_statuspage.txt", "cachet.md", 157},
	} {
		t.Run(c.page, func(t *testing.T) { c.hold(t, known) })
	}
}

func (c checklist) hold(t *testing.T, known map[string]bool) {
	text, err := os.ReadFile("testdata/" + c.file)
	if err != nil {
		t.Fatal(err)
	}
	told := c.told(t)
	seen, says := map[string]bool{}, map[string][]string{} // rows by anchor
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 2 || seen[words[0]] {
			t.Errorf("a row needs an id of its own and something that holds it: %q", line)
			continue
		}
		seen[words[0]] = true
		for _, by := range words[1:] {
			pkg, name, _ := strings.Cut(by, ":")
			function, file, isFile := strings.Cut(name, "/")
			switch {
			case pkg == "differs":
				says[name] = append(says[name], words[0])
				if _, ok := told[name]; !ok {
					t.Errorf("%s: docs/%s tells no differences of %q", words[0], c.page, name)
				}
			case !known[pkg+":"+function] || isFile && !known[pkg+":/"+file]:
				t.Errorf("%s: there is no test %s", words[0], by)
			}
		}
	}
	if len(seen) != c.rows {
		t.Errorf("there are %d rows, not %d", len(seen), c.rows)
	}
	for anchor, rows := range told {
		if len(says[anchor]) == 0 {
			t.Errorf("no row says that it differs in %q", anchor)
		}
		for _, row := range rows {
			if !slices.Contains(says[anchor], row) {
				t.Errorf("docs/%s: %q names %s, which does not say so", c.page, anchor, row)
			}
		}
	}
}
