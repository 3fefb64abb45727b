package minitor

import (
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// maxOutput is how much is kept of what a check writes, in bytes.
const maxOutput = 16 << 10

// pythonInterval is between two checks of a monitor that does not say, for Python's version.
const pythonInterval = 30 * time.Second

// A monitor is one that has been read, for others to name it.
type monitor struct {
	node    *node
	at      diag.Span // of its name, or of the whole
	name    string    // as it was written
	service *model.Service
}

// readMonitors compiles all monitors. There must be one.
func (c *compiler) readMonitors(root *node) {
	all := root.get("monitors")
	switch {
	case all != nil && all.shape != list:
		c.errorf(all.span, "type", "%s is %s, not a list", quoted("monitors"), all.what())
		return
	case len(all.elements()) == 0:
		c.errorf(c.src.Whole(), "monitors", "there are no monitors")
		return
	}
	var done []monitor
	for i, n := range all.list {
		if n.shape != table {
			c.errorf(n.span, "type", "a monitor is %s, not a mapping", n.what())
			continue
		}
		done = append(done, c.named(n, i+1))
	}
	for _, m := range done {
		c.monitor(m)
	}
	for _, m := range done {
		c.depends(m, done)
	}
}

// named reads the name of a monitor. Services need one each, and no two the same.
func (c *compiler) named(n *node, number int) monitor {
	m := monitor{node: n, at: n.span}
	if name := n.get("name"); name != nil {
		m.at = name.span
		m.name, _ = c.single("name", name)
	}
	called := m.name
	if called == "" {
		called = "monitor " + itoa(number)
		c.warnf(m.at, "name", "a monitor has no name: it is called %s", quoted(called))
	}
	unique := c.unique(called)
	if unique != called {
		c.warnf(m.at, "duplicate-name", "there are two monitors named %s: for commands this one is called %s", quoted(called), quoted(unique)).
			Hinted("names are compared without regard to letter case; alerts call it as the file does")
	}
	m.service = &model.Service{Name: unique, Kind: model.KindProgram, Limits: model.DefaultLimits()}
	return m
}

func (c *compiler) monitor(m monitor) {
	s, n := m.service, m.node
	c.known(n, monitorKeys, "a key of a monitor")
	s.Pos = m.at.Pos()
	s.Limits.ProgramOutput = maxOutput
	s.Schedule.Every = c.every(m)
	cmd := c.command(n, "the monitor "+quoted(s.Name), m.at)
	s.Subject = model.Subject{
		Program: c.check(n, cmd, s.Schedule.Every), AsShell: true, Retries: c.amount("retries", n.get("retries"), 0, maxRetries),
	}
	s.Severity = c.severity(n.get("severity"))
	for _, g := range c.nameOrNames("group", n.get("group")) {
		s.Groups = append(s.Groups, g.text)
	}
	s.Face = c.face(n)
	k, fix := c.cadence(n), c.fix(m)
	for _, f := range fix {
		k.after = max(k.after, f.Early+1)
	}
	s.Routes = c.told(m, k)
	c.maintenance(m)
	tell := []model.Action{{Kind: model.ActAlert}}
	rule := model.Rule{
		Text: "status != 0", Topic: model.TopicStatus, Metric: model.Status, Op: model.NotEqual, Operand: model.Num(0),
		Mild: c.statuses(n.get("warn_status")), Policy: k.policy(), Then: slices.Concat(tell, fix), Else: tell, Pos: m.at.Pos(),
	}
	at := Place{Name: m.at}
	for i := range n.table {
		if e := &n.table[i]; cmd == nil || e.value != cmd.from {
			at.Statements = append(at.Statements, e.whole)
		}
	}
	if cmd != nil {
		rule.Pos = cmd.whole.Pos()
		c.made.Texts[rule.Pos] = cmd.whole
	}
	s.Rules = []model.Rule{rule}
	c.made.Config.Services = append(c.made.Config.Services, s)
	c.made.Places[s] = at
}

// told are those who hear of a monitor. Who hears of the recovery counts the alerts before it.
func (c *compiler) told(m monitor, k cadence) []model.Route {
	longest := time.Duration(0)
	if gap := m.node.get("alert_max_gap"); gap != nil {
		longest = c.positive("alert_max_gap", gap)
	}
	again := k.reminder(m.service.Schedule.Every, longest)
	out := append(
		c.reached("alert_down", k.down, again, model.EventFailed, model.EventStillFailing),
		c.reached("alert_up", k.up, again, model.EventRecovered)...)
	if m.name != "" && m.name != m.service.Name {
		for i := range out {
			out[i].Calls = m.name
		}
	}
	return out
}

// every is the time between two checks: no shorter than between two passes.
func (c *compiler) every(m monitor) time.Duration {
	n := m.node.get("check_interval")
	if n == nil {
		if c.made.Dialect == Python {
			return max(pythonInterval, c.interval0)
		}
		return c.interval0
	}
	d := c.interval("check_interval", n)
	switch {
	case d < 0:
		c.errorf(n.span, "interval", "%s cannot be negative", quoted("check_interval"))
	case d > 0 && d < c.interval0:
		c.warnf(n.span, "short-interval", "the monitor %s is checked every %v: %s for all monitors is longer",
			quoted(m.service.Name), c.interval0, quoted("check_interval"))
	}
	return max(d, c.interval0)
}

// depends finds the services of the monitors that one depends on.
func (c *compiler) depends(m monitor, all []monitor) {
	at := c.made.Places[m.service]
	for _, name := range c.nameOrNames("depends_on", m.node.get("depends_on")) {
		m.service.Depends = append(m.service.Depends, serviceNamed(name.text, all))
		at.Depends = append(at.Depends, name.at)
	}
	c.made.Places[m.service] = at
}

// serviceNamed is what the monitor of a name is called; that there is none shows when all files are put together.
func serviceNamed(name string, all []monitor) string {
	for _, m := range all {
		if strings.EqualFold(m.name, name) {
			return m.service.Name
		}
	}
	return name
}
