package diag

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

const text = "set daemon 30\ncheck host web with address a\n\tif failed port 80 protocol htpp then alert\n"

func at(s *Source, needle string) Span {
	i := strings.Index(string(s.Text), needle)
	return Span{s, i, i + len(needle)}
}

func TestPrint(t *testing.T) {
	src := NewSource("web.conf", []byte(text))
	var l List
	l.Error(at(src, "htpp"), "monit/unknown-protocol", "unknown protocol %q", "htpp").Hinted("did you mean %q?\nsee the list", "http")
	l.Warn(at(src, "web"), "x/dup", "name used twice").Relate(at(src, "set"), "first used here")
	l.Error(src.Whole(), "x/mode", "may be changed by others")
	l.Error(Span{}, "x/none", "no configuration")
	l.Sort()
	var b bytes.Buffer
	if err := Print(&b, l); err != nil {
		t.Fatal(err)
	}
	want := `error: no configuration
web.conf: error: may be changed by others
web.conf:2:12: warning: name used twice
     2 | check host web with address a
       |            ^^^
web.conf:1:1: first used here
     1 | set daemon 30
       | ^^^
web.conf:3:29: error: unknown protocol "htpp"
     3 |  if failed port 80 protocol htpp then alert
       |                             ^^^^
       | hint: did you mean "http"?
       |       see the list
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPrintIsSafeAndBounded(t *testing.T) {
	long := strings.Repeat("a", 5000) + "X" + strings.Repeat("b", 5000)
	for name, src := range map[string]*Source{
		"a long line":        NewSource("f", []byte(long)),
		"terminal sequences": NewSource("f", []byte("\x1b[2J\x07X\x00")),
		"latin-1":            NewSource("f", []byte("caf\xe9 X")),
	} {
		var b bytes.Buffer
		var l List
		l.Error(at(src, "X"), "c", "s")
		if err := Print(&b, l); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		if len(b.String()) > 600 || strings.ContainsAny(b.String(), "\x1b\x07\x00") {
			t.Errorf("%s: %q", name, b.String())
		}
		shown, caret := []rune(lines[1]), strings.IndexByte(lines[2], '^')
		if shown[caret] != 'X' {
			t.Errorf("%s: the caret is not below what is meant:\n%s", name, b.String())
		}
	}
}

func TestPositions(t *testing.T) {
	src := NewSource("f", []byte("ab\r\nçd\n"))
	for _, c := range []struct{ offset, line, column int }{{0, 1, 1}, {1, 1, 2}, {4, 2, 1}, {6, 2, 2}, {8, 3, 1}, {99, 3, 1}, {-5, 1, 1}} {
		if p := src.Position(c.offset); p.Line != c.line || p.Column != c.column {
			t.Errorf("offset %d is %d:%d, want %d:%d", c.offset, p.Line, p.Column, c.line, c.column)
		}
	}
	if got := string(src.Line(1)); got != "ab" {
		t.Errorf("line 1 is %q", got)
	}
	if src.Line(0) != nil || src.Line(9) != nil {
		t.Error("lines that do not exist")
	}
	whole := Span{src, 0, 2}.To(Span{src, 4, 7})
	if whole.Text() != "ab\r\nçd" {
		t.Errorf("joined span is %q", whole.Text())
	}
	if other := (Span{src, 0, 2}).To(Span{NewSource("g", nil), 0, 0}); other.End != 2 {
		t.Error("spans of two files were joined")
	}
}

func TestBounded(t *testing.T) {
	src := NewSource("f", []byte("x"))
	var l List
	for range 50 {
		l.Error(Span{src, 0, 1}, "c", "error")
		l.Warn(Span{src, 0, 1}, "c", "warning")
	}
	b := l.Bounded(20)
	errors, warnings := b.Count()
	if errors != 21 || warnings != 21 {
		t.Errorf("%d errors and %d warnings, want 20 of each and a line for the rest", errors, warnings)
	}
	if !strings.HasPrefix(b[40].Summary, "30 more") {
		t.Errorf("last: %s", b[40])
	}
}

func TestReport(t *testing.T) {
	src := NewSource("f", []byte("abc"))
	var l List
	l.Error(Span{src, 1, 2}, "c/x", "s").Hinted("h")
	got, err := json.Marshal(l.Report())
	want := `{"diagnostics":[{"severity":"error","file":"f","line":1,"column":2,"code":"c/x","summary":"s","hint":"h"}],"errors":1,"warnings":0}`
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v)", got, err)
	}
	var back Report
	if err := json.Unmarshal(got, &back); err != nil || back.Diagnostics[0].Severity != Error {
		t.Errorf("it cannot be read back: %v", err)
	}
	var s Severity
	if s.UnmarshalText([]byte("fatal")) == nil {
		t.Error("an unknown severity was read")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"http", "https", "redis", "memory", "timeout"}
	for word, want := range map[string]string{
		"htpp": "http", "memroy": "memory", "tiemout": "timeout", "REDIS": "redis", "xyz": "", "": "", "http": "https",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
