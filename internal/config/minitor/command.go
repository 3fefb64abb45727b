package minitor

import (
	"strconv"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A command is what a monitor or an alert runs.
type command struct {
	from  *node
	at    diag.Span
	whole diag.Span // with its key
	shell bool
}

// shellPath runs commands that are written as one text.
const shellPath = "/bin/sh"

// command finds the command of a monitor or an alert; owner names it for people. It returns nil where it is missing or
// cannot be used.
func (c *compiler) command(n *node, owner string, at diag.Span) *command {
	var found []*entry
	for _, key := range commandKeys {
		if e := n.find(key); e != nil && e.value.shape != absent {
			found = append(found, e)
		}
	}
	switch {
	case len(found) == 0:
		if !n.broken() {
			c.errorf(at, "command", "%s has no command", owner)
		}
		return nil
	case len(found) > 1:
		c.errorf(found[1].at, "command", "%s has both %s and %s", owner, quoted(found[0].key), quoted(found[1].key)).
			Relate(found[0].at, "the other one")
		return nil
	}
	e := found[0]
	if e.key == "command_shell" {
		c.warnf(e.at, "old-name", "%s is what only the very first Go version knew", quoted(e.key)).Hinted("write: command")
	}
	cmd := &command{from: e.value, at: e.value.span, whole: e.whole, shell: e.value.shape == scalar}
	return c.sound(cmd, e, owner)
}

// broken tells whether a part of a table could not be read, which was reported.
func (n *node) broken() bool {
	for _, key := range commandKeys {
		if n.find(key) != nil && n.get(key) == nil {
			return n.find(key).value.span.Text() != "" && n.find(key).value.span.Text() != "null" && n.find(key).value.span.Text() != "~"
		}
	}
	return false
}

func (c *compiler) sound(cmd *command, e *entry, owner string) *command {
	empty := cmd.shell && strings.TrimSpace(cmd.from.text) == ""
	switch cmd.from.shape {
	case table:
		c.errorf(cmd.at, "type", "the command of %s is a mapping, not a text or a list", owner)
		return nil
	case list:
		if isShellKey(e.key) {
			c.errorf(cmd.at, "type", "%s of %s is a list, not a text for the shell", quoted(e.key), owner)
			return nil
		}
		for _, word := range cmd.from.list {
			if word.shape != scalar {
				c.errorf(word.span, "type", "the command of %s holds %s, not texts only", owner, word.what())
				return nil
			}
		}
		empty = len(cmd.from.list) == 0 || cmd.from.list[0].text == ""
	}
	if empty {
		c.errorf(cmd.at, "command", "the command of %s is empty", owner)
		return nil
	}
	return cmd
}

// words are the arguments of the program that the command is. Each is made of pieces by fill.
func (c *compiler) words(cmd *command, fill func(n *node, pieces []piece) string) []string {
	if cmd.shell {
		trimmed := *cmd.from
		trimmed.text = strings.TrimSpace(trimmed.text)
		return []string{shellPath, "-c", fill(&trimmed, c.expand(&trimmed, true))}
	}
	var out []string
	for _, n := range cmd.from.list {
		out = append(out, fill(n, c.expand(n, false)))
	}
	return out
}

// asIs puts the pieces of a text together.
func asIs(_ *node, pieces []piece) string {
	var out strings.Builder
	for _, p := range pieces {
		out.WriteString(p.text)
	}
	return out.String()
}

// check is the program of a monitor; nil where there is none.
func (c *compiler) check(n *node, cmd *command, every time.Duration) *model.Program {
	const least = 10 * time.Second
	p := &model.Program{Timeout: max(least, every)}
	if t := n.get("timeout"); t != nil {
		if d := c.positive("timeout", t); d > 0 {
			p.Timeout = d
		}
	}
	if cmd == nil {
		return p
	}
	p.Args = c.words(cmd, asIs)
	return p
}
