package monit

import (
	"bytes"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// Monit has no services of init systems. What is read here is refused by it, so that no control file of its means
// anything else.

// beginsUnit tells whether "service", which ends at an offset, says of what type an entry is. Without a type, "check
// service with pidfile /run/x" is about a process of that name.
func beginsUnit(src *diag.Source, end int) bool {
	at := skip(src.Text, end, " \t")
	if at == end || at == len(src.Text) {
		return false
	}
	if c := src.Text[at]; c == '#' || c != '"' && c != '\'' && !is(c, inWord) {
		return false
	}
	ahead := lexer{diags: new(diag.List), file: new(File), open: []reader{{src: src, pos: at}}}
	t := ahead.scan(&ahead.open[0])
	return t.kind != tokEnd && !t.is("pidfile") && !t.is("path") && !t.is("match") && !t.is("include")
}

// setKind says what the tests that follow are about. A unit is tested like a process, and for more.
func (p *parser) setKind(kind model.Kind) {
	p.kind, p.ofUnit = kind, kind == model.KindUnit
	if p.ofUnit {
		p.kind = model.KindProcess
	}
}

// beyondMonit tells whether what is read is nothing that Monit reads.
func (p *parser) beyondMonit() bool { return p.sentence || p.ofUnit }

// atWord tells whether a word is next that is no keyword of Monit's.
func (p *parser) atWord(word string) bool {
	return p.tok.kind == tokWord && strings.EqualFold(string(p.tok.bytes()), word)
}

// acceptWord moves over such a word if it is next.
func (p *parser) acceptWord(word string) bool {
	if !p.atWord(word) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expectWord(word string) {
	if !p.acceptWord(word) {
		p.unexpected(quote(word), word)
	}
}

// atReload tells whether a reload program is next. The word must begin a line, or it is an argument of another program.
func (p *parser) atReload() bool { return p.ofUnit && p.atWord("reload") && p.tok.firstOfLine() }

// unitSubject reads, in any order, what the init system calls the service, which one that is, and a pidfile.
func (p *parser) unitSubject(c *Check) {
	c.By = ByUnit
	for {
		switch {
		case !c.Subject.Given() && p.atWord("unit"):
			c.Subject = p.unitName("a unit")
		case !c.Init.Given() && p.atWord("by"):
			c.Init = p.unitName("an init system")
		case !c.Pidfile.Given() && p.accept("pidfile"):
			c.Pidfile = p.path("the pidfile")
		default:
			return
		}
	}
}

// unitName reads the name behind the word that is next: any word, even a keyword.
func (p *parser) unitName(of string) Word {
	p.take(p.lx.unitName)
	if p.tok.kind != tokWord && p.tok.kind != tokQuoted {
		p.badName(of, "a word or text in quotes")
	}
	return p.word()
}

// unitName reads a name as init systems have them: "web@1.service", or text in quotes.
func (lx *lexer) unitName() token {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	r.pos = skip(text, r.pos, " \t")
	end := r.pos
	for end < len(text) && nameByte(text[end], "") && bytes.IndexByte([]byte("',;()"), text[end]) < 0 {
		end++
	}
	if end > r.pos {
		return r.token(tokWord, "", end)
	}
	if t, ok := r.bareOrQuoted(" "); ok {
		return t
	}
	return r.raw()
}

// ends reads "ends unasked" or "restart loop".
func (p *parser) ends(t *Test) recovers {
	start := p.here()
	if p.accept("restart") {
		p.expectWord("loop")
		t.Cond = &Ends{p.from(start), true}
		return recoverSucceeded
	}
	p.next()
	p.expectWord("unasked")
	t.Cond = &Ends{p.from(start), false}
	return recoverNever
}

// deed reads an action other than exec. Those that act on a service may name another one.
func (p *parser) deed(a *Action) {
	if p.acceptWord("reload") {
		a.Kind = model.ActReload
	} else {
		p.oneOf(append([]string{"reload"}, actionWords...)...)
	}
	switch a.Kind {
	case model.ActStart, model.ActStop, model.ActRestart, model.ActReload:
		if p.atWord("service") {
			a.On = p.unitName("a service")
		}
		a.Once = p.acceptWord("once")
	}
}
