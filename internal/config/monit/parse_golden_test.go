package monit

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
)

// Each archive has the text of a control file, the tree it is read as, and the findings. Other files of the archive
// can be included. The comment names the rows of the coverage checklist that the archive is about.
func TestParse(t *testing.T) {
	golden.Run(t, "testdata/parse/*.txtar", func(a *txtar.Archive) map[string]string {
		var diags diag.List
		tree := Parse(diag.NewSource("in", golden.Section(a, "in")), fakeIncludes{a}, &diags)
		return map[string]string{"ast": dumpFile(tree), "diag": golden.Findings(diags)}
	})
}

// dumpFile shows a tree with one line for each node: its place, its type, and what is set.
func dumpFile(f *File) string {
	var b strings.Builder
	for _, i := range f.Includes {
		dumpTree(&b, 0, "", reflect.ValueOf(i))
	}
	for _, s := range f.Stmts {
		dumpTree(&b, 0, "", reflect.ValueOf(s))
	}
	return b.String()
}

func dumpTree(b *strings.Builder, depth int, label string, v reflect.Value) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	v = reflect.Indirect(v)
	span := v.FieldByName("Span").Interface().(diag.Span)
	fmt.Fprintf(b, "%s%s%s %s", strings.Repeat("  ", depth), label, v.Type().Name(), where(span))
	var nested []func()
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		if name == "Node" || field.IsZero() {
			continue
		}
		if text, ok := scalar(field); ok {
			fmt.Fprintf(b, " %s=%s", name, text)
			continue
		}
		if field.Kind() == reflect.Slice {
			for j := range field.Len() {
				nested = append(nested, func() { dumpTree(b, depth+1, name+": ", field.Index(j)) })
			}
			continue
		}
		nested = append(nested, func() { dumpTree(b, depth+1, name+": ", field) })
	}
	b.WriteByte('\n')
	for _, n := range nested {
		n()
	}
}

// where is a span as "line:column-line:column", with the name of the file if it was included.
func where(s diag.Span) string {
	from, to := s.Pos(), s.Src.Position(s.End)
	file := ""
	if from.File != "in" {
		file = from.File + ":"
	}
	return fmt.Sprintf("%s%d:%d-%d:%d", file, from.Line, from.Column, to.Line, to.Column)
}

// scalar shows what fits into the line of its node.
func scalar(v reflect.Value) (string, bool) {
	switch x := v.Interface().(type) {
	case Word:
		return word(x), true
	case []Word:
		var parts []string
		for _, w := range x {
			parts = append(parts, word(w))
		}
		return "[" + strings.Join(parts, " ") + "]", true
	case Num:
		return fmt.Sprint(x.Value), true
	case Quantity:
		return fmt.Sprint(x.Value, unitName(x.Unit)), true
	case Rate:
		return fmt.Sprintf("%v/%v", x.Count.Value, x.Window.Value), true
	case diag.Span:
		return fmt.Sprintf("<%s>", x.Text()), true
	case []*diag.Source:
		var names []string
		for _, s := range x {
			names = append(names, s.Name)
		}
		return fmt.Sprint(names), true
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.String:
		return fmt.Sprint(v.Interface()), true
	}
	return "", false
}

func word(w Word) string {
	return fmt.Sprintf("%s%q", [...]string{Bare: "", Quoted: "q", Path: "p", Number: "n", Mail: "m"}[w.Class], w.Text)
}

func unitName(u Unit) string {
	for name, x := range units {
		if x == u {
			return name
		}
	}
	return ""
}
