package native

import (
	"net/url"
	"regexp"

	"orderly/internal/model"
)

// autoTerm are the days that are left of a domain when people are told: registries do not tell its lifetime, which is years.
var autoTerm = []float64{30, 14, 7}

// domainName is what a domain may look like; one in other letters is written as xn--....
var domainName = regexp.MustCompile(`^(?i:(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])$`)

// term reads when people are told that a domain ends: "auto", or times like 14d; nil after an error.
func (d *decoder) term(it item) *lapse {
	l := d.lapse(it)
	switch {
	case l == nil:
		return nil
	case follow(it.value).Value == auto:
		l.left = autoTerm
	case l.metric == model.CertificateLeft:
		d.errorf(l.at, "value", "a part of the lifetime is not known of a domain").Hinted("write times: [30d, 14d, 7d]")
		return nil
	}
	l.metric = model.Registration
	return l
}

// registry reads the address of a server that knows a domain.
func (d *decoder) registry(it item) string {
	w, ok := d.word(it)
	if !ok {
		return ""
	}
	u, err := url.Parse(w.Text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		d.errorf(w.Span, "value", "%s must be the address of a server, without a password", d.subject(it)).Hinted("write it as in https://rdap.example.org/")
		return ""
	}
	return w.Text
}

// key is what warnings are written under.
func (l *lapse) key() string {
	if l.metric == model.Registration {
		return "domain"
	}
	return "certificate"
}
