package inq

import "orderly/internal/model"

// memstats is the family of programs written in Go, and what can be exposed.
const memstats = "memstats"

// A server says how a family is asked: which parameters a check may have, with their defaults, in the order of the
// probe's options.
type server struct {
	port   int
	socket bool // may be asked through a unix socket
	params []param
}

func option(name, otherwise string) param { return param{Word{Text: name}, Word{Text: otherwise}} }

var servers = map[string]server{
	"redis":      {port: 6379, socket: true, params: []param{option("password", "")}},
	"memcached":  {port: 11211},
	"mysql":      {port: 3306, socket: true, params: []param{option("username", "root"), option("password", "")}},
	"nginx":      {port: 80, params: []param{option("endpoint", "/status")}},
	"postgresql": {port: 5432, params: []param{option("database", ""), option("username", "postgres")}},
	memstats:     {port: 8080, params: []param{option("path", "/debug/vars")}},
}

// probeOptions are the names of parameters to the probe, where they differ.
var probeOptions = map[string]string{"endpoint": "request", "path": "request"}

// probe is how the family of a rule is asked. All rules about a family share one probe.
func (e *entry) probe(r *rule) *model.Probe {
	family := r.family.Text
	p := e.server(family)
	if !e.env.Protocols(p.Protocol) {
		e.notYet(r.at(), family+" is not asked for its numbers yet; the rule cannot fail",
			"whether it answers can be checked: see the protocols of connection tests")
	}
	return p
}

func (e *entry) server(family string) *model.Probe {
	if p := e.probes[family]; p != nil {
		return p
	}
	s, given := servers[family], e.check.params
	p := &model.Probe{
		Kind: model.ProbePort, Host: "localhost", Port: s.port, Protocol: model.FamilyProtocol(family),
		Timeout: model.DefaultLimits().NetworkTimeout,
	}
	e.probes[family] = p
	e.used["hostname"], e.used["port"] = true, true
	if host := given.get("hostname"); host != "" {
		p.Host = host
	}
	if port, is := given.find("port"); is {
		var ok bool
		if p.Port, ok = readCount(port.value.Text, maxPort); !ok {
			e.errorf(port.value.Span, "number", "%s is no port", quoted(port.value.Text))
		}
	}
	if e.used["socket"] = e.used["socket"] || s.socket; s.socket && given.get("socket") != "" {
		p.Kind, p.Host, p.Port, p.Path = model.ProbeSocket, "", 0, given.get("socket")
	}
	for _, o := range s.params {
		name := o.name.Text
		e.used[name] = true
		value := given.get(name)
		if value == "" {
			value = o.value.Text
		}
		if to := probeOptions[name]; to != "" {
			name = to
		}
		if value != "" {
			p.Params = append(p.Params, model.Param{Name: name, Value: value})
		}
	}
	return p
}
