package monit

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"orderly/internal/diag"
)

// Mistakes beyond the limit are not reported, and what is reported is each on a line of its own.
func TestParseManyErrors(t *testing.T) {
	var diags diag.List
	Parse(diag.NewSource("in", []byte(strings.Repeat("set nonsense\n", 100))), nil, &diags)
	if n, _ := diags.Count(); n != maxErrors {
		t.Errorf("%d errors are reported, want %d", n, maxErrors)
	}
	seen := map[int]bool{}
	for _, d := range diags {
		line := d.Span.Pos().Line
		if seen[line] {
			t.Errorf("line %d is reported twice", line)
		}
		seen[line] = true
	}
}

// One token may be as long as it likes; messages may not.
func TestParseLongTokens(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, text := range []string{
		long, "# " + long, `"` + long + `"`, `"` + long, "set daemon " + long, "set idfile /" + long,
		"check file " + long + " path /f", "set daemon " + strings.Repeat("9", 1<<20), "set mmonit http://" + long + "/",
		"set mail-format { message: " + long + "}", strings.Repeat("{", 1<<20), strings.Repeat(`"`, 1<<20),
		strings.Repeat("set ", 1<<18), strings.Repeat("if x ", 1<<18), strings.Repeat(":", 1<<20), strings.Repeat("a:", 1<<19),
		"check process p pidfile /p\n" + strings.Repeat("every '\n", 1<<17), strings.Repeat("a@", 1<<19),
		"check host h address x if failed port 1 protocol http http headers [" + strings.Repeat("a:b,", 1<<18),
	} {
		var diags diag.List
		Parse(diag.NewSource("in", []byte(text)), nil, &diags)
		for _, d := range diags {
			if len(d.Summary) > 300 || len(d.Hint) > 500 {
				t.Errorf("a finding on %.20q is %d bytes long", text, len(d.Summary)+len(d.Hint))
			}
		}
	}
}

// files are an includer in memory. A file that is nil cannot be read.
type files map[string][]byte

func (f files) Expand(pattern string) ([]string, error) {
	if strings.HasPrefix(pattern, "/missing/") {
		return nil, errors.New("no such directory")
	}
	return strings.Split(pattern, ":"), nil
}

func (f files) Read(name string) ([]byte, error) {
	if f[name] == nil {
		return nil, iotest.ErrTimeout
	}
	return f[name], nil
}

func TestInclude(t *testing.T) {
	deep := files{}
	for i := range 2000 {
		deep[fmt.Sprint("f", i)] = fmt.Appendf(nil, "include f%d", i+1)
	}
	bomb := files{"f100": []byte("# the end")}
	for i := range 100 {
		bomb[fmt.Sprint("f", i)] = fmt.Appendf(nil, "include f%d:f%d # %d", i+1, i+1, i)
	}
	tests := []struct {
		row     string
		text    string
		inc     Includer
		code    string
		summary string
		severe  bool
	}{
		{"L-include-none", "include /missing/x", files{}, "monit/include", "no such directory", false},
		{"D-include", "include x", files{}, "monit/include", `cannot include "x": timeout`, true},
		{"D-include", "include f0", deep, "monit/include", "nested", true},
		{"D-include", "include f0", bomb, "monit/include", "too many files", true},
		{"L-include-loop", "include in", files{"in": []byte("include in")}, "monit/include-loop", "in includes itself", false},
		{"L-include-loop", "include other", files{"other": []byte("include other")}, "monit/include-loop", "other includes itself", false},
		{"D-include", "include x", nil, "monit/include", "cannot be used here", true},
	}
	for _, test := range tests {
		var diags diag.List
		Parse(diag.NewSource("in", []byte(test.text)), test.inc, &diags)
		if len(diags) == 0 {
			t.Errorf("%s: %q gives no finding", test.row, test.text)
			continue
		}
		d := diags[0]
		if d.Code != test.code || !strings.Contains(d.Summary, test.summary) || diags.HasErrors() != test.severe {
			t.Errorf("%s: %q gives %v [%s], want %s %q", test.row, test.text, d, d.Code, test.code, test.summary)
		}
	}
}

// A file that is included through another name of itself is recognised by its text.
func TestIncludeSelfByOtherName(t *testing.T) {
	text := []byte("set init\ninclude other")
	var diags diag.List
	f := Parse(diag.NewSource("in", text), files{"other": bytes.Clone(text)}, &diags)
	if diags.HasErrors() || len(diags) != 1 || diags[0].Code != "monit/include-loop" || len(f.Stmts) != 1 {
		t.Errorf("%d statements and findings %v", len(f.Stmts), diags)
	}
}

// Files that wait for their turn are not nested, so neither their number nor their text matters to an include.
func TestIncludeSiblings(t *testing.T) {
	all, names := files{"other": []byte("set init")}, []string{}
	for i := range 2 * maxNesting {
		name := fmt.Sprint("f", i)
		all[name] = []byte("set init")
		names = append(names, name)
	}
	all["f0"] = []byte("include other set init")
	var diags diag.List
	f := Parse(diag.NewSource("in", []byte("include "+strings.Join(names, ":"))), all, &diags)
	if want := 2*maxNesting + 1; len(diags) != 0 || len(f.Stmts) != want {
		t.Errorf("%d statements, want %d; findings %v", len(f.Stmts), want, diags)
	}
}

func TestParseURL(t *testing.T) {
	tests := []struct {
		text    string
		want    URL
		problem string
	}{
		{text: "http://a", want: URL{Scheme: "http", Host: "a", Port: 80, Request: "/"}},
		{text: "HTTPS://a.b-c:8443/d e", want: URL{Scheme: "https", Host: "a.b-c", Port: 8443, Request: "/d%20e"}},
		{text: "http://u:p@a?q=ü", want: URL{Scheme: "http", User: "u", Password: "p", Host: "a", Port: 80, Request: "/?q=%C3%BC"}},
		{text: "http://u:%zz@a:99999999999999999999", want: URL{Scheme: "http", User: "u", Password: "%zz", Host: "a", Port: math.MaxInt32, Request: "/"}},
		{text: "http://u:a%40b:c@a/%zz#f", want: URL{Scheme: "http", User: "u", Password: "a%40b:c", Host: "a", Port: 80, Request: "/%zz"}},
		{text: "http://[::1]:1/", want: URL{Scheme: "http", Host: "::1", Port: 1, Request: "/"}},
		{text: "ftp://a", problem: "unknown scheme"},
		{text: "http://", problem: "no valid host"},
		{text: "http:///x", problem: "no valid host"},
		{text: "http://[x]/", problem: "no valid host"},
		{text: "http://[::1/", problem: "no valid host"},
		{text: "http://u@a/", problem: "'@' cannot stand behind the host"},
		{text: "http://a_b/", problem: "'_' cannot stand behind the host"},
		{text: "http://a:/", problem: "':' cannot stand behind the host"},
		{text: "http://a:8x", problem: "'x' cannot stand behind the host"},
	}
	for _, test := range tests {
		u, problem := parseURL(test.text)
		if problem != test.problem || problem == "" && *u != test.want {
			t.Errorf("parseURL(%q) = %+v, %q; want %+v, %q", test.text, u, problem, test.want, test.problem)
		}
	}
}

// The spans of a tree lie in their sources, and the words of a test are what stands between if and then.
func TestTestText(t *testing.T) {
	tests := map[string]string{
		"if does not exist then alert":                    "does not exist",
		"if (the size > 5 MB), then alert":                "the size > 5 MB",
		"if size > 5 # big\n then alert":                  "size > 5",
		"if # why\n size > 5 for 2 cycles then alert":     "size > 5 for 2 cycles",
		"if failed permission 644 for 2 cycles then stop": "failed permission 644 for 2 cycles",
		"if size > 5 kilobytes rate then stop":            "size > 5 kilobytes rate",
		"if\tsize\n\t> 5\n\tthen alert":                   "size\n\t> 5",
	}
	for text, want := range tests {
		var diags diag.List
		f := Parse(diag.NewSource("in", []byte("check file f path /f "+text)), nil, &diags)
		if diags.HasErrors() {
			t.Errorf("%q: %v", text, diags)
			continue
		}
		if got := f.Stmts[0].(*Check).Options[0].(*Test).Text.Text(); got != want {
			t.Errorf("the text of %q is %q, want %q", text, got, want)
		}
	}
}

// fleet is the text of many services, as large installations have.
func fleet(services int) []byte {
	var b bytes.Buffer
	for i := range services {
		fmt.Fprintf(&b, `check process app%d with pidfile /run/app%d.pid
  start program = "/usr/bin/systemctl start app%d" with timeout 20 seconds
  stop program = "/usr/bin/systemctl stop app%d"
  if failed host 127.0.0.1 port %d protocol http request "/health" for 2 cycles then restart
  if total memory > 512 MB for 5 cycles then alert
  if 5 restarts within 10 cycles then unmonitor
  group fleet # number %d
`, i, i, i, i, 1024+i, i)
	}
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	text := fleet(5000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var diags diag.List
		if f := Parse(diag.NewSource("in", text), nil, &diags); len(f.Stmts) != 5000 {
			b.Fatalf("%d statements, %v", len(f.Stmts), diags)
		}
	}
}

func BenchmarkLexer(b *testing.B) {
	text := fleet(5000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var diags diag.List
		p := newParser(diag.NewSource("in", text), nil, &diags)
		for p.lx.next().kind != tokEnd {
		}
	}
}
