package inq

import (
	"strings"

	"orderly/internal/model"
)

// checks reads a file of checks, of which there should be one.
func (p *parser) checks() {
	for !p.done() {
		if len(p.file.checks) > 0 {
			p.diags.Error(p.tok.at, "inq/checks", "a file holds one check").
				Relate(p.file.checks[0].span, "this is it").Hinted("put the other one into a file of its own")
			p.errors++
		}
		p.file.checks = append(p.file.checks, p.check())
	}
}

// check reads one check. What of it could not be read is left out.
func (p *parser) check() (c check) {
	start := p.begin()
	p.lx.language = inCheck
	p.expect("check")
	if p.at("jobs") {
		p.lx.language = inJobs
	}
	switch p.expect("service", "host", "jobs") {
	case "service":
		c.kind, c.name = model.KindUnit, p.name("the name of a service")
	case "host":
		c.kind = model.KindSystem
	case "jobs":
		c.kind = model.KindHeartbeat
	}
	if p.accept("with") {
		c.params = p.params()
	}
	c.span = p.from(start)
	if c.kind == model.KindHeartbeat {
		p.jobs(&c)
		return c
	}
	if expose := p.tok; p.accept("expose") {
		c.expose = p.exposed()
		c.exposed = p.from(expose)
	}
	if c.kind == model.KindSystem && !p.failed && !p.at("if") {
		p.unexpected("a rule", "if")
	}
	p.recoverRule()
	for !p.done() && !p.at("check") {
		if r := p.rule(); !p.failed {
			c.rules = append(c.rules, r)
		}
		p.recoverRule()
	}
	return c
}

// recoverRule goes on where the next rule or check begins, if something was wrong.
func (p *parser) recoverRule() { p.recover("if", "check") }

func (p *parser) exposed() (names []Word) {
	for {
		if w := p.name("what is to be exposed"); w.given() {
			names = append(names, w)
		}
		if !p.accept(",") {
			return names
		}
	}
}

// rule reads from "if" to the last action.
func (p *parser) rule() (r rule) {
	start := p.begin()
	p.expect("if")
	first := p.tok
	r.family = p.name("the name of a measurement")
	switch {
	case p.accept(":"):
		r.name = p.name("what of " + quoted(r.family.Text) + " is measured")
	case p.accept("("):
		r.name = p.name("what of " + quoted(r.family.Text) + " is measured")
		p.expect(")")
	}
	r.below = p.expect(">", "<") == "<"
	if p.tok.kind == tokQuoted || strings.HasPrefix(p.tok.text, "=") {
		p.unexpected("a number", "number")
	}
	r.amount = p.name("a number")
	if p.accept("for") {
		r.cycles = p.name("a number of cycles")
		if !p.accept("cycle") {
			p.expect("cycles")
		}
	}
	r.condition = p.from(first)
	p.expect("then")
	for {
		r.actions = append(r.actions, p.action())
		if !p.accept(",") {
			break
		}
	}
	r.span = p.from(start)
	return r
}

func (p *parser) action() (a action) {
	start := p.tok
	a.kind = model.ActionKind(p.expect(string(model.ActAlert), string(model.ActRestart), string(model.ActReload)))
	if a.kind == model.ActAlert && p.isName() {
		a.team = p.name("the name of a team")
	}
	a.span = p.from(start)
	return a
}

// jobs reads the lines of a check of jobs.
func (p *parser) jobs(c *check) {
	if !p.failed && p.tok.kind == tokEnd {
		p.unexpected("a job: NAME happens every 2 hours")
	}
	p.recover()
	for !p.done() && !p.at("check") {
		if j := p.job(); !p.failed {
			c.jobs = append(c.jobs, j)
		}
		p.recover()
	}
}

func (p *parser) job() (j job) {
	start := p.begin()
	j.name = p.name("the name of a job")
	p.expect("happens")
	p.expect("every")
	if p.isName() {
		j.count = p.name("a number")
	}
	at := p.tok
	j.unit = Word{at.at, p.expect("minute", "minutes", "hour", "hours", "day", "days")}
	j.span = p.from(start)
	return j
}
