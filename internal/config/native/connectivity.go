package native

import (
	"net"
	"strconv"
	"time"

	"orderly/internal/model"
)

const (
	usualNeed       = 2
	usualLook       = 10 * time.Second
	maxTargets      = 20
	targetTimeout   = 2 * time.Second // of one target: whoever fails meanwhile is told of only afterwards
	connectivityKey = "connectivity"
)

var connectivityFields = []field[model.Connectivity]{
	{"targets", func(d *decoder, it item, c *model.Connectivity) {
		for _, each := range d.list(it) {
			c.Targets = append(c.Targets, d.target(each))
		}
	}},
	{"need", func(d *decoder, it item, c *model.Connectivity) { c.Need = d.number(it, 1, maxTargets) }},
	{"every", func(d *decoder, it item, c *model.Connectivity) { c.Every = d.interval(it) }},
}

// connectivity reads by what it is known whether this host has a network.
func (d *decoder) connectivity(it item) *model.Connectivity {
	c := &model.Connectivity{Need: usualNeed, Every: usualLook}
	readMap(d, it, connectivityKey, connectivityFields, c)
	switch at := d.span(it.key); {
	case len(c.Targets) < 2:
		d.errorf(at, "missing", "it takes two targets at least to know whether this host has a network").
			Hinted("add: targets: [192.0.2.1, dns.example.net:53]")
	case len(c.Targets) > maxTargets:
		d.errorf(at, "value", "%d targets are too many: %d will do", len(c.Targets), maxTargets)
	case c.Need > len(c.Targets):
		d.errorf(at, "value", "%d targets cannot answer where there are %d", c.Need, len(c.Targets))
	}
	return c
}

// target reads whom to ask: a host is pinged, a host with a port is connected to.
func (d *decoder) target(it item) model.Probe {
	p := model.Probe{Kind: model.ProbePing, Timeout: targetTimeout, Count: 1}
	w, ok := d.word(it)
	if !ok {
		return p
	}
	p.Host = w.Text
	if host, port, err := net.SplitHostPort(w.Text); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > maxPort || host == "" {
			d.errorf(w.Span, "address", "%q is no address of a server", cut(w.Text)).Hinted("write HOST or HOST:PORT, as in dns.example.net:53")
		}
		p = model.Probe{Kind: model.ProbePort, Host: host, Port: n, Timeout: targetTimeout}
	}
	if !p.Outbound("") {
		d.errorf(w.Span, "address", "%q is this host, and tells nothing of the network", cut(w.Text))
	}
	return p
}

// addConnectivity writes it.
func addConnectivity(top *node, c *model.Connectivity) {
	if c == nil {
		return
	}
	var targets []string
	for _, p := range c.Targets {
		text := p.Host
		if p.Kind == model.ProbePort {
			text = net.JoinHostPort(p.Host, strconv.Itoa(p.Port))
		}
		targets = append(targets, text)
	}
	n := newMap()
	n.add("targets", newTexts(targets))
	if c.Need != usualNeed {
		n.add("need", newInt(c.Need))
	}
	if c.Every != usualLook {
		n.text("every", formatDuration(c.Every))
	}
	top.add(connectivityKey, n)
}
