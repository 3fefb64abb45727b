package monit

import (
	"strconv"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// speak fills in the protocol or the dialogue of a probe and returns the places of passwords.
func (e *entry) speak(cond *Connection, p *model.Probe) (secrets []diag.Span) {
	for _, turn := range cond.Dialog {
		p.MaxSize = e.limits.SendExpect
		if !turn.Expect {
			p.Dialog = append(p.Dialog, model.Turn{Send: turn.Text.Text})
		} else if e.pattern(turn.Text.Text, turn.Text.Pos()) {
			p.Dialog = append(p.Dialog, model.Turn{Expect: turn.Text.Text})
		}
	}
	spoken := cond.Protocol
	if spoken == nil {
		if cond.URL == nil {
			e.body(cond, p)
		}
		return nil
	}
	base, renamed := spokenAs[spoken.Name]
	if !renamed {
		base = spoken.Name
	}
	p.Protocol = base
	for _, param := range spoken.Params {
		p.Params = append(p.Params, e.param(base, param))
		if p.Params[len(p.Params)-1].Secret() {
			secrets = append(secrets, param.Value.Pos())
		}
	}
	if base == "http" {
		p.MaxSize = e.limits.HTTPContent
	}
	e.body(cond, p)
	e.protocolRules(cond, p)
	if base != "" && !e.env.Protocols(base) {
		e.warnf(spoken.Pos(), "not-yet", "protocol %s is not checked yet; only the connection is tested", spoken.Name)
	}
	return secrets
}

// maxForward bounds the maxforward option of sip; values outside mean the default.
const maxForward, defaultForward = 255, "70"

func (e *entry) param(protocol string, in Param) model.Param {
	out := model.Param{Name: in.Name, Op: in.Op, Value: in.Value.Text}
	switch {
	case in.Name == "status" && in.Op == "":
		out.Op = model.Equal
	case protocol == "http" && in.Name == "checksum":
		out.Value, _ = e.digest(in.Value, in.Hash, "page")
	case in.Name == "rsakey":
		out.Value, _ = e.digest(in.Value, in.Hash, "key")
	case in.Name == "maxforward":
		if n, err := strconv.Atoi(in.Value.Text); err != nil || n > maxForward {
			e.warnf(in.Value.Pos(), "maxforward", "maxforward must be between 0 and %d, %s is used", maxForward, defaultForward)
			out.Value = defaultForward
		}
	case in.Name == "header":
		name, value, _ := strings.Cut(in.Value.Text, ":")
		if strings.EqualFold(strings.TrimSpace(name), "connection") && !strings.EqualFold(strings.TrimSpace(value), "close") {
			e.warnf(in.Value.Pos(), "connection-header", "a connection is closed after each test, whatever this header says")
		}
	}
	return out
}

// protocolRules checks what protocols demand of the rest of their test.
func (e *entry) protocolRules(cond *Connection, p *model.Probe) {
	at := cond.Protocol.Pos()
	switch p.Protocol {
	case "ntp3":
		p.UDP = true
	case "radius":
		if !p.UDP {
			e.errorf(at, "radius", "radius is spoken over UDP only").Hinted("add before the protocol: type udp")
		}
	case "http":
		if !strings.EqualFold(p.Params.Get("method"), "head") {
			return
		}
		for _, name := range []string{"content", "checksum"} {
			if _, given := p.Params.Find(name); given {
				e.errorf(at, "http-head", "method HEAD returns no page, so its %s cannot be tested", name)
			}
		}
	case "mysql", "mysqls":
		_, key := p.Params.Find("rsakey")
		_, user := p.Params.Find("username")
		switch {
		case key && !user:
			e.errorf(at, "mysql-key", "rsakey needs a username")
		case key && (p.Protocol == "mysqls" || cond.TLS.on()):
			e.errorf(at, "mysql-key", "rsakey cannot be used together with TLS, which protects the password itself")
		}
	}
}
