package native

import (
	"strings"
	"testing"

	"orderly/internal/diag"
)

// laughs is a text that is small until its aliases are written out.
func laughs() string {
	text := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		before := "*" + string(c-1)
		text += string(c) + ": &" + string(c) + " [" + strings.Repeat(before+", ", 9) + before + "]\n"
	}
	return text
}

func TestHostileFilesAreRefused(t *testing.T) {
	sentences := strings.Repeat("    - cpu > 1% then alert\n", 10000)
	var shared strings.Builder
	for range 100 {
		shared.WriteString("  ? s" + strings.Repeat("x", shared.Len()/20) + "\n  : {pidfile: /x, rules: *r}\n")
	}
	for name, c := range map[string]struct{ text, code string }{
		"a billion laughs":       {laughs(), "orderly/alias"},
		"a rule list everywhere": {"services:\n  first:\n    pidfile: /x\n    rules: &r\n" + sentences + shared.String(), "orderly/alias"},
		"an alias of itself":     {"services: &a {b: *a}\n", "orderly/alias"},
		"a large file":           {strings.Repeat("# nothing\n", maxSize/10+1), "orderly/size"},
		"many values":            {"services:\n" + strings.Repeat("- a\n", maxSize/4-10), "orderly/size"},
		"a long line":            {"host: " + strings.Repeat("a", maxLine), "orderly/size"},
		"deep nesting":           {strings.Repeat("[", maxLine-1), "orderly/yaml"},
		"deep lines":             {strings.Repeat(strings.Repeat("[", 1000)+"\n", 11), "orderly/yaml"},
		"no UTF-8":               {"host: caf\xe9\n", "orderly/encoding"},
		"UTF-16":                 {"\xff\xfeh\x00o\x00", "orderly/encoding"},
		"a control character":    {"host: a\x01b\n", "orderly/yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			var diags diag.List
			src := diag.NewSource("orderly.yaml", []byte(c.text))
			if Compile(src, Env{Env: benign(), Variable: noVariable}, &diags).Config == nil {
				t.Error("there is no configuration at all")
			}
			if len(diags) == 0 || diags[0].Code != c.code {
				t.Errorf("found %s, want %s", findings(diags), c.code)
			}
		})
	}
}

func TestMistakesAreReportedOnlySoOften(t *testing.T) {
	for name, text := range map[string]string{
		"keys":     strings.Repeat("? [a]\n: b\n", 1000),
		"rules":    "services:\n  a:\n    pidfile: /x\n    rules:\n" + strings.Repeat("    - nonsense\n", 1000),
		"services": "services:\n" + strings.Repeat("  a: {host: b}\n", 1000),
	} {
		var diags diag.List
		diags.Warn(diag.Span{}, "x", "of another file")
		Compile(diag.NewSource("orderly.yaml", []byte(text)), Env{Env: benign(), Variable: noVariable}, &diags)
		if len(diags) < maxFindings || len(diags) > maxFindings+2 {
			t.Errorf("%s: %d findings", name, len(diags))
		}
	}
}
