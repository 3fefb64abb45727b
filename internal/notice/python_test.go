package notice

import "testing"

func TestPythonFormat(t *testing.T) { // M-053
	for _, c := range []struct {
		spec string
		v    any
		want string
		ok   bool
	}{
		{"", 7, "7", true},
		{"03d", 7, "007", true},
		{"03", -7, "-07", true},
		{"+d", 7, "+7", true},
		{"5", 7, "    7", true},
		{"<5d", 7, "7    ", true},
		{"*^5d", 7, "**7**", true},
		{"*=+5d", 7, "+***7", true},
		{"s", 7, "", false},
		{".2", 7, "", false},
		{"", "web", "web", true},
		{"6", "web", "web   ", true},
		{">6s", "web", "   web", true},
		{"é^6", "web", "éwebéé", true},
		{".2", "öäü", "öä", true},
		{"-<6.2s", "öäü", "öä----", true},
		{".0", "x", "", true},
		{"d", "web", "", false},
		{"+", "web", "", false},
		{"=6", "web", "", false},
		{"x", 7, "", false},
		{",", 7, "", false},
		{"9999", "x", "", false},
	} {
		got, err := PythonFormat(c.spec, c.v)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q of %v is %q, %v", c.spec, c.v, got, err)
		}
	}
}

func TestPythonRepr(t *testing.T) { // M-053
	for in, want := range map[string]string{
		"web": `'web'`, "it's": `"it's"`, `it's "x"`: `'it\'s "x"'`, "a\n\t\\\x01": `'a\n\t\\\x01'`, "é\u200b": `'é\u200b'`, "": `''`,
	} {
		if got := PythonRepr(in); got != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
	if got := PythonRepr(3); got != "3" {
		t.Errorf("3 is %s", got)
	}
}
