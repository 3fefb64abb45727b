package native

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A rule is what the mapping form of a rule says; the usual form is one sentence.
type rule struct {
	cond, recovery  monit.Word
	condAt, recAt   *yaml.Node
	then, otherwise []monit.Action
	as              string
	tls             monit.TLS
	to              []model.Route
	ask             *model.Probe
	mild            []int
	lapse           *lapse
	registry        string
}

var ruleFields = []field[rule]{
	{"if", func(d *decoder, it item, r *rule) { r.cond, _ = d.word(it); r.condAt = follow(it.value) }},
	{"then", func(d *decoder, it item, r *rule) { r.then = d.actions(it) }},
	{"else if", func(d *decoder, it item, r *rule) { r.recovery, _ = d.word(it); r.recAt = follow(it.value) }},
	{"else", func(d *decoder, it item, r *rule) { r.otherwise = d.actions(it) }},
	{"as", func(d *decoder, it item, r *rule) { r.as = d.text(it) }},
	{"tls", func(d *decoder, it item, r *rule) { r.tls = d.tls(it) }},
	{"alert", func(d *decoder, it item, r *rule) { r.to = d.routes(it) }},
	{"ask", func(d *decoder, it item, r *rule) { r.ask = d.ask(it) }},
	{"certificate", func(d *decoder, it item, r *rule) { r.lapse = d.lapse(it) }},
	{"domain", func(d *decoder, it item, r *rule) { r.lapse = d.term(it) }},
	{"rdap", func(d *decoder, it item, r *rule) { r.registry = d.registry(it) }},
	{"mild", func(d *decoder, it item, r *rule) {
		for _, each := range d.list(it) {
			r.mild = append(r.mild, d.number(each, 1, maxStatus))
		}
	}},
}

// maxStatus is the highest exit status.
const maxStatus = 255

var actionFields = []field[monit.Action]{
	{"exec", func(d *decoder, it item, a *monit.Action) { a.Kind, a.Exec = model.ActExec, d.command(it) }},
	{"repeat", func(d *decoder, it item, a *monit.Action) {
		a.Repeat = monit.Num{Node: monit.Node{Span: d.span(follow(it.value))}, Value: float64(d.number(it, 1, maxCycles))}
	}},
	{"early", func(d *decoder, it item, a *monit.Action) { a.Early = d.number(it, 1, maxCycles) }},
}

var actionWords = []string{
	string(model.ActAlert), string(model.ActStart), string(model.ActStop), string(model.ActRestart), string(model.ActReload),
	string(model.ActUnmonitor), string(model.ActIgnore),
	string(model.ActStart) + once, string(model.ActStop) + once, string(model.ActRestart) + once, string(model.ActReload) + once,
}

// once follows an action that is not done again in every failing cycle.
const once = " once"

// onService stands between an action and the name of the service it is done to, when that is another one.
const onService = " service "

// actions reads what is to be done: a word, a program, or a list of them.
func (d *decoder) actions(it item) []monit.Action {
	var out []monit.Action
	for _, each := range d.list(it) {
		a := monit.Action{Node: monit.Node{Span: d.span(follow(each.value))}}
		if !isMapping(each) {
			d.deed(each, &a)
		} else {
			readMap(d, each, "an action", actionFields, &a)
			if a.Exec == nil {
				a.Kind = ""
				d.errorf(a.Span, "missing", "an action needs a program to run").Hinted("add: exec: /path/of/program")
			}
		}
		out = append(out, a)
	}
	return out
}

// deed reads an action in words: "restart", "restart once", "restart service NAME once".
func (d *decoder) deed(it item, a *monit.Action) {
	w, _ := d.word(it)
	text, only := strings.CutSuffix(w.Text, once)
	if verb, name, found := strings.Cut(text, onService); found && name != "" && slices.Contains(actionWords, verb+once) {
		a.Kind, a.Once, a.On = model.ActionKind(verb), only, monit.Word{Node: a.Node, Text: name}
		return
	}
	word, only := strings.CutSuffix(d.choice(it, actionWords...), once)
	a.Kind, a.Once = model.ActionKind(word), only
}

// sentences reads the rules of a service.
func (d *decoder) sentences(it item, kind model.Kind) []*phrase {
	var out []*phrase
	for _, each := range d.list(it) {
		if d.full() {
			break
		}
		if isMapping(each) {
			out = append(out, d.structured(each, kind))
		} else if w, ok := d.word(each); ok {
			p := d.phrase(w.Span)
			if words := strings.Fields(w.Text); len(words) > 0 && !strings.EqualFold(words[0], "if") {
				p.write("if ", w.Span, nil)
			}
			p.write(w.Text, w.Span, follow(each.value))
			p.parse(d, kind)
			out = append(out, p)
		}
	}
	return out
}

// structured reads a rule in its mapping form. The sentence it stands for gets placeholders where actions come in.
func (d *decoder) structured(it item, kind model.Kind) *phrase {
	var r rule
	items := readMap(d, it, "a rule", ruleFields, &r)
	at := d.span(follow(it.value))
	p := d.phrase(at)
	if has(items, "domain") || has(items, "rdap") || !has(items, "if") && has(items, "certificate") {
		p.watch(d, &r, items, kind)
		return p
	}
	if r.cond.Text == "" || len(r.then) == 0 {
		d.errorf(at, "missing", `a rule needs "if" and "then"`)
		return p
	}
	p.write("if ", r.cond.Span, nil)
	p.write(r.cond.Text, r.cond.Span, r.condAt)
	p.write(" then alert", r.then[0].Span, nil)
	if r.recovery.Text != "" {
		p.write(" else if ", r.recovery.Span, nil)
		p.write(r.recovery.Text, r.recovery.Span, r.recAt)
		p.write(" then alert", r.recovery.Span, nil)
	} else if len(r.otherwise) > 0 {
		p.write(" else alert", r.otherwise[0].Span, nil)
	}
	p.parse(d, kind)
	p.as, p.to, p.ask, p.mild = r.as, r.to, r.ask, r.mild
	p.act(r.then, r.otherwise)
	p.secure(d, r.tls)
	p.expire(d, r.lapse)
	return p
}

// A phrase is the sentence of one rule. Its text is a source of its own, so that one parser reads it wherever it
// was written; positions are translated back when all is done.
type phrase struct {
	name   string // of the source, unique in the file
	src    *diag.Source
	at     diag.Span // in the file
	text   strings.Builder
	parts  []part
	option monit.Option // nil: it could not be read

	as              string         // what messages call the rule; "": its condition
	then, otherwise []monit.Action // all but the first, which is part of the sentence
	to              []model.Route  // who hears of the rule
	ask             *model.Probe   // the server that is asked for its numbers
	mild            []int          // values that are degraded at most
	lapse           *lapse         // when people are told that the certificate ends
	asked           *model.Probe   // what looks for that, where it is all that the rule says
}

// A part is a stretch of a phrase that was written at one place.
type part struct {
	start    int       // in the text of the phrase
	at       diag.Span // in the file
	verbatim bool      // the text in the file is the same
}

func (d *decoder) phrase(at diag.Span) *phrase {
	p := &phrase{name: strconv.Itoa(len(d.phrases)), at: at}
	d.phrases[p.name] = p
	return p
}

// write appends text that stands somewhere in the file, as the value of a node or for words that are only implied.
func (p *phrase) write(text string, at diag.Span, n *yaml.Node) {
	verbatim := n != nil && at.Text() == text
	p.parts = append(p.parts, part{p.text.Len(), at, verbatim})
	p.text.WriteString(text)
}

func (p *phrase) parse(d *decoder, kind model.Kind) {
	if d.full() {
		return
	}
	p.src = diag.NewSource(p.name, []byte(p.text.String()))
	from := len(*d.diags)
	p.option = monit.ParseSentence(p.src, kind, d.diags)
	d.relocate((*d.diags)[from:])
}

// act puts actions in the place of placeholders.
func (p *phrase) act(then, otherwise []monit.Action) {
	p.then = then[1:]
	switch o := p.option.(type) {
	case *monit.RestartLimit:
		o.Then = then[0]
	case *monit.Test:
		o.Then = then[0]
		if len(otherwise) > 0 && o.Else.Given() {
			o.Else.Then, p.otherwise = otherwise[0], otherwise[1:]
		}
	}
}

// secure adds options of TLS to a connection test.
func (p *phrase) secure(d *decoder, options monit.TLS) {
	if options == nil {
		return
	}
	test, _ := p.option.(*monit.Test)
	if test == nil {
		return
	}
	connection, ok := test.Cond.(*monit.Connection)
	if !ok {
		d.errorf(options[0].Span, "tls", "this rule does not connect to anything")
		return
	}
	connection.TLS = append(connection.TLS, options...)
}

// finish completes the rules of a service with what their sentences could not say, and tells where they are written.
func (d *decoder) finish(s *model.Service, x *monit.Entries, texts map[diag.Pos]diag.Span) {
	type actions struct{ then, otherwise []model.Action }
	more := map[*phrase]actions{}
	for i := range s.Rules {
		r := &s.Rules[i]
		p := d.phrases[r.Pos.File]
		if r.Implicit || p == nil {
			continue
		}
		if _, seen := more[p]; !seen {
			more[p] = actions{compileActions(p.then, x), compileActions(p.otherwise, x)}
			r.Text = cmp.Or(p.as, r.Text) // what else the sentence became keeps its own text
		}
		r.Then = slices.Concat(r.Then, more[p].then)
		r.Else = slices.Concat(r.Else, more[p].otherwise)
		r.Routes, r.Mild = p.to, p.mild
		if p.lapse != nil && (r.Metric == model.Certificate || r.Metric == model.Registration) {
			p.lapse.put(r)
		}
		d.asking(s, r, p)
		r.Pos = p.at.Pos()
		texts[r.Pos] = p.at
	}
	for i := range s.RestartLimits {
		l := &s.RestartLimits[i]
		p := d.phrases[l.Pos.File]
		l.Text = cmp.Or(p.as, l.Text)
		l.Then = slices.Concat(l.Then, compileActions(p.then, x))
		l.Pos = p.at.Pos()
		texts[l.Pos] = p.at
	}
}

func compileActions(actions []monit.Action, x *monit.Entries) (out []model.Action) {
	for _, a := range actions {
		out = append(out, x.Actions(a)...)
	}
	return out
}

// relocate moves findings about sentences to where they are written in the file.
func (d *decoder) relocate(found diag.List) {
	for i := range found {
		found[i].Span = d.written(found[i].Span)
		for j := range found[i].Related {
			found[i].Related[j].Span = d.written(found[i].Related[j].Span)
		}
	}
}

// written is the place in the file that a place in a phrase stands for.
func (d *decoder) written(sp diag.Span) diag.Span {
	if sp.Src == nil || d.phrases[sp.Src.Name] == nil || d.phrases[sp.Src.Name].src != sp.Src {
		return sp
	}
	p := d.phrases[sp.Src.Name]
	if sp.Start < 0 {
		return p.at
	}
	i := len(p.parts) - 1
	for i > 0 && p.parts[i].start > sp.Start {
		i--
	}
	part := p.parts[i]
	if !part.verbatim {
		return part.at
	}
	start := part.at.Start + sp.Start - part.start
	return diag.Span{Src: part.at.Src, Start: start, End: min(part.at.Start+sp.End-part.start, part.at.End)}
}
