package native

import (
	"reflect"

	"orderly/internal/model"
)

// askFields are the keys that say which server a rule asks for its numbers. What it asks for, and how, is told by
// the metric of the rule.
var askFields = func() []field[model.Probe] {
	fields := []field[model.Probe]{
		{"host", func(d *decoder, it item, p *model.Probe) { p.Host = d.text(it) }},
		{"port", func(d *decoder, it item, p *model.Probe) { p.Port = d.number(it, 1, maxPort) }},
		{"socket", func(d *decoder, it item, p *model.Probe) { p.Kind, p.Path = model.ProbeSocket, d.path(it).Text }},
	}
	for _, name := range askOptions {
		fields = append(fields, field[model.Probe]{name, func(d *decoder, it item, p *model.Probe) {
			p.Params = append(p.Params, model.Param{Name: name, Value: d.text(it)})
		}})
	}
	return fields
}()

// askOptions are the options of protocols that ask for numbers, in the order they are written.
var askOptions = []string{"database", "username", "password", "request"}

// exposed is the family of what can be passed on.
const exposed = "memstats"

func (d *decoder) ask(it item) *model.Probe {
	p := &model.Probe{Kind: model.ProbePort}
	items := readMap(d, it, "ask", askFields, p)
	switch at := d.span(follow(it.value)); {
	case p.Kind == model.ProbeSocket && (has(items, "host") || has(items, "port")):
		d.errorf(at, "exclusive", "a server is at a socket or at a port")
	case p.Kind == model.ProbePort && p.Port == 0:
		d.errorf(at, "missing", "it is not said where the server is").Hinted("add a port or a socket")
	case p.Kind == model.ProbePort && p.Host == "":
		p.Host = "localhost"
	}
	return p
}

// asking gives a rule the server that it asks. Rules of a service that ask the same share their question.
func (d *decoder) asking(s *model.Service, r *model.Rule, p *phrase) {
	family := r.Metric.Family()
	switch {
	case family == "" && p.ask == nil:
		return
	case family == "":
		d.errorf(p.at, "ask", "%s is nothing that a server is asked for", r.Metric)
		return
	case p.ask == nil:
		d.errorf(p.at, "missing", "it is not said which %s is asked", family).Hinted("add: ask: {port: ...}")
		return
	}
	r.Probe = p.ask
	r.Probe.Protocol, r.Probe.Timeout = model.FamilyProtocol(family), s.Limits.NetworkTimeout
	if !d.speaks(r.Probe.Protocol) {
		d.warnf(p.at, "not-yet", "%s is not asked for its numbers yet; the rule cannot fail", family)
	}
	for i := range s.Rules {
		if other := s.Rules[i].Probe; other != nil && reflect.DeepEqual(other, r.Probe) {
			r.Probe = other
			return
		}
	}
}

// askNode writes which server is asked.
func askNode(p *model.Probe) *node {
	n := newMap()
	if p.Kind == model.ProbeSocket {
		n.text("socket", p.Path)
	} else {
		if p.Host != "localhost" {
			n.text("host", p.Host)
		}
		n.add("port", newInt(p.Port))
	}
	for _, param := range p.Params {
		n.text(param.Name, param.Value)
	}
	return n
}
