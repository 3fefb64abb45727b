package host

import (
	"strings"
	"testing"
)

func TestCompilePattern(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{``, ``, true},
		{`error`, `an error here`, true},
		{`^error`, `an error here`, false},
		{`a.b`, "a\nb", true},
		{`a|b`, `b`, true},
		{`a||b`, `x`, true},
		{`(|a)`, `x`, true},
		{`()`, `x`, true},
		{`a**`, `b`, true},
		{`^a+?$`, ``, true},
		{`^a+?$`, `aa`, true},
		{`^(ab)+?$`, ``, true},
		{`^x{1}{2}$`, `xx`, true},
		{`^a{,2}$`, `aa`, true},
		{`^a{,2}$`, `aaa`, false},
		{`^a{2,}$`, `aaa`, true},
		{`a{0}b`, `b`, true},
		{`a)`, `a)`, true},
		{`}`, `}`, true},
		{`\{a`, `{a`, true},
		{`\d`, `d`, true},
		{`\d`, `5`, false},
		{`\n`, `n`, true},
		{`\/`, `/`, true},
		{`a\.b`, `a.b`, true},
		{`a\.b`, `axb`, false},
		{`^\w+$`, `a_1`, true},
		{`\<foo\>`, `x foo y`, true},
		{`\<foo\>`, `xfoo`, false},
		{`[]a]`, `]`, true},
		{`[^]a]`, `]`, false},
		{`[^]a]`, `b`, true},
		{`[\d]`, `\`, true},
		{`[\d]`, `d`, true},
		{`[\d]`, `7`, false},
		{`[\]]`, `\]`, true},
		{`[[:alpha:]_]`, `_`, true},
		{`[^[:digit:]]`, `7`, false},
		{`[a-]`, `-`, true},
		{`[--/]`, `.`, true},
		{`[[.-.]]`, `-`, true},
		{`[[=a=]b]`, `b`, true},
		{`[[.a.]-c]`, `b`, true},
		{`[a^]`, `^`, true},
		{`[[]`, `[`, true},
		{`ä+`, `ää`, true},
		{`[äö]`, `ö`, true},
		{`a$$`, `a`, true},
	} {
		re, err := CompilePattern(tt.pattern)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := re.MatchString(tt.text); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v (as %s)", tt.pattern, tt.text, got, tt.want, re)
		}
		if again, _ := CompilePattern(tt.pattern); again != re {
			t.Errorf("%q was compiled twice", tt.pattern)
		}
	}
}

func TestCompilePatternRefuses(t *testing.T) {
	for pattern, want := range map[string]string{
		`*foo`:      "nothing to repeat",
		`(*a)`:      "nothing to repeat",
		`a|*b`:      "nothing to repeat",
		`^*`:        "nothing to repeat",
		`(?i)a`:     "nothing to repeat",
		`{1}`:       "nothing to repeat",
		`a{x}`:      "no count",
		`a{1`:       "missing }",
		`(a|`:       "missing )",
		`[a`:        "missing ]",
		`[`:         "missing ]",
		`[a-`:       "missing ]",
		`[[:alpha`:  "missing :]",
		`[[:foo:]]`: "invalid character class",
		`[[.ab.]]`:  "needs one character",
		`[z-a]`:     "invalid character class range",
		`a{2,1}`:    "invalid repeat",
		`a\`:        "nothing after",
		`(a)\1`:     "back reference",
	} {
		_, err := CompilePattern(pattern)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %q", pattern, err, want)
		}
	}
}

func FuzzCompilePattern(f *testing.F) {
	for _, seed := range []string{`a+?`, `[]a]`, `[[.`, `\`, `(()`, `{`, "[\xff-\xfe]"} {
		f.Add(seed, "aaa")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 {
			return
		}
		tr := translation{in: pattern}
		if _, err := tr.translate(); err != nil {
			return
		}
		if re, err := CompilePattern(pattern); err == nil {
			re.MatchString(text)
		}
	})
}
