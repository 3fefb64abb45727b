package inq

// conf reads the statements of inspeqtor.conf.
func (p *parser) conf() {
	for !p.done() {
		switch start := p.begin(); p.expect("set", "send") {
		case "set":
			s := setting{name: p.name("the name of a variable")}
			s.value = p.name("the value of " + quoted(s.name.Text))
			if s.span = p.from(start); !p.failed {
				p.file.sets = append(p.file.sets, s)
			}
		case "send":
			r := p.route()
			if r.span = p.from(start); !p.failed {
				p.file.routes = append(p.file.routes, r)
			}
		}
		p.recover("set", "send")
	}
}

// route reads what follows "send".
func (p *parser) route() (r route) {
	p.expect("alerts")
	if p.accept("to") {
		r.name = p.name("the name of a route")
	} else if !p.at("via") {
		p.unexpected(`"to" or "via"`, "to", "via")
	}
	p.expect("via")
	r.channel = p.name("the name of a channel")
	p.expect("with")
	r.params = p.params()
	return r
}
