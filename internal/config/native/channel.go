package native

import (
	"cmp"
	"net/url"
	"slices"

	"orderly/internal/diag"
	"orderly/internal/model"
)

const mailChannel = "mail"

// channels are the ways in which people can be told, with the parameters that each needs.
var channels = []struct {
	name  string
	needs []string
}{
	{mailChannel, nil},
	{"slack", []string{"url"}},
	{"campfire", []string{"team", "token", "room"}},
	{"hipchat", []string{"token", "room"}},
	{"flowdock", []string{"token"}},
}

var channelNames = func() (names []string) {
	for _, c := range channels {
		names = append(names, c.name)
	}
	return names
}()

var paramFields = func() (fields []field[model.Params]) {
	for _, name := range []string{"url", "icon_emoji", "username", "team", "token", "room"} {
		fields = append(fields, field[model.Params]{name, func(d *decoder, it item, p *model.Params) {
			w, ok := d.word(it)
			if u, err := url.Parse(w.Text); ok && name == "url" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
				d.errorf(w.Span, "url", "a chat needs the URL of a web page").Hinted("write https://HOST/PATH")
			}
			*p = append(*p, model.Param{Name: name, Value: w.Text})
		}})
	}
	return fields
}()

// recipient checks that it is said whom an alert reaches. A chat is named by what is no secret of it.
func (d *decoder) recipient(at diag.Span, items []item, r *model.Route) {
	to := slices.IndexFunc(items, func(it item) bool { return it.name == "to" })
	switch {
	case r.Channel != mailChannel && r.Channel != "":
		for _, need := range needs(r.Channel) {
			if _, given := r.Params.Find(need); !given && !r.Mute {
				d.errorf(at, "missing", "alerts by %s need %q", r.Channel, need).Hinted("add: with: {%s: ...}", need)
			}
		}
		if r.Mute && r.Address == "" {
			d.errorf(at, "missing", "it is not said which chat is muted").Hinted("add: to: HOST")
		}
		r.Address = cmp.Or(r.Address, r.Params.Label(), r.Channel)
	case to >= 0:
		d.address(items[to])
	case !r.Mute:
		d.errorf(at, "missing", "an alert needs an address").Hinted("add: to: somebody@example.org")
	}
	if r.Channel == mailChannel && r.Params != nil {
		d.errorf(at, "exclusive", `mail has no parameters: "with" belongs to another channel`)
	}
}

func needs(channel string) []string {
	i := slices.IndexFunc(channelNames, func(name string) bool { return name == channel })
	return channels[i].needs
}

// addRecipient writes whom a route reaches.
func addRecipient(n *node, r model.Route) {
	if r.Channel == mailChannel {
		n.text("to", r.Address)
		return
	}
	n.text("channel", r.Channel)
	if r.Address != cmp.Or(r.Params.Label(), r.Channel) {
		n.text("to", r.Address)
	}
	if r.Params == nil {
		return
	}
	with := newMap()
	for _, p := range r.Params {
		with.text(p.Name, p.Value)
	}
	n.add("with", with)
}
