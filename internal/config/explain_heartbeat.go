package config

import (
	"net/url"

	"orderly/internal/model"
)

// heartbeat tells when signs of life are expected. Keys are not shown.
func (x *explainer) heartbeat(h *model.Heartbeat) {
	if h == nil {
		return
	}
	switch zone := h.Zone; {
	case h.Cron != "" && zone == "":
		x.became("expects", "one when the time of this host is %s, or up to %v later", h.Cron, h.Grace)
	case h.Cron != "":
		x.became("expects", "one when the time in %s is %s, or up to %v later", zone, h.Cron, h.Grace)
	case h.Period > 0:
		x.became("expects", "one within %v of the one before, or up to %v later", h.Period, h.Grace)
	}
	if h.MaxRun > 0 {
		x.became("", "runs that take no more than %v", h.MaxRun)
	}
	if h.Key != "" {
		x.became("hears", "who pings it over HTTP and knows its key")
	}
}

// pings tells where signs of life come in over HTTP, and where our own goes.
func (x *explainer) pings(s *model.Settings) {
	if p := s.Pings; p != nil {
		at := "the read-only web interface, from programs on this host"
		if p.Listen != "" {
			at = p.Listen
		}
		if p.TLS != nil {
			at += " with TLS, certificate " + p.TLS.Certificate
		}
		x.became("hears", "pings at %s", at)
		if p.Key != "" {
			x.became("", "of any heartbeat, from who knows a secret")
		}
	}
	if h := s.Outgoing; h != nil {
		host := "a server"
		if u, err := url.Parse(h.URL); err == nil {
			host = u.Host
		}
		text := ""
		if h.Healthchecks {
			text = ", or that it makes no progress"
		}
		x.became("heartbeat", "every %v, %s is told that orderly makes progress%s", h.Every, host, text)
	}
}
