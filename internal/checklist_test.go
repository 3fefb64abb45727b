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

// differences are the anchors of the page that tells how orderly differs from Monit.
func differences(t *testing.T) (anchors []string) {
	t.Helper()
	text, err := os.ReadFile("../docs/monit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, behind, ok := strings.Cut(string(text), "\n# Differences\n")
	if !ok {
		t.Fatal("docs/monit.md does not tell any differences")
	}
	for _, m := range headings.FindAllStringSubmatch(behind, -1) {
		anchors = append(anchors, strings.ReplaceAll(caption.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return anchors
}

// Every row is held by tests that exist, or its difference is told.
func TestChecklist(t *testing.T) {
	text, err := os.ReadFile("testdata/checklist.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, told := tests(t), differences(t)
	seen, used := map[string]bool{}, map[string]bool{}
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
				used[name] = true
				if !slices.Contains(told, name) {
					t.Errorf("%s: docs/monit.md tells no differences of %q", words[0], name)
				}
			case !known[pkg+":"+function] || isFile && !known[pkg+":/"+file]:
				t.Errorf("%s: there is no test %s", words[0], by)
			}
		}
	}
	const rows = 651
	if len(seen) != rows {
		t.Errorf("there are %d rows, not %d", len(seen), rows)
	}
	for _, anchor := range told {
		if !used[anchor] {
			t.Errorf("no row says that it differs in %q", anchor)
		}
	}
}
