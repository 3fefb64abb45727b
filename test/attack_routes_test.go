package test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A way is one method at one path behind one of the doors, with something in the places of what paths name.
type way struct {
	door   string // "web" is the web interface, "page" the status page's own address
	method string
	path   string
}

func (w way) String() string { return w.door + ": " + w.method + " " + w.path }

// changes tells whether the way may change something.
func (w way) changes() bool { return w.method != http.MethodGet }

// ways are all routes of all doors. They are read from the sources that register them, so that none can be forgotten.
func ways(t testing.TB) []way {
	t.Helper()
	var all []way
	add := func(door, method, path string) {
		for _, p := range filled(path) {
			all = append(all, way{door, method, p})
		}
	}
	for _, r := range patternsIn(t, "../internal/web") {
		add("web", r.method, r.path)
	}
	for _, r := range patternsIn(t, "../internal/public") {
		add("web", r.method, "/page"+r.path)
		add("page", r.method, r.path)
	}
	for _, r := range routesOfCachet(t) {
		add("web", r.method, r.path)
		add("page", r.method, r.path)
	}
	for _, path := range pathsOfClient(t) {
		add("web", http.MethodGet, path)
		add("web", http.MethodPost, path)
	}
	for _, path := range []string{"/metrics", "/ping/" + attackKey, "/nowhere"} {
		add("web", http.MethodGet, path)
		add("web", http.MethodPost, path)
	}
	slices.SortFunc(all, func(a, b way) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(all)
}

// filled puts something into the places of a pattern.
func filled(pattern string) []string {
	paths := []string{pattern}
	for place, values := range map[string][]string{
		"{name}": {url.PathEscape(markup)}, "{id}": {"1", "999"}, "{deed}": {"restart"}, "{file}": {"app.css"}, "{kind}": {"atom", "rss", "feed.json"},
		"{badge}": {"status.svg", "uptime-30d.svg"}, "{list}": {"summary.json", "incidents.json"}, "{icon}": {"ok.svg"}, "{code}": {"x"}, "{update}": {"1"}, "{$}": {""},
	} {
		var next []string
		for _, p := range paths {
			if !strings.Contains(p, place) {
				next = append(next, p)
				continue
			}
			for _, v := range values {
				next = append(next, strings.ReplaceAll(p, place, v))
			}
		}
		paths = next
	}
	return paths
}

type route struct{ method, path string }

// patternsIn reads what is registered with a mux in the sources of a package: the first argument of a call that begins with a slash, perhaps
// after a method.
func patternsIn(t testing.TB, dir string) (all []route) {
	t.Helper()
	sources(t, dir, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 || !registers(call.Fun) {
			return
		}
		text := textOf(call.Args[0])
		method, path, found := strings.Cut(text, " ")
		if !found {
			method, path = http.MethodGet, text
		}
		if strings.HasPrefix(path, "/") && path != "/" {
			all = append(all, route{method, path})
		}
	})
	if len(all) < 10 {
		t.Fatalf("in %s are %d routes only: nothing was attacked", dir, len(all))
	}
	return all
}

// registers tells whether a function that is called registers a route.
func registers(f ast.Expr) bool {
	switch f := f.(type) {
	case *ast.Ident:
		return slices.Contains([]string{"read", "update", "manage", "page", "data"}, f.Name)
	case *ast.SelectorExpr:
		return f.Sel.Name == "Handle" || f.Sel.Name == "HandleFunc"
	}
	return false
}

// textOf is what a literal says, with {kind} for what is not one.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value) // what is no text has no slash
		return text
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	case *ast.Ident:
		return "{kind}"
	}
	return ""
}

// routesOfCachet reads the tables of Cachet's API.
func routesOfCachet(t testing.TB) (all []route) {
	t.Helper()
	sources(t, "../internal/cachet", func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 3 {
			return
		}
		if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "table" {
			return
		}
		table, ok := call.Args[2].(*ast.CompositeLit)
		if !ok {
			return
		}
		for _, row := range table.Elts {
			field := map[string]string{}
			for _, pair := range row.(*ast.CompositeLit).Elts {
				field[fmt.Sprint(pair.(*ast.KeyValueExpr).Key)] = textOf(pair.(*ast.KeyValueExpr).Value)
			}
			all = append(all, route{field["method"], textOf(call.Args[1]) + field["path"]})
		}
	})
	if len(all) < 80 {
		t.Fatalf("Cachet's API has %d routes only: nothing was attacked", len(all))
	}
	return all
}

// pathsOfClient reads the paths of the local API, those of the control socket as well: elsewhere there must be nothing.
func pathsOfClient(t testing.TB) (all []string) {
	t.Helper()
	sources(t, "../internal/client", func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Path") {
			return
		}
		if text := textOf(spec.Values[0]); strings.HasPrefix(text, "/") {
			all = append(all, text)
		}
	})
	if len(all) < 10 {
		t.Fatalf("the local API has %d routes only: nothing was attacked", len(all))
	}
	return all
}

// sources visits what is in the sources of a package.
func sources(t testing.TB, dir string, visit func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is nothing in %s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}
