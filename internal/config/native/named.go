package native

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// Named reads what a file names under notify, for the other files of one configuration: [Env.Named] of these. Those that
// others name already can be fallbacks. What is wrong is reported when the file is compiled.
func Named(src *diag.Source, env Env) map[string]model.Route {
	var ignored diag.List
	d := newDecoder(src, env, &ignored)
	root := d.document()
	if root == nil {
		return nil
	}
	d.notifyFirst(root)
	f := &file{}
	if it, ok := sectionOf(root, "tls"); ok && d.servers != nil {
		readMap(d, item{name: "the file", value: &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{it.key, it.value}}}, "the file", fileFields, f)
	}
	x := monit.NewEntries(src, env.Env, &ignored)
	x.Secure(f.tls)
	d.secure(x)
	own := map[string]model.Route{}
	for name, r := range d.named {
		if r.Pos.File == src.Name {
			own[name] = r
		}
	}
	return own
}

// secure compiles the TLS of the mail servers of routes.
func (d *decoder) secure(x *monit.Entries) {
	for _, s := range d.servers {
		if s.tls != nil {
			s.TLS = x.TLS(s.tls)
		}
	}
}

// sectionOf finds a key of the file.
func sectionOf(root *yaml.Node, name string) (item, bool) {
	n := follow(root)
	if n.Kind != yaml.MappingNode {
		return item{}, false // reported
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := follow(n.Content[i]); key.Kind == yaml.ScalarNode && key.Value == name {
			return item{key.Value, n.Content[i], n.Content[i+1]}, true
		}
	}
	return item{}, false
}

// notifyFirst reads the channels that have a name, wherever they stand in the file, so that alerts can use them.
func (d *decoder) notifyFirst(root *yaml.Node) {
	it, ok := sectionOf(root, "notify")
	if !ok {
		return
	}
	items, _ := d.mapping(it)
	items = slices.DeleteFunc(items, func(each item) bool { return !d.nameable(each) })
	var read []named
	for _, each := range items {
		n := named{name: each.name, route: model.Route{Channel: mailChannel, Pos: d.span(each.key).Pos()}}
		if !d.channel(each, &n) {
			continue
		}
		read = append(read, n)
		d.names = append(d.names, n.name)
		d.named[n.name] = n.route
	}
	for _, n := range read { // when all names are known
		n.route.Fallback = d.named[n.of].Fallback
		if n.fallback != nil {
			n.route.Fallback = d.fallback(*n.fallback)
		}
		d.named[n.name] = n.route
	}
}

// A named channel is one of which the fallbacks may have to wait until others are read.
type named struct {
	name     string
	of       string // the channel of which it is a variant
	route    model.Route
	fallback *item
}

// nameable tells whether a channel can have the name that it is given.
func (d *decoder) nameable(it item) bool {
	at := d.span(it.key)
	other, taken := d.env.Named[it.name]
	switch {
	case slices.Contains(channelNames, it.name) && it.name != "log":
		d.errorf(at, "name", "%q is a kind of channel: it cannot be the name of one", it.name)
	case it.name == "" || strings.ContainsAny(it.name, "@:/ \t\r\n"):
		d.errorf(at, "name", "%q cannot be the name of a channel", cut(it.name))
	case taken:
		d.errorf(at, "name", "%q is the name of another channel, in %s", cut(it.name), other.Pos.File)
	default:
		return true
	}
	return false
}

// channel reads a channel that has a name, but for its fallbacks.
func (d *decoder) channel(it item, n *named) bool {
	if isMapping(it) {
		items := readMap(d, it, "a channel", namedFields, &n.route)
		n.of = n.route.Channel
		if i := slices.IndexFunc(items, func(each item) bool { return each.name == "fallback" }); i >= 0 {
			n.fallback = &items[i]
		}
		d.recipient(d.span(follow(it.value)), items, &n.route)
	} else if n.of = follow(it.value).Value; !d.destination(it, &n.route) {
		return false
	}
	if n.route.Channel != mailChannel {
		n.route.Address = n.name
	}
	return true
}

// namedFields are those of a channel, of which the fallbacks are read later.
var namedFields = func() []field[model.Route] {
	fields := slices.Clone(channelFields)
	i := slices.IndexFunc(fields, func(f field[model.Route]) bool { return f.key == "fallback" })
	fields[i].read = func(*decoder, item, *model.Route) {}
	return fields
}()
