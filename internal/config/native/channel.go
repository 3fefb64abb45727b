package native

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
	"orderly/internal/notice"
)

// Channels with a meaning of their own here.
const (
	mailChannel  = "mail"
	execChannel  = "exec"
	shoutChannel = "shoutrrr"
	hookChannel  = "webhook"
)

// channels are the ways in which people can be told, with the parameters that each needs.
var channels = []struct {
	name  string
	needs []string
	chat  bool // its url is that of a web page
}{
	{mailChannel, nil, false},
	{"slack", []string{"url"}, true},
	{"campfire", []string{"team", "token", "room"}, true},
	{"hipchat", []string{"token", "room"}, true},
	{"flowdock", []string{"token"}, true},
	{hookChannel, []string{"url"}, true},
	{"alertmanager", []string{"url"}, true},
	{"pagerduty", []string{"token"}, true},
	{shoutChannel, []string{"url"}, false},
	{execChannel, nil, false},
	{"syslog", nil, false},
	{"log", nil, false},
}

var channelNames = func() (names []string) {
	for _, c := range channels {
		names = append(names, c.name)
	}
	return names
}()

// openParams are the parameters that are no secret. Of all others nothing is shown.
var openParams = []string{"icon_emoji", "username", "team", "room", "cafile", "facility", "group", "storm"}

var paramFields = func() (fields []field[model.Params]) {
	for _, name := range []string{"url", "token", "password", "secret"} {
		fields = append(fields, field[model.Params]{name, func(d *decoder, it item, p *model.Params) {
			w, _ := d.secret(it)
			*p = append(*p, model.Param{Name: name, Value: w.Text})
		}})
	}
	for _, name := range openParams {
		fields = append(fields, field[model.Params]{name, func(d *decoder, it item, p *model.Params) {
			*p = append(*p, model.Param{Name: name, Value: d.text(it)})
		}})
	}
	return append(fields, field[model.Params]{"header", func(d *decoder, it item, p *model.Params) {
		for _, each := range d.list(it) {
			w, _ := d.secret(each)
			*p = append(*p, model.Param{Name: "header", Value: w.Text})
		}
	}})
}()

// standInFields are the keys that say how somebody is told.
var standInFields = slices.Concat([]field[model.Route]{
	{"to", func(d *decoder, it item, r *model.Route) { r.Address = d.text(it) }},
	{"channel", func(d *decoder, it item, r *model.Route) {
		r.Channel = d.choice(it, slices.Concat(channelNames, d.names)...)
	}},
	{"with", func(d *decoder, it item, r *model.Route) { readMap(d, it, "a channel", paramFields, &r.Params) }},
	{"program", func(d *decoder, it item, r *model.Route) { r.Program = d.teller(it) }},
	{"private", func(d *decoder, it item, r *model.Route) { r.Private = d.boolean(it) }},
	{"text", func(d *decoder, it item, r *model.Route) { r.Text = d.text(it) }},
	{"server", func(d *decoder, it item, r *model.Route) {
		s := d.mailServer(it)
		r.Server = &s.MailServer
		d.servers = append(d.servers, &s) // its TLS is compiled when all defaults are known
	}},
}, formatFields(func(r *model.Route) *model.MailFormat { return &r.Format }))

// channelFields add who is told instead, and when nobody is to be disturbed.
var channelFields = slices.Concat(standInFields, []field[model.Route]{
	{"fallback", func(d *decoder, it item, r *model.Route) { r.Fallback = d.fallback(it) }},
	{"fallback after", func(d *decoder, it item, r *model.Route) { r.FallbackAfter = d.duration(it, time.Second) }},
	{"quiet", func(d *decoder, it item, r *model.Route) { r.Quiet = d.quiet(it) }},
	{"quiet but", func(d *decoder, it item, r *model.Route) { r.QuietBut = d.severity(it) }},
})

// destination reads a text that says by itself how somebody is told: a URL, a mail address, or the name of a channel.
func (d *decoder) destination(it item, r *model.Route) bool {
	n := follow(it.value)
	named, known := d.named[n.Value]
	switch {
	case known:
		r.Channel, r.Address, r.Server, r.Params, r.Program, r.Text = named.Channel, named.Address, named.Server, named.Params, named.Program, named.Text
		r.Fallback, r.FallbackAfter, r.Format = named.Fallback, named.FallbackAfter, named.Format
		r.Quiet, r.QuietBut = named.Quiet, named.QuietBut
		return true
	case strings.Contains(n.Value, "://") || reference.MatchString(n.Value):
		w, ok := d.secret(it)
		r.Channel, r.Params = shoutChannel, model.Params{{Name: "url", Value: w.Text}}
		if strings.HasPrefix(w.Text, "http://") || strings.HasPrefix(w.Text, "https://") {
			r.Channel = hookChannel
		}
		r.Address = labelOf(*r)
		return ok && d.usable(w.Span, *r)
	case !strings.Contains(n.Value, "@") && len(d.names) > 0:
		w, ok := d.word(it)
		if ok {
			found := d.errorf(w.Span, "channel", "no channel is called %q, and it is no mail address", cut(w.Text))
			if near := diag.Nearest(w.Text, d.names); near != "" {
				found.Hinted("did you mean %q?", near)
			}
		}
		return false
	}
	r.Channel, r.Address = mailChannel, d.address(it)
	return true
}

// fallback reads who is told instead. They have no fallbacks of their own.
func (d *decoder) fallback(it item) (out []model.Route) {
	for _, each := range d.list(it) {
		at := d.span(follow(each.value))
		r := model.Route{Channel: mailChannel, Topics: model.AllTopics, Pos: at.Pos()}
		if isMapping(each) {
			d.recipient(at, readMap(d, each, "a fallback", standInFields, &r), &r)
		} else {
			d.destination(each, &r)
		}
		r.Fallback, r.FallbackAfter, r.Quiet, r.QuietBut = nil, 0, nil, ""
		out = append(out, r)
	}
	return out
}

// teller reads a program that tells somebody.
func (d *decoder) teller(it item) *model.Program {
	c := d.commandOf(it, notice.Literal)
	if c == nil {
		return nil
	}
	p := &model.Program{User: c.UID.Text, Group: c.GID.Text}
	for _, w := range c.Args {
		p.Args = append(p.Args, w.Text)
	}
	if isMapping(it) {
		items, _ := d.mapping(it)
		for _, each := range items {
			if each.name == "timeout" {
				p.Timeout = d.duration(each, time.Second)
			}
		}
	}
	return p
}

// recipient checks that it is said whom an alert reaches. A chat is named by what is no secret of it.
func (d *decoder) recipient(at diag.Span, items []item, r *model.Route) {
	before := len(*d.diags)
	if !has(items, "channel") && r.Program != nil {
		r.Channel = execChannel
	}
	if base, named := d.named[r.Channel]; named {
		d.inherit(base, r)
	}
	to := slices.IndexFunc(items, func(it item) bool { return it.name == "to" })
	switch {
	case r.Channel == mailChannel && r.Mute && r.Address == "":
	case r.Channel != mailChannel && r.Channel != "":
		for _, need := range needs(r.Channel) {
			if _, given := r.Params.Find(need); !given && !r.Mute {
				d.errorf(at, "missing", "alerts by %s need %q", r.Channel, need).Hinted("add: with: {%s: ...}", need)
			}
		}
		if r.Mute && r.Address == "" {
			d.errorf(at, "missing", "it is not said which chat is muted").Hinted("add: to: HOST")
		}
		d.page(items, r)
		r.Address = cmp.Or(r.Address, labelOf(*r))
	case to >= 0:
		d.address(items[to])
	case r.Address == "" && r.Channel != "":
		d.errorf(at, "missing", "an alert needs an address").Hinted("add: to: somebody@example.org")
	}
	if r.Channel == mailChannel && slices.ContainsFunc(r.Params, func(p model.Param) bool { return p.Name != "group" && p.Name != "storm" }) {
		d.errorf(at, "exclusive", `mail has no parameters: "with" belongs to another channel`)
	}
	if len(*d.diags) == before {
		d.usable(at, *r)
	}
}

// inherit fills in what an alert leaves to the channel that it names.
func (d *decoder) inherit(base model.Route, r *model.Route) {
	r.Channel, r.Address = base.Channel, cmp.Or(r.Address, base.Address)
	r.Params = slices.Concat(base.Params, r.Params)
	r.Text, r.FallbackAfter, r.Format = cmp.Or(r.Text, base.Text), cmp.Or(r.FallbackAfter, base.FallbackAfter), r.Format.Over(base.Format)
	r.Private = r.Private || base.Private
	if r.Program == nil {
		r.Program = base.Program
	}
	if r.Server == nil {
		r.Server = base.Server
	}
	if r.Fallback == nil {
		r.Fallback = base.Fallback
	}
	if r.Quiet == nil {
		r.Quiet = base.Quiet
	}
	r.QuietBut = cmp.Or(r.QuietBut, base.QuietBut)
}

// usable reports what the channel says against a route.
func (d *decoder) usable(at diag.Span, r model.Route) bool {
	if d.env.Channels == nil {
		return true
	}
	if err := d.env.Channels(r); err != nil {
		d.errorf(at, "channel", "alerts by %s: %v", r.Channel, err)
		return false
	}
	return true
}

// page checks that messages that are posted are posted to a web page.
func (d *decoder) page(items []item, r *model.Route) {
	i := slices.IndexFunc(items, func(it item) bool { return it.name == "with" })
	text, given := r.Params.Find("url")
	k := slices.Index(channelNames, r.Channel)
	if i < 0 || !given || !channels[k].chat {
		return
	}
	if u, err := url.Parse(text.Value); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return
	}
	params, _ := d.mapping(items[i])
	for _, p := range params {
		if p.name == "url" && follow(p.value).Value != "" {
			d.errorf(d.span(follow(p.value)), "url", "a chat needs the URL of a web page").Hinted("write https://HOST/PATH")
		}
	}
}

// labelOf names where a route leads without what is secret of it. The host of shoutrrr's URLs may be.
func labelOf(r model.Route) string {
	switch {
	case r.Channel == shoutChannel:
		scheme, _, _ := strings.Cut(r.Params.Get("url"), ":")
		return scheme
	case r.Program != nil && len(r.Program.Args) > 0:
		return path.Base(r.Program.Args[0])
	}
	return cmp.Or(r.Params.Label(), r.Channel)
}

func needs(channel string) []string { return channels[slices.Index(channelNames, channel)].needs }

// addRecipient writes whom a route reaches.
func (e *encoder) addRecipient(n *node, r model.Route) {
	if r.Channel == mailChannel {
		n.text("to", r.Address)
	} else {
		n.text("channel", r.Channel)
		if r.Address != labelOf(r) {
			n.text("to", r.Address)
		}
	}
	with := newMap()
	var headers []string
	for _, p := range r.Params {
		if p.Name == "header" {
			headers = append(headers, p.Value)
			continue
		}
		with.text(p.Name, e.kept.refer(p.Value))
	}
	if headers != nil {
		with.add("header", newTexts(headers))
	}
	if r.Params != nil {
		n.add("with", with)
	}
	if r.Program != nil {
		n.add("program", programNode(e.kept.program(r.Program), 0))
	}
	n.text("text", r.Text)
	if r.Fallback != nil {
		n.add("fallback", e.routes(r.Fallback))
	}
	if r.FallbackAfter > 0 {
		n.text("fallback after", formatDuration(r.FallbackAfter))
	}
}
