package monit

import (
	"strings"

	"orderly/internal/calendar"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// An entry is a service under construction.
type entry struct {
	*compiler
	check   *Check
	service *model.Service
	rules   []ranked             // in file order
	groups  int                  // tests so far
	written map[string]diag.Span // statements of which only the last counts
}

// check compiles one service entry.
func (c *compiler) check(s *Check) {
	service := &model.Service{
		Name: s.Name.Text, Kind: s.Kind, OnReboot: c.onReboot, Limits: c.limits, Pos: s.Pos().Pos(),
	}
	if s.Kind == model.KindUnit {
		service.Repair = model.DefaultRepair()
	}
	e := &entry{compiler: c, check: s, service: service, written: map[string]diag.Span{}}
	e.name()
	e.subject()
	for _, o := range s.Options {
		e.option(o)
	}
	e.complete()
	service.Rules = e.order()
	c.made.Config.Services = append(c.made.Config.Services, service)
	c.made.Entries[service] = s
}

func (e *entry) name() {
	name := e.check.Name
	if e.service.Kind == model.KindSystem {
		e.service.Name = strings.ReplaceAll(name.Text, "$HOST", e.env.Hostname)
	}
	if !name.Given() {
		return
	}
	if strings.HasPrefix(name.Text, "/") {
		e.errorf(name.Pos(), "name", "the name %s begins with a slash", quoted(name.Text)).
			Hinted("write: check %s NAME ... %s", e.service.Kind, name.Text)
	}
	key := strings.ToLower(e.service.Name)
	if first, taken := e.names[key]; taken {
		e.errorf(name.Pos(), "duplicate-name", "there are two services named %s", quoted(e.service.Name)).
			Relate(first, "first defined here").Hinted("names are compared without regard to letter case")
		return
	}
	e.names[key] = name.Pos()
}

func (e *entry) subject() {
	s, to := e.check.Subject, &e.service.Subject
	switch e.check.By {
	case ByPidfile:
		to.Pidfile = s.Text
	case ByMatching:
		if e.pattern(s.Text, s.Pos()) {
			to.Pattern = s.Text
		}
	case ByPath:
		to.Path = s.Text
	case ByAddress:
		to.Address = s.Text
	case ByInterface:
		to.Interface = s.Text
	case ByUnit:
		e.unit(s)
	case ByNothing:
	}
	if e.service.Kind != model.KindProgram || e.check.Program == nil {
		return
	}
	to.Program, to.AsShell = e.program(e.check.Program), e.check.AsShell
	if len(e.check.Program.Args) > 0 && !to.AsShell {
		e.mustRun(e.check.Program.Args[0])
	}
}

// mustRun reports the program of a check that cannot be run. Of a directory it only warns, as Monit lets it pass.
func (e *entry) mustRun(program Word) {
	err := e.env.Executable(program.Text)
	if err == nil {
		return
	}
	if info, failed := e.env.Stat(program.Text); failed == nil && info.Mode.IsDir() {
		e.runnable(e.check.Program)
		return
	}
	e.errorf(program.Pos(), "program-missing", "cannot run %s: %v", quoted(program.Text), err).
		Hinted("the program of a check must exist")
}

func (e *entry) option(o Option) {
	switch o := o.(type) {
	case *Method:
		e.method(o)
	case *Every:
		e.every(o)
	case *Mode:
		e.mode(o)
	case *OnReboot:
		e.service.OnReboot = o.Mode
	case *Group:
		e.service.Groups = append(e.service.Groups, o.Name.Text)
	case *Depends:
		for _, name := range o.Names {
			e.service.Depends = append(e.service.Depends, name.Text)
		}
	case *Alert:
		e.service.Routes = append(e.service.Routes, e.route(o))
	case *Ignore:
		if m := e.match(o.Pattern, o.Not, e.service.Kind == model.KindFile); m != nil {
			e.service.Ignore = append(e.service.Ignore, *m)
		}
	case *RestartLimit:
		e.restartLimit(o)
	case *Test:
		e.test(o)
	}
}

// once warns when something of which only the last counts was written before.
func (e *entry) once(at diag.Span, what string) {
	e.overridden(e.written[what], at, what)
	e.written[what] = at
}

func (e *entry) method(m *Method) {
	e.once(m.Pos(), string(m.Kind)+" program")
	p := e.program(&m.Command)
	e.runnable(&m.Command)
	switch m.Kind {
	case model.ActStart:
		e.service.Start = p
	case model.ActStop:
		e.service.Stop = p
	case model.ActRestart:
		e.service.Restart = p
	case model.ActReload:
		e.service.Reload = p
	}
}

func (e *entry) every(o *Every) {
	e.once(o.Pos(), "schedule")
	if !o.Cron.Given() {
		e.service.Schedule = model.Schedule{Cycles: o.Cycles.Int()}
		return
	}
	if _, err := calendar.ParseCron(o.Cron.Text); err != nil {
		e.errorf(o.Cron.Pos(), "cron", "%s", strings.ToValidUTF8(err.Error(), "\uFFFD")).
			Hinted(`five fields, as in "*/5 8-18 * * 1-5": minute, hour, day of month, month, day of week`)
		return
	}
	e.service.Schedule = model.Schedule{Cron: o.Cron.Text, Not: o.Not}
}

func (e *entry) mode(o *Mode) {
	switch o.Name {
	case "passive":
		e.service.Mode = model.Passive
	case "active":
		e.service.Mode = model.Active
	case "manual":
		e.service.Mode, e.service.OnReboot = model.Active, model.RebootLastState
		e.warnf(o.Pos(), "deprecated", "mode manual is an old word").Hinted("write: onreboot laststate")
	}
}

func (e *entry) restartLimit(o *RestartLimit) {
	if o.Restarts.Int() < 1 || o.Restarts.Int() > o.Cycles.Int() {
		e.errorf(o.Restarts.Pos(), "restart-limit", "a service cannot be restarted %d times within %d cycles", o.Restarts.Int(), o.Cycles.Int())
		return
	}
	e.service.RestartLimits = append(e.service.RestartLimits, model.RestartLimit{
		Restarts: o.Restarts.Int(), Cycles: o.Cycles.Int(), Then: e.action(o.Then),
		Text: e.text(o.Cond), Pos: o.Pos().Pos(),
	})
}

// complete reports what an entry cannot do without. It keeps quiet when part of the text could not be read.
func (e *entry) complete() {
	if e.damaged {
		return
	}
	switch e.service.Kind {
	case model.KindHost:
		if !e.check.Tested && !e.has(isRemote) {
			e.errorf(e.check.Header, "host-without-test", "host %s has neither a ping nor a connection test", quoted(e.service.Name)).
				Hinted("add: if failed ping then alert")
		}
	case model.KindProgram:
		if !e.has(func(Cond) bool { return true }) {
			e.errorf(e.check.Header, "program-without-test", "program %s has neither a status nor a content test", quoted(e.service.Name)).
				Hinted("add: if status != 0 then alert")
		}
	case model.KindNetwork:
		e.mixedLinks()
	}
}

// isRemote tells whether a test asks the host something.
func isRemote(c Cond) bool {
	switch c.(type) {
	case *Ping, *Connection:
		return true
	}
	return false
}

func (e *entry) has(is func(Cond) bool) bool {
	for _, o := range e.check.Options {
		if t, ok := o.(*Test); ok && t.Cond != nil && is(t.Cond) {
			return true
		}
	}
	return false
}

// mixedLinks reports tests that want a link up and down at once.
func (e *entry) mixedLinks() {
	var first *Link
	for _, o := range e.check.Options {
		t, ok := o.(*Test)
		if !ok {
			continue
		}
		link, ok := t.Cond.(*Link)
		switch {
		case !ok:
		case first == nil:
			first = link
		case first.Up != link.Up:
			e.errorf(link.Pos(), "link-up-and-down", "tests for link up and link down cannot be mixed").
				Relate(first.Pos(), "the other test is here")
			return
		}
	}
}
