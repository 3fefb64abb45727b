package internal

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is the whole dependency graph: what a package may import beside the standard library. Names without a
// dot are packages of internal/, the others modules. ARCHITECTURE.md explains it.
var allowed = map[string]string{
	"diag":           "",
	"model":          "diag",
	"calendar":       "",
	"pattern":        "",
	"child":          "golang.org/x/sys",
	"config":         "diag model config/inq config/minitor config/monit config/native",
	"config/inq":     "diag model",
	"config/golden":  "diag github.com/rogpeppe/go-internal",
	"config/minitor": "diag model calendar notice go.yaml.in/yaml github.com/hashicorp/hcl github.com/zclconf/go-cty",
	"notice":         "model",
	"config/monit":   "diag model calendar pattern",
	"config/native":  "diag model calendar config/monit go.yaml.in/yaml notice",
	"host":           "model pattern golang.org/x/sys",
	"trust":          "model",
	"probe":          "model pattern trust golang.org/x/net",
	"control":        "diag model pattern child github.com/godbus/dbus",
	"rule":           "model pattern",
	"engine":         "model rule calendar diag",
	"history":        "model",
	"story":          "model",
	"status":         "model notice",
	"cachet":         "access model status",
	"store":          "model modernc.org/sqlite golang.org/x/sys",
	"alert":          "model calendar trust github.com/wneessen/go-mail notice github.com/nicholas-fedor/shoutrrr",
	"ping":           "model trust golang.org/x/net",
	"client":         "model diag story",
	"access":         "model golang.org/x/crypto",
	"api":            "client model diag story golang.org/x/sys",
	"daemon":         "access alert api cachet child client collector config control diag engine history host httpd inspeqtor logbook metrics minitor model monit ping probe public status store story web",
	"monit":          "model pattern",
	"layout":         "",
	"packing":        "",
	"asset":          "packing",
	"public":         "asset model history layout packing status",
	"web":            "asset model history layout packing status story",
	"httpd":          "model monit packing trust github.com/tg123/go-htpasswd",
	"collector":      "model monit trust",
	"logbook":        "",
	"inspeqtor":      "model golang.org/x/net",
	"minitor":        "model golang.org/x/net",
	"metrics":        "model packing github.com/prometheus/client_golang",
	"discover":       "control host model",
	"top":            "client model story charm.land/bubbletea github.com/charmbracelet/colorprofile github.com/charmbracelet/x/ansi",
	"cli":            "access alert client config config/native daemon diag discover host logbook model monit story top github.com/spf13/cobra golang.org/x/sys golang.org/x/term",
}

func TestImportsPointOneWay(t *testing.T) {
	seen, used := map[string]bool{}, map[[2]string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		may, known := allowed[pkg]
		if !known {
			if !seen[pkg] {
				t.Errorf("package %s has no row in the import table", pkg)
			}
			seen[pkg] = true
			return nil
		}
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			permit, ok := permitted(name, strings.Fields(may))
			if !ok {
				t.Errorf("%s imports %s, which its row does not allow", file, name)
			}
			used[[2]string{pkg, permit}] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg, may := range allowed {
		if !seen[pkg] {
			t.Errorf("the import table has a row for %s, which does not exist", pkg)
		}
		for permit := range strings.FieldsSeq(may) {
			if !used[[2]string{pkg, permit}] {
				t.Errorf("the row of %s allows %s, which it does not import", pkg, permit)
			}
		}
	}
}

// permitted tells whether a row allows an import, and what of it does; "" for the standard library.
func permitted(name string, row []string) (permit string, ok bool) {
	own, isOwn := strings.CutPrefix(name, "orderly/internal/")
	first, _, _ := strings.Cut(name, "/")
	if !isOwn && !strings.Contains(first, ".") {
		return "", true
	}
	i := slices.IndexFunc(row, func(permit string) bool { return permit == own || strings.HasPrefix(name, permit+"/") })
	if i < 0 {
		return "", false
	}
	return row[i], true
}

func TestNoDrawers(t *testing.T) {
	for _, name := range []string{"util", "utils", "common", "helpers", "types", "interfaces", "mocks", "pkg", "misc", "base"} {
		if found, _ := filepath.Glob("*/" + name); found != nil {
			t.Errorf("%v: a package is a noun of the domain", found)
		}
		if found, _ := filepath.Glob(name); found != nil {
			t.Errorf("%v: a package is a noun of the domain", found)
		}
	}
}
