package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A translation writes an extended regular expression in the syntax of package regexp. Most mean the same in both. What
// differs: a backslash in brackets, repetition of a repetition, a lone ")", escapes of letters, and what is an error.
type translation struct {
	in    string
	pos   int
	out   strings.Builder
	open  []int // where in out each open group begins
	ended int   // groups that were closed

	atom     int  // where in out the last thing that can be repeated begins; -1 when there is none
	repeated bool // it already has a repetition

	refers error // it refers back to a group, which is told only of what is otherwise valid
}

func translate(ere string) (string, error) {
	t := translation{in: ere, atom: -1}
	for t.pos < len(t.in) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	if len(t.open) > 0 {
		return "", errors.New(`a "(" is never closed`)
	}
	return t.out.String(), t.refers
}

func (t *translation) step() error {
	switch c := t.in[t.pos]; c {
	case '(':
		t.open = append(t.open, t.out.Len())
		t.anchor("(", 1)
	case ')':
		t.closing()
	case '|', '^', '$':
		t.anchor(string(c), 1)
	case '*', '+', '?', '{':
		return t.repetition()
	case '[':
		return t.bracket()
	case '\\':
		return t.escape()
	case '.':
		t.literal(".", 1)
	default:
		t.char()
	}
	return nil
}

// closing ends a group, or stands for itself.
func (t *translation) closing() {
	if len(t.open) == 0 {
		t.literal(`\)`, 1)
		return
	}
	begin := t.open[len(t.open)-1]
	t.open = t.open[:len(t.open)-1]
	t.ended++
	t.literal(")", 1)
	t.atom = begin
}

// char writes one character that stands for itself.
func (t *translation) char() {
	r, size := utf8.DecodeRuneInString(t.in[t.pos:])
	t.literal(regexp.QuoteMeta(string(r)), size)
}

// literal writes something that can be repeated, and passes over size bytes.
func (t *translation) literal(s string, size int) {
	t.atom, t.repeated = t.out.Len(), false
	t.out.WriteString(s)
	t.pos += size
}

// anchor writes something that cannot be repeated, and passes over size bytes.
func (t *translation) anchor(s string, size int) {
	t.out.WriteString(s)
	t.pos += size
	t.atom, t.repeated = -1, false
}

func (t *translation) repetition() error {
	operator, size, err := t.operator()
	switch {
	case t.atom < 0:
		return fmt.Errorf("there is nothing before %q to repeat", t.in[t.pos:t.pos+1])
	case err != nil:
		return err
	case t.repeated: // package regexp would take the second operator as a modifier of the first
		whole := t.out.String()
		t.out.Reset()
		t.out.WriteString(whole[:t.atom] + "(?:" + whole[t.atom:] + ")")
	}
	t.out.WriteString(operator)
	t.pos += size
	t.repeated = true
	return nil
}

// maxRepeat is the largest count that the GNU C library accepts.
const maxRepeat = 1<<15 - 1

// operator reads *, +, ?, {n}, {n,}, {n,m} or {,m} without passing over it.
func (t *translation) operator() (op string, size int, err error) {
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

// escapes are the letters that mean something after a backslash.
var escapes = map[byte]struct {
	as     string
	anchor bool
}{
	'w': {as: "[_[:alnum:]]"}, 'W': {as: "[^_[:alnum:]]"}, 's': {as: "[[:space:]]"}, 'S': {as: "[^[:space:]]"},
	'b': {`\b`, true}, 'B': {`\B`, true}, '<': {`\b`, true}, '>': {`\b`, true}, '`': {`\A`, true}, '\'': {`\z`, true},
}

func (t *translation) escape() error {
	t.pos++
	if t.pos == len(t.in) {
		return errors.New("a backslash stands at the end")
	}
	c := t.in[t.pos]
	e, special := escapes[c]
	switch {
	case special && e.anchor:
		t.anchor(e.as, 1)
	case special:
		t.literal(e.as, 1)
	case '1' <= c && c <= '9' && int(c-'0') > t.ended:
		return fmt.Errorf(`\%c refers back to a group that is not there`, c)
	case '1' <= c && c <= '9':
		t.refers = fmt.Errorf(`%w: it refers back with \%c`, ErrUnsupported, c)
		t.char()
	default:
		t.char()
	}
	return nil
}
