package monit

import (
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A Compilation is one compiled control file, with what checks over several files need to know of its text.
type Compilation struct {
	Config  *model.Config // not sealed; names in Depends are not resolved
	File    *File
	Entries map[*model.Service]*Check // the text each service comes from; none for Implied
	Implied *model.Service            // the entry of the host, when the file has none; also in Config

	Reporting diag.Span // the last statement that names collectors
}

// Compile reads a control file and says what it means. It always returns a Compilation; it can be used when diags has no
// errors. Dependencies are the caller's to resolve, because they may name services of other files.
func Compile(src *diag.Source, inc Includer, env Env, diags *diag.List) *Compilation {
	before, _ := diags.Count()
	file := Parse(src, inc, diags)
	errors, _ := diags.Count()
	c := &compiler{
		env: env, diags: diags, damaged: errors > before,
		made:   &Compilation{Config: &model.Config{}, File: file, Entries: map[*model.Service]*Check{}},
		names:  map[string]diag.Span{},
		limits: model.DefaultLimits(),
	}
	c.comments.index(file.Comments)
	c.run()
	return c.made
}

// A compiler goes through the statements of one file once, in order, because limits count from where they are written.
type compiler struct {
	env     Env
	diags   *diag.List
	damaged bool // the text had errors: what is missing may be what could not be read
	made    *Compilation

	names    map[string]diag.Span // of services, in lower case
	comments commentIndex
	limits   model.Limits   // in force at this statement
	onReboot model.OnReboot // in force at this statement
	tls      TLS            // of every "set ssl", wherever it is written
	daemon   *SetDaemon
	init     *SetFlag
	httpd    *SetHTTPD
	users    map[string]Allow // of "set httpd", by name in lower case
}

func (c *compiler) errorf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	if c.damaged && at.Src == nil {
		return new(diag.Diagnostic) // about something that could not be read, which was reported
	}
	return c.diags.Error(at, "monit/"+code, format, args...)
}

func (c *compiler) warnf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Warn(at, "monit/"+code, format, args...)
}

// notYet warns of a statement that has no effect, and says what orderly does instead.
func (c *compiler) notYet(at diag.Span, what, instead string) {
	c.warnf(at, "not-yet", "%s has no effect", what).Hinted("%s", instead)
}

func (c *compiler) run() {
	for _, s := range c.made.File.Stmts {
		if s, ok := s.(*SetTLS); ok {
			c.tls = append(c.tls, s.TLS...)
		}
	}
	for _, s := range c.made.File.Stmts {
		c.statement(s)
	}
	if c.init != nil && c.daemon == nil {
		c.errorf(c.init.Pos(), "poll-time", "running in the foreground needs a poll time").
			Hinted("add: set daemon 30")
	}
	c.made.Config.Settings.Limits = c.limits
	c.host()
	c.closedHTTPD()
}

func (c *compiler) statement(s Stmt) {
	switch s := s.(type) {
	case *Check:
		c.check(s)
	case *SetAlert:
		c.made.Config.Routes = append(c.made.Config.Routes, c.route(&s.Alert))
	case *SetDaemon:
		c.setDaemon(s)
	case *SetFlag:
		c.setFlag(s)
	case *SetOnReboot:
		c.onReboot = s.Mode
		if s.Mode == model.RebootNoStart { // a default does not keep what is new from being watched
			c.onReboot = model.RebootUnlessNew
		}
	case *SetLimits:
		c.setLimits(s)
	case *SetLog:
		c.setLog(s)
	case *SetPath:
		c.setPath(s)
	case *SetEventQueue:
		c.setEventQueue(s)
	case *SetMMonit:
		c.setMMonit(s)
	case *SetTLS:
		c.checkTLS(s.TLS)
	case *SetMailServer:
		c.setMailServer(s)
	case *SetMailFormat:
		c.made.Config.Settings.Mail.Format = mailFormat(s.Format)
	case *SetHTTPD:
		c.setHTTPD(s)
	}
}

// host adds the entry of the host where nobody wrote one, and names the host after it.
func (c *compiler) host() {
	settings, name := &c.made.Config.Settings, c.env.Hostname
	for _, s := range c.made.Config.Services {
		if s.Kind == model.KindSystem {
			settings.Host = s.Name
		}
	}
	if settings.Host != "" {
		return
	}
	settings.Host = name
	if at, taken := c.names[strings.ToLower(name)]; taken {
		c.errorf(at, "host-name-taken", "%s is the name of this host, which its own entry needs", quoted(name)).
			Hinted("name this service differently, or name the host with: check system NAME")
		return
	}
	c.made.Implied = &model.Service{
		Name: name, Kind: model.KindSystem, OnReboot: c.onReboot, Limits: c.limits, Pos: c.made.File.Sources[0].Whole().Pos(),
	}
	c.made.Config.Services = append(c.made.Config.Services, c.made.Implied)
}

// quoted shows a user's word in a message, cut where it is unreasonably long.
func quoted(s string) string {
	const limit = 80
	s = strings.ToValidUTF8(s, "\uFFFD")
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "…"
	}
	return `"` + s + `"`
}
