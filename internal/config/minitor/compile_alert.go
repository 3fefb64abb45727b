package minitor

import (
	"errors"
	"slices"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// An alert is a way in which people are told.
type alert struct {
	name   string
	at     diag.Span
	routes []model.Route // without kinds and reminders
	named  bool          // by a monitor
}

// logName is the alert that is always there, unless a file has one of that name itself.
const logName = "log"

// alertTimeout ends a command that hangs.
const alertTimeout = time.Minute

// readAlerts compiles all alerts. Of those with one name the last counts.
func (c *compiler) readAlerts(all *node) {
	c.alerts[logName] = &alert{name: logName, routes: []model.Route{{Channel: "log", Address: logName, Text: "{{.Message}}"}}}
	if all == nil {
		return
	}
	if all.shape != table {
		c.errorf(all.span, "type", "%s is %s, not a mapping of names to alerts", quoted("alerts"), all.what())
		return
	}
	for i := range all.table {
		e := &all.table[i]
		c.made.Statements = append(c.made.Statements, e.whole)
		if e != all.find(e.key) {
			c.warnf(e.at, "repeated", "the alert %s is there twice: the last one counts", quoted(e.key))
			continue
		}
		c.alerts[e.key] = c.alert(e)
	}
}

func (c *compiler) alert(e *entry) *alert {
	a := &alert{name: e.key, at: e.at}
	owner := "the alert " + quoted(e.key)
	if e.key == "" {
		c.errorf(e.at, "name", "an alert needs a name")
		return a
	}
	if e.value.shape != table {
		c.errorf(e.value.span, "type", "%s is %s, not a mapping", owner, e.value.what())
		return a
	}
	c.known(e.value, alertKeys, "a key of an alert")
	if urls := e.value.get("channels"); urls != nil {
		c.channels(a, urls)
		return a
	}
	if cmd := c.command(e.value, owner, e.at); cmd != nil {
		a.routes = []model.Route{{Channel: "exec", Address: e.key, Program: c.telling(e.value, cmd, owner), Pos: e.at.Pos()}}
	}
	return a
}

// telling is the program of an alert. Its arguments are templates.
func (c *compiler) telling(n *node, cmd *command, owner string) *model.Program {
	p := &model.Program{Timeout: alertTimeout}
	if t := n.get("timeout"); t != nil {
		if d := c.positive("timeout", t); d > 0 {
			p.Timeout = d
		}
	}
	raw := c.truth("unsafe_raw", n.get("unsafe_raw"))
	in := c.styleOf(cmd)
	p.Args = c.words(cmd, func(n *node, pieces []piece) string {
		var sh *shell
		if cmd.shell && !raw {
			sh = &shell{}
		}
		text, err := c.template(pieces, in, sh)
		switch {
		case errors.Is(err, errLoose):
			c.warnf(n.span, "injection", "%s: %v", owner, err).Hinted("use $ORDERLY_LAST_OUTPUT, which the shell takes as it is")
		case err != nil:
			c.errorf(n.span, "template", "%s: %v", owner, err)
		}
		return text
	})
	if cmd.shell {
		p.Args[0], p.Args[1] = shellPath, "-c"
	}
	return p
}

// channels has an alert go by ways of orderly's own, each named by a URL.
func (c *compiler) channels(a *alert, urls *node) {
	for _, url := range c.nameOrNames("channels", urls) {
		c.secret(url.text)
		r := model.Route{
			Channel: "shoutrrr", Address: a.name, Params: model.Params{{Name: "url", Value: url.text}}, Pos: url.at.Pos(),
		}
		if err := c.env.Channels(r); err != nil {
			c.errorf(url.at, "channel", "%v", err)
			continue
		}
		a.routes = append(a.routes, r)
	}
}

// reached are the routes to alerts that a key names. Events of what is checked are all that they hear of.
func (c *compiler) reached(key string, names []word, reminder model.Reminder, kinds ...model.EventKind) (out []model.Route) {
	for _, name := range names {
		a := c.alerts[name.text]
		if a == nil {
			d := c.errorf(name.at, "unknown-alert", "%s names an alert %s, which is not defined", quoted(key), quoted(name.text))
			if near := diag.Nearest(name.text, c.alertNames()); near != "" {
				d.Hinted("did you mean %q?", near)
			}
			continue
		}
		a.named = true
		for _, r := range a.routes {
			r.Topics, r.Kinds, r.Reminder = model.TopicStatus.Bit(), kinds, reminder
			out = append(out, r)
		}
	}
	return out
}

// idle are the routes of alerts that no monitor names, by name.
func (c *compiler) idle() (out []model.Route) {
	names := c.alertNames()
	slices.Sort(names)
	for _, name := range names {
		if a := c.alerts[name]; !a.named {
			out = append(out, a.routes...)
		}
	}
	return out
}

func (c *compiler) alertNames() (names []string) {
	for name := range c.alerts {
		names = append(names, name)
	}
	return names
}
