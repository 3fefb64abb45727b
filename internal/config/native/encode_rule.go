package native

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// A sentence is what becomes one element of rules: rules that one test stands for, or a restart limit.
type sentence struct {
	rules []model.Rule
	limit *model.RestartLimit
	pos   diag.Pos
	turn  int    // an order that compiles to the order of evaluation
	forms []form // how to say it, the nicest first
}

// A form is one way to write a sentence.
type form struct {
	node    *node
	secured bool
}

func firsts(groups []sentence) (nodes []*node) {
	for _, g := range groups {
		nodes = append(nodes, g.forms[0].node)
	}
	return nodes
}

// sentences groups the rules of the service by the test they come from, in the order they were written as far as that
// is known. Which rules have to be said is told by said.
func (w *writer) sentences(said func(*model.Service) []model.Rule) []sentence {
	var groups []sentence
	for _, r := range said(w.service) {
		last := len(groups) - 1
		if last >= 0 && r.Probe != nil && groups[last].rules[0].Probe == r.Probe && r.Metric.Family() == "" {
			groups[last].rules = append(groups[last].rules, r)
			continue
		}
		groups = append(groups, sentence{rules: []model.Rule{r}, pos: r.Pos})
	}
	// Within a family of tests the last written comes first in evaluation, but for content.
	for i := range groups {
		groups[i].turn = -i
		if isContent(groups[i].rules[0]) {
			groups[i].turn = i
		}
	}
	for i := range w.service.RestartLimits {
		l := &w.service.RestartLimits[i]
		groups = append(groups, sentence{limit: l, pos: l.Pos, turn: len(w.service.Rules) + i})
	}
	slices.SortStableFunc(groups, func(a, b sentence) int { return a.turn - b.turn })
	slices.SortStableFunc(groups, func(a, b sentence) int {
		return cmp.Or(cmp.Compare(a.pos.File, b.pos.File), a.pos.Line-b.pos.Line, a.pos.Column-b.pos.Column)
	})
	for i := range groups {
		groups[i].forms = w.forms(groups[i])
	}
	return groups
}

func isContent(r model.Rule) bool {
	return r.Topic == model.TopicContent
}

func (w *writer) chooseAll(head *node, groups []sentence) {
	for i := range groups {
		w.choose(head, &groups[i])
	}
}

// choose puts the first form in front that is read as what is meant.
func (w *writer) choose(head *node, g *sentence) {
	for i := 0; i < len(g.forms); i++ {
		again := w.read(head, []*node{g.forms[i].node})
		if again == nil {
			continue
		}
		if g.means(again) {
			g.forms = g.forms[i:]
			w.secured = w.secured || g.forms[0].secured
			return
		}
		if f, ok := w.secure(g, again); ok {
			g.forms = slices.Insert(g.forms, i+1, f)
		}
	}
	w.lost = append(w.lost, g.text())
}

func (g *sentence) text() string {
	if g.limit != nil {
		return g.limit.Text
	}
	return g.rules[0].Text
}

// means tells whether a service with this sentence alone has the rules that it should have.
func (g *sentence) means(again *model.Service) bool {
	if g.limit != nil {
		if len(again.RestartLimits) != 1 {
			return false
		}
		a, b := *g.limit, again.RestartLimits[0]
		a.Pos, b.Pos = diag.Pos{}, diag.Pos{}
		return reflect.DeepEqual(a, b)
	}
	return reflect.DeepEqual(bare(written(again)), bare(g.rules))
}

// secure writes what is missing for the probe to use TLS as it should. Again is what was read without.
func (w *writer) secure(g *sentence, again *model.Service) (form, bool) {
	got := written(again)
	if g.limit != nil || len(got) == 0 || got[0].Probe == nil || g.rules[0].Probe == nil || g.rules[0].Probe.TLS == nil {
		return form{}, false
	}
	have, want := got[0].Probe.TLS, g.rules[0].Probe.TLS
	if reflect.DeepEqual(have, want) {
		return form{}, false
	}
	if have == nil {
		have = w.defaultTLS()
	}
	text := unmasked(g.rules[0])
	n := w.mapping(text, "", g)
	n.add("tls", tlsNode(want, have))
	return form{n, true}, true
}

// forms are all ways to say a sentence that need no look at the others.
func (w *writer) forms(g sentence) (forms []form) {
	add := func(n *node) {
		if n != nil {
			forms = append(forms, form{node: n})
		}
	}
	if g.limit != nil {
		add(w.phrase(g.limit.Text, g.limit.Then, nil, model.Rate{}, ""))
		add(w.mapping(g.limit.Text, "", &g))
		return forms
	}
	main := g.rules[0]
	if main.Probe != nil && (main.Probe.Kind == model.ProbeCertificate || main.Probe.Kind == model.ProbeDomain) {
		add(w.warnings(&g))
		return forms
	}
	text := unmasked(main)
	for _, passed := range []string{"succeeded", "failed"} {
		if main.Routes != nil || main.Mild != nil || g.lapse() != nil {
			break
		}
		add(w.phrase(text, main.Then, otherwise(main), main.Policy.Pass, passed))
		if main.Policy.Pass == (model.Rate{}) {
			break
		}
	}
	add(w.mapping(text, "", &g))
	if made, ok := w.condition(g.rules); ok {
		f := form{w.mapping(made, main.Text, &g), main.Probe.TLS != nil}
		if f.secured {
			f.node.add("tls", tlsNode(main.Probe.TLS, w.defaultTLS()))
		}
		forms = append(forms, f)
	}
	if n, ok := w.named(&g); ok {
		add(n)
	}
	return forms
}

// named writes a sentence that compares a metric by its name, for rules whose words are of another language.
func (w *writer) named(g *sentence) (*node, bool) {
	if g.limit != nil {
		return nil, false
	}
	main := g.rules[0]
	cond, ok := comparison(main)
	if !ok {
		return nil, false
	}
	n := w.mapping(cond, main.Text, g)
	if main.Probe != nil {
		n.add("ask", askNode(main.Probe))
	}
	return n, true
}

// otherwise are the actions of recovery, unless they are the usual ones.
func otherwise(r model.Rule) []model.Action {
	if len(r.Else) == 1 && r.Else[0].Kind == model.ActAlert && r.Policy.Pass == (model.Rate{}) {
		return nil
	}
	return r.Else
}

// phrase writes a whole sentence; nil when an action does not fit in.
func (w *writer) phrase(cond string, then, otherwise []model.Action, pass model.Rate, passed string) *node {
	action, ok := w.inWords(then)
	if !ok {
		return nil
	}
	line := "if " + cond + " then " + action
	if len(otherwise) > 0 {
		action, ok := w.inWords(otherwise)
		if !ok {
			return nil
		}
		line += " else "
		if pass != (model.Rate{}) {
			line += "if " + passed + " " + rate(pass) + " then "
		}
		line += action
	}
	return newText(line)
}

// inWords writes actions as the end of a sentence.
func (w *writer) inWords(actions []model.Action) (string, bool) {
	if len(actions) != 1 || actions[0].Early > 0 {
		return "", false
	}
	a := actions[0]
	if a.Exec == nil {
		name := a.On
		if name != "" && !plainWord.MatchString(name) {
			name = quote(name)
		}
		return deed(a, name), true
	}
	line, ok := joined(a.Exec.Args)
	if !ok || w.kept.refer(line) != line || strings.Contains(line, `"`) {
		return "", false
	}
	text := `exec "` + line + `"`
	if a.Exec.User != "" {
		text += ` as uid "` + a.Exec.User + `"`
	}
	if a.Exec.Group != "" {
		text += ` as gid "` + a.Exec.Group + `"`
	}
	switch t := a.Exec.Timeout; {
	case t == w.service.Limits.ExecTimeout:
	case t < time.Second || t%time.Second != 0:
		return "", false
	default:
		text += " with timeout " + strconv.Itoa(int(t/time.Second)) + " seconds"
	}
	if a.Repeat > 0 {
		text += " repeat every " + cycles(a.Repeat)
	}
	return text, true
}

// plainWord is a name that needs no quotes in a sentence.
var plainWord = regexp.MustCompile(`^\w[\w.@-]*$`)

// deed writes an action on a service; on is the name of that service where it is another one.
func deed(a model.Action, on string) string {
	text := string(a.Kind)
	if on != "" {
		text += onService + on
	}
	if a.Once {
		text += once
	}
	return text
}

// mapping writes a sentence in its parts; as is what it is called, "" when that is the condition.
func (w *writer) mapping(cond, as string, g *sentence) *node {
	n := newMap()
	n.text("if", cond)
	n.text("as", as)
	if g.limit != nil {
		n.add("then", w.actionsNode(g.limit.Then))
		return n
	}
	main := g.rules[0]
	n.add("then", w.actionsNode(main.Then))
	if main.Policy.Pass != (model.Rate{}) {
		word := "succeeded "
		if main.Probe != nil && main.Operand == model.Num(1) {
			word = "failed "
		}
		n.text("else if", word+rate(main.Policy.Pass))
	}
	if o := otherwise(main); o != nil {
		n.add("else", w.actionsNode(o))
	}
	if l := g.lapse(); l != nil {
		n.add(l.key(), l.node())
	}
	if main.Routes != nil {
		n.add("alert", w.routes(main.Routes))
	}
	if main.Mild != nil {
		var mild []*node
		for _, v := range main.Mild {
			mild = append(mild, newInt(v))
		}
		n.add("mild", newList(true, mild...))
	}
	return n
}

func (w *writer) actionsNode(actions []model.Action) *node {
	var list []*node
	for _, a := range actions {
		if a.Exec == nil {
			list = append(list, newText(deed(a, a.On)))
			continue
		}
		n := newMap()
		n.add("exec", programNode(w.kept.program(a.Exec), w.service.Limits.ExecTimeout))
		if a.Repeat > 0 {
			n.add("repeat", newInt(a.Repeat))
		}
		if a.Early > 0 {
			n.add("early", newInt(a.Early))
		}
		list = append(list, n)
	}
	if len(list) == 1 {
		return list[0]
	}
	return newList(false, list...)
}

func cycles(n int) string {
	if n == 1 {
		return "1 cycle"
	}
	return strconv.Itoa(n) + " cycles"
}

func rate(r model.Rate) string {
	if r.Count == r.Window {
		return "for " + cycles(r.Count)
	}
	return strconv.Itoa(r.Count) + " times within " + cycles(r.Window)
}

// mask is what messages show in place of a password.
const mask = "***"

// unmasked is the condition of a rule with its passwords, which the probe knows, in their places.
func unmasked(r model.Rule) string {
	if r.Probe == nil || !strings.Contains(r.Text, mask) {
		return r.Text
	}
	var secrets []string
	for _, p := range r.Probe.Params {
		switch {
		case !p.Secret():
		case p.Name == "header":
			secrets = append(secrets, header(p.Value))
		default:
			secrets = append(secrets, quote(p.Value))
		}
	}
	text := r.Text
	if i := strings.Index(text, "://"+mask+"@"); i >= 0 {
		text = text[:i+3] + credentials(r.Probe.Params) + text[i+3+len(mask):]
		secrets = nil
	}
	parts := strings.Split(text, mask)
	if len(parts) != len(secrets)+1 {
		return text
	}
	text = parts[0]
	for i, s := range secrets {
		text += s + parts[i+1]
	}
	return text
}
