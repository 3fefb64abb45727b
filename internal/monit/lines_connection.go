package monit

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"orderly/internal/model"
)

// connections are the lines of pings, ports and sockets; those of each kind in the order in which they are tested.
func (f *facts) connections() {
	probes := f.s.Spec.Probes()
	for _, kind := range []model.ProbeKind{model.ProbePing, model.ProbePort, model.ProbeSocket} {
		for i, p := range probes {
			if p.Kind == kind {
				f.connection(p, f.answer(i))
			}
		}
	}
}

// answer is the last result of a probe, a skipped one if there is none.
func (f *facts) answer(i int) model.Result {
	if i >= len(f.s.Probes) {
		return model.Result{Skipped: true}
	}
	return f.s.Probes[i]
}

func (f *facts) connection(p *model.Probe, r model.Result) {
	label, value := "port response time", ""
	switch {
	case p.Kind == model.ProbePing:
		label, value = "ping response time", pinged(r)
	case p.Kind == model.ProbeSocket:
		label, value = "unix socket response time", connected(p, r)
	default:
		value = connected(p, r)
	}
	if r.Skipped {
		f.add(label, "")
		return
	}
	tone := Failing
	if r.OK {
		tone = f.tone(func(rule *model.Rule) bool { return rule.Probe == p })
	}
	f.lines = append(f.lines, Line{label, value, tone})
}

func pinged(r model.Result) string {
	if !r.OK {
		return "connection failed"
	}
	return formatDuration(r.Readings.Get(model.Latency).Number() * 1e3)
}

// connected tells how long an answer took and what was asked: "1.363 ms to 127.0.0.1:80 type TCP/IP protocol HTTP".
func connected(p *model.Probe, r model.Result) string {
	place := address(p, !r.OK)
	if !r.OK {
		return oneLine("FAILED to " + place + " " + manner(p, model.Value{}))
	}
	took := "connected" // a server that is not asked for an answer has no response time
	if latency := r.Readings.Get(model.Latency); latency.Present() {
		took = formatDuration(latency.Number() * 1e3)
	}
	return oneLine(took + " to " + place + " " + manner(p, r.Readings.Get(model.Certificate)))
}

// address is what a probe connects to: "127.0.0.1:80/page" or "/run/app.sock". What failed has its host in brackets.
func address(p *model.Probe, failed bool) string {
	if p.Kind == model.ProbeSocket {
		return p.Path
	}
	host := p.Host
	if failed {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s:%d%s", host, p.Port, requestOf(p))
}

// manner is how a probe speaks: "type TCP/IP using TLS (certificate valid for 29 days) protocol HTTP".
func manner(p *model.Probe, certificate model.Value) string {
	how := "type " + transport(p)
	if p.Kind != model.ProbeSocket {
		how += "/IP"
		if p.Family != 0 {
			how += fmt.Sprintf("v%d", p.Family)
		}
	}
	if p.TLS != nil {
		how += " using TLS"
		if certificate.Present() {
			how += fmt.Sprintf(" (certificate valid for %.0f days)", math.Floor(certificate.Number()))
		}
	}
	return how + " protocol " + protocolName(p)
}

// transport is "TCP" or "UDP".
func transport(p *model.Probe) string {
	if p.UDP {
		return "UDP"
	}
	return "TCP"
}

// requestOf is the page that a probe asks for, "" where none is written.
func requestOf(p *model.Probe) string {
	switch p.Protocol {
	case "http", "websocket":
		return p.Params.Get("request")
	}
	return ""
}

// protocolName is what Monit calls the protocol of a probe: "HTTP", "generic" for a dialogue, "DEFAULT" for none.
func protocolName(p *model.Probe) string {
	switch {
	case len(p.Dialog) > 0:
		return "generic"
	case p.Protocol == "apache-status":
		return "APACHESTATUS"
	}
	return strings.ToUpper(cmp.Or(p.Protocol, "default"))
}
