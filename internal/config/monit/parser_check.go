package monit

import (
	"strings"

	"orderly/internal/model"
)

// checkKinds are the words behind "check", longest first where one begins another.
var checkKinds = []struct {
	word string
	kind model.Kind
}{
	{"process", model.KindProcess},
	{"filesystem", model.KindFilesystem},
	{"file", model.KindFile},
	{"fifo", model.KindFifo},
	{"directory", model.KindDirectory},
	{"device", model.KindFilesystem},
	{"host", model.KindHost},
	{"system", model.KindSystem},
	{"program", model.KindProgram},
	{"network", model.KindNetwork},
	{"service", model.KindUnit},
}

// kindWord reads the type behind "check", on the same line. Where it is none, a process is meant and nothing is read.
func (lx *lexer) kindWord() model.Kind {
	r := &lx.open[len(lx.open)-1]
	text := r.src.Text
	i := skip(text, r.pos, " \t")
	for _, k := range checkKinds {
		end := i + len(k.word)
		switch {
		case !hasWord(text, i, k.word):
		case k.kind == model.KindProcess && (end == len(text) || text[end] != ' ' && text[end] != '\t'):
		case k.kind == model.KindUnit && !beginsUnit(r.src, end):
		default:
			r.pos = end
			return k.kind
		}
	}
	return model.KindProcess
}

// check reads a service entry. What is wrong in one of its options does not spoil the others.
func (p *parser) check() {
	c := &Check{Node: Node{p.here()}}
	p.checkHeader(c)
	whole := !p.failed
	if p.failed {
		p.recover(true)
	}
	for p.errors < maxErrors {
		p.began = p.tok.start
		option, ok := p.option()
		switch {
		case p.failed:
			p.recover(true)
		case ok:
			c.Options = append(c.Options, option)
		default:
			if c.Node = p.from(c.Span); p.last.Src != c.Span.Src {
				c.Node = Node{c.Header}
			}
			if whole {
				p.lx.file.Stmts = append(p.lx.file.Stmts, c)
			}
			return
		}
	}
}

// checkHeader reads an entry up to its subject.
func (p *parser) checkHeader(c *Check) {
	c.Kind = p.lx.kindWord()
	p.setKind(c.Kind)
	if c.Kind == model.KindUnit {
		p.take(p.lx.unitName)
	} else {
		p.take(p.lx.name)
	}
	if p.tok.kind != tokWord && p.tok.kind != tokQuoted {
		p.badName("a service", "a word or text in quotes")
	}
	c.Name = p.word()
	switch c.Kind {
	case model.KindProcess:
		p.processSubject(c)
	case model.KindUnit:
		p.unitSubject(c)
	case model.KindProgram:
		c.By = ByPath
		if !p.at("path") {
			p.unexpected(`"path" and the program`, "path")
		}
		c.Program = p.command(false)
	case model.KindHost:
		p.subject(c, []Locator{ByAddress}, (*parser).str)
	case model.KindNetwork:
		p.subject(c, []Locator{ByInterface, ByAddress}, (*parser).str)
	case model.KindFilesystem:
		p.subject(c, []Locator{ByPath}, (*parser).strOrPath)
	case model.KindSystem:
	default:
		p.subject(c, []Locator{ByPath}, (*parser).path)
	}
	c.Header = p.from(c.Span).Span
}

// subject reads a locator and its value.
func (p *parser) subject(c *Check, by []Locator, value func(*parser, string) Word) {
	names := make([]string, len(by))
	for i, l := range by {
		names[i] = string(l)
	}
	c.By = Locator(p.oneOf(names...))
	c.Subject = value(p, "the "+string(c.By))
}

func (p *parser) processSubject(c *Check) {
	switch p.oneOf("pidfile", "path", "match") {
	case "match":
		c.By = ByMatching
		c.Subject = p.strOrPath("an expression")
	default:
		c.By = ByPidfile
		c.Subject = p.path("the pidfile")
	}
}

// optionWords are what an option of an entry may begin with, for hints.
var optionWords = []string{
	"if", "start", "stop", "restart", "alert", "noalert", "every", "mode", "onreboot", "group", "depends", "check",
	"set", "include",
}

// option reads an option of an entry if one is next.
func (p *parser) option() (Option, bool) {
	start := p.here()
	switch {
	case p.at("if"):
		return p.ifThen(), true
	case p.at("start", "stop", "restart"), p.atReload():
		return p.method(), true
	case p.accept("alert"):
		alert := p.recipient(start)
		return &alert, true
	case p.accept("noalert"):
		address := p.mail()
		return &Alert{Node: p.from(start), Address: address, Mute: true}, true
	case p.at("every", "not"):
		return p.every(), true
	case p.accept("mode"):
		name := p.oneOf("active", "passive", "manual")
		return &Mode{p.from(start), name}, true
	case p.accept("onreboot"):
		mode := p.rebootMode()
		return &OnReboot{p.from(start), mode}, true
	case p.at("group"):
		return p.group(), true
	case p.at("depends"):
		return p.depends(), true
	case p.at("ignore") && p.kind == model.KindFile:
		return p.ignore(), true
	case p.at("set", "check") || p.tok.kind == tokEnd:
		return nil, false
	}
	p.unexpected(`an option of the service such as "if" or "start", or the next "check" or "set"`, optionWords...)
	return nil, false
}

// every reads "every" or "not every". Both words of the latter stand on one line.
func (p *parser) every() Option {
	e := &Every{Node: Node{p.here()}}
	if p.tok.is("not") {
		e.Not = true
		p.next()
		if !p.at("every") || strings.Contains(e.Span.To(p.here()).Text(), "\n") {
			p.unexpected(`"every" on the line of "not"`, "every")
			return e
		}
	}
	p.take(p.lx.schedule)
	switch {
	case p.tok.kind == tokNumber && !e.Not:
		e.Cycles = p.num()
		p.expect("cycle")
	case p.tok.kind == tokQuoted && cronLike(p.tok.src.Text[p.tok.start+1:p.tok.end-1]):
		e.Cron = p.word()
	case !p.failed && p.tok.kind == tokEnd:
		p.unexpected("a schedule")
	case !p.failed:
		p.fail("monit/every", "%s is not a schedule", shown(p.tok)).
			Hinted("write a number of cycles, or minute, hour, day of month, month and weekday in quotes: \"0-10 2 * * 1-5\"")
	}
	e.Node = p.from(e.Span)
	return e
}

// badName reports that what stands in the place of a name is none.
func (p *parser) badName(of, form string) {
	if p.failed {
		return
	}
	at := p.here()
	if p.tok.kind == tokEnd {
		at = p.atEnd()
	}
	p.diags.Error(at, "monit/name", "the name of %s is missing or cannot be read", of).
		Hinted("write %s, on the same line as the keyword", form)
	p.stop()
}

func (p *parser) group() Option {
	start := p.here()
	p.take(p.lx.group)
	if p.tok.kind != tokWord && p.tok.kind != tokQuoted {
		p.badName("a group", "a word")
	}
	name := p.word()
	return &Group{p.from(start), name}
}

func (p *parser) depends() Option {
	d := &Depends{Node: Node{p.here()}}
	names := p.lx.names()
	for _, t := range names {
		d.Names = append(d.Names, p.value(t))
		p.last = t.span()
	}
	d.Node = Node{d.Span.To(p.last)}
	last := p.last
	if len(names) == 0 {
		p.take(p.lx.name)
		p.badName("a service", "a word or text in quotes")
	}
	p.next()
	p.last = last
	return d
}

// ignore reads which lines content tests do not see.
func (p *parser) ignore() Option {
	i := &Ignore{Node: Node{p.here()}}
	p.next()
	if p.accept("content") {
		i.Not = p.matchOperator()
	} else {
		i.Not = p.accept("not")
		p.expect("match")
	}
	i.Pattern = p.strOrPath("an expression")
	i.Node = p.from(i.Span)
	return i
}
