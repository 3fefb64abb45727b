package inq

import (
	"slices"
	"strings"

	"orderly/internal/diag"
)

// maxErrors is how many mistakes of one file are reported.
const maxErrors = 20

// parse reads one file. What is wrong goes to diags; the tree then holds what could be read, whole.
func parse(src *diag.Source, diags *diag.List) *file {
	p := &parser{lx: lexer{src: src, diags: diags}, diags: diags, file: &file{src: src}}
	p.next()
	switch {
	case p.at("check"):
		p.checks()
	case p.tok.kind == tokEnd:
		p.file.isConf = !isCheck(src)
		diags.Warn(src.Whole(), "inq/empty", "there is nothing in this file")
	case isCheck(src) && !p.at("set", "send"):
		p.unexpected("check", "check")
		p.recover("check")
		p.checks()
	default:
		p.file.isConf = true
		p.conf()
	}
	p.file.damaged = p.errors > 0
	return p.file
}

// A parser reads tokens one ahead.
type parser struct {
	lx     lexer
	diags  *diag.List
	file   *file
	tok    token     // the next token
	last   diag.Span // the token before it
	began  diag.Span // where the current statement begins
	failed bool      // it is in error; tok is tokStop
	errors int
	bad    token // where recovery starts
}

// next moves on by one token.
func (p *parser) next() {
	if p.failed {
		return
	}
	p.last = p.tok.at
	if p.tok = p.lx.next(); p.tok.kind == tokBad {
		p.stop()
	}
}

// stop puts the statement in error. Until recovery no rule accepts a token, so that all of them end.
func (p *parser) stop() {
	p.errors++
	p.failed, p.bad = true, p.tok
	p.tok = token{kind: tokStop, at: p.tok.at}
}

// done tells whether there is nothing more to read.
func (p *parser) done() bool { return p.tok.kind == tokEnd || p.errors >= maxErrors }

// at tells whether the next token is one of the keywords or characters.
func (p *parser) at(names ...string) bool { return slices.ContainsFunc(names, p.tok.is) }

// accept moves over a keyword or character if it is next.
func (p *parser) accept(name string) bool {
	if !p.at(name) {
		return false
	}
	p.next()
	return true
}

// expect moves over one of some keywords or characters, which must be next, and returns it.
func (p *parser) expect(names ...string) string {
	for _, name := range names {
		if p.accept(name) {
			return name
		}
	}
	p.unexpected(alternatives(names), names...)
	return ""
}

// isName tells whether the next token can be a name or a value.
func (p *parser) isName() bool {
	return p.tok.kind == tokQuoted || p.tok.kind == tokAtom && !slices.Contains(p.lx.language.reserved(), p.tok.text)
}

// name reads a name or a value; what says which.
func (p *parser) name(what string) Word {
	if !p.isName() {
		p.unexpected(what)
		return Word{}
	}
	w := Word{p.tok.at, p.tok.text}
	p.next()
	return w
}

// begin notes that a statement begins.
func (p *parser) begin() token {
	p.began = p.tok.at
	return p.tok
}

// from is the span from the start of a rule to the last token read.
func (p *parser) from(start token) diag.Span { return start.at.To(p.last) }

// params reads the pairs behind "with".
func (p *parser) params() (list params) {
	for {
		each := param{name: p.name("the name of a parameter")}
		each.value = p.name("the value of " + quoted(each.name.Text))
		if p.failed {
			return list
		}
		list = append(list, each)
		if !p.accept(",") {
			return list
		}
	}
}

// recover looks for a place after an error where something begins: one of the words, at the start of a line or, of the
// first word, anywhere. Without words every line begins something. It always moves on.
func (p *parser) recover(words ...string) {
	if !p.failed {
		return
	}
	p.failed, p.tok = false, p.bad
	for first := true; p.tok.kind != tokEnd; first = false {
		begins := p.tok.firstOfLine() && (len(words) == 0 || p.at(words...)) || len(words) > 0 && p.at(words[0])
		if begins && (!first || p.tok.at != p.began) {
			return
		}
		count := len(*p.diags)
		p.tok = p.lx.next()
		*p.diags = (*p.diags)[:count] // what is skipped has been said to be wrong
	}
}

func quoted(s string) string {
	const limit = 60
	s = diag.Conceal(s)
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s) + `"`
}

// alternatives writes a list for people: `"a", "b" or "c"`.
func alternatives(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, quoted(name))
	}
	if n := len(list) - 1; n > 0 {
		return strings.Join(list[:n], ", ") + " or " + list[n]
	}
	return strings.Join(list, "")
}
