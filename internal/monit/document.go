package monit

import (
	"slices"
	"strconv"

	"orderly/internal/model"
)

// The formats of a [Document].
const (
	FormatPage = 1 // for whoever asks for the status: every service is a child of the root
	FormatPost = 2 // for collectors: services and groups have elements of their own
)

// Room for a document, in bytes: its frame, and one service.
const (
	frameSize   = 4096
	serviceSize = 1536
)

// Document tells of services in XML, in the order given: one line in UTF-8 that any parser can read, whatever names
// and outputs hold. An event, which only FormatPost has a place for, is told of at the end.
//
// Where collectors are configured that may have it, the document holds the password of a user who may command this
// instance: it is for collectors and for who may log in.
func Document(in Instance, services []model.Snapshot, format int, ev *model.Event) []byte {
	m := make(markup, 0, frameSize+serviceSize*len(services))
	d := document{markup: &m, in: &in, settings: in.Settings, post: format == FormatPost}
	if d.settings == nil {
		d.settings = &model.Settings{}
	}
	m.raw(`<?xml version="1.0" encoding="UTF-8"?>`)
	d.root()
	d.server()
	m.end("<server>")
	d.platform()
	if d.post {
		d.hostGroups()
		m.raw("<services>")
	}
	for i := range services {
		d.service(&services[i])
	}
	if d.post {
		m.end("<services>")
		d.groups()
		if ev != nil {
			d.event(ev, services)
		}
	}
	m.end("<monit>")
	return m
}

// A document is one that is being written.
type document struct {
	*markup
	in       *Instance
	settings *model.Settings
	post     bool // it has FormatPost
}

// root opens the document and its server, and tells which instance this is.
func (d *document) root() {
	incarnation := d.in.Incarnation.Unix()
	if d.post {
		d.raw(`<monit id="`)
		d.escaped(d.in.ID)
		d.raw(`" incarnation="`)
		d.raw(strconv.FormatInt(incarnation, 10))
		d.raw(`" version="` + Version + `"><server>`)
		return
	}
	d.raw("<monit><server>")
	d.text("<id>", d.in.ID)
	d.integer("<incarnation>", incarnation)
	d.raw("<version>" + Version + "</version>")
}

func (d *document) server() {
	s := d.settings
	d.integer("<uptime>", int64(max(0, d.in.Now.Sub(d.in.Incarnation)).Seconds()))
	d.integer("<poll>", int64(s.Interval.Seconds()))
	d.integer("<startdelay>", int64(s.StartDelay.Seconds()))
	d.text("<localhostname>", s.Host)
	d.text("<controlfile>", s.Source)
	h := s.HTTPD
	if h == nil || len(h.Allow) == 0 || h.Port == 0 && h.Socket == nil {
		return
	}
	d.raw("<httpd>")
	if h.Port != 0 {
		d.text("<address>", d.address(h))
		d.integer("<port>", int64(h.Port))
		d.integer("<ssl>", flag(h.TLS != nil))
	}
	if h.Socket != nil {
		d.text("<unixsocket>", h.Socket.Path)
	}
	d.end("<httpd>")
	d.credentials(h)
}

// address is where a collector finds the server of the instance.
func (d *document) address(h *model.HTTPD) string {
	switch {
	case h.Address != "":
		return h.Address
	case d.in.Address != "":
		return d.in.Address
	}
	return d.settings.Host
}

// credentials tell collectors how to log in, if they may know and there is somebody who may change something.
func (d *document) credentials(h *model.HTTPD) {
	collectors := d.settings.Collectors
	secret := slices.ContainsFunc(collectors, func(c model.Collector) bool { return c.NoCredentials })
	if h.Port == 0 || h.ReadOnly || len(collectors) == 0 || secret {
		return
	}
	for _, a := range h.Allow {
		if a.Kind == model.AdmitUser && !a.ReadOnly && a.Password != "" {
			d.raw("<credentials>")
			d.text("<username>", a.Name)
			d.text("<password>", a.Password)
			d.end("<credentials>")
			return
		}
	}
}

func (d *document) platform() {
	p := &d.in.Platform
	d.raw("<platform>")
	d.text("<name>", p.Name)
	d.text("<release>", p.Release)
	d.text("<version>", p.Version)
	d.text("<machine>", p.Machine)
	d.integer("<cpu>", int64(p.CPUs))
	d.integer("<memory>", p.Memory/1024)
	d.integer("<swap>", p.Swap/1024)
	d.end("<platform>")
}

// hostGroups are those that collectors shall put this host into.
func (d *document) hostGroups() {
	var names []string
	for _, c := range d.settings.Collectors {
		names = append(names, c.HostGroups...)
	}
	if len(names) == 0 {
		return
	}
	d.raw("<hostgroups>")
	for i, name := range names {
		if !slices.Contains(names[:i], name) {
			d.cdata("<name>", name)
		}
	}
	d.end("<hostgroups>")
}

// groups are told beginning with the one that was named last, as Monit does.
func (d *document) groups() {
	d.raw("<servicegroups>")
	for _, g := range slices.Backward(d.in.Groups) {
		d.raw(`<servicegroup name="`)
		d.escaped(g.Name)
		d.raw(`">`)
		for _, name := range g.Members {
			d.cdata("<service>", name)
		}
		d.end("<servicegroup>")
	}
	d.end("<servicegroups>")
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
