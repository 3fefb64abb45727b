package minitor

import (
	"net/url"
	"time"

	"orderly/internal/calendar"
	"orderly/internal/model"
)

// These are the keys of monitors that no Minitor had (M-046, M-110 to M-120). All of them may be missing.

// severities are the words for how grave it is when a monitor is down.
var severities = map[string]model.Severity{"degraded": model.Degraded, "partial": model.Major, "major": model.Major}

// severity reads one of these words; "" is major.
func (c *compiler) severity(n *node) model.Severity {
	if n == nil {
		return ""
	}
	text, ok := c.single("severity", n)
	s, known := severities[text]
	if ok && !known {
		c.errorf(n.span, "severity", "%s is %s, not degraded, partial or major", quoted("severity"), quoted(n.text))
	}
	return s
}

// statuses reads the exit statuses with which a monitor is no worse than degraded.
func (c *compiler) statuses(n *node) (out []int) {
	const most = 255
	if n != nil && n.shape == scalar {
		n = &node{span: n.span, shape: list, list: []*node{n}}
	}
	if n != nil && n.shape != list {
		c.errorf(n.span, "type", "%s is %s, not a list of numbers", quoted("warn_status"), n.what())
	}
	for _, each := range n.elements() {
		switch v, ok := c.integer("warn_status", each); {
		case !ok:
		case v < 1 || v > most:
			c.errorf(each.span, "number", "%s holds %d, which is not the status of a failure: 1 to %d", quoted("warn_status"), v, most)
		default:
			out = append(out, v)
		}
	}
	return out
}

// amount reads a number between two others; without one, or where it is wrong, it is the first of them.
func (c *compiler) amount(key string, n *node, least, most int) int {
	v, ok := c.integer(key, n)
	switch {
	case !ok:
		return least
	case v < least || v > most:
		c.errorf(n.span, "number", "%s is %d, not between %d and %d", quoted(key), v, least, most)
		return least
	}
	return v
}

// Bounds of what is done again.
const (
	maxRetries = 10
	maxFixes   = 100

	fixTimeout = time.Minute
)

// fix is what is done about the first failures, before people are told; none where nothing is.
func (c *compiler) fix(m monitor) []model.Action {
	e, limit := m.node.find("fix"), m.node.find("fix_limit")
	if e == nil || e.value.shape == absent {
		if limit != nil {
			c.warnf(limit.at, "idle", "%s has no effect without %s", quoted("fix_limit"), quoted("fix"))
		}
		return nil
	}
	cmd := c.sound(&command{from: e.value, at: e.value.span, whole: e.whole, shell: e.value.shape == scalar}, e, "the fix of the monitor "+quoted(m.service.Name))
	if cmd == nil {
		return nil
	}
	return []model.Action{{
		Kind: model.ActExec, Exec: &model.Program{Args: c.words(cmd, asIs), Timeout: fixTimeout},
		Early: c.amount("fix_limit", m.node.get("fix_limit"), 1, maxFixes),
	}}
}

// face is how a monitor shows itself on the status page; nil where nothing is said about that.
func (c *compiler) face(n *node) *model.Face {
	var f model.Face
	text := func(key string, to *string) {
		if v := n.get(key); v != nil {
			*to, _ = c.single(key, v)
		}
	}
	text("component", &f.Component)
	text("description", &f.Description)
	text("link", &f.Link)
	if u, err := url.Parse(f.Link); f.Link != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		c.errorf(n.get("link").span, "link", "%s is no URL of a web page", quoted("link")).Hinted("write https://HOST/PATH")
	}
	if public := n.get("public"); public != nil {
		f.Hidden = !c.truth("public", public)
	}
	if f == (model.Face{}) {
		return nil
	}
	return &f
}

// maintenance reads the times that come again in which people are not told of a monitor.
func (c *compiler) maintenance(m monitor) {
	n := m.node.get("maintenance")
	again := model.Maintenance{Services: []string{m.service.Name}, Hold: true, Settle: model.DefaultSettle}
	for _, w := range c.nameOrNames("maintenance", n) {
		if _, err := calendar.ParseWindow(w.text); err != nil {
			c.errorf(w.at, "maintenance", "%s: %v", quoted("maintenance"), err)
			continue
		}
		again.Hours = append(again.Hours, w.text)
	}
	if again.Hours == nil {
		return
	}
	all := &c.made.Config.Settings.Maintenance
	again.ID = "maintenance-" + itoa(len(*all)+1)
	*all = append(*all, again)
	c.made.Maintained = append(c.made.Maintained, n.span)
}
