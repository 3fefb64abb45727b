package minitor

import (
	"time"

	"orderly/internal/model"
)

// A cadence says after how many failures people are told, how often again, and which alerts do it.
type cadence struct {
	after, every int
	down, up     []word
}

// defaults are those of the dialect, with what the file sets for all monitors.
func (c *compiler) defaults(root *node) cadence {
	usual := cadence{after: 1, every: -1}
	switch c.made.Dialect {
	case Python:
		usual.after = 4
	case Go:
		usual.every = 0
	}
	usual.after = c.after("default_alert_after", root.get("default_alert_after"), usual.after)
	if n, ok := c.integer("default_alert_every", root.get("default_alert_every")); ok {
		usual.every = n
	}
	usual.down = c.names("default_alert_down", root.get("default_alert_down"))
	usual.up = c.names("default_alert_up", root.get("default_alert_up"))
	return usual
}

// after reads how many failures in a row it takes. None of them means the default.
func (c *compiler) after(key string, n *node, usual int) int {
	v, ok := c.integer(key, n)
	switch {
	case !ok || v == 0:
		return usual
	case v > 0:
		return v
	case c.made.Dialect == Go || c.made.Dialect == HCL:
		c.errorf(n.span, "negative", "%s cannot be negative", quoted(key))
	default:
		c.warnf(n.span, "negative", "%s is negative: people are told of the first failure", quoted(key))
	}
	return 1
}

// cadence reads that of one monitor.
func (c *compiler) cadence(m *node) cadence {
	out := c.usual
	out.after = c.after("alert_after", m.get("alert_after"), out.after)
	if n, ok := c.integer("alert_every", m.get("alert_every")); ok {
		out.every = n
	}
	down := c.names("alert_down", m.get("alert_down"))
	if len(down) == 0 {
		down = c.names("alerts", m.get("alerts"))
	}
	if len(down) > 0 {
		out.down = down
	}
	if len(out.down) == 0 {
		out.down = []word{{logName, c.src.Whole()}}
	}
	if up := c.names("alert_up", m.get("alert_up")); len(up) > 0 {
		out.up = up
	}
	return out
}

// policy counts failures in a row.
func (k cadence) policy() model.Policy {
	if k.after <= 1 {
		return model.Policy{}
	}
	return model.Policy{Fail: model.Rate{Count: k.after, Window: k.after}}
}

// reminder is when people are told again, with checks so far apart and no gap above a length of time; 0: any gap.
func (k cadence) reminder(apart, longest time.Duration) model.Reminder {
	switch {
	case k.every > 0:
		return model.Reminder{Cycles: k.every, Lag: 1}
	case k.every < 0:
		r := model.Reminder{Cycles: 1, Lag: 1, Doubling: true}
		if longest > 0 {
			r.MaxGap = max(1, int(longest/apart))
		}
		return r
	}
	return model.Reminder{}
}
