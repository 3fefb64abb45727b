package pattern

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// The expected results are those of regcomp and regexec of the GNU C library.
func TestCompile(t *testing.T) {
	for _, tt := range []struct {
		ere, text string
		want      bool
	}{
		{``, ``, true},
		{``, `x`, true},
		{`error`, `an error here`, true},
		{`^error`, `an error here`, false},
		{`(FATAL|PANIC)`, `a PANIC`, true},
		{`(FATAL|PANIC)`, `a panic`, false},
		{`^a.*z$`, `a to z`, true},
		{`^a.*z$`, `a to y`, false},
		{`^[^:]+: [0-9]{1,3}%$`, `load: 42%`, true},
		{`^[^:]+: [0-9]{1,3}%$`, `load: 4242%`, false},

		{`a.b`, "a\nb", true},
		{`a[^x]b`, "a\nb", true},
		{`^b`, "a\nb", false},
		{`a$`, "a\nb", false},

		{`a|b`, `b`, true},
		{`a||b`, `x`, true},
		{`(|a)`, `x`, true},
		{`()`, `x`, true},
		{`a)`, `a)`, true},
		{`a)b`, `ab`, false},
		{`}`, `}`, true},
		{`a$$`, `a`, true},
		{`a^b`, `a^b`, false},

		{`a**`, `b`, true},
		{`^a+?$`, ``, true},
		{`^a+?$`, `aa`, true},
		{`^(ab)+?$`, ``, true},
		{`^(a|b)*+c`, `abac`, true},
		{`^(a|b)*+c`, `xc`, false},
		{`(^)*a`, `a`, true},
		{`^x{1}{2}$`, `xx`, true},
		{`ab{2}{2}c`, `abbbbc`, true},
		{`ab{2}{2}c`, `abbc`, false},
		{`^a{,2}$`, `aa`, true},
		{`^a{,2}$`, `aaa`, false},
		{`^a{2,}$`, `aaa`, true},
		{`a{0}b`, `b`, true},

		{`\{a`, `{a`, true},
		{`\(x\)`, `(x)`, true},
		{`\d`, `d`, true},
		{`\d`, `5`, false},
		{`\n`, `n`, true},
		{`\/`, `/`, true},
		{`a\/b\-c`, `a/b-c`, true},
		{`a\.b`, `a.b`, true},
		{`a\.b`, `axb`, false},
		{`^\w+$`, `a_1`, true},
		{`\w+\s\W`, `a !`, true},
		{`\w+\s\W`, `a b`, false},
		{`^\S+$`, `a b`, false},
		{`\<foo\>`, `x foo y`, true},
		{`\<foo\>`, `xfoo`, false},
		{`\bcat\B`, `the cats`, true},
		{"\\`a", "b\na", false},
		{`a\'`, "a\nb", false},

		{`[.]tar`, `x.tar`, true},
		{`[.]tar`, `xtar`, false},
		{`[]a]`, `]`, true},
		{`[]a]`, `b`, false},
		{`[^]a]`, `]`, false},
		{`[^]a]`, `b`, true},
		{`[\d]`, `\`, true},
		{`[\d]`, `d`, true},
		{`[\d]`, `7`, false},
		{`[\]]`, `\]`, true},
		{`[[:alpha:]_]`, `_`, true},
		{`[[:digit:]]{2}`, `42`, true},
		{`[[:digit:]]{2}`, `4`, false},
		{`[^[:digit:]]`, `7`, false},
		{`[a-]`, `-`, true},
		{`[--/]`, `.`, true},
		{`[[.-.]]`, `-`, true},
		{`[[=a=]b]`, `b`, true},
		{`[[.a.]-c]`, `b`, true},
		{`[a^]`, `^`, true},
		{`[[]`, `[`, true},
		{`[a&&b~]`, `&`, true},

		{`^ä+$`, `ää`, true},
		{`[äö]`, `ö`, true},
		{`^\é$`, `é`, true},
		{"\xe9+", "caf\xe9", true},
		{"[\xe9]", "caf\xe9", true},
	} {
		re, err := Compile(tt.ere)
		if err != nil {
			t.Errorf("%q: %v", tt.ere, err)
			continue
		}
		if got := re.MatchString(tt.text); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v (as %s)", tt.ere, tt.text, got, tt.want, re)
		}
		if again, _ := Compile(tt.ere); again != re {
			t.Errorf("%q was compiled twice", tt.ere)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for ere, want := range map[string]string{
		`(`:             `"(" is never closed`,
		`a(b|c`:         `"(" is never closed`,
		`[`:             `"[" is never closed`,
		`[a`:            `"[" is never closed`,
		`[a-`:           `"[" is never closed`,
		`[]`:            `"[" is never closed`,
		`[[:alpha:`:     `"[" is never closed`,
		`[[.x.]`:        `"[" is never closed`,
		`[[.x]`:         `"[" is never closed`,
		`[[..]]`:        "is empty",
		`[[:nope:]]`:    "no class of characters [:nope:]",
		`[[::]]`:        "no class",
		`[z-a]`:         "ends before it begins",
		`[a-c-e]`:       "stands in no range",
		`[[:digit:]-z]`: "cannot begin a range",
		`[a-[:digit:]]`: "cannot end a range",
		`*a`:            `nothing before "*"`,
		`(*a)`:          `nothing before "*"`,
		`a|*b`:          `nothing before "*"`,
		`(+a)`:          `nothing before "+"`,
		`^*`:            `nothing before "*"`,
		`\<*`:           `nothing before "*"`,
		`(?i)a`:         `nothing before "?"`,
		`{1}`:           `nothing before "{"`,
		`a{`:            "valid repetition",
		`a{x}`:          "valid repetition",
		`a{1`:           "valid repetition",
		`a{2,1}`:        "valid repetition",
		`a{99999}`:      "valid repetition",
		`a\`:            "at the end",
		`(a)\2`:         "not there",
		`(a)\1(`:        `"(" is never closed`,
	} {
		re, err := Compile(ere)
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, ErrUnsupported) {
			t.Errorf("%q: %v, %v, want an error with %q", ere, re, err, want)
		}
	}
}

func TestCompileDoesNotSupport(t *testing.T) {
	for ere, want := range map[string]string{
		`(a)\1`:       `refers back with \1`,
		`a{2000}`:     "repeat count",
		`[[.ab.]]`:    "order of letters",
		`[[=space=]]`: "order of letters",
	} {
		re, err := Compile(ere)
		if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want an error with %q that tells it from invalid ones", ere, re, err, want)
		}
	}
}

func TestKept(t *testing.T) {
	for i := range kept + 10 {
		if _, err := Compile("kept " + strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	compiled.Lock()
	defer compiled.Unlock()
	if n := len(compiled.by); n > kept {
		t.Errorf("%d expressions are kept", n)
	}
}

func FuzzCompile(f *testing.F) {
	for _, ere := range []string{
		"(a|b)*+", `[^]\d]{1,2}`, `\<x\>`, "a{,3}**", "\xff[\xff]", "[[:alpha:][.x.]]", `\é`, `a+?`, `[[.`, `\`, `(()`, `{`, "[\xff-\xfe]",
	} {
		f.Add(ere, "aaa")
	}
	f.Fuzz(func(t *testing.T, ere, text string) {
		if len(ere) > 200 {
			return
		}
		re, err := Compile(ere)
		switch {
		case err == nil:
			re.MatchString(text)
		case strings.Contains(err.Error(), "missing") || strings.Contains(err.Error(), "invalid character"):
			t.Errorf("%q is translated to what package regexp does not understand: %v", ere, err)
		}
	})
}
