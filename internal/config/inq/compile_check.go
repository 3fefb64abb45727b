package inq

import (
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// An entry is a check that is being compiled.
type entry struct {
	*compiler
	check  *check
	routes []model.Route           // of its services
	probes map[string]*model.Probe // of families
	disks  map[string]*model.Service
	used   map[string]bool // parameters that something reads
}

func (c *compiler) entry(check *check) *entry {
	return &entry{
		compiler: c, check: check, routes: c.owned(check.params), probes: map[string]*model.Probe{},
		disks: map[string]*model.Service{}, used: map[string]bool{"owner": true},
	}
}

var alert = []model.Action{{Kind: model.ActAlert}}

// service compiles a check of a service that an init system runs. That it runs is checked in any case; only telling
// follows, because starting it is the business of the init system.
func (c *compiler) service(check *check) {
	if !check.name.given() {
		return
	}
	e := c.entry(check)
	s := &model.Service{
		Name: check.name.Text, Kind: model.KindUnit,
		Subject: model.Subject{Unit: check.name.Text, Pidfile: check.params.get("pidfile")},
		Routes:  e.routes, Repair: model.DefaultRepair(), Pos: check.span.Pos(),
	}
	e.used["pidfile"] = true
	s.Rules = append([]model.Rule{missing(s.Pos)}, model.UnitRules(s.Pos)...)
	place := Place{Name: check.name.Span, Statements: []diag.Span{check.span}}
	s.Expose = e.expose(&place)
	for i := range check.rules {
		if r, ok := e.rule(&check.rules[i]); ok {
			s.Rules = append(s.Rules, r)
		}
	}
	e.unread()
	c.add(s, place)
}

// missing is the implied rule that a thing is there.
func missing(at diag.Pos) model.Rule {
	return model.Rule{
		Text: "does not exist", Topic: model.TopicNonexist, Metric: model.Exist, Op: model.Equal, Operand: model.Num(0),
		Then: alert, Else: alert, Implicit: true, Pos: at,
	}
}

// expose is where the program tells of its memory, if that is to be passed on.
func (e *entry) expose(place *Place) (probe *model.Probe) {
	if len(e.check.expose) > 0 {
		place.Statements = append(place.Statements, e.check.exposed)
	}
	for _, what := range e.check.expose {
		if what.Text != memstats {
			e.errorf(what.Span, "expose", "%s cannot be exposed", quoted(what.Text)).Hinted("only memstats can")
			continue
		}
		probe = e.server(memstats)
	}
	return probe
}

// unread warns of parameters that nothing reads.
func (e *entry) unread() {
	for _, p := range e.check.params {
		if name := p.name.Text; !e.used[name] {
			e.warnf(p.name.Span, "unknown-parameter", "nothing reads the parameter %s", quoted(name))
		}
	}
}

// host compiles the check of the host. Each filesystem becomes a service of its own.
func (c *compiler) host(check *check) {
	for _, s := range c.made.Config.Services {
		if s.Kind == model.KindSystem {
			c.errorf(check.span, "duplicate-name", "the host is checked twice").Relate(c.made.Places[s].Name, "first checked here")
			return
		}
	}
	e := c.entry(check)
	place := Place{Name: check.span, Statements: []diag.Span{check.span}}
	s := &model.Service{Name: c.hostName(), Kind: model.KindSystem, Routes: e.routes, Pos: check.span.Pos()}
	c.claim(s.Name, s.Kind, check.span)
	c.add(s, place)
	for i := range check.rules {
		r, ok := e.rule(&check.rules[i])
		switch disk := check.rules[i].family.Text == "disk"; {
		case !ok:
		case disk:
			to := e.disk(check.rules[i].name)
			to.Rules = append(to.Rules, r)
		default:
			s.Rules = append(s.Rules, r)
		}
	}
	e.unread()
}

// disk finds or makes the service of a filesystem.
func (e *entry) disk(mount Word) *model.Service {
	if s := e.disks[mount.Text]; s != nil {
		return s
	}
	s := &model.Service{
		Name: "disk:" + mount.Text, Kind: model.KindFilesystem, Subject: model.Subject{Path: mount.Text},
		Routes: e.routes, Pos: e.check.span.Pos(),
	}
	s.Rules = []model.Rule{missing(s.Pos)}
	e.disks[mount.Text] = s
	e.claim(s.Name, s.Kind, mount.Span)
	e.add(s, Place{Name: mount.Span, Statements: []diag.Span{e.check.span}})
	return s
}

// Jobs have a minute more than their period. No period may be longer than ten years.
const (
	grace     = time.Minute
	maxPeriod = 10 * 366 * 24 * time.Hour
)

var periods = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// jobs compiles the jobs of a check, each to a service that waits for signs of life.
func (c *compiler) jobs(check *check) {
	e := c.entry(check)
	for _, j := range check.jobs {
		unit := periods[strings.TrimSuffix(j.unit.Text, "s")]
		count, ok := 1, true
		if j.count.given() {
			count, ok = readCount(j.count.Text, int(maxPeriod/unit))
		}
		if !ok {
			c.errorf(j.count.Span, "number", "a job cannot happen every %s %s", j.count.Text, j.unit.Text).
				Hinted("write a whole number, of at most ten years")
			continue
		}
		s := &model.Service{Name: c.jobName(j.name), Kind: model.KindHeartbeat, Routes: e.routes, Pos: j.span.Pos()}
		limit := time.Duration(count)*unit + grace
		s.Rules = []model.Rule{{
			Text: j.text(), Topic: model.TopicHeartbeat, Metric: model.SilentFor,
			Op: model.Greater, Operand: model.Num(limit.Seconds()), Then: alert, Else: alert, Pos: s.Pos,
		}}
		c.made.Texts[s.Pos] = j.span
		c.claim(s.Name, s.Kind, j.name.Span)
		c.add(s, Place{Name: j.name.Span, Statements: []diag.Span{check.span}})
	}
	e.unread()
}

// jobName is what the service of a job is called. To Inspeqtor a job and a service may have one name.
func (c *compiler) jobName(name Word) string {
	if first, is := c.names[strings.ToLower(name.Text)]; is && first.kind != model.KindHeartbeat {
		return name.Text + " job"
	}
	return name.Text
}
