package status

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"orderly/internal/model"
)

// Configure takes over a configuration, at the start and at each reload. Components of services appear, are changed where
// the configuration says something of them, and vanish when no service drives them any more; they keep their numbers.
func (b *Book) Configure(page model.StatusPage, services []*model.Service, host string) {
	b.settle(func(d *draft) {
		d.view.Page, d.view.Host, d.changed = page, host, true
		d.view.Templates = b.templates(page.Templates)
		d.faces(services, host)
		b.inbox.watch(services, &page, d.known, d.now)
		d.metricsOf(services)
		d.reconcile()
	})
	b.poke()
}

// known is how a service was when it was last checked, also by an earlier process.
func (d *draft) known(service string) Health {
	if c := d.view.ComponentOf(service); c != nil {
		for _, k := range c.Checks {
			if k.Service == service && k.Health.Valid() {
				return k.Health
			}
		}
	}
	return Unknown
}

// templates reads the templates of the configuration. What is wrong with one was said when the configuration was read.
func (b *Book) templates(list []model.IncidentTemplate) []*Template {
	var out []*Template
	for n, one := range list {
		t, err := ParseTemplate(one.Name, cmp.Or(one.Slug, Slug(one.Name)), one.Text)
		if err != nil {
			b.opt.Log.Warn("a template of incidents is left out", "template", one.Name, "err", err)
			continue
		}
		t.ID = int64(n + 1)
		out = append(out, t)
	}
	return out
}

// A face is services that are one component.
type face struct {
	label    string
	key      string
	services []*model.Service
}

// wordSystem is what a component is called that is about the host itself, whose name is nobody's business (P-235).
const wordSystem = "System"

// facesOf are the components that a configuration wants, in its order.
func facesOf(services []*model.Service, host string) []*face {
	var out []*face
	byKey := map[string]*face{}
	for _, s := range services {
		label := s.Name
		if s.Face == nil && s.Kind == model.KindSystem && len(s.Rules) == 0 {
			continue // nothing is checked of this host
		}
		if s.Face != nil {
			if s.Face.Hidden {
				continue
			}
			label = cmp.Or(s.Face.Component, label)
		}
		key := strings.ToLower(host + "/" + label)
		f := byKey[key]
		if f == nil {
			f = &face{label: label, key: key}
			if s.Kind == model.KindSystem && label == s.Name {
				f.label = wordSystem
			}
			byKey[key] = f
			out = append(out, f)
		}
		f.services = append(f.services, s)
	}
	return out
}

// faces has a component for each that the configuration wants.
func (d *draft) faces(services []*model.Service, host string) {
	wanted := facesOf(services, host)
	keys := map[string]bool{}
	for _, f := range wanted {
		keys[f.key] = true
	}
	byKey, byService := map[string]*Component{}, map[string]*Component{}
	for _, c := range d.view.Components {
		if c.Key == "" {
			continue
		}
		byKey[c.Key] = c
		if keys[c.Key] {
			continue
		}
		for _, k := range c.Checks { // it may go on under another name
			byService[k.Service] = c
		}
	}
	stays := map[int64]bool{}
	for _, f := range wanted {
		c := byKey[f.key]
		for _, s := range f.services {
			if o := byService[s.Name]; c == nil && o != nil && !stays[o.ID] {
				c = o
			}
		}
		stays[d.face(f, c, host)] = true
	}
	for _, c := range d.view.Components {
		if c.Key != "" && !stays[c.ID] && !c.Gone {
			one := *c
			one.Gone, one.Enabled, one.Reported, one.Waits, one.Base, one.Updated = true, false, 0, false, Unknown, d.now
			d.setComponent(&one)
		}
	}
}

// face makes or changes one component and returns its number.
func (d *draft) face(f *face, old *Component, host string) int64 {
	first := f.services[0]
	c := &Component{Name: f.label, Enabled: true, Health: Unknown, Since: d.now, Reported: Unknown, Source: ByCheck, Created: d.now}
	if old != nil {
		*c = *old
	} else {
		c.ID = d.number(kindComponent)
		c.Tags, c.Meta = cleanTags([]string{host, string(first.Kind)}), metaOf(first, host)
	}
	if c.Gone {
		c.Gone, c.Enabled, c.Reported = false, true, Unknown
	}
	c.Key, c.Private = f.key, false
	for _, s := range f.services {
		if s.Face != nil {
			c.Private = c.Private || s.Face.Private
		}
	}
	for _, s := range slices.Backward(f.services) { // what the first says counts
		if s.Face != nil {
			c.Name = cmp.Or(s.Face.Component, c.Name)
			c.Description, c.Link = cmp.Or(s.Face.Description, c.Description), cmp.Or(s.Face.Link, c.Link)
			if s.Face.Group != "" {
				c.Group = d.groupOf(s.Face.Group)
			}
		}
	}
	checks := checksOf(f, c.Checks, host)
	if len(c.Checks) > 0 {
		c.Tags, c.Meta = retagged(c.Tags, c.Checks[0], checks[0]), moved(c.Meta, first, c.Checks[0], checks[0])
	}
	c.Checks = checks
	if old == nil || !sameFace(old, c) {
		c.Updated = d.now
		d.setComponent(c)
	}
	return c.ID
}

func sameFace(a, b *Component) bool {
	return a.Key == b.Key && a.Private == b.Private && a.Name == b.Name && a.Description == b.Description && a.Link == b.Link &&
		a.Group == b.Group && a.Gone == b.Gone && slices.EqualFunc(a.Checks, b.Checks, func(x, y Check) bool {
		return x.Service == y.Service && x.Host == y.Host && x.Type == y.Type
	})
}

func checksOf(f *face, known []Check, host string) []Check {
	var out []Check
	for _, s := range f.services {
		k := Check{Service: s.Name, Health: Unknown}
		if n := slices.IndexFunc(known, func(o Check) bool { return o.Service == s.Name }); n >= 0 {
			k = known[n]
		}
		k.Host, k.Type = host, string(s.Kind)
		out = append(out, k)
	}
	return out
}

// metaOf is what clients of the API find out about where a component comes from (P-302).
func metaOf(s *model.Service, host string) json.RawMessage {
	data, err := json.Marshal(map[string]any{"orderly": map[string]string{"check": s.Name, "host": host, "type": string(s.Kind)}})
	if err != nil {
		return nil
	}
	return data
}

// retagged has the tags of automation follow what they name: hosts are renamed, and services become others. Those that people took
// away stay away (P-302).
func retagged(tags []string, was, is Check) []string {
	if was.Host == is.Host && was.Type == is.Type {
		return tags
	}
	out := slices.Clone(tags)
	for n, tag := range out {
		switch tag {
		case was.Host:
			out[n] = is.Host
		case was.Type:
			out[n] = is.Type
		}
	}
	return cleanTags(out)
}

// moved has what is noted of where a component comes from follow that, beside what others have noted.
func moved(meta json.RawMessage, s *model.Service, was, is Check) json.RawMessage {
	var members, own map[string]json.RawMessage
	if was.Service == is.Service && was.Host == is.Host && was.Type == is.Type || json.Unmarshal(meta, &members) != nil || members["orderly"] == nil {
		return meta
	}
	if json.Unmarshal(metaOf(s, is.Host), &own) != nil {
		return meta
	}
	members["orderly"] = own["orderly"]
	data, err := json.Marshal(members)
	if err != nil {
		return meta
	}
	return data
}

// groupOf finds or makes a group that the configuration names.
func (d *draft) groupOf(name string) int64 {
	key := strings.ToLower(name)
	for _, g := range d.view.Groups {
		if g.Key == key {
			return g.ID
		}
	}
	g := &Group{ID: d.number(kindGroup), Name: name, Key: key, Visible: true, Created: d.now, Updated: d.now}
	d.setGroup(g)
	return g.ID
}

// metricsOf has a metric for each service whose checks take a time that means something (P-370).
func (d *draft) metricsOf(services []*model.Service) {
	have := map[string]*Metric{}
	for _, m := range d.view.Metrics {
		if m.Service != "" {
			have[m.Service] = m
		}
	}
	for _, s := range services {
		if s.Face != nil && s.Face.Hidden || s.Kind != model.KindHost && s.Kind != model.KindProgram && len(s.Probes()) == 0 {
			continue
		}
		wanted := s.Face != nil && s.Face.Metric
		m := have[s.Name]
		if m != nil && (!wanted || m.Visible != Hidden) {
			continue
		}
		one := Metric{
			Name: s.Name + ": response time", Suffix: "s", Calc: CalcAverage, Chart: true, Places: 3, Range: RangeDay, Threshold: 1,
			Visible: Hidden, Service: s.Name, Created: d.now, Updated: d.now,
		}
		if c := d.view.ComponentOf(s.Name); c != nil {
			one.Name = c.Name + ": response time"
		}
		if m != nil {
			one = *m
		} else {
			one.ID = d.number(kindMetric)
		}
		if wanted {
			one.Visible = VisibleToAll
			if s.Face.Private {
				one.Visible = VisibleToUsers
			}
		}
		d.setMetric(&one)
	}
}
