package monit

import (
	"orderly/internal/diag"
	"orderly/internal/model"
)

func (c *compiler) setMMonit(s *SetMMonit) {
	settings := &c.made.Config.Settings
	for i := range s.Collectors {
		if made, ok := c.collector(&s.Collectors[i]); ok {
			settings.Collectors = append(settings.Collectors, made)
		}
	}
	c.made.Reporting = s.Pos()
}

// collector is one server that is told of everything. Its login goes out as it is written in the URL.
func (c *compiler) collector(to *Collector) (made model.Collector, ok bool) {
	made = model.Collector{
		Timeout: c.timeout(to.Timeout, c.limits.NetworkTimeout), TLS: c.tlsOf(to.TLS, to.URL != nil && to.URL.Scheme == "https"),
		NoCredentials: to.NoCredentials, HostGroups: texts(to.HostGroups),
	}
	if to.URL == nil {
		return made, false
	}
	u := to.URL
	made.Scheme, made.Host, made.Port, made.Path = u.Scheme, u.Host, u.Port, u.Request
	made.Username, made.Password = u.User, u.Password
	if made.TLS != nil {
		made.Scheme = "https" // options of TLS count more than the word
	}
	return made, true
}

func texts(words []Word) (out []string) {
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

// Unmanageable warns at a span where collectors are named that they cannot send commands to this host.
func Unmanageable(s *model.Settings, at diag.Span, diags *diag.List) {
	if len(s.Collectors) == 0 {
		return
	}
	warn := func(summary, hint string) {
		diags.Warn(at, "monit/unmanageable", "M/Monit cannot manage this host: %s", summary).Hinted("%s", hint)
	}
	h := s.HTTPD
	switch {
	case h == nil:
		warn("there is no web interface", "it needs a port and a login")
	case h.Port == 0:
		warn("the web interface has no port", "a unix socket cannot be reached from elsewhere")
	case !anyLogin(s):
		warn("the web interface has no login that it could be told", "allow a user with a password who may change things")
	}
}

// anyLogin tells whether there is a login that collectors can be told, or none of them is to be told any.
func anyLogin(s *model.Settings) bool {
	wanted := false
	for _, c := range s.Collectors {
		wanted = wanted || !c.NoCredentials
	}
	if !wanted {
		return true
	}
	for _, a := range s.HTTPD.Allow {
		if !a.ReadOnly && (a.Kind == model.AdmitUser || a.Kind == model.AdmitFile && a.Hash == "cleartext") {
			return true
		}
	}
	return false
}
