// Package monit reads Monit control files: [Compile] turns one into a configuration, [Parse] only into a tree.
//
// The language is the union of Monit 5.33 to 6.1. A text is refused where Monit refuses it, because people check
// their files with either; but where Monit stops at the first mistake, this parser goes on and reports more.
//
// The lexer knows characters and keywords, the parser knows rules, the compiler knows what is sensible and what
// exists. The parser has one method for each rule of the language, in the file of that name.
package monit

import (
	"bytes"
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
		p.began = p.tok.start
		p.statement()
		if p.failed {
			p.recover(false)
		}
	}
	return p.lx.file
}

// A parser reads tokens one ahead.
type parser struct {
	lx       lexer
	diags    *diag.List
	tok      token     // the next token
	last     diag.Span // the token before it
	kind     model.Kind
	sentence bool // of another dialect
	ofUnit   bool // of a service that an init system runs; the kind is then that of its process
	failed   bool // the current statement is in error; tok is tokStop
	errors   int
	began    int       // where the current statement or option starts in its source
	bad      token     // where recovery starts
	resumed  diag.Span // where the last one ended
	long     diag.Span // the last text in quotes that goes over several lines: perhaps a quote is missing
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
	p.lx.closed = 0
	p.tok = read()
	p.last.End = max(p.last.End, p.lx.closed) // what is quoted includes its quote
	if p.tok.kind == tokBad {
		p.stop()
	} else if p.tok.isLong() {
		p.long = p.tok.span()
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
	p.lx.cut(p.tok)
	if begins(p.tok, entry) && p.tok.span() != p.resumed {
		p.resumed = p.tok.span()
		return
	}
	for p.tok.kind != tokEnd {
		afterElse := p.tok.is("else")
		count := len(*p.diags)
		p.tok = p.lx.next()
		*p.diags = (*p.diags)[:count] // what is skipped has been said to be wrong
		p.lx.cut(p.tok)
		if begins(p.tok, entry) && !(afterElse && p.tok.is("if")) {
			break
		}
	}
	p.resumed = p.tok.span()
}

// cut goes back to the end of the first line of a token that goes over several: after a mistake it is likely that a
// quote is missing, and the lines are statements.
func (lx *lexer) cut(t token) {
	if r := &lx.open[len(lx.open)-1]; t.isLong() && t.src == r.src {
		r.pos = lineEnd(t.src.Text, t.start)
	}
}

// isLong tells whether the token is text in quotes that goes over several lines.
func (t token) isLong() bool {
	return t.kind == tokQuoted && bytes.IndexByte(t.bytes(), '\n') >= 0
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
