package native

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// services writes all services. It is not plain when a rule had to be written with options of TLS of its own.
func (e *encoder) services() (all *node, plain bool) {
	all, plain = newMap(), true
	for i, s := range e.config.Services {
		if i == len(e.config.Services)-1 && e.impliedHost(s) {
			break
		}
		if s.Connectivity != nil { // is made of the settings
			continue
		}
		w := &writer{encoder: e, service: s}
		n := w.write()
		all.add(s.Name, n)
		if comment := w.comment(); comment != "" {
			all.Content[len(all.Content)-2].HeadComment = comment
		}
		plain = plain && !w.secured
	}
	return all, plain
}

// impliedHost tells whether a service, the last one, is what reading adds for the host when no file has an entry for it.
// Written down, it would name this host on every other one.
func (e *encoder) impliedHost(s *model.Service) bool {
	others := e.config.Services[:len(e.config.Services)-1]
	if slices.ContainsFunc(others, func(o *model.Service) bool { return o.Kind == model.KindSystem }) {
		return false
	}
	plain := model.Config{
		Services: []*model.Service{{Name: e.env.Hostname, Kind: model.KindSystem, Limits: model.DefaultLimits()}},
		Routes:   e.config.Routes,
	}
	plain.Seal()
	return e.config.Settings.Host == e.env.Hostname && s.Fingerprint() == plain.Services[0].Fingerprint()
}

// A writer writes one service. It reads what it wrote again, to see whether that means the same.
type writer struct {
	*encoder
	service *model.Service
	lost    []string // what cannot be said
	secured bool     // some rule needed options of TLS of its own
}

func (w *writer) comment() string {
	if len(w.lost) == 0 {
		return ""
	}
	return "# Not all of this can be said here: " + strings.Join(w.lost, "; ")
}

// write returns the best text for the service. Nearly always that is what the user wrote.
func (w *writer) write() *node {
	head := w.head()
	groups := w.sentences(written)
	again := w.read(head, firsts(groups))
	if again != nil && again.Fingerprint() == w.service.Fingerprint() {
		return withRules(head, firsts(groups))
	}
	if again == nil {
		again = w.read(head, nil)
	}
	if again != nil && !reflect.DeepEqual(bare(implied(again)), bare(implied(w.service))) {
		groups = w.sentences(others(implied(again)))
		if w.chooseAll(head, groups); len(w.lost) == 0 && w.says(head, groups) {
			return withRules(head, firsts(groups))
		}
		w.lost, w.secured = nil, false
		head.add("implied rules", newBool(false))
		groups = w.sentences(all)
	}
	w.chooseAll(head, groups)
	if len(w.lost) == 0 && !w.says(head, groups) {
		groups = w.rearranged(head, groups)
	}
	return withRules(head, firsts(groups))
}

// says tells whether sentences together mean the service.
func (w *writer) says(head *node, groups []sentence) bool {
	again := w.read(head, firsts(groups))
	return again != nil && w.same(again)
}

// rearranged looks for sentences that are evaluated in the order of the rules: those that name metrics are, in the order
// they are written in.
func (w *writer) rearranged(head *node, groups []sentence) []sentence {
	byName := slices.Clone(groups)
	for i, g := range groups {
		if n, ok := w.named(&g); ok {
			byName[i].forms = []form{{node: n}}
		}
	}
	if w.says(head, byName) {
		return byName
	}
	slices.SortStableFunc(groups, func(a, b sentence) int { return a.turn - b.turn })
	if !w.says(head, groups) {
		w.lost = append(w.lost, "it is not quite the same")
	}
	return groups
}

// same compares all but whether rules were written or implied.
func (w *writer) same(again *model.Service) bool {
	a, b := *w.service, *again
	ra, rb := bare(a.Rules), bare(b.Rules)
	a.Rules, b.Rules = nil, nil
	c := model.Config{Services: []*model.Service{&a}, Routes: w.config.Routes}
	d := model.Config{Services: []*model.Service{&b}, Routes: w.config.Routes}
	c.Seal()
	d.Seal()
	return a.Fingerprint() == b.Fingerprint() && reflect.DeepEqual(ra, rb)
}

// bare are rules without what is not part of their meaning.
func bare(rules []model.Rule) []model.Rule {
	out := slices.Clone(rules)
	for i := range out {
		out[i].ID, out[i].Pos, out[i].Implicit = "", diag.Pos{}, false
		out[i].Routes = slices.Clone(out[i].Routes)
		for j := range out[i].Routes {
			out[i].Routes[j].Pos = diag.Pos{}
		}
	}
	return out
}

// all, others and written are the rules of a service that have to be said. Others are all but the implied ones that hold
// without.
func all(s *model.Service) []model.Rule { return s.Rules }

func others(implied []model.Rule) func(*model.Service) []model.Rule {
	known := bare(implied)
	return func(s *model.Service) []model.Rule {
		return slices.DeleteFunc(slices.Clone(s.Rules), func(r model.Rule) bool {
			r = bare([]model.Rule{r})[0]
			return slices.ContainsFunc(known, func(k model.Rule) bool { return reflect.DeepEqual(k, r) })
		})
	}
}

func implied(s *model.Service) (rules []model.Rule) {
	for _, r := range s.Rules {
		if r.Implicit {
			rules = append(rules, r)
		}
	}
	return rules
}

func written(s *model.Service) (rules []model.Rule) {
	for _, r := range s.Rules {
		if !r.Implicit {
			rules = append(rules, r)
		}
	}
	return rules
}

// withRules completes a service.
func withRules(head *node, rules []*node) *node {
	n := newMap()
	n.Content = slices.Clone(head.Content)
	if len(rules) > 0 {
		n.add("rules", newList(false, rules...))
	}
	return n
}

// read compiles what would be written; nil when that is refused.
func (w *writer) read(head *node, rules []*node) *model.Service {
	top, services := newMap(), newMap()
	if l := limitsNode(w.config.Settings.Limits, model.DefaultLimits()); l != nil {
		top.add("limits", l)
	}
	if w.tls != nil {
		top.add("tls", tlsNode(w.tls, &model.TLS{}))
	}
	services.add(w.service.Name, withRules(head, rules))
	top.add("services", services)
	text, err := marshal(top)
	if err != nil {
		return nil
	}
	env := w.env
	env.Hostname = "the host of " + w.service.Name
	var diags diag.List
	c := Compile(diag.NewSource("", text), Env{Env: env, Variable: w.kept.variable}, &diags).Config
	c.Routes = w.config.Routes
	c.Seal()
	if diags.HasErrors() {
		return nil
	}
	return c.Services[0]
}

// head writes a service without its rules.
func (w *writer) head() *node {
	n, s := newMap(), w.service
	w.subject(n)
	switch {
	case s.Schedule.Not:
		n.text("not every", s.Schedule.Cron)
	case s.Schedule.Cron != "":
		n.text("every", s.Schedule.Cron)
	case s.Schedule.Every > 0:
		n.text("every", formatDuration(s.Schedule.Every))
	case s.Schedule.Cycles > 0:
		n.text("every", cycles(s.Schedule.Cycles))
	}
	n.text("mode", string(s.Mode))
	n.text("on reboot", string(s.OnReboot))
	for _, m := range []struct {
		key     string
		program *model.Program
	}{{"start", s.Start}, {"stop", s.Stop}, {"restart", s.Restart}, {"reload", s.Reload}} {
		if m.program != nil {
			n.add(m.key, programNode(w.kept.program(m.program), 0))
		}
	}
	addRepair(n, s)
	if s.Expose != nil {
		n.add("expose", askNode(s.Expose))
	}
	if len(s.Depends) > 0 {
		n.add("depends", newTexts(s.Depends))
	}
	n.text("severity", string(s.Severity))
	addFace(n, s.Face)
	if len(s.Groups) > 0 {
		n.add("groups", newTexts(s.Groups))
	}
	if len(s.Routes) > 0 {
		n.add("alert", w.routes(s.Routes))
	}
	if l := limitsNode(s.Limits, w.config.Settings.Limits); l != nil {
		n.add("limits", l)
	}
	if len(s.Ignore) > 0 {
		n.add("ignore", w.ignore())
	}
	return n
}

func (w *writer) subject(n *node) {
	switch s := w.service.Subject; w.service.Kind {
	case model.KindProcess:
		n.text("pidfile", s.Pidfile)
		n.text("matching", s.Pattern)
	case model.KindHost:
		n.text("host", s.Address)
	case model.KindProgram:
		if s.Program != nil {
			n.add("command", programNode(w.kept.program(s.Program), 0))
			addProgramKeys(n, s)
		}
	case model.KindNetwork:
		n.text("interface", s.Interface)
		n.text("address", s.Address)
	case model.KindSystem:
		n.add("system", newBool(true))
	case model.KindUnit:
		n.text("unit", s.Unit)
		n.text("init", s.Init)
		n.text("pidfile", s.Pidfile)
	case model.KindHeartbeat:
		addHeartbeat(n, w.service.Heartbeat)
	default:
		n.text(string(w.service.Kind), s.Path)
	}
}

func (w *writer) ignore() *node {
	var list []*node
	for _, m := range w.service.Ignore {
		n := newTexts(m.Patterns)
		if len(m.Patterns) == 1 {
			n = newText(m.Patterns[0])
		}
		if m.Not {
			not := newMap()
			not.add("not", n)
			n = not
		}
		list = append(list, n)
	}
	return newList(false, list...)
}

// programNode writes a program. Its timeout is left out when it is the one that holds anyway.
func programNode(p *model.Program, otherwise time.Duration) *node {
	run := newTexts(p.Args)
	if line, ok := joined(p.Args); ok {
		run = newText(line)
	}
	if p.User == "" && p.Group == "" && p.Timeout == otherwise {
		return run
	}
	n := newMap()
	n.add("run", run)
	n.text("user", p.User)
	n.text("group", p.Group)
	if p.Timeout != otherwise {
		n.text("timeout", formatDuration(p.Timeout))
	}
	return n
}

// joined writes words as one command line, if that can be.
func joined(words []string) (line string, ok bool) {
	var quoted []string
	for _, w := range words {
		switch {
		case w != "" && !strings.ContainsAny(w, " \t\r\n'\""):
		case !strings.ContainsAny(w, "'"):
			w = "'" + w + "'"
		case !strings.ContainsAny(w, `"`):
			w = `"` + w + `"`
		default:
			return "", false
		}
		quoted = append(quoted, w)
	}
	line = strings.Join(quoted, " ")
	return line, !strings.ContainsAny(line, "\r\n")
}
