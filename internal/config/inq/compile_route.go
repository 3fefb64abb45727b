package inq

import (
	"cmp"
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A target is whom a route reaches.
type target struct {
	route *route
	to    []model.Route // none: nobody, as with the channel null
}

// nobodyElse keeps those who hear of everything from hearing of what has routes of its own.
var nobodyElse = model.Route{Channel: "mail", Topics: model.AllTopics, Mute: true}

// A channel is a way in which people can be told.
type channel struct {
	required []string
	optional []string
	gone     bool // the service exists no more

	// compile says whom a route reaches; known are the parameters above.
	compile func(c *compiler, r *route, known []string) []model.Route
}

var channels = map[string]*channel{
	"email": {
		required: []string{"smtp_server", "to_email"}, optional: []string{"from_email", "username", "password", "tls_port"},
		compile: (*compiler).email,
	},
	"gmail": {
		required: []string{"to_email"}, optional: []string{"username", "password", "from_email", "smtp_server", "tls_port"},
		compile: (*compiler).email,
	},
	"slack":    {required: []string{"url"}, optional: []string{"icon_emoji", "username"}, compile: (*compiler).chat},
	"campfire": {required: []string{"team", "token", "room"}, optional: inPlace, gone: true, compile: (*compiler).chat},
	"hipchat":  {required: []string{"token", "room"}, optional: inPlace, gone: true, compile: (*compiler).chat},
	"flowdock": {required: []string{"token"}, optional: inPlace, gone: true, compile: (*compiler).chat},
	"null":     {compile: func(*compiler, *route, []string) []model.Route { return nil }},
}

// formerly are the names that parameters had in old releases.
var formerly = map[string]string{"smtp_server": "server", "to_email": "email", "from_email": "from"}

// routes compiles the routes. Of those with one name the first counts. A route that nobody uses may be broken.
func (c *compiler) routes() {
	used := c.used()
	for _, f := range c.files {
		for i := range f.routes {
			r := &f.routes[i]
			c.made.Statements = append(c.made.Statements, r.span)
			if first := c.targets[r.name.Text]; first != nil {
				c.repeated(r.span, first.route.span, routeName(r.name.Text))
				continue
			}
			to := c.reached(r, used[r.name.Text])
			c.targets[r.name.Text] = &target{r, to}
			if !used[r.name.Text] {
				c.made.Idle = append(c.made.Idle, to...)
			}
		}
	}
	switch everyone := c.targets[""]; {
	case everyone != nil:
		for _, r := range everyone.to {
			r.Topics &^= model.TopicInstance.Bit() // Inspeqtor tells nobody that it starts or stops
			c.made.Config.Routes = append(c.made.Config.Routes, r)
		}
	case c.configured && !c.damaged:
		c.needDefault()
	}
}

func routeName(name string) string {
	if name == "" {
		return "a route for all alerts"
	}
	return "the route " + quoted(name)
}

// needDefault reports that there is no route for all alerts although there is something to alert of.
func (c *compiler) needDefault() {
	watched := false
	c.all("", func(*check) { watched = true })
	if !watched {
		return
	}
	for _, f := range c.files {
		if f.isConf {
			c.errorf(f.src.Whole(), "no-route", "no route says who hears of alerts").
				Hinted("add: send alerts via email with smtp_server localhost, to_email you@example.org")
			return
		}
	}
}

// used are the names of the routes that somebody relies on.
func (c *compiler) used() map[string]bool {
	used := map[string]bool{"": true}
	c.all("", func(check *check) {
		used[check.params.get("owner")] = true
		for _, r := range check.rules {
			for _, a := range r.actions {
				used[a.team.Text] = true
			}
		}
	})
	return used
}

// reached compiles whom a route reaches, and reports what is wrong with it.
func (c *compiler) reached(r *route, used bool) []model.Route {
	ch := channels[r.channel.Text]
	if ch == nil {
		d := c.errorf(r.channel.Span, "unknown-channel", "unknown channel %s", quoted(r.channel.Text))
		if d.Hint = "one of campfire, email, flowdock, gmail, hipchat, null and slack"; nearest(r.channel.Text, channels) != "" {
			d.Hinted("did you mean %q?", nearest(r.channel.Text, channels))
		}
		return nil
	}
	if len(ch.required) > 0 {
		c.routeParams(r, ch)
	}
	complete := true
	for _, name := range ch.required {
		if _, given := r.params.find(name, old(name)); given {
			continue
		}
		complete = false
		report := c.warnf
		if used {
			report = c.errorf
		}
		report(r.channel.Span, "missing", "alerts by %s need %q", r.channel.Text, name).
			Hinted("add: %s VALUE", name)
	}
	if !complete || !used && ch.gone {
		return nil
	}
	return ch.compile(c, r, slices.Concat(ch.required, ch.optional))
}

// old is the former name of a parameter, or the name itself.
func old(name string) string { return cmp.Or(formerly[name], name) }

// routeParams reports parameters that nothing reads.
func (c *compiler) routeParams(r *route, ch *channel) {
	known := slices.Concat(ch.required, ch.optional)
	first := map[string]diag.Span{}
	for _, p := range r.params {
		name := p.name.Text
		if at, is := first[name]; is {
			c.repeated(p.name.Span, at, quoted(name))
			continue
		}
		first[name] = p.name.Span
		i := slices.IndexFunc(known, func(k string) bool { return formerly[k] == name })
		switch bare := strings.TrimSuffix(name, ":"); {
		case slices.Contains(known, name):
		case i >= 0:
			c.warnf(p.name.Span, "old-name", "%s is an old name", quoted(name)).Hinted("write: %s", known[i])
		case bare != name && slices.Contains(known, bare):
			c.errorf(p.name.Span, "unknown-parameter", "the colon makes %s another name than %s", quoted(name), quoted(bare)).
				Hinted("write: %s", bare)
		default:
			d := c.warnf(p.name.Span, "unknown-parameter", "alerts by %s know no parameter %s", r.channel.Text, quoted(name))
			if near := diag.Nearest(name, known); near != "" {
				d.Hinted("did you mean %q?", near)
			}
		}
	}
}

// team finds whom a route reaches that a check names.
func (c *compiler) team(name Word) []model.Route {
	if t := c.targets[name.Text]; t != nil {
		return t.to
	}
	switch {
	case !c.configured:
		c.warnf(name.Span, "unknown-route", "%s cannot be found: no inspeqtor.conf was read", routeName(name.Text)).
			Hinted("name inspeqtor.conf as well, or the directory that holds it")
	case !c.damaged:
		d := c.errorf(name.Span, "unknown-route", "there is no route named %s", quoted(name.Text))
		d.Hinted("add to inspeqtor.conf: send alerts to %s via email with ...", name.Text)
		if near := nearest(name.Text, c.targets); near != "" {
			d.Hinted("did you mean %q?", near)
		}
	}
	return nil
}

// owned returns the routes of a check: those of its owner in place of those for all alerts.
func (c *compiler) owned(params params) []model.Route {
	owner, given := params.find("owner")
	if !given {
		return nil
	}
	to := c.team(owner.value)
	if !c.configured {
		return nil
	}
	return append(slices.Clone(to), nobodyElse)
}
