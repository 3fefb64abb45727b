package host

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// patterns are compiled once; configurations repeat them.
var patterns sync.Map // string to *regexp.Regexp

// CompilePattern compiles a POSIX extended regular expression with the operators that GNU systems add, like \w and \<.
// As there, a backslash means nothing within brackets and \d is the letter d. Only whether a text matches is as in POSIX,
// not which part of it. Back references are refused. The result may be shared between goroutines.
func CompilePattern(pattern string) (*regexp.Regexp, error) {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp), nil
	}
	t := translation{in: pattern}
	expr, err := t.translate()
	if err != nil {
		return nil, fmt.Errorf("cannot compile pattern %q: %w", pattern, err)
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("cannot compile pattern %q: %w", pattern, err)
	}
	patterns.Store(pattern, re)
	return re, nil
}

// A translation writes a POSIX expression in Go's syntax.
type translation struct {
	in    string
	pos   int
	out   strings.Builder
	atom  int   // where in out the last repeatable piece begins; -1: there is none
	again bool  // the piece has an operator already
	open  []int // where in out each open group begins
}

func (t *translation) translate() (string, error) {
	t.out.WriteString("(?s)")
	t.atom = -1
	for t.pos < len(t.in) {
		if err := t.piece(); err != nil {
			return "", err
		}
	}
	if len(t.open) > 0 {
		return "", fmt.Errorf("missing )")
	}
	return t.out.String(), nil
}

func (t *translation) piece() error {
	switch c := t.in[t.pos]; c {
	case '(':
		t.open = append(t.open, t.out.Len())
		t.write("(", -1)
	case ')':
		if len(t.open) == 0 {
			t.literal(")") // as GNU does
			return nil
		}
		begin := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.write(")", begin)
	case '|', '^', '$':
		t.write(string(c), -1)
	case '.':
		t.write(".", t.out.Len())
	case '*', '+', '?', '{':
		return t.repeat(c)
	case '[':
		return t.bracket()
	case '\\':
		return t.escape()
	default:
		_, n := utf8.DecodeRuneInString(t.in[t.pos:])
		t.literal(t.in[t.pos : t.pos+n])
	}
	return nil
}

// write copies one byte of the pattern as text; atom is where a following operator takes hold, -1 for nowhere.
func (t *translation) write(text string, atom int) {
	t.out.WriteString(text)
	t.atom, t.again = atom, false
	t.pos++
}

func (t *translation) literal(text string) {
	t.atom, t.again = t.out.Len(), false
	t.out.WriteString(regexp.QuoteMeta(text))
	t.pos += len(text)
}

func (t *translation) repeat(c byte) error {
	operator := string(c)
	length := 1
	if c == '{' {
		end := strings.IndexByte(t.in[t.pos:], '}')
		if end < 0 {
			return fmt.Errorf("missing }")
		}
		operator, length = t.in[t.pos:t.pos+end+1], end+1
		if strings.HasPrefix(operator, "{,") {
			operator = "{0" + operator[1:]
		}
		if !interval.MatchString(operator) {
			return fmt.Errorf("%s is no count of repetitions", t.in[t.pos:t.pos+length])
		}
	}
	if t.atom < 0 {
		return fmt.Errorf("nothing to repeat before %s", operator)
	}
	if t.again { // Go would take the second operator as a modifier of the first
		piece := t.out.String()
		t.out.Reset()
		t.out.WriteString(piece[:t.atom] + "(?:" + piece[t.atom:] + ")")
	}
	t.out.WriteString(operator)
	t.again = true
	t.pos += length
	return nil
}

var interval = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}$`)

// escapes are the letters that mean something after a backslash.
var escapes = map[byte]string{
	'w': `[\pL\pN_]`, 'W': `[^\pL\pN_]`, 's': `\s`, 'S': `\S`, 'b': `\b`, 'B': `\B`, '<': `\b`, '>': `\b`, '`': `\A`, '\'': `\z`,
}

func (t *translation) escape() error {
	t.pos++
	if t.pos == len(t.in) {
		return fmt.Errorf("nothing after the last \\")
	}
	c := t.in[t.pos]
	if c >= '1' && c <= '9' {
		return fmt.Errorf(`back reference \%c is not supported`, c)
	}
	if text, ok := escapes[c]; ok {
		t.write(text, t.out.Len())
		return nil
	}
	_, n := utf8.DecodeRuneInString(t.in[t.pos:])
	t.literal(t.in[t.pos : t.pos+n])
	return nil
}

// bracket translates a set like [^]a-z[:digit:]].
func (t *translation) bracket() error {
	begin := t.out.Len()
	rest := t.in[t.pos+1:]
	t.out.WriteByte('[')
	if strings.HasPrefix(rest, "^") {
		t.out.WriteByte('^')
		rest = rest[1:]
	}
	for first := true; ; first = false {
		switch {
		case rest == "":
			return fmt.Errorf("missing ]")
		case rest[0] == ']' && !first:
			t.out.WriteByte(']')
			t.pos = len(t.in) - len(rest) + 1
			t.atom, t.again = begin, false
			return nil
		case strings.HasPrefix(rest, "[:"):
			end := strings.Index(rest, ":]")
			if end < 0 {
				return fmt.Errorf("missing :]")
			}
			t.out.WriteString(rest[:end+2])
			rest = rest[end+2:]
		default:
			var err error
			if rest, err = t.span(rest); err != nil {
				return err
			}
		}
	}
}

// span translates one character of a set, or a range of them, and returns what follows.
func (t *translation) span(rest string) (string, error) {
	low, rest, err := member(rest)
	if err != nil {
		return "", err
	}
	t.out.WriteString(quoteMember(low))
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		return rest, nil
	}
	high, rest, err := member(rest[1:])
	if err != nil {
		return "", err
	}
	t.out.WriteString("-" + quoteMember(high))
	return rest, nil
}

// member takes one character of a set: itself, [.x.] or [=x=].
func member(rest string) (char, after string, err error) {
	if rest == "" {
		return "", "", fmt.Errorf("missing ]")
	}
	_, n := utf8.DecodeRuneInString(rest)
	if len(rest) < 2 || rest[0] != '[' || rest[1] != '.' && rest[1] != '=' {
		return rest[:n], rest[n:], nil
	}
	_, n = utf8.DecodeRuneInString(rest[2:])
	char, after = rest[2:2+n], rest[2+n:]
	if end := rest[1:2] + "]"; n == 0 || !strings.HasPrefix(after, end) {
		return "", "", fmt.Errorf("%s needs one character and %s", rest[:2], end)
	}
	return char, after[2:], nil
}

func quoteMember(char string) string {
	if len(char) == 1 && strings.ContainsAny(char, `\]^-[&~`) {
		return `\` + char
	}
	return char
}
