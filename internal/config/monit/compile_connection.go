package monit

import (
	"net/netip"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// remote completes the rules of a test that asks a host: its result, its response time and its certificate.
func (e *entry) remote(f family, topic model.Topic, p *model.Probe, succeeded bool, response Response, tls TLS, at diag.Span, r model.Rule) {
	r.Probe = p
	result := r
	result.Topic, result.Metric, result.Op, result.Operand = topic, model.OK, model.Equal, model.Bool(succeeded)
	rules := []model.Rule{result}
	if response.Given() {
		late := r
		late.Text, late.Topic, late.Metric = e.text(response.Pos()), model.TopicSpeed, model.Latency
		late.Op = negated[response.Op]
		late.Operand = model.Num(min(response.Value.Value*response.Value.Unit.Scale(), maxOperand))
		rules = append(rules, late)
	}
	if o, ok := tls.days(); ok {
		expiring := r
		expiring.Text, expiring.Topic, expiring.Metric = e.text(o.Pos()), model.TopicTimestamp, model.Certificate
		expiring.Op, expiring.Operand = model.Less, model.Num(min(o.Days.Value, maxOperand))
		rules = append(rules, expiring)
	}
	e.add(f, at, rules...)
}

// negated turns what is good into what is trouble.
var negated = map[model.Op]model.Op{
	model.Less: model.GreaterEqual, model.LessEqual: model.Greater, model.Greater: model.LessEqual,
	model.GreaterEqual: model.Less, model.Equal: model.NotEqual, model.NotEqual: model.Equal,
}

// What pings send where nothing else is said, and the least and most data bytes they may.
const (
	pingCount            = 3
	pingSize             = 64
	minPing, maxPing int = 8, 1492
)

func (e *entry) ping(cond *Ping, r model.Rule) {
	p := &model.Probe{
		Kind: model.ProbePing, Host: e.service.Subject.Address, Family: cond.Family, Source: e.source(cond.Source),
		Timeout: e.timeout(cond.Timeout, e.limits.NetworkTimeout), Count: pingCount, Size: pingSize,
	}
	if cond.Count.Given() {
		p.Count = max(1, cond.Count.Int())
	}
	if cond.Size.Given() {
		p.Size = cond.Size.Int()
		if p.Size < minPing || p.Size > maxPing {
			e.errorf(cond.Size.Pos(), "ping-size", "a ping carries between %d and %d bytes", minPing, maxPing)
		}
	}
	e.remote(famPing, model.TopicICMP, p, cond.Succeeded, cond.Response, nil, cond.Pos(), r)
}

// source is a local address to connect from.
func (e *entry) source(w Word) string {
	if w.Given() {
		if _, err := netip.ParseAddr(w.Text); err != nil {
			e.errorf(w.Pos(), "ip", "%s is no IP address", quoted(w.Text)).Hinted("the address to connect from cannot be a name")
		}
	}
	return w.Text
}

func (e *entry) connection(cond *Connection, t *Test, r model.Rule) {
	p := &model.Probe{
		Kind: model.ProbePort, Host: e.service.Subject.Address, Port: cond.Port.Int(), Family: cond.Family, UDP: cond.UDP,
		Source: e.source(cond.Source), Timeout: e.timeout(cond.Timeout, e.limits.NetworkTimeout), Retry: cond.Retry.Int(),
	}
	if e.service.Kind == model.KindProcess || e.service.Kind == model.KindUnit {
		p.Host = "localhost"
	}
	if cond.Host.Given() {
		p.Host = cond.Host.Text
	}
	f := famPort
	var secrets []diag.Span
	switch {
	case cond.Socket.Given():
		f = famSocket
		p.Kind, p.Host, p.Path = model.ProbeSocket, "", cond.Socket.Text
	case cond.URL != nil:
		secrets = e.url(cond, p)
	}
	secrets = append(secrets, e.speak(cond, p)...)
	if len(cond.Replaced) > 0 {
		e.warnf(cond.Replaced[0].Pos(), "overridden", "the protocol after it makes this send and expect void")
	}
	p.TLS = e.tlsOf(cond.TLS, secured[protocolName(cond)])
	r.Text = e.text(condition(t), secrets...)
	e.remote(f, model.TopicConnection, p, cond.Succeeded, cond.Response, cond.TLS, cond.Pos(), r)
}

// url fills the probe of a test of a web page, and returns the place of its credentials.
func (e *entry) url(cond *Connection, p *model.Probe) (secrets []diag.Span) {
	u := cond.URL
	p.Host, p.Port, p.Protocol = u.Host, u.Port, "http"
	p.MaxSize = e.limits.HTTPContent
	p.Params = append(p.Params, model.Param{Name: "request", Value: u.Request})
	if u.User != "" {
		p.Params = append(p.Params, model.Param{Name: "username", Value: decoded(u.User)}, model.Param{Name: "password", Value: decoded(u.Password)})
	}
	e.body(cond, p)
	if u.User == "" && u.Password == "" {
		return nil
	}
	text := u.Pos().Text()
	from := strings.Index(text, "://") + len("://")
	if at := strings.LastIndexByte(text, '@'); at >= from {
		return []diag.Span{{Src: u.Pos().Src, Start: u.Pos().Start + from, End: u.Pos().Start + at}}
	}
	return nil
}

// secured are the protocols that are spoken over TLS.
var secured = map[string]bool{"https": true, "imaps": true, "pops": true, "smtps": true, "mysqls": true}

// spokenAs are the protocols that are another one over TLS.
var spokenAs = map[string]string{"https": "http", "imaps": "imap", "pops": "pop", "smtps": "smtp", "default": ""}

func protocolName(cond *Connection) string {
	switch {
	case cond.URL != nil:
		return cond.URL.Scheme
	case cond.Protocol != nil:
		return cond.Protocol.Name
	}
	return ""
}

// body adds the test of a page's content.
func (e *entry) body(cond *Connection, p *model.Probe) {
	if cond.Body == nil {
		return
	}
	if p.Protocol != "http" {
		e.warnf(cond.Body.Pos(), "not-yet", "content has no effect without protocol http").
			Hinted("use expect for other protocols")
		return
	}
	op := model.Equal
	if cond.Body.Not {
		op = model.NotEqual
	}
	if content := cond.Body.Pattern; e.pattern(content.Text, content.Pos()) {
		p.Params = append(p.Params, model.Param{Name: "content", Op: op, Value: content.Text})
	}
}
