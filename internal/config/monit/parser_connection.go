package monit

import "orderly/internal/diag"

// A connForm is how a connection test names its target. It decides which options there are.
type connForm int8

const (
	connPort connForm = iota
	connSocket
	connURL
)

// connection reads a connection test; "failed" or "succeeded" was read.
func (p *parser) connection(start diag.Span, succeeded bool) Cond {
	c := &Connection{Succeeded: succeeded}
	form := connPort
	switch {
	case p.accept("unixsocket"):
		form = connSocket
		c.Socket = p.path("the socket")
	case p.at("url"):
		form = connURL
		p.next()
		c.URL = p.url()
	default:
		if p.accept("host") {
			c.Host = p.str("a host")
		}
		p.expect("port")
		c.Port = p.integer("a port")
	}
	for p.connOption(c, form) {
	}
	c.Node = p.from(start)
	return c
}

// connOption reads an option of a connection test if one is next.
func (p *parser) connOption(c *Connection, form connForm) bool {
	if p.failed {
		return false
	}
	switch {
	case p.accept("timeout"):
		c.Timeout = p.seconds("the timeout")
	case p.accept("retry"):
		c.Retry = p.integer("how often to try")
	case form != connURL && p.at("type", "protocol", "send", "expect", "responsetime"):
		p.dialogOption(c)
	case form == connPort && p.accept("ipv4"):
		c.Family = 4
	case form == connPort && p.accept("ipv6"):
		c.Family = 6
	case form == connPort && p.accept("address"):
		c.Source = p.str("an address")
	case form != connSocket && p.at("content"):
		c.Body = p.body()
	case form != connSocket && p.at("ssl", "certificate"):
		c.TLS, _ = p.tlsOption(c.TLS, tlsTest)
	default:
		return false
	}
	return true
}

// dialogOption reads how to talk once connected.
func (p *parser) dialogOption(c *Connection) {
	switch start := p.here(); {
	case p.accept("type"):
		p.connType(c)
	case p.accept("responsetime"):
		c.Response = p.response(start)
	case p.accept("protocol"):
		c.Replaced = append(c.Replaced, c.Dialog...)
		c.Dialog = nil
		c.Protocol = p.protocol(start)
	default:
		expect := p.oneOf("send", "expect") == "expect"
		if c.Protocol != nil && c.Protocol.Name != "default" {
			p.diags.Error(start, "monit/dialog", "send and expect cannot be used with the protocol %q", c.Protocol.Name).
				Hinted("leave out either the protocol or the dialog")
			p.stop()
			return
		}
		text := p.str("what to send or expect")
		c.Dialog = append(c.Dialog, Turn{p.from(start), expect, text})
	}
}

// connType reads the word behind "type" and, of tcpssl, the TLS version.
func (p *parser) connType(c *Connection) {
	at := p.here()
	name := p.oneOf("tcp", "udp", "tcpssl")
	c.Type = Word{Node{at}, name, Bare}
	c.UDP = name == "udp"
	if name != "tcpssl" {
		return
	}
	c.TLS = append(c.TLS, TLSOption{Node: Node{at}, Name: TLSEnable})
	for !p.failed && p.at(append(tlsVersions, "certmd5")...) {
		c.TLS, _ = p.tlsOption(c.TLS, tlsServer)
	}
}

// response reads the time that is good.
func (p *parser) response(start diag.Span) Response {
	r := Response{Op: p.operator()}
	r.Value = p.mustQuantity(p.integer("a time"), "millisecond", "second")
	r.Node = p.from(start)
	return r
}

// body reads what the answer has to contain.
func (p *parser) body() *Content {
	start := p.here()
	p.next()
	not := p.matchOperator()
	pattern := p.str("an expression")
	return &Content{p.from(start), not, pattern}
}

// ping reads an echo test; "failed" or "succeeded" was read.
func (p *parser) ping(start diag.Span, succeeded bool) Cond {
	c := &Ping{Succeeded: succeeded}
	switch p.oneOf("ping", "ping4", "ping6", "icmp") {
	case "ping4":
		c.Family = 4
	case "ping6":
		c.Family = 6
	case "icmp":
		p.expect("type")
		p.expect("echo")
	}
	for !p.failed {
		switch at := p.here(); {
		case p.accept("count"):
			c.Count = p.integer("how many attempts")
			continue
		case p.accept("size"):
			c.Size = p.integer("how many bytes")
			continue
		case p.accept("timeout"):
			c.Timeout = p.seconds("the timeout")
			continue
		case p.accept("address"):
			c.Source = p.str("an address")
			continue
		case p.accept("responsetime"):
			c.Response = p.response(at)
			continue
		}
		break
	}
	c.Node = p.from(start)
	return c
}
