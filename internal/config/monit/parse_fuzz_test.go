package monit

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
)

// corpus is where real control files lie beside a checkout, if they do.
const corpus = "../../../../shared/corpus"

// seed adds the golden files and the corpus.
func seed(f *testing.F) {
	for _, a := range golden.Archives(f, "testdata/parse/*.txtar") {
		f.Add(golden.Section(a, "in"))
	}
	for _, dir := range []string{"monit", "monit-edge"} {
		files, err := filepath.Glob(filepath.Join(corpus, dir, "*"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && len(text) < 1<<14 {
				f.Add(text)
			}
		}
	}
}

// FuzzLexer checks that tokens follow one another without going back, and come to an end.
func FuzzLexer(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var diags diag.List
		p := newParser(diag.NewSource("in", text), nil, &diags)
		end := 0
		for tok := p.lx.next(); tok.kind != tokEnd; tok = p.lx.next() {
			if tok.start < end || tok.end <= tok.start || tok.end > len(text) {
				t.Fatalf("token %d-%d follows offset %d of %d", tok.start, tok.end, end, len(text))
			}
			end = tok.end
		}
	})
}

// FuzzParse checks that every place that is reported or kept lies in the text, and that what has no error is whole.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var diags diag.List
		tree := Parse(diag.NewSource("in", text), fakeIncludes{&txtar.Archive{}}, &diags)
		if n, _ := diags.Count(); n > 2*maxErrors {
			t.Errorf("%d errors", n)
		}
		for _, d := range diags {
			inside(t, d.Span)
			if d.Summary == "" || d.Code == "" {
				t.Errorf("a finding without words: %+v", d)
			}
		}
		for _, s := range tree.Stmts {
			walk(t, reflect.ValueOf(s))
		}
		dumpFile(tree)
	})
}

func inside(t *testing.T, s diag.Span) {
	if s.Src == nil || s.Start < 0 || s.End < s.Start || s.End > len(s.Src.Text) {
		t.Errorf("a span %d-%d outside of its source", s.Start, s.End)
	}
}

// walk visits every node below v.
func walk(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(t, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(t, v.Index(i))
		}
	case reflect.Struct:
		if span, ok := v.Interface().(diag.Span); ok {
			if span != (diag.Span{}) {
				inside(t, span)
			}
			return
		}
		for i := range v.NumField() {
			walk(t, v.Field(i))
		}
	}
}
