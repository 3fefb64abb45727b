package native

import (
	"slices"
	"strings"

	"orderly/internal/model"
)

// defaultTLS is what a connection has that says nothing but that it uses TLS.
func (e *encoder) defaultTLS() *model.TLS {
	if e.tls == nil {
		return &model.TLS{}
	}
	return e.tls
}

// tlsNode writes in what options differ from others that hold without them.
func tlsNode(t, from *model.TLS) *node {
	n := newMap()
	if t.Verify != from.Verify {
		n.add("verify", newBool(t.Verify))
	}
	if t.SelfSigned != from.SelfSigned {
		n.add("allow self-signed", newBool(t.SelfSigned))
	}
	if !slices.Equal(t.Versions, from.Versions) {
		var versions []string
		for _, v := range t.Versions {
			versions = append(versions, strings.TrimPrefix(v, "tlsv"))
		}
		n.add("versions", newTexts(versions))
	}
	for _, o := range []struct{ key, value, from string }{
		{"ciphers", t.Ciphers, from.Ciphers},
		{"client certificate", t.ClientPEM, from.ClientPEM},
		{"ca file", t.CAFile, from.CAFile},
		{"ca path", t.CAPath, from.CAPath},
		{"checksum", t.Checksum, from.Checksum},
	} {
		if o.value != o.from {
			n.text(o.key, o.value)
		}
	}
	if len(n.Content) == 0 {
		return newBool(true)
	}
	return n
}

// commonTLS is what all connections of a configuration that use TLS have in common; nil when that is nothing. It can
// be written once, as the default. A checksum is of one server and stays with it.
func commonTLS(c *model.Config) *model.TLS {
	var common *model.TLS
	with := func(t *model.TLS) {
		switch {
		case t == nil:
		case common == nil:
			first := *t
			first.Checksum, first.ChecksumType = "", ""
			common = &first
		default:
			intersect(common, t)
		}
	}
	for _, s := range c.Settings.Mail.Servers {
		with(s.TLS)
	}
	for _, to := range c.Settings.Collectors {
		with(to.TLS)
	}
	for _, s := range c.Services {
		for _, p := range s.Probes() {
			with(p.TLS)
		}
	}
	if h := c.Settings.HTTPD; h != nil && h.TLS != nil && common != nil {
		yield(common, h.TLS)
	}
	if common == nil || len(tlsNode(common, &model.TLS{}).Content) == 0 {
		return nil
	}
	return common
}

// yield takes away what our own server would take over from the defaults and does not have.
func yield(common *model.TLS, t *model.ServerTLS) {
	if !slices.Equal(common.Versions, t.Versions) {
		common.Versions = nil
	}
	if common.Ciphers != t.Ciphers {
		common.Ciphers = ""
	}
}

// intersect takes away what another connection does not have.
func intersect(common, t *model.TLS) {
	common.Verify = common.Verify && t.Verify
	common.SelfSigned = common.SelfSigned && t.SelfSigned
	if !slices.Equal(common.Versions, t.Versions) {
		common.Versions = nil
	}
	for _, o := range []struct {
		value *string
		other string
	}{
		{&common.Ciphers, t.Ciphers}, {&common.ClientPEM, t.ClientPEM}, {&common.CAFile, t.CAFile}, {&common.CAPath, t.CAPath},
	} {
		if *o.value != o.other {
			*o.value = ""
		}
	}
}
