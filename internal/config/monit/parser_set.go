package monit

import "orderly/internal/model"

// statement reads a statement of the top level.
func (p *parser) statement() {
	switch {
	case p.tok.is("set"):
		if stmt := p.set(); !p.failed {
			p.lx.file.Stmts = append(p.lx.file.Stmts, stmt)
		}
	case p.at("check"):
		p.check()
	default:
		p.unexpected(`a statement: "check", "set" or "include"`, "check", "set", "include")
	}
}

var settings = []string{
	"daemon", "terminal", "init", "fips", "onreboot", "limits", "expectbuffer", "log", "idfile", "statefile", "pidfile",
	"eventqueue", "mmonit", "ssl", "mailserver", "mail-format", "alert", "httpd",
}

// set reads everything that begins with "set".
func (p *parser) set() Stmt {
	start := p.here()
	p.next()
	switch name := p.oneOf(settings...); name {
	case "daemon":
		return p.setDaemon(SetDaemon{Node: Node{start}})
	case "terminal":
		p.expect("batch")
		return &SetFlag{p.from(start), name}
	case "init", "fips":
		return &SetFlag{p.from(start), name}
	case "onreboot":
		mode := p.rebootMode()
		return &SetOnReboot{p.from(start), mode}
	case "limits":
		limits := p.limits()
		return &SetLimits{p.from(start), limits}
	case "expectbuffer":
		limit := p.limitValue("sendExpectBuffer", sizeUnits)
		return &SetLimits{p.from(start), []Limit{limit}}
	case "log":
		return p.setLog(SetLog{Node: Node{start}})
	case "idfile", "statefile", "pidfile":
		path := p.path("the " + name)
		return &SetPath{p.from(start), name, path}
	case "eventqueue":
		return p.setEventQueue(SetEventQueue{Node: Node{start}})
	case "mmonit":
		return p.setMMonit(SetMMonit{Node: Node{start}})
	case "ssl":
		if !p.at("{") {
			p.unexpected(`a block of options in { }`, "{")
		}
		tls := p.tlsBlock(nil)
		return &SetTLS{p.from(start), tls}
	case "mailserver":
		return p.setMailServer(SetMailServer{Node: Node{start}})
	case "mail-format":
		format := p.mailFormat(start)
		return &SetMailFormat{p.from(start), format}
	case "alert":
		alert := p.recipient(start)
		return &SetAlert{p.from(start), alert}
	case "httpd":
		return p.setHTTPD(SetHTTPD{Node: Node{start}, Signature: true})
	}
	return nil
}

func (p *parser) setDaemon(s SetDaemon) Stmt {
	s.Interval = p.integer("seconds between two checks")
	if p.accept("start") {
		p.expect("delay")
		s.Delay = p.integer("seconds to wait")
	}
	s.Node = p.from(s.Span)
	return &s
}

func (p *parser) setLog(s SetLog) Stmt {
	if p.tok.kind == tokPath {
		s.Path = p.word()
	} else if p.accept("syslog") {
		if p.accept("facility") {
			s.Facility = p.str("a facility such as log_daemon")
		}
	} else {
		p.unexpected(`an absolute path or "syslog"`, "syslog")
	}
	s.Node = p.from(s.Span)
	return &s
}

func (p *parser) setEventQueue(s SetEventQueue) Stmt {
	if p.accept("basedir") {
		s.Dir = p.path("the directory")
	} else if !p.at("slot") {
		p.unexpected(`"basedir" or "slots"`, "basedir", "slots")
	}
	if p.accept("slot") {
		s.Slots = p.integer("how many events are kept")
	}
	s.Node = p.from(s.Span)
	return &s
}

var (
	sizeUnits  = []string{"byte", "kb", "mb", "gb"}
	limitTimes = []string{"millisecond", "second"}
)

// limitNames maps the keywords of limits to their documented spelling.
var limitNames = map[string]string{
	"programoutput": "programOutput", "sendexpectbuffer": "sendExpectBuffer", "filecontentbuffer": "fileContentBuffer",
	"httpcontentbuffer": "httpContentBuffer", "networktimeout": "networkTimeout", "programtimeout": "programTimeout",
	"starttimeout": "startTimeout", "stoptimeout": "stopTimeout", "restarttimeout": "restartTimeout",
	"exectimeout": "execTimeout",
}

var limitWords = []string{
	"programoutput", "sendexpectbuffer", "filecontentbuffer", "httpcontentbuffer", "networktimeout", "programtimeout",
	"starttimeout", "stoptimeout", "restarttimeout", "exectimeout",
}

func (p *parser) limits() []Limit {
	var list []Limit
	p.expect("{")
	for !p.failed && !p.at("}") {
		start := p.here()
		name := limitNames[p.oneOf(limitWords...)]
		p.expect(":")
		units := sizeUnits
		if len(name) > len("Timeout") && name[len(name)-len("Timeout"):] == "Timeout" {
			units = limitTimes
		}
		limit := p.limitValue(name, units)
		limit.Node = p.from(start)
		list = append(list, limit)
	}
	p.expect("}")
	return list
}

// limitValue reads the value of a limit. Sizes may come without a unit, times may not.
func (p *parser) limitValue(name string, allowed []string) Limit {
	start := p.here()
	n := p.integer("the limit")
	var u Unit
	if allowed[0] == "byte" {
		u = p.unit(allowed...)
	} else {
		u = p.mustUnit(allowed...)
	}
	n.Span = p.from(start).Span
	return Limit{Node{n.Span}, name, Quantity{n, u}}
}

// setMMonit reads one or more collectors.
func (p *parser) setMMonit(s SetMMonit) Stmt {
	for !p.failed && (p.tok.kind == tokURL || len(s.Collectors) == 0) {
		s.Collectors = append(s.Collectors, p.collector())
	}
	s.Node = p.from(s.Span)
	return &s
}

func (p *parser) collector() Collector {
	start := p.here()
	c := Collector{URL: p.url()}
	for !p.failed {
		if tls, ok := p.tlsOption(c.TLS, tlsServer); ok {
			c.TLS = tls
			continue
		}
		switch {
		case p.accept("timeout"):
			c.Timeout = p.seconds("the timeout")
			continue
		case p.at("hostgroups"):
			c.HostGroups = append(c.HostGroups, p.hostGroups()...)
			continue
		}
		break
	}
	if p.accept("register") {
		p.expect("credentials")
		c.NoCredentials = true
	}
	c.Node = p.from(start)
	return c
}

// rebootMode reads the word behind "onreboot".
func (p *parser) rebootMode() model.OnReboot {
	switch p.oneOf("start", "nostart", "laststate") {
	case "nostart":
		return model.RebootNoStart
	case "laststate":
		return model.RebootLastState
	}
	return model.RebootStart
}
