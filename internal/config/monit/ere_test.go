package monit

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestTranslatePattern(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		match    string // something the result must match
		miss     string // something it must not match
	}{
		{"", "", "x", ""},
		{"(FATAL|PANIC)", "(FATAL|PANIC)", "a PANIC", "a panic"},
		{"^a.*z$", "^a.*z$", "a to z", "a to y"},
		{`\.tar$`, `\.tar$`, "x.tar", "xtar"},
		{`[.]tar`, `[.]tar`, "x.tar", "xtar"},
		{`[\d]`, `[\\d]`, `\`, "7"},
		{`\d+`, `d+`, "d", "7"},
		{`[]a]`, `[\]a]`, "]", "b"},
		{`[^]a]`, `[^\]a]`, "b", "]"},
		{`[[:digit:]]{2}`, `[[:digit:]]{2}`, "42", "4"},
		{`a**`, `(a*)*`, "", ""},
		{`ab{2}{2}c`, `a(b{2}){2}c`, "abbbbc", "abbc"},
		{`(a|b)*+c`, `((a|b)*)+c`, "abac", "x"},
		{`^a{,2}$`, `^a{0,2}$`, "aa", "aaa"},
		{`a{1,}`, `a{1,}`, "a", "b"},
		{`a)b`, `a\)b`, "a)b", "ab"},
		{`\w+\s\W`, `[_[:alnum:]]+[[:space:]][^_[:alnum:]]`, "a !", "a b"},
		{`\<cat\>`, `\bcat\b`, "the cat", "concat"},
		{`a||b`, `a||b`, "", ""},
		{`()`, `()`, "", ""},
		{`é+`, `é+`, "éé", "e"},
		{"\xe9+", `\x{FFFD}+`, "\xe9", "e"},
		{`a\/b\-c`, `a/b-c`, "a/b-c", "a"},
		{`\(x\)`, `\(x\)`, "(x)", "x"},
		{"^[^:]+: [0-9]{1,3}%$", "^[^:]+: [0-9]{1,3}%$", "load: 42%", "load: 4242%"},
	} {
		got, err := translatePattern(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("translatePattern(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			continue
		}
		re := regexp.MustCompile(got)
		if !re.MatchString(tt.match) {
			t.Errorf("%q became %q, which does not match %q", tt.in, got, tt.match)
		}
		if tt.miss != "" && re.MatchString(tt.miss) {
			t.Errorf("%q became %q, which matches %q", tt.in, got, tt.miss)
		}
	}
}

func TestTranslatePatternErrors(t *testing.T) {
	for in, want := range map[string]string{
		"(":           `"(" is never closed`,
		"a(b|c":       `"(" is never closed`,
		"[":           `"[" is never closed`,
		"[a":          `"[" is never closed`,
		"[]":          `"[" is never closed`,
		"[[:alpha:":   `"[" is never closed`,
		"[[:nope:]]":  "not a valid bracket",
		"[z-a]":       "not a valid bracket",
		"*a":          `nothing before "*"`,
		"a|*":         `nothing before "*"`,
		"(+a)":        `nothing before "+"`,
		"^*":          `nothing before "*"`,
		"(?:a)":       `nothing before "?"`,
		"a{":          "valid repetition",
		"a{x}":        "valid repetition",
		"a{2,1}":      "valid repetition",
		"a{99999}":    "valid repetition",
		`a\`:          "at the end",
		`(a)\1`:       "refers back",
		`(a)\2`:       "not there",
		"[a-c-e]":     "not a valid bracket",
		"a{2000}":     "cannot match it",
		"[[.hyphen.]": `"[" is never closed`,
	} {
		out, err := translatePattern(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("translatePattern(%q) = %q, %v, want an error with %q", in, out, err, want)
		}
	}
	for _, in := range []string{`(a)\1`, "a{2000}", "[[=a=]]"} {
		if _, err := translatePattern(in); !errors.Is(err, errUnsupportedPattern) {
			t.Errorf("translatePattern(%q): %v, want one that says the pattern is valid but not supported", in, err)
		}
	}
}

func FuzzTranslatePattern(f *testing.F) {
	for _, s := range []string{"(a|b)*+", `[^]\d]{1,2}`, `\<x\>`, "a{,3}**", "\xff[\xff]", "[[:alpha:][.x.]]", `\é`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if out, err := translatePattern(in); err == nil {
			regexp.MustCompile(out)
		}
	})
}
