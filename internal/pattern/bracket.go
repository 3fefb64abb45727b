package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var errOpenBracket = errors.New(`a "[" is never closed`)

// classes are the names that [: :] may hold.
const classes = " alnum alpha blank cntrl digit graph lower print punct space upper xdigit "

// bracket translates a set like [^]a-z[:digit:]].
func (t *translation) bracket() error {
	begin := t.pos
	set := bracket{rest: t.in[t.pos+1:]}
	if after, ok := strings.CutPrefix(set.rest, "^"); ok {
		set.rest = after
		set.out.WriteByte('^')
	}
	if err := set.members(); err != nil {
		return err
	}
	end := len(t.in) - len(set.rest)
	t.literal("["+set.out.String()+"]", end-begin)
	return nil
}

// A bracket is what is left of a set, and its translation so far.
type bracket struct {
	rest string
	out  strings.Builder
}

// members translates all that stands in a set, and passes over its end. The first member may be a "]".
func (b *bracket) members() error {
	for first := true; ; first = false {
		switch {
		case b.rest == "":
			return errOpenBracket
		case b.rest[0] == ']' && !first:
			b.rest = b.rest[1:]
			return nil
		case strings.HasPrefix(b.rest, "[:"):
			if err := b.class(); err != nil {
				return err
			}
		default:
			if err := b.span(first); err != nil {
				return err
			}
		}
	}
}

// class translates a class like [:digit:].
func (b *bracket) class() error {
	name, after, closed := strings.Cut(b.rest[2:], ":]")
	if !closed {
		return errOpenBracket
	}
	if name == "" || strings.Contains(name, " ") || !strings.Contains(classes, " "+name+" ") {
		return fmt.Errorf("there is no class of characters [:%s:]", name)
	}
	if strings.HasPrefix(after, "-") && !strings.HasPrefix(after, "-]") {
		return fmt.Errorf("[:%s:] cannot begin a range", name)
	}
	b.out.WriteString("[:" + name + ":]")
	b.rest = after
	return nil
}

// span translates one character, or a range of them. A "-" is a character only at either end of a set, or of a range.
func (b *bracket) span(first bool) error {
	if !first && len(b.rest) > 1 && b.rest[0] == '-' && b.rest[1] != ']' {
		return fmt.Errorf(`the "-" before %q stands in no range`, b.rest[1:2])
	}
	low, err := b.member()
	if err != nil {
		return err
	}
	b.write(low)
	if len(b.rest) < 2 || b.rest[0] != '-' || b.rest[1] == ']' {
		return nil
	}
	b.rest = b.rest[1:]
	if strings.HasPrefix(b.rest, "[:") {
		return errors.New("a class of characters cannot end a range")
	}
	high, err := b.member()
	if err != nil {
		return err
	}
	if high < low {
		return fmt.Errorf("the range %c-%c ends before it begins", low, high)
	}
	b.out.WriteByte('-')
	b.write(high)
	return nil
}

// member passes over one character: itself, [.x.] or [=x=].
func (b *bracket) member() (rune, error) {
	if b.rest == "" {
		return 0, errOpenBracket
	}
	if len(b.rest) < 2 || b.rest[0] != '[' || b.rest[1] != '.' && b.rest[1] != '=' {
		r, size := utf8.DecodeRuneInString(b.rest)
		b.rest = b.rest[size:]
		return r, nil
	}
	name, after, closed := strings.Cut(b.rest[2:], b.rest[1:2]+"]")
	r, size := utf8.DecodeRuneInString(name)
	switch {
	case !closed:
		return 0, errOpenBracket
	case size == 0:
		return 0, errors.New("a name of a character is empty")
	case size < len(name):
		return 0, fmt.Errorf("%w: %q depends on a language's order of letters", ErrUnsupported, name)
	}
	b.rest = after
	return r, nil
}

func (b *bracket) write(r rune) {
	if r < utf8.RuneSelf && strings.ContainsRune(`\]^-[&~`, r) {
		b.out.WriteByte('\\')
	}
	b.out.WriteRune(r)
}
