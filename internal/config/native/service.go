package native

import (
	"slices"
	"strings"

	"orderly/internal/calendar"
	"orderly/internal/config/monit"
	"orderly/internal/model"
)

// A service is one entry under construction: what control files can say as well is an entry of theirs, the rest
// stands beside it.
type service struct {
	entry   monit.Check
	place   Place
	subject item // the key that says what is watched; no key: none was given

	limits    model.Limits
	repair    repairs
	heart     heartbeat
	expose    *model.Probe
	face      *model.Face
	schedule  model.Schedule
	scheduled item
	mode      model.Mode
	onReboot  model.OnReboot
	depends   []string
	groups    []string
	severity  model.Severity
	retries   int
	tried     item // what says one of these
	routes    []model.Route
	ignore    []ignored
	implied   bool // the rules that the kind implies are wanted
	rules     item // read when the kind is known
	sentences []*phrase
	damaged   bool // parts could not be read
	void      bool // it cannot be compiled at all
}

// ignored are lines of a file that content rules do not see.
type ignored struct {
	patterns []monit.Word
	not      bool
}

// subjectFields say what is watched.
var subjectFields = []field[service]{
	{"pidfile", subject(model.KindProcess, monit.ByPidfile)},
	{"matching", subject(model.KindProcess, monit.ByMatching)},
	{"file", subject(model.KindFile, monit.ByPath)},
	{"fifo", subject(model.KindFifo, monit.ByPath)},
	{"directory", subject(model.KindDirectory, monit.ByPath)},
	{"filesystem", subject(model.KindFilesystem, monit.ByPath)},
	{"host", subject(model.KindHost, monit.ByAddress)},
	{"command", subject(model.KindProgram, monit.ByPath)},
	{"interface", subject(model.KindNetwork, monit.ByInterface)},
	{"address", subject(model.KindNetwork, monit.ByAddress)},
	{"system", subject(model.KindSystem, monit.ByNothing)},
	{"unit", subject(model.KindUnit, monit.ByUnit)},
	{"heartbeat", subject(model.KindHeartbeat, monit.ByNothing)},
}

var serviceFields = slices.Concat(subjectFields, heartbeatFields, programKeys, faceKeys, []field[service]{
	{"every", func(d *decoder, it item, s *service) { s.every(d, it, false) }},
	{"not every", func(d *decoder, it item, s *service) { s.every(d, it, true) }},
	{"mode", func(d *decoder, it item, s *service) {
		if d.choice(it, "active", "passive") == "passive" {
			s.mode = model.Passive
		}
	}},
	{"on reboot", func(d *decoder, it item, s *service) {
		if mode := d.choice(it, "start", "nostart", "unlessnew", "laststate"); mode != "start" {
			s.onReboot = model.OnReboot(mode)
		}
	}},
	{"start", method(model.ActStart)},
	{"stop", method(model.ActStop)},
	{"restart", method(model.ActRestart)},
	{"reload", method(model.ActReload)},
	{"init", func(d *decoder, it item, s *service) { s.entry.Init, _ = d.word(it) }},
	{"repair", func(d *decoder, it item, s *service) { s.repair.read(d, it) }},
	{"expose", func(d *decoder, it item, s *service) { s.expose = d.ask(it) }},
	{"depends", func(d *decoder, it item, s *service) {
		for _, each := range d.list(it) {
			if w, ok := d.word(each); ok {
				s.depends, s.place.Depends = append(s.depends, w.Text), append(s.place.Depends, w.Span)
			}
		}
	}},
	{"severity", func(d *decoder, it item, s *service) { s.severity = d.severity(it) }},
	{"groups", func(d *decoder, it item, s *service) {
		for _, each := range d.list(it) {
			if w, ok := d.word(each); ok {
				s.groups = append(s.groups, w.Text)
			}
		}
	}},
	{"alert", func(d *decoder, it item, s *service) { s.routes = d.routes(it) }},
	{"limits", func(d *decoder, it item, s *service) { readMap(d, it, "limits", limitFields, &s.limits) }},
	{"ignore", func(d *decoder, it item, s *service) { s.ignoring(d, it) }},
	{"implied rules", func(d *decoder, it item, s *service) { s.implied = d.boolean(it) }},
	{"rules", func(_ *decoder, it item, s *service) { s.rules = it }},
})

// subject reads what is watched.
func subject(kind model.Kind, by monit.Locator) func(*decoder, item, *service) {
	return func(d *decoder, it item, s *service) {
		switch {
		case s.subject.key == nil:
		case s.entry.Kind == model.KindUnit && by == monit.ByPidfile:
			s.entry.Pidfile = d.path(it)
			return
		case kind == model.KindUnit && s.entry.By == monit.ByPidfile:
			s.entry.Pidfile = s.entry.Subject
		default:
			d.errorf(d.span(it.key), "subject", "a service watches one thing: it cannot have %q as well", it.name).
				Relate(d.span(s.subject.key), "this is watched")
			return
		}
		s.subject, s.entry.Kind, s.entry.By = it, kind, by
		s.entry.Header = d.span(it.key)
		switch kind {
		case model.KindProgram:
			s.entry.Program = d.command(it)
		case model.KindSystem, model.KindHeartbeat:
			if !d.boolean(it) {
				s.subject.key = nil
			}
		case model.KindUnit:
			s.entry.Subject, _ = d.word(it)
		default:
			s.entry.Subject, _ = d.word(it)
			s.absolute(d)
		}
	}
}

// absolute wants paths that mean the same wherever orderly was started.
func (s *service) absolute(d *decoder) {
	path := s.entry.Subject
	if s.entry.By == monit.ByMatching || s.entry.By == monit.ByAddress || s.entry.By == monit.ByInterface ||
		s.entry.Kind == model.KindFilesystem || path.Text == "" || strings.HasPrefix(path.Text, "/") {
		return
	}
	d.errorf(path.Span, "path", "%q is no absolute path", cut(path.Text)).Hinted("a path begins with a slash")
}

// method reads the program that starts, stops, restarts or reloads a service.
func method(kind model.ActionKind) func(*decoder, item, *service) {
	return func(d *decoder, it item, s *service) {
		if c := d.command(it); c != nil {
			s.entry.Options = append(s.entry.Options, &monit.Method{Node: c.Node, Kind: kind, Command: *c})
		}
	}
}

// cronFields is how many fields a recurring time has.
const cronFields = 5

// every reads when a service is checked: "10s", "3 cycles" or five fields like those of cron.
func (s *service) every(d *decoder, it item, not bool) {
	if s.scheduled.key != nil {
		d.errorf(d.span(it.key), "exclusive", `a service has either "every" or "not every"`)
		return
	}
	s.scheduled = it
	w, ok := d.word(it)
	fields := strings.Fields(w.Text)
	switch {
	case !ok:
	case not || len(fields) == cronFields:
		if _, err := calendar.ParseCron(w.Text); err != nil {
			d.errorf(w.Span, "cron", "%v", err).
				Hinted("five fields: minute, hour, day of month, month, day of week")
		}
		s.schedule = model.Schedule{Cron: w.Text, Not: not}
	case len(fields) == 2 && (fields[1] == "cycles" || fields[1] == "cycle"):
		count := *follow(it.value)
		count.Value = fields[0]
		s.schedule = model.Schedule{Cycles: d.number(item{it.name, it.key, &count}, 1, maxCycles)}
	default:
		s.schedule = model.Schedule{Every: d.interval(it)}
	}
}

var ignoreFields = []field[ignored]{
	{"not", func(d *decoder, it item, i *ignored) { i.not, i.patterns = true, d.words(it) }},
}

// ignoring reads a list of which each element selects lines: a pattern, several, or lines that do not match any.
func (s *service) ignoring(d *decoder, it item) {
	for _, each := range d.list(it) {
		var i ignored
		if isMapping(each) {
			readMap(d, each, "ignore", ignoreFields, &i)
		} else {
			i.patterns = d.words(each)
		}
		s.ignore = append(s.ignore, i)
	}
}

func (d *decoder) words(it item) (words []monit.Word) {
	for _, each := range d.list(it) {
		if w, ok := d.word(each); ok {
			words = append(words, w)
		}
	}
	return words
}

// services reads all services; limits are those of the file.
func (d *decoder) services(it item, limits model.Limits) []*service {
	var out []*service
	if it.key == nil {
		return nil
	}
	items, _ := d.mapping(it)
	for _, it := range items {
		s := &service{limits: limits, implied: true}
		s.place.Name = d.span(it.key)
		s.entry.Node = monit.Node{Span: s.place.Name}
		s.entry.Name, _ = d.word(item{"the name of a service", nil, it.key})
		s.read(d, it)
		out = append(out, s)
	}
	return out
}

// read reads one service. Its rules come last: what they may test depends on its kind.
func (s *service) read(d *decoder, it item) {
	before, _ := d.diags.Count()
	for _, it := range readMap(d, it, "a service", serviceFields, s) {
		if it.name != "rules" {
			s.place.Statements = append(s.place.Statements, d.whole(it))
		}
	}
	s.check(d, before)
	if !s.void && s.rules.key != nil {
		s.sentences = d.sentences(s.rules, s.entry.Kind)
	}
	for _, p := range s.sentences {
		if p.option != nil {
			s.entry.Options = append(s.entry.Options, p.option)
		}
		s.entry.Tested = s.entry.Tested || p.asked != nil
	}
	after, _ := d.diags.Count()
	s.damaged = after > before
}

// check reports what does not fit together; before is the number of errors before the service.
func (s *service) check(d *decoder, before int) {
	errors, _ := d.diags.Count()
	name := s.entry.Name
	switch {
	case s.subject.key == nil && errors == before:
		d.errorf(name.Span, "subject", "nothing says what %q watches", cut(name.Text)).
			Hinted("add one of: %s", strings.Join(keys(subjectFields), ", "))
	case strings.HasPrefix(name.Text, "/"):
		s.void = true
		d.errorf(name.Span, "name", "the name %q begins with a slash", cut(name.Text))
	case len(s.ignore) > 0 && s.entry.Kind != model.KindFile:
		d.errorf(name.Span, "ignore", "only of a file lines can be ignored")
	case s.entry.Init.Given() && s.entry.Kind != model.KindUnit:
		d.errorf(s.entry.Init.Span, "init", "only a unit has an init system").Hinted("add: unit: NAME")
	default:
		s.checkProgram(d)
		s.heart.check(d, name, s.entry.Kind)
	}
	s.void = s.void || s.subject.key == nil
}

// compile turns what was read into a service.
func (s *service) compile(d *decoder, x *monit.Entries) *model.Service {
	out := x.Add(&s.entry, s.limits, s.damaged)
	if s.repair.given {
		out.Repair = s.repair.bounds
	}
	if s.expose != nil {
		s.expose.Protocol, s.expose.Timeout = model.FamilyProtocol(exposed), s.limits.NetworkTimeout
		out.Expose = s.expose
	}
	s.heart.compile(out)
	addWarnings(d, out, s.sentences)
	out.Face = s.face
	out.Subject.Retries = s.retries
	out.Schedule, out.Mode, out.OnReboot = s.schedule, s.mode, s.onReboot
	out.Depends, out.Groups, out.Severity, out.Routes = s.depends, s.groups, s.severity, s.routes
	for _, i := range s.ignore {
		m := model.Match{Not: i.not}
		for _, w := range i.patterns {
			if p, ok := x.Pattern(w.Text, w.Span); ok {
				m.Patterns = append(m.Patterns, p)
			}
		}
		if len(m.Patterns) > 0 {
			out.Ignore = append(out.Ignore, m)
		}
	}
	if !s.implied {
		out.Rules = slices.DeleteFunc(out.Rules, func(r model.Rule) bool { return r.Implicit })
	}
	return out
}
