// Package monit reads Monit control files: it parses them with [Parse] and turns them into a configuration with
// [Compile].
//
// The language is the union of Monit 5.33 to 6.1. A text is refused where Monit refuses it, because people check
// their files with either; but where Monit stops at the first mistake, this parser goes on and reports more.
//
// The lexer knows characters and keywords, the parser knows rules, the compiler knows what is sensible and what
// exists. The parser has one method for each rule of the language, in the file of that name.
package monit

import (
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// maxErrors is how many mistakes of one text are reported.
const maxErrors = 20

// Parse reads a control file. What is wrong goes to diags, up to 20 errors; the tree then holds the statements that
// could be read, whole. Parse never fails otherwise, whatever src holds. inc may be nil, and includes are errors then.
func Parse(src *diag.Source, inc Includer, diags *diag.List) *File {
	p := newParser(src, inc, diags)
	p.next()
	for p.tok.kind != tokEnd && p.errors < maxErrors {
		p.statement()
		if p.failed {
			p.recover(false)
		}
	}
	return p.lx.file
}

// ParseTest reads a single "if ... then ..." sentence for a service of the given kind. It returns nil when the
// sentence is wrong; diags says why.
func ParseTest(src *diag.Source, kind model.Kind, diags *diag.List) *Test {
	p := newParser(src, nil, diags)
	p.kind = kind
	p.next()
	var test *Test
	if !p.tok.is("if") {
		p.unexpected("a condition that begins with if", "if")
	} else if option := p.ifThen(); !p.failed {
		var ok bool
		if test, ok = option.(*Test); !ok {
			p.diags.Error(option.Pos(), "monit/syntax", "a restart limit cannot be written here")
		}
	}
	if !p.failed && p.tok.kind != tokEnd {
		p.unexpected("nothing more")
	}
	if p.failed {
		return nil
	}
	return test
}

// A parser reads tokens one ahead.
type parser struct {
	lx      lexer
	diags   *diag.List
	tok     token     // the next token
	last    diag.Span // the token before it
	kind    model.Kind
	failed  bool // the current statement is in error; tok is tokStop
	errors  int
	bad     token     // where recovery starts
	resumed diag.Span // where the last one ended
}

func newParser(src *diag.Source, inc Includer, diags *diag.List) *parser {
	file := &File{Sources: []*diag.Source{src}}
	p := &parser{diags: diags}
	p.lx = lexer{diags: diags, inc: inc, file: file, open: []reader{{src: src}}}
	return p
}

// next moves on by one token in ordinary context.
func (p *parser) next() { p.take(p.lx.next) }

// take moves on by one token of a special context.
func (p *parser) take(read func() token) {
	if p.failed {
		return
	}
	if p.tok.src != nil {
		p.last = p.tok.span()
	}
	p.tok = read()
	if p.tok.kind == tokBad {
		p.stop()
	}
}

// stop puts the statement in error. Until recovery no rule accepts a token, so that all of them end.
func (p *parser) stop() {
	p.errors++
	p.failed = true
	p.bad = p.tok
	p.tok = token{kind: tokStop, src: p.tok.src, start: p.tok.start, end: p.tok.start}
}

// at tells whether the next token is one of the keywords or characters.
func (p *parser) at(names ...string) bool {
	for _, name := range names {
		if p.tok.is(name) {
			return true
		}
	}
	return false
}

// accept moves over a keyword or character if it is next.
func (p *parser) accept(name string) bool {
	if !p.tok.is(name) {
		return false
	}
	p.next()
	return true
}

// expect moves over a keyword or character that must be next.
func (p *parser) expect(name string) {
	if !p.accept(name) {
		p.unexpected(quote(name), name)
	}
}

// oneOf moves over one of several keywords and returns its canonical name, "" after an error.
func (p *parser) oneOf(names ...string) string {
	if !p.at(names...) {
		p.unexpected(alternatives(names), names...)
		return ""
	}
	name := p.tok.name
	p.next()
	return name
}

// from is the span from the start of a rule to the last token read.
func (p *parser) from(start diag.Span) Node { return Node{start.To(p.last)} }

// here is the span of the next token: where a rule starts.
func (p *parser) here() diag.Span { return p.tok.span() }

// recover looks for a place after an error where a statement begins: one of the top level, or with entry also an
// option of a service. It always moves on.
func (p *parser) recover(entry bool) {
	p.failed = false
	p.lx.inArgs = false
	p.tok = p.bad
	if begins(p.tok, entry) && p.tok.span() != p.resumed {
		p.resumed = p.tok.span()
		return
	}
	for p.tok.kind != tokEnd {
		afterElse := p.tok.is("else")
		count := len(*p.diags)
		p.tok = p.lx.next()
		*p.diags = (*p.diags)[:count] // what is skipped has been said to be wrong
		if begins(p.tok, entry) && !(afterElse && p.tok.is("if")) {
			break
		}
	}
	p.resumed = p.tok.span()
}

// begins tells whether a statement begins at a token. Words that also occur within statements only count at the
// start of a line.
func begins(t token, entry bool) bool {
	if t.kind != tokKeyword {
		return false
	}
	switch t.name {
	case "set", "check":
		return true
	case "if", "mode", "onreboot", "every", "noalert":
		return entry
	case "start", "stop", "restart", "alert", "ignore", "not", "group", "depends":
		return entry && t.firstOfLine()
	}
	return false
}

// firstOfLine tells whether only blanks stand before the token on its line.
func (t token) firstOfLine() bool {
	i := t.start
	for i > 0 && (t.src.Text[i-1] == ' ' || t.src.Text[i-1] == '\t') {
		i--
	}
	return i == 0 || t.src.Text[i-1] == '\n'
}

func quote(name string) string { return `"` + name + `"` }

// alternatives writes a list for people: `"a", "b" or "c"`.
func alternatives(names []string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(quote(name))
	}
	return b.String()
}
