package inq

import (
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A compiler goes through the files of one Inspeqtor: first what concerns all of them, then each check.
type compiler struct {
	env   Env
	diags *diag.List
	files []*file
	made  *Compilation

	configured bool          // an inspeqtor.conf was read
	damaged    bool          // and parts of it could not be: what is missing may be there
	cycle      time.Duration // between two looks at everything
	targets    map[string]*target
	names      map[string]taken // of services, in lower case
}

// A taken name belongs to a service.
type taken struct {
	at   diag.Span
	kind model.Kind
}

func newCompiler(env Env, diags *diag.List) *compiler {
	return &compiler{
		env: env, diags: diags, cycle: defaultCycle, targets: map[string]*target{}, names: map[string]taken{},
		made: &Compilation{Config: &model.Config{}, Places: map[*model.Service]Place{}, Texts: map[diag.Pos]diag.Span{}},
	}
}

func (c *compiler) errorf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Error(at, "inq/"+code, format, args...)
}

func (c *compiler) warnf(at diag.Span, code, format string, args ...any) *diag.Diagnostic {
	return c.diags.Warn(at, "inq/"+code, format, args...)
}

// notYet warns of something that has no effect, and says what to do instead.
func (c *compiler) notYet(at diag.Span, what, instead string) {
	c.warnf(at, "not-yet", "%s", what).Hinted("%s", instead)
}

// all calls f with the checks of one kind, or of every kind when it is "".
func (c *compiler) all(kind model.Kind, f func(*check)) {
	for _, file := range c.files {
		for i := range file.checks {
			if check := &file.checks[i]; kind == "" || check.kind == kind {
				f(check)
			}
		}
	}
}

func (c *compiler) run() {
	settings := &c.made.Config.Settings
	settings.Host, settings.Limits, settings.Inspeqtor = c.env.Hostname, model.DefaultLimits(), model.DefaultInspeqtor()
	for _, f := range c.files {
		c.configured = c.configured || f.isConf
		c.damaged = c.damaged || f.isConf && f.damaged
	}
	c.settings()
	if c.configured {
		settings.Interval = c.cycle
	}
	c.routes()
	c.all(model.KindUnit, c.claimService)
	c.all("", func(check *check) {
		switch check.kind {
		case model.KindUnit:
			c.service(check)
		case model.KindSystem:
			c.host(check)
		case model.KindHeartbeat:
			c.jobs(check)
		}
	})
	c.impliedHost()
}

// add appends a service that is written somewhere.
func (c *compiler) add(s *model.Service, p Place) {
	s.Limits = model.DefaultLimits()
	c.made.Config.Services = append(c.made.Config.Services, s)
	c.made.Places[s] = p
}

// claim notes that a name belongs to a service; it is reported when it belongs to another one.
func (c *compiler) claim(name string, kind model.Kind, at diag.Span) {
	key := strings.ToLower(name)
	if first, is := c.names[key]; is {
		c.errorf(at, "duplicate-name", "%s is there twice", quoted(name)).
			Relate(first.at, "first defined here").Hinted("names are compared without regard to letter case")
		return
	}
	c.names[key] = taken{at, kind}
}

func (c *compiler) claimService(check *check) {
	if check.name.given() {
		c.claim(check.name.Text, check.kind, check.name.Span)
	}
}

// impliedHost adds the entry of the host where no file checks it.
func (c *compiler) impliedHost() {
	for _, s := range c.made.Config.Services {
		if s.Kind == model.KindSystem {
			return
		}
	}
	c.made.Implied = &model.Service{Name: c.hostName(), Kind: model.KindSystem, Limits: model.DefaultLimits()}
	c.made.Config.Services = append(c.made.Config.Services, c.made.Implied)
}

// hostName is what the entry of the host is called. Unlike in Inspeqtor, it shares its names with services.
func (c *compiler) hostName() string {
	if _, is := c.names[strings.ToLower(c.env.Hostname)]; is {
		return "host"
	}
	return c.env.Hostname
}
