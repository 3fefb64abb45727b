package monit

import (
	"math"
	"strings"

	"orderly/internal/model"
)

// connections tell of pings, ports and sockets; those of each kind in the order in which they are tested.
func (v *values) connections(s *model.Snapshot) {
	if !asks(s.Spec) {
		return
	}
	probes := s.Spec.Probes()
	for _, tell := range [...]struct {
		kind model.ProbeKind
		how  func(*model.Probe, *model.Result)
	}{{model.ProbePing, v.ping}, {model.ProbePort, v.port}, {model.ProbeSocket, v.socket}} {
		for i, p := range probes {
			if p.Kind == tell.kind {
				answer := &model.Result{}
				if i < len(s.Probes) {
					answer = &s.Probes[i]
				}
				tell.how(p, answer)
			}
		}
	}
}

// asks tells whether a service has probes at all: most have none, and need no list of them.
func asks(s *model.Service) bool {
	for i := range s.Rules {
		if s.Rules[i].Probe != nil {
			return true
		}
	}
	return false
}

func (v *values) ping(_ *model.Probe, r *model.Result) {
	v.raw("<icmp><type>Ping</type>")
	v.response(r)
	v.end("<icmp>")
}

func (v *values) port(p *model.Probe, r *model.Result) {
	v.raw("<port>")
	v.text("<hostname>", p.Host)
	v.integer("<portnumber>", int64(p.Port))
	v.cdata("<request>", requestOf(p))
	v.text("<protocol>", strings.ToUpper(protocolName(p)))
	v.text("<type>", transport(p))
	v.response(r)
	if p.TLS != nil {
		days := math.Floor(r.Readings.Get(model.Certificate).Number())
		v.raw("<certificate>")
		v.integer("<valid>", rounded(days))
		v.end("<certificate>")
	}
	v.end("<port>")
}

func (v *values) socket(p *model.Probe, r *model.Result) {
	v.raw("<unix>")
	v.text("<path>", p.Path)
	v.text("<protocol>", strings.ToUpper(protocolName(p)))
	v.response(r)
	v.end("<unix>")
}

// response is how long an answer took in seconds, -1 where there was none.
func (v *values) response(r *model.Result) {
	took := -1.0
	if latency := r.Readings.Get(model.Latency); r.OK && !r.Skipped && latency.Present() {
		took = latency.Number()
	}
	v.decimal("<responsetime>", took, 6)
}
