package monit

import "strings"

var tlsVersions = []string{"sslv2", "sslv3", "tlsv1", "tlsv11", "tlsv12", "tlsv13", "auto"}

// tlsPlace is where options of TLS stand; it decides which there are.
type tlsPlace int8

const (
	tlsTest   tlsPlace = iota // a connection test
	tlsServer                 // a mail server or collector: versions and certmd5 also outside of a block, no days
)

// tlsOption reads something about TLS if it is next, and appends it to what was read before.
func (p *parser) tlsOption(tls TLS, place tlsPlace) (TLS, bool) {
	start := p.here()
	switch {
	case p.accept("ssl"):
		if p.at("{") {
			return p.tlsBlock(tls), true
		}
		return append(tls, TLSOption{Node: Node{start}, Name: TLSEnable}), true
	case p.at("certificate"):
		return p.certificate(tls, place), true
	case place == tlsServer && p.at(tlsVersions...):
		return p.bareVersion(tls), true
	case place == tlsServer && p.at("certmd5"):
		return p.certMD5(tls), true
	}
	return tls, false
}

// bareVersion reads a TLS version outside of a block.
func (p *parser) bareVersion(tls TLS) TLS {
	version := p.word()
	version.Text = strings.ToLower(version.Text)
	return append(tls, TLSOption{Node: version.Node, Name: TLSVersion, Values: []Word{version}})
}

func (p *parser) certMD5(tls TLS) TLS {
	start := p.here()
	p.next()
	digest := p.str("an MD5 digest")
	return append(tls, TLSOption{Node: p.from(start), Name: TLSCertMD5, Value: digest})
}

// certificate reads a condition on the server's certificate.
func (p *parser) certificate(tls TLS, place tlsPlace) TLS {
	o := TLSOption{Node: Node{p.here()}}
	p.next()
	choices := []string{"checksum", "valid"}
	if place == tlsServer {
		choices = choices[:1]
	}
	switch p.oneOf(choices...) {
	case "checksum":
		o.Name = TLSChecksum
		if p.at("md5", "sha1") {
			o.Hash = p.tok.name
			p.next()
		}
		p.accept("=")
		o.Value = p.str("a digest")
	case "valid":
		o.Name = TLSDays
		p.accept(">")
		o.Days = p.integer("days")
		p.mustUnit("day")
	}
	o.Node = p.from(o.Span)
	return append(tls, o)
}

var tlsBlockOptions = []string{
	"verify", "selfsigned", "version", "ciphers", "pemfile", "pemchain", "pemkey", "clientpemfile", "cacertificatefile",
	"cacertificatepath",
}

// tlsBlock reads options in braces.
func (p *parser) tlsBlock(tls TLS) TLS {
	p.expect("{")
	for !p.failed && !p.at("}") {
		o := TLSOption{Node: Node{p.here()}}
		o.Name = TLSName(p.oneOf(tlsBlockOptions...))
		p.expect(":")
		switch o.Name {
		case TLSVerify:
			o.On = p.oneOf("enable", "disable") == "enable"
		case TLSSelfSigned:
			o.On = p.oneOf("allow", "reject") == "allow"
		case TLSVersion:
			o.Values = p.versions()
		case TLSCiphers:
			o.Value = p.str("a list of ciphers")
		default:
			o.Value = p.path("the value of " + string(o.Name))
		}
		o.Node = p.from(o.Span)
		tls = append(tls, o)
	}
	p.expect("}")
	return tls
}

// versions reads a list of TLS versions; each but "auto" may have a minus in front of it.
func (p *parser) versions() []Word {
	var list []Word
	for !p.failed && (p.at(tlsVersions...) || p.minusVersion()) {
		w := p.word()
		w.Text = strings.ToLower(w.Text)
		list = append(list, w)
	}
	return list
}

func (p *parser) minusVersion() bool {
	text := p.tok.bytes()
	if p.tok.kind != tokWord || text[0] != '-' {
		return false
	}
	k, _ := lookup(text[1:])
	for _, v := range tlsVersions {
		if k.name == v && v != "auto" {
			return true
		}
	}
	return false
}
