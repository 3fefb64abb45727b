package minitor

import (
	"errors"
	"fmt"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/notice"
)

// tokens are Python's placeholders, as fields of a notice, each with a value to try formats with.
var tokens = map[string]struct {
	field string
	try   any
}{
	"alert_count":   {".AlertCount", 1},
	"alert_message": {".Message", ""},
	"failure_count": {".FailureCount", 1},
	"last_output":   {".LastCheckOutput", ""},
	"last_success":  {"ISO8601 .LastSuccess", ""},
	"monitor_name":  {".MonitorName", ""},
}

// A field is what Python's str.format fills in.
type field struct {
	token string
	repr  bool
	spec  string
}

// action is what a Go template has in its place.
func (f field) action() string {
	x := tokens[f.token].field
	if f.repr || f.spec != "" {
		if strings.Contains(x, " ") {
			x = "(" + x + ")"
		}
		if f.repr {
			x = "pyrepr " + x
		}
		if f.spec != "" {
			if f.repr {
				x = "(" + x + ")"
			}
			x = fmt.Sprintf("pyformat %q %s", f.spec, x)
		}
	}
	return x
}

// tainted tells whether it holds what a check has written.
func (f field) tainted() bool { return f.token == "last_output" }

var (
	errOpenBrace  = errors.New("a { is never closed: write {{ for a brace")
	errCloseBrace = errors.New("a } closes nothing: write }} for a brace")
)

// pythonFormat reads a text in the format of Python's str.format and calls text and fill for its parts, in order.
func pythonFormat(s string, text func(string), fill func(field)) error {
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			text(s)
			return nil
		}
		if i+1 < len(s) && s[i+1] == s[i] {
			text(s[:i+1])
			s = s[i+2:]
			continue
		}
		if s[i] == '}' {
			return errCloseBrace
		}
		text(s[:i])
		end := strings.IndexAny(s[i+1:], "{}")
		if end < 0 {
			return errOpenBrace
		}
		if s[i+1+end] == '{' {
			return fmt.Errorf("a placeholder cannot be in another one: %s", quoted(s[i:i+2+end]))
		}
		f, err := newField(s[i+1 : i+1+end])
		if err != nil {
			return err
		}
		fill(f)
		s = s[i+2+end:]
	}
	return nil
}

// newField reads what is between two braces.
func newField(s string) (field, error) {
	name, spec, _ := strings.Cut(s, ":")
	name, conversion, converted := strings.Cut(name, "!")
	f := field{token: name, spec: spec}
	token, known := tokens[name]
	switch {
	case !known:
		return f, unknownToken(name)
	case converted && conversion != "r" && conversion != "s" && conversion != "a":
		return f, fmt.Errorf("there is no conversion !%s", conversion)
	}
	f.repr = conversion == "r" || conversion == "a"
	try := token.try
	if converted {
		try = ""
	}
	if n, isNumber := token.try.(int); converted && isNumber { // !s and !r make a text of a number
		f.repr, try = true, notice.PythonRepr(n)
	}
	if _, err := notice.PythonFormat(spec, try); err != nil {
		return f, err
	}
	return f, nil
}

func unknownToken(name string) error {
	var names []string
	for n := range tokens {
		names = append(names, n)
	}
	text := fmt.Sprintf("there is no placeholder %s", quoted("{"+name+"}"))
	if near := diag.Nearest(name, names); near != "" {
		text += fmt.Sprintf(", did you mean {%s}?", near)
	} else {
		text += ": write {{ and }} for braces"
	}
	return errors.New(text)
}
