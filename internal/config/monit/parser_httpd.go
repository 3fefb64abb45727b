package monit

import (
	"orderly/internal/diag"
)

// setHTTPD reads the options of the built-in web server, in any order.
func (p *parser) setHTTPD(s SetHTTPD) Stmt {
	for !p.failed {
		at := p.here()
		switch {
		case p.accept("port"):
			s.Port = p.integer("a port")
			s.ReadOnly = p.accept("read-only")
		case p.accept("unixsocket"):
			p.httpdSocket(&s)
		case p.accept("address"):
			s.Addresses = append(s.Addresses, p.str("an address"))
		case p.accept("signature"):
			s.Signature = p.oneOf("enable", "disable") == "enable"
		case p.at("enable", "disable"):
			s.Signature = p.oneOf("enable", "disable") == "enable"
			p.expect("signature")
		case p.at("allow"):
			s.Allow = append(s.Allow, p.allow(at))
		case p.at("ssl"):
			s.TLS, _ = p.tlsOption(s.TLS, tlsTest)
		case p.at("pemfile", "clientpemfile"):
			name := TLSName(p.oneOf("pemfile", "clientpemfile"))
			value := p.path("the PEM file")
			s.TLS = append(s.TLS, TLSOption{Node: p.from(at), Name: name, Value: value})
		case p.accept("allowselfcertification"):
			s.TLS = append(s.TLS, TLSOption{Node: Node{at}, Name: TLSAllowSelf})
		default:
			s.Node = p.from(s.Span)
			return &s
		}
	}
	return &s
}

func (p *parser) httpdSocket(s *SetHTTPD) {
	s.Socket = p.path("the socket")
	s.SocketReadOnly = false
	for !p.failed {
		switch {
		case p.accept("uid"):
			s.SocketUID = p.account("a user")
		case p.accept("gid"):
			s.SocketGID = p.account("a group")
		case p.accept("permission"):
			mode := p.integer("octal digits")
			s.SocketMode = Word{Node: mode.Node, Text: mode.Pos().Text()}
		case p.accept("read-only"):
			s.SocketReadOnly = true
		default:
			return
		}
	}
}

// allow reads who is admitted.
func (p *parser) allow(start diag.Span) Allow {
	p.next()
	a := Allow{Kind: AllowHost}
	switch {
	case p.accept("@"):
		a.Kind = AllowPAM
		a.Name = p.str("the name of a group")
		a.ReadOnly = p.accept("read-only")
	case p.at("cleartext", "md5", "crypt"):
		a.Hash = p.oneOf("cleartext", "md5", "crypt")
		p.allowFile(&a)
	case p.tok.kind == tokPath:
		p.allowFile(&a)
	default:
		a.Name = p.str("a host, a network, a user with a password or a file")
		if p.accept(":") {
			a.Kind = AllowUser
			a.Password = p.str("a password")
			a.ReadOnly = p.accept("read-only")
		}
	}
	a.Node = p.from(start)
	return a
}

func (p *parser) allowFile(a *Allow) {
	a.Kind = AllowFile
	a.Name = p.path("the htpasswd file")
	for !p.failed && p.tok.isString() {
		a.Users = append(a.Users, p.str("a user"))
	}
}
