package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// An expression is a name or a constant, and what is done to it.
type expression struct {
	path     []string // nil: constant
	constant any
	filters  []filter
}

type filter struct{ name, argument string }

// parseExpression reads "a.b|default('x')".
func parseExpression(text string) (e expression, err error) {
	parts := splitOutside(text, '|')
	head := strings.TrimSpace(parts[0])
	if e.constant, err = parseConstant(head); err != nil {
		for _, name := range strings.Split(head, ".") {
			if !isName(name) {
				return e, fmt.Errorf("%q is no name", head)
			}
		}
		e.path, e.constant, err = strings.Split(head, "."), nil, nil
	}
	for _, part := range parts[1:] {
		f, err := parseFilter(strings.TrimSpace(part))
		if err != nil {
			return e, err
		}
		e.filters = append(e.filters, f)
	}
	return e, err
}

func parseFilter(text string) (filter, error) {
	name, argument, has := strings.Cut(text, "(")
	f := filter{name: strings.TrimSpace(name)}
	if has {
		argument, closed := strings.CutSuffix(strings.TrimSpace(argument), ")")
		v, err := parseConstant(strings.TrimSpace(argument))
		if !closed || err != nil {
			return f, fmt.Errorf("what filter %q is given must be a text or a number", f.name)
		}
		f.argument = textOf(v)
	}
	switch f.name {
	case "upper", "lower", "date":
	case "default":
		if !has {
			return f, errors.New("filter \"default\" needs a text: default('none')")
		}
	default:
		return f, fmt.Errorf("there is no filter %q; there are upper, lower, default and date", f.name)
	}
	return f, nil
}

// parseConstant reads a quoted text, a number, true or false.
func parseConstant(text string) (any, error) {
	if n := len(text); n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] && strings.Count(text, text[:1]) == 2 {
		return text[1 : n-1], nil
	}
	switch text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err
}

// parseCondition reads "a", "not a", "a == 'x'" or "a != 2".
func parseCondition(text string) (*condition, error) {
	c := &condition{}
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "not "); ok {
		c.not, text = true, rest
	}
	left, right := text, ""
	for _, op := range []string{"==", "!="} {
		if i := indexOutside(text, op); i >= 0 && c.op == "" {
			left, right, c.op = text[:i], text[i+2:], op
		}
	}
	var err error
	if c.left, err = parseExpression(left); err != nil || c.op == "" {
		return c, err
	}
	c.right, err = parseExpression(right)
	return c, err
}

// indexOutside is where a text is found outside of quotes, -1 if nowhere.
func indexOutside(text, what string) int {
	var quote byte
	for i := 0; i+len(what) <= len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.HasPrefix(text[i:], what):
			return i
		}
	}
	return -1
}

func splitOutside(text string, at byte) (parts []string) {
	for {
		i := indexOutside(text, string(at))
		if i < 0 {
			return append(parts, text)
		}
		parts, text = append(parts, text[:i]), text[i+1:]
	}
}

func isName(text string) bool {
	for i, r := range text {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return text != ""
}

// A renderer fills a template in, within bounds.
type renderer struct {
	vars  map[string]any
	out   strings.Builder
	steps int
}

var errTooMuch = errors.New("it makes too much text")

func (r *renderer) all(nodes []node) error {
	for _, n := range nodes {
		if r.steps++; r.steps > maxSteps || r.out.Len() > maxText {
			return errTooMuch
		}
		if err := n.render(r); err != nil {
			return err
		}
	}
	return nil
}

func (l literal) render(r *renderer) error {
	r.out.WriteString(string(l))
	return nil
}

func (o output) render(r *renderer) error {
	text := textOf(r.value(o.value))
	if r.out.Len()+len(text) > maxText {
		return errTooMuch
	}
	r.out.WriteString(text)
	return nil
}

func (c choice) render(r *renderer) error {
	for _, w := range c.ways {
		if w.when == nil || r.holds(w.when) {
			return r.all(w.body)
		}
	}
	return nil
}

func (l loop) render(r *renderer) error {
	list, _ := r.value(l.list).([]any)
	vars := make(map[string]any, len(r.vars)+1)
	for name, v := range r.vars {
		vars[name] = v
	}
	outer := r.vars
	r.vars = vars
	defer func() { r.vars = outer }()
	for _, v := range list {
		vars[l.name] = v
		if err := r.all(l.body); err != nil {
			return err
		}
	}
	return nil
}

func (r *renderer) holds(c *condition) bool {
	left := r.value(c.left)
	var is bool
	switch c.op {
	case "==":
		is = textOf(left) == textOf(r.value(c.right))
	case "!=":
		is = textOf(left) != textOf(r.value(c.right))
	default:
		text := textOf(left)
		list, isList := left.([]any)
		is = isList && len(list) > 0 || !isList && text != "" && text != "0" && text != "false"
	}
	return is != c.not
}

// value is what a name stands for, nil if it stands for nothing.
func (r *renderer) value(e expression) any {
	v := e.constant
	if e.path != nil {
		v = r.vars
		for _, name := range e.path {
			members, _ := v.(map[string]any)
			v = members[name]
		}
	}
	for _, f := range e.filters {
		switch f.name {
		case "upper":
			v = strings.ToUpper(textOf(v))
		case "lower":
			v = strings.ToLower(textOf(v))
		case "default":
			if textOf(v) == "" {
				v = f.argument
			}
		case "date":
			v = dateOf(v, f.argument)
		}
	}
	return v
}

// textOf is a value as it is written. Lists and objects are nothing that could be written.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number:
		return v.String()
	case time.Time:
		return v.Format(time.DateTime)
	case fmt.Stringer:
		return v.String()
	}
	return ""
}

// dateLayouts are the letters of dates, as PHP and Twig have them.
var dateLayouts = map[rune]string{
	'd': "02", 'D': "Mon", 'j': "2", 'l': "Monday", 'm': "01", 'M': "Jan", 'n': "1", 'F': "January", 'Y': "2006", 'y': "06",
	'H': "15", 'G': "15", 'h': "03", 'g': "3", 'i': "04", 's': "05", 'A': "PM", 'a': "pm", 'T': "MST", 'e': "MST", 'P': "-07:00",
	'O': "-0700", 'c': time.RFC3339, 'r': time.RFC1123Z,
}

// dateOf writes a time by a pattern. What is no time stays as it is.
func dateOf(v any, pattern string) any {
	if pattern == "" {
		pattern = "F j, Y H:i"
	}
	t, ok := v.(time.Time)
	if !ok {
		text := textOf(v)
		seconds, err := strconv.ParseInt(text, 10, 64)
		t = time.Unix(seconds, 0)
		for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04", time.DateOnly} {
			if err != nil {
				t, err = time.Parse(layout, text)
			}
		}
		if err != nil {
			return v
		}
	}
	var b strings.Builder
	for _, r := range pattern {
		if layout, known := dateLayouts[r]; known {
			b.WriteString(t.Format(layout))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
