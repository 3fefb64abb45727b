package monit

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errUnsupportedPattern marks patterns that are valid where control files come from but cannot be matched here.
var errUnsupportedPattern = errors.New("is valid, but orderly cannot match it")

// translatePattern turns an extended regular expression, as the GNU C library reads it, into the equivalent for
// package regexp. Most patterns mean the same in both and come back as they are. What differs: a backslash in
// brackets, repetition of a repetition, a lone ")", escapes of letters, and what is an error.
func translatePattern(pattern string) (string, error) {
	t := ereTranslator{in: pattern}
	if err := t.run(); err != nil {
		return "", err
	}
	out := t.out.String()
	if _, err := regexp.Compile(out); err != nil {
		return "", fmt.Errorf("%w (%s)", errUnsupportedPattern, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return out, nil
}

// An ereTranslator walks over a pattern once.
type ereTranslator struct {
	in    string
	pos   int
	out   strings.Builder
	opens []int // where each open group starts in out
	ended int   // groups that were closed

	atom     int  // where the last thing that can be repeated starts in out; -1 when there is none
	repeated bool // it already has a repetition
}

func (t *ereTranslator) run() error {
	t.atom = -1
	for t.pos < len(t.in) {
		if err := t.step(); err != nil {
			return err
		}
	}
	if len(t.opens) > 0 {
		return errors.New(`a "(" is never closed`)
	}
	return nil
}

func (t *ereTranslator) step() error {
	switch c := t.in[t.pos]; c {
	case '(':
		t.opens = append(t.opens, t.out.Len())
		t.anchor("(", 1)
	case ')':
		if len(t.opens) == 0 {
			t.literal(`\)`, 1)
			return nil
		}
		start := t.opens[len(t.opens)-1]
		t.opens = t.opens[:len(t.opens)-1]
		t.ended++
		t.literal(")", 1)
		t.atom = start
	case '|', '^', '$':
		t.anchor(string(c), 1)
	case '*', '+', '?', '{':
		return t.repetition()
	case '[':
		return t.bracket()
	case '\\':
		return t.escape()
	default:
		r, size := utf8.DecodeRuneInString(t.in[t.pos:])
		if r == utf8.RuneError && size == 1 {
			t.literal(`\x{FFFD}`, 1) // how package regexp sees a byte that is no UTF-8
			return nil
		}
		t.literal(t.in[t.pos:t.pos+size], size)
	}
	return nil
}

// literal writes something that can be repeated.
func (t *ereTranslator) literal(s string, size int) {
	t.atom, t.repeated = t.out.Len(), false
	t.out.WriteString(s)
	t.pos += size
}

// anchor writes something that cannot be repeated.
func (t *ereTranslator) anchor(s string, size int) {
	t.out.WriteString(s)
	t.pos += size
	t.atom, t.repeated = -1, false
}

func (t *ereTranslator) repetition() error {
	op, size, err := t.repetitionOperator()
	switch {
	case err != nil:
		return err
	case t.atom < 0:
		return fmt.Errorf("there is nothing before %q to repeat", t.in[t.pos:t.pos+1])
	case t.repeated:
		whole := t.out.String()
		t.out.Reset()
		t.out.WriteString(whole[:t.atom] + "(" + whole[t.atom:] + ")")
	}
	t.out.WriteString(op)
	t.pos += size
	t.repeated = true
	return nil
}

// maxRepeat is the largest count that the GNU C library accepts.
const maxRepeat = 1<<15 - 1

// repetitionOperator reads *, +, ?, {n}, {n,}, {n,m} or {,m} without consuming it.
func (t *ereTranslator) repetitionOperator() (op string, size int, err error) {
	rest := t.in[t.pos:]
	if rest[0] != '{' {
		return rest[:1], 1, nil
	}
	inner, _, closed := strings.Cut(rest[1:], "}")
	low, high, ranged := strings.Cut(inner, ",")
	if low == "" && ranged {
		low = "0"
	}
	from, err1 := strconv.ParseUint(low, 10, 32)
	to, err2 := from, error(nil)
	if ranged && high != "" {
		to, err2 = strconv.ParseUint(high, 10, 32)
	}
	if !closed || err1 != nil || err2 != nil || to < from || to > maxRepeat {
		return "", 0, fmt.Errorf("%q does not begin a valid repetition", "{")
	}
	if ranged {
		return "{" + low + "," + high + "}", len(inner) + 2, nil
	}
	return "{" + low + "}", len(inner) + 2, nil
}

// bracket copies a bracket expression, in which a backslash stands for itself.
func (t *ereTranslator) bracket() error {
	i, collates := t.pos+1, false
	if i < len(t.in) && t.in[i] == '^' {
		i++
	}
	if i < len(t.in) && t.in[i] == ']' {
		i++
	}
	for ; i < len(t.in) && t.in[i] != ']'; i++ {
		if t.in[i] != '[' || i+1 >= len(t.in) || !strings.ContainsRune(":.=", rune(t.in[i+1])) {
			continue
		}
		collates = collates || t.in[i+1] != ':'
		end := strings.Index(t.in[i+2:], t.in[i+1:i+2]+"]")
		if end < 0 {
			i = len(t.in)
			break
		}
		i += 2 + end + 1
	}
	if i >= len(t.in) {
		return errors.New(`a "[" is never closed`)
	}
	if collates {
		return fmt.Errorf("%w: %q depends on a language's order of letters", errUnsupportedPattern, t.in[t.pos:i+1])
	}
	text := strings.ToValidUTF8(t.in[t.pos:i+1], "\uFFFD")
	if strings.HasPrefix(text, "[^]") {
		text = `[^\]` + strings.ReplaceAll(text[3:], `\`, `\\`)
	} else if strings.HasPrefix(text, "[]") {
		text = `[\]` + strings.ReplaceAll(text[2:], `\`, `\\`)
	} else {
		text = strings.ReplaceAll(text, `\`, `\\`)
	}
	if _, err := syntax.Parse(text, syntax.POSIX); err != nil {
		return fmt.Errorf("%q is not a valid bracket expression", t.in[t.pos:i+1])
	}
	t.literal(text, i+1-t.pos)
	return nil
}

// escapes are the letters that mean something after a backslash in the GNU C library.
var escapes = map[byte]struct {
	as     string
	anchor bool
}{
	'w': {as: "[_[:alnum:]]"}, 'W': {as: "[^_[:alnum:]]"}, 's': {as: "[[:space:]]"}, 'S': {as: "[^[:space:]]"},
	'b': {`\b`, true}, 'B': {`\B`, true}, '<': {`\b`, true}, '>': {`\b`, true}, '`': {`\A`, true}, '\'': {`\z`, true},
}

func (t *ereTranslator) escape() error {
	if t.pos+1 >= len(t.in) {
		return errors.New("a backslash stands at the end")
	}
	c := t.in[t.pos+1]
	e, special := escapes[c]
	switch {
	case special && e.anchor:
		t.anchor(e.as, 2)
	case special:
		t.literal(e.as, 2)
	case '1' <= c && c <= '9' && int(c-'0') > t.ended:
		return fmt.Errorf(`\%c refers back to a group that is not there`, c)
	case '1' <= c && c <= '9':
		return fmt.Errorf(`%w: it refers back with \%c`, errUnsupportedPattern, c)
	case c >= utf8.RuneSelf:
		t.pos++
	default:
		t.literal(regexp.QuoteMeta(string(rune(c))), 2)
	}
	return nil
}
