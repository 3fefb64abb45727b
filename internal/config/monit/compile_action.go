package monit

import (
	"errors"

	"orderly/internal/diag"
	"orderly/internal/model"
	"orderly/internal/pattern"
)

// program is a command that is run. A program that is missing is only a warning: it may be installed later.
func (c *compiler) program(cmd *Command) *model.Program {
	if cmd == nil || len(cmd.Args) == 0 {
		return &model.Program{}
	}
	p := &model.Program{
		User:    c.runAs(cmd.UID, "user"),
		Group:   c.runAs(cmd.GID, "group"),
		Timeout: c.timeout(cmd.Timeout, 0),
	}
	for _, a := range cmd.Args {
		p.Args = append(p.Args, a.Text)
	}
	return p
}

// runnable warns of a program that cannot be run now.
func (c *compiler) runnable(cmd *Command) {
	if cmd == nil || len(cmd.Args) == 0 {
		return
	}
	if err := c.env.Executable(cmd.Args[0].Text); err != nil {
		c.warnf(cmd.Args[0].Pos(), "program-missing", "cannot run %s: %v", quoted(cmd.Args[0].Text), err)
	}
}

// runAs checks the user or group of a program and returns it as written.
func (c *compiler) runAs(w Word, what string) string {
	if !w.Given() {
		return ""
	}
	if c.env.EUID != 0 {
		c.errorf(w.Pos(), "not-root", "only root can run a program as another %s", what)
	}
	c.user(w, what)
	return w.Text
}

// user looks up a user or group, by name or number.
func (c *compiler) user(w Word, what string) (id int) {
	if !w.Given() {
		return 0
	}
	lookup := c.env.LookupUser
	if what == "group" {
		lookup = c.env.LookupGroup
	}
	id, err := lookup(w.Text)
	if err != nil {
		c.errorf(w.Pos(), "unknown-"+what, "there is no %s %s on this host", what, quoted(w.Text))
	}
	return id
}

// action is what a rule does; it always does something.
func (c *compiler) action(a Action) []model.Action {
	switch a.Kind {
	case "":
		return []model.Action{{Kind: model.ActAlert}} // it could not be read, which was reported
	case model.ActExec:
		p := c.program(a.Exec)
		c.runnable(a.Exec)
		if p.Timeout == 0 {
			p.Timeout = c.limits.ExecTimeout
		}
		return []model.Action{{Kind: a.Kind, Exec: p, Repeat: a.Repeat.Int(), Early: a.Early}}
	}
	return []model.Action{{Kind: a.Kind, Once: a.Once, On: a.On.Text}}
}

// maxWindow is how many cycles a rule can look back.
const maxWindow = 64

func (c *compiler) rate(r Rate) model.Rate {
	if !r.Given() {
		return model.Rate{}
	}
	count, window := r.Count.Int(), r.Window.Int()
	switch {
	case window < 1 || window > maxWindow:
		c.errorf(r.Window.Pos(), "rate", "the number of cycles must be between 1 and %d", maxWindow)
	case count < 1 || count > window:
		c.errorf(r.Count.Pos(), "rate", "a test cannot fail %d times within %d cycles", count, window)
	default:
		return model.Rate{Count: count, Window: window}
	}
	return model.Rate{}
}

// pattern tells whether an extended regular expression can be used. If not, that is reported, and the caller must do
// without.
func (c *compiler) pattern(text string, at diag.Span) bool {
	_, err := pattern.Compile(text)
	switch {
	case errors.Is(err, pattern.ErrUnsupported):
		c.warnf(at, "not-yet", "the pattern %s %v", quoted(text), err).Hinted("this test is left out")
	case err != nil:
		c.errorf(at, "pattern", "invalid pattern %s: %v", quoted(text), err)
	}
	return err == nil
}
