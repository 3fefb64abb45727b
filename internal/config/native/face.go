package native

import "orderly/internal/model"

var faceFields = []field[model.Face]{
	{"name", func(d *decoder, it item, f *model.Face) { f.Component = d.text(it) }},
	{"group", func(d *decoder, it item, f *model.Face) { f.Group = d.text(it) }},
	{"description", func(d *decoder, it item, f *model.Face) { f.Description = d.text(it) }},
	{"link", func(d *decoder, it item, f *model.Face) { f.Link = d.publicAddress(it) }},
	{"private", func(d *decoder, it item, f *model.Face) { f.Private = d.boolean(it) }},
	{"metric", func(d *decoder, it item, f *model.Face) { f.Metric = d.boolean(it) }},
}

// face reads how a service shows itself on the status page. What it is called there will do.
func (d *decoder) face(it item, f *model.Face) {
	if isMapping(it) {
		readMap(d, it, "component", faceFields, f)
	} else {
		f.Component = d.text(it)
	}
}

// faceKeys say it in the entry of a service.
var faceKeys = []field[service]{
	{"component", func(d *decoder, it item, s *service) { d.face(it, s.public()) }},
	{"public", func(d *decoder, it item, s *service) {
		if !d.boolean(it) {
			s.public().Hidden = true
		}
	}},
}

// public is the face of a service under construction.
func (s *service) public() *model.Face {
	if s.face == nil {
		s.face = &model.Face{}
	}
	return s.face
}

// addFace writes how a service shows itself.
func addFace(n *node, f *model.Face) {
	if f == nil {
		return
	}
	switch plain := (model.Face{Component: f.Component, Hidden: f.Hidden}); {
	case *f == plain:
		n.text("component", f.Component)
	default:
		m := newMap()
		m.text("name", f.Component)
		m.text("group", f.Group)
		m.text("description", f.Description)
		m.text("link", f.Link)
		m.flag("private", f.Private)
		m.flag("metric", f.Metric)
		n.add("component", m)
	}
	if f.Hidden {
		n.add("public", newBool(false))
	}
}
