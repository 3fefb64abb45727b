package native

import (
	"net"
	"strconv"
	"strings"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// A collector is a server that is told of everything, under construction.
type collector struct {
	monit.Collector
	username, password string
	login              bool
}

var collectorFields = []field[collector]{
	{"url", func(d *decoder, it item, c *collector) { c.URL = d.url(it) }},
	{"username", func(d *decoder, it item, c *collector) { c.username, c.login = d.text(it), true }},
	{"password", func(d *decoder, it item, c *collector) { c.password, c.login = d.text(it), true }},
	{"timeout", func(d *decoder, it item, c *collector) { c.Timeout = d.quantity(it) }},
	{"tls", func(d *decoder, it item, c *collector) { c.TLS = d.tls(it) }},
	{"tell login", func(d *decoder, it item, c *collector) { c.NoCredentials = !d.boolean(it) }},
	{"host groups", func(d *decoder, it item, c *collector) { c.HostGroups = d.words(it) }},
}

// collectors reads servers that are told of everything. A URL alone will do.
func (d *decoder) collectors(it item) *monit.SetMMonit {
	all := &monit.SetMMonit{Node: monit.Node{Span: d.span(it.key)}}
	for _, each := range d.list(it) {
		c := collector{Collector: monit.Collector{Node: d.node(each)}}
		if !isMapping(each) {
			c.URL = d.url(each)
		} else if items := readMap(d, each, "a collector", collectorFields, &c); !has(items, "url") {
			d.errorf(c.Span, "missing", "a collector needs a url").Hinted("add: url: https://HOST:8443/collector")
		}
		if c.URL == nil {
			continue // reported
		}
		if c.login {
			c.URL.User, c.URL.Password = c.username, c.password
		}
		all.Collectors = append(all.Collectors, c.Collector)
	}
	return all
}

func (d *decoder) url(it item) *monit.URL {
	w, ok := d.word(it)
	if !ok {
		return nil
	}
	u, err := monit.ParseURL(w.Node, w.Text)
	if err != nil {
		d.errorf(w.Span, "url", "%s: %v", d.subject(it), err).Hinted("write https://HOST/PATH")
	}
	return u
}

// quantity reads a time as a statement of a control file has it.
func (d *decoder) quantity(it item) (q monit.Quantity) {
	if v := d.duration(it, time.Millisecond); v > 0 {
		q = monit.Quantity{Num: monit.Num{Node: d.node(it), Value: v.Seconds()}, Unit: monit.Second}
	}
	return q
}

// collectorNodes writes the servers that are told of everything.
func (e *encoder) collectorNodes(list []model.Collector) *node {
	var nodes []*node
	for _, c := range list {
		n := newMap()
		n.text("url", collectorURL(c))
		n.text("username", c.Username)
		n.text("password", c.Password)
		if c.Timeout != e.config.Settings.Limits.NetworkTimeout {
			n.text("timeout", formatDuration(c.Timeout))
		}
		if c.TLS != nil {
			if tls := tlsNode(c.TLS, e.defaultTLS()); len(tls.Content) > 0 {
				n.add("tls", tls)
			}
		}
		if c.NoCredentials {
			n.add("tell login", newBool(false))
		}
		if c.HostGroups != nil {
			n.add("host groups", newTexts(c.HostGroups))
		}
		nodes = append(nodes, n)
	}
	return newList(false, nodes...)
}

func collectorURL(c model.Collector) string {
	host, usual := c.Host, 80
	if c.Scheme == "https" {
		usual = 443
	}
	switch {
	case c.Port != usual:
		host = net.JoinHostPort(host, strconv.Itoa(c.Port))
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return c.Scheme + "://" + host + c.Path
}
