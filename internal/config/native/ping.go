package native

import (
	"net"
	"net/url"
	"strconv"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// usualBeat is how often orderly gives its own sign of life where nothing else is said.
const usualBeat = time.Minute

// pings are where jobs give signs of life, under construction.
type pings struct {
	model.Pings
	given bool
	node  monit.Node
	tls   monit.TLS
}

var pingsFields = []field[pings]{
	{"listen", func(d *decoder, it item, p *pings) { p.Listen = d.place(it) }},
	{"tls", func(d *decoder, it item, p *pings) { p.node, p.tls = d.node(it), d.serverTLS(it) }},
	{"secret", func(d *decoder, it item, p *pings) { p.Key = d.key(it).Text }},
}

// pings reads where jobs give signs of life.
func (d *decoder) pings(it item, p *pings) {
	p.given = true
	if items := readMap(d, it, "pings", pingsFields, p); has(items, "tls") && !has(items, "listen") {
		d.errorf(d.span(it.key), "missing", "TLS is for an address of its own").Hinted("add: listen: 0.0.0.0:2813")
	}
}

func (p *pings) settings(x *monit.Entries) *model.Pings {
	if !p.given {
		return nil
	}
	if p.tls != nil {
		p.TLS = x.ServerTLS(p.node, p.tls)
	}
	return &p.Pings
}

// place reads where to listen. Without a host that is everywhere.
func (d *decoder) place(it item) string {
	w, ok := d.word(it)
	if !ok {
		return ""
	}
	_, port, err := net.SplitHostPort(w.Text)
	if n, failed := strconv.Atoi(port); err != nil || failed != nil || n < 1 || n > maxPort {
		d.errorf(w.Span, "address", "%q is no address to listen on", cut(w.Text)).Hinted("write HOST:PORT, as in 127.0.0.1:2813")
	}
	return w.Text
}

var beatFields = []field[model.HeartbeatOut]{
	{"url", func(d *decoder, it item, h *model.HeartbeatOut) { h.URL = d.webAddress(it) }},
	{"every", func(d *decoder, it item, h *model.HeartbeatOut) { h.Every = d.duration(it, time.Second) }},
	{"healthchecks", func(d *decoder, it item, h *model.HeartbeatOut) { h.Healthchecks = d.boolean(it) }},
}

// ownBeat reads where orderly gives its own sign of life. A URL alone will do.
func (d *decoder) ownBeat(it item) *model.HeartbeatOut {
	h := &model.HeartbeatOut{Every: usualBeat}
	if !isMapping(it) {
		h.URL = d.webAddress(it)
	} else if items := readMap(d, it, "heartbeat", beatFields, h); !has(items, "url") {
		d.errorf(d.span(it.key), "missing", "a sign of life needs a url").Hinted("add: url: https://HOST/PATH")
	}
	return h
}

// webAddress reads a URL that is a secret: what is wrong with it is told without it.
func (d *decoder) webAddress(it item) string {
	w, ok := d.word(it)
	if u, err := url.Parse(w.Text); ok && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "") {
		d.errorf(d.span(it.key), "url", "%s is no URL of a web page", d.subject(it)).Hinted("write https://HOST/PATH")
	}
	return w.Text
}

// addPings writes where signs of life come in, and where our own goes.
func (e *encoder) addPings(top *node, s *model.Settings) {
	if p := s.Pings; p != nil {
		n := newMap()
		n.text("listen", p.Listen)
		if p.TLS != nil {
			n.add("tls", e.serverTLSNode(p.TLS))
		}
		n.text("secret", p.Key)
		top.add("pings", n)
	}
	switch h := s.Outgoing; {
	case h == nil:
	case *h == model.HeartbeatOut{URL: h.URL, Every: usualBeat}:
		top.text("heartbeat", h.URL)
	default:
		n := newMap()
		n.text("url", h.URL)
		if h.Every != usualBeat {
			n.text("every", formatDuration(h.Every))
		}
		n.flag("healthchecks", h.Healthchecks)
		top.add("heartbeat", n)
	}
}
