package monit

import (
	"bytes"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// maxArguments is how many words a command may have, the program among them.
const maxArguments = 63

// method reads a start, stop, restart or reload program.
func (p *parser) method() Option {
	m := &Method{Node: Node{p.here()}, Kind: model.ActionKind(p.tok.name)}
	if m.Kind == "" {
		m.Kind = model.ActReload
	}
	m.Command = *p.command(true)
	m.Node = p.from(m.Span)
	return m
}

// command reads a program behind the keyword that is next, with users and a timeout.
// Of a method, "program" and "=" may come before the arguments in quotes.
func (p *parser) command(method bool) *Command {
	c := &Command{Args: make([]Word, 0, 4)}
	p.lx.arguments(method)
	p.next()
	start := p.here()
	for !p.failed && (p.tok.isString() || p.tok.kind == tokPath) && !p.atReload() {
		if len(c.Args) == maxArguments {
			p.fail("monit/arguments", "too many arguments").Hinted("a command may have %d", maxArguments)
			return c
		}
		c.Args = append(c.Args, p.word())
	}
	if len(c.Args) == 0 && p.at("=") {
		p.unexpected(`a program; "=" can only stand in front of a double quote on the same line`)
	} else if len(c.Args) == 0 {
		p.unexpected("a program with an absolute path")
	}
	for !p.failed {
		switch {
		case p.accept("uid"):
			c.UID = p.account("a user")
			continue
		case p.accept("gid"):
			c.GID = p.account("a group")
			continue
		}
		break
	}
	if p.accept("timeout") {
		c.Timeout = p.seconds("the timeout")
	}
	c.Node = p.from(start)
	return c
}

var actionWords = []string{"alert", "exec", "ignore", "restart", "start", "stop", "unmonitor"}

// action reads what is to be done.
func (p *parser) action() Action {
	a := Action{Node: Node{p.here()}, Kind: model.ActionKind(p.tok.name)}
	switch {
	case p.tok.is("exec"):
		a.Exec = p.command(false)
		if p.accept("repeat") {
			a.Repeat = p.repeat()
		}
	case p.beyondMonit():
		p.deed(&a)
	default:
		p.oneOf(actionWords...)
	}
	a.Node = p.from(a.Span)
	return a
}

// repeat reads "every 5 cycles" or "every cycle".
func (p *parser) repeat() Num {
	if !p.at("every") {
		p.unexpected(`"every"`, "every")
		return Num{}
	}
	p.take(p.lx.cycles)
	n := Num{Node{p.here()}, 1}
	if p.tok.kind == tokNumber {
		n = p.num()
	}
	p.expect("cycle")
	return n
}

// ifThen reads a test or a restart limit.
func (p *parser) ifThen() Option {
	start := p.here()
	p.next()
	if p.tok.kind == tokNumber {
		return p.restartLimit(RestartLimit{Node: Node{start}})
	}
	t := &Test{Node: Node{start}, Text: p.here()}
	c := p.condition(t)
	if !t.Rate.Given() {
		t.Rate = p.rate()
	}
	t.Text = words(start, t.Text, p.last, p.here())
	p.expect("then")
	t.Then = p.action()
	if p.tok.is("else") && c != recoverNever {
		t.Else = p.recovery(c)
	}
	t.Node = p.from(start)
	return t
}

// words is the text of a condition with the noise words around it: what stands between "if" and "then". first and
// last are its first and last token. A comment beside it does not belong to it.
func words(before, first, last, after diag.Span) diag.Span {
	if before.Src == first.Src {
		gap := first.Src.Text[before.End:first.Start]
		if !bytes.ContainsAny(gap, "#\\\n") {
			first.Start -= len(bytes.TrimLeft(gap, blanks))
		}
	}
	text := first.To(last)
	if last.Src == after.Src && text.End == last.End && last.End <= after.Start {
		gap := last.Src.Text[last.End:after.Start]
		if !bytes.ContainsAny(gap, "#\\\n") {
			text.End += len(bytes.TrimRight(gap, blanks))
		}
	}
	return text
}

func (p *parser) restartLimit(r RestartLimit) Option {
	start := p.here()
	r.Restarts = p.integer("how many restarts")
	p.expect("restart")
	r.Cycles = p.integer("how many cycles")
	p.expect("cycle")
	r.Cond = p.from(start).Span
	p.expect("then")
	if at := p.here(); p.accept("timeout") {
		r.Then = Action{Node: Node{at}, Kind: model.ActUnmonitor}
	} else {
		r.Then = p.action()
	}
	r.Node = p.from(r.Span)
	return &r
}

// recovers says how the recovery of a test can be written.
type recovers int8

const (
	recoverSucceeded recovers = iota // "else if succeeded"
	recoverFailed                    // "else if failed": the test is inverted
	recoverNever                     // no else at all
)

// recovery reads what is done when the condition no longer holds.
func (p *parser) recovery(how recovers) Else {
	e := Else{Node: Node{p.here()}}
	p.next()
	if p.accept("if") {
		if how == recoverFailed {
			p.expect("failed")
		} else {
			p.oneOf("succeeded", "recovered", "passed")
		}
		e.Rate = p.rate()
		p.expect("then")
	}
	e.Then = p.action()
	e.Node = p.from(e.Span)
	return e
}
