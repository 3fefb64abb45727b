package native

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// A lapse is when people are told that a certificate or a domain is about to end: each time that no more than so much is left of it.
type lapse struct {
	at     diag.Span
	metric model.Metric // [model.Certificate], [model.Registration]: in days; [model.CertificateLeft]: in per cent of its lifetime
	left   []float64    // the first warning first
}

// auto stands for what fits certificates of any lifetime. They are renewed when a third of it is left, or a bit later: the first
// warning is that this did not happen.
const auto = "auto"

var autoLeft = []float64{30, 15, 5}

// maxLapses bounds the warnings of one rule.
const maxLapses = 20

// lapse reads "auto", times like 14d, or parts of the lifetime like 33%; nil after an error.
func (d *decoder) lapse(it item) *lapse {
	out := &lapse{at: d.span(follow(it.value))}
	list := d.list(it)
	if len(list) == 0 || len(list) > maxLapses {
		d.errorf(out.at, "value", "%s must have between 1 and %d values", d.subject(it), maxLapses)
		return nil
	}
	if n := follow(it.value); n.Value == auto {
		out.metric, out.left = model.CertificateLeft, autoLeft
		return out
	}
	for _, each := range list {
		metric, left, ok := d.left(each)
		switch {
		case !ok:
			return nil
		case out.metric != "" && metric != out.metric:
			d.errorf(out.at, "value", "the values of %s are either all times or all parts of the lifetime", d.subject(it))
			return nil
		}
		out.metric, out.left = metric, append(out.left, left)
	}
	slices.SortFunc(out.left, func(a, b float64) int { return cmp.Compare(b, a) })
	out.left = slices.Compact(out.left)
	return out
}

// left reads how much is left of a certificate.
func (d *decoder) left(it item) (model.Metric, float64, bool) {
	w, ok := d.word(it)
	if !ok {
		return "", 0, false
	}
	if text, part := strings.CutSuffix(w.Text, "%"); part {
		percent, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(percent > 0 && percent < 100) {
			d.errorf(w.Span, "value", "%q is no part of a lifetime", cut(w.Text)).Hinted("write a percentage between 0 and 100: 30%%")
			return "", 0, false
		}
		return model.CertificateLeft, percent, true
	}
	v := d.duration(it, time.Minute)
	return model.Certificate, v.Hours() / 24, v > 0
}

// expire adds to a connection test that its certificate is looked at as well.
func (p *phrase) expire(d *decoder, l *lapse) {
	if l == nil {
		return
	}
	test, _ := p.option.(*monit.Test)
	if test == nil {
		return
	}
	connection, ok := test.Cond.(*monit.Connection)
	switch {
	case !ok:
		d.errorf(l.at, "tls", "this rule does not connect to anything").
			Hinted(`of a certificate in a file, a rule has no "if"`)
		return
	case slices.ContainsFunc(connection.TLS, func(o monit.TLSOption) bool { return o.Name == monit.TLSDays }):
		d.errorf(l.at, "twice", "the condition says already how long the certificate must be valid").
			Hinted("leave it out there")
		return
	}
	node := monit.Node{Span: l.at}
	connection.TLS = append(connection.TLS, monit.TLSOption{Node: node, Name: monit.TLSDays, Days: monit.Num{Node: node, Value: 1}})
	p.lapse = l
}

// watch makes a rule of warnings alone: of certificates in the file or directory that the service is, or of its domain.
func (p *phrase) watch(d *decoder, r *rule, items []item, kind model.Kind) {
	probe := &model.Probe{Kind: model.ProbeCertificate}
	if has(items, "domain") || has(items, "rdap") {
		probe.Kind = model.ProbeDomain
	}
	if r.registry != "" {
		probe.Params = model.Params{{Name: "rdap", Value: r.registry}}
	}
	switch {
	case has(items, "rdap") && !has(items, "domain"):
		d.errorf(p.at, "missing", "only when a domain ends a registry is asked").Hinted("add: domain: auto")
		return
	case r.lapse == nil: // reported
		return
	case probe.Kind == model.ProbeDomain && kind != model.KindHost:
		d.errorf(p.at, "missing", "it is not said which domain").Hinted("let the service be a host: example.org")
		return
	case probe.Kind == model.ProbeCertificate && kind != model.KindFile && kind != model.KindDirectory:
		d.errorf(p.at, "missing", "it is not said where the certificate is").
			Hinted("add a connection, as in if: failed port 443 protocol https; or let the service be a file or a directory")
		return
	case len(r.then) == 0:
		d.errorf(p.at, "missing", `a rule about a %s needs "then"`, probe.Kind)
		return
	}
	for _, it := range items {
		if !slices.Contains([]string{string(probe.Kind), "rdap", "then", "else", "as", "alert"}, it.name) {
			d.errorf(d.span(it.key), "exclusive", "a rule about a %s alone cannot say %q", probe.Kind, it.name)
		}
	}
	p.as, p.to, p.lapse, p.then, p.otherwise, p.asked = r.as, r.to, r.lapse, r.then, r.otherwise, probe
	if len(r.otherwise) == 0 {
		p.otherwise = []monit.Action{{Node: r.then[0].Node, Kind: model.ActAlert}}
	}
}

// unread is what messages call the rule that there is something to warn of.
func unread(p *model.Probe) string { return "failed " + string(p.Kind) }

// addWarnings adds the rules that are made of warnings alone. Those that were written last come first, as everywhere.
func addWarnings(d *decoder, s *model.Service, sentences []*phrase) {
	for _, p := range slices.Backward(sentences) {
		if p.asked == nil {
			continue
		}
		pos, probe, topic, metric := diag.Pos{File: p.name}, p.asked, model.TopicData, model.Certificate
		if probe.Kind == model.ProbeDomain {
			if !domainName.MatchString(s.Subject.Address) {
				d.errorf(p.at, "domain", "%q is no domain", cut(s.Subject.Address)).Hinted("let the service be a host: example.org")
				continue
			}
			probe.Host, topic, metric = strings.ToLower(s.Subject.Address), model.TopicConnection, model.Registration
		}
		s.Rules = append(s.Rules,
			model.Rule{Text: unread(probe), Topic: topic, Probe: probe, Metric: model.OK, Op: model.Equal, Operand: model.Num(0), Pos: pos},
			model.Rule{Topic: model.TopicTimestamp, Probe: probe, Metric: metric, Op: model.Less, Pos: pos})
	}
}

// warnings writes a rule that is made of warnings alone.
func (w *writer) warnings(g *sentence) *node {
	main := g.rules[0]
	as := main.Text
	if as == unread(main.Probe) {
		as = ""
	}
	n := w.mapping("", as, g)
	n.text("rdap", main.Probe.Params.Get("rdap"))
	return n
}

// put completes the rule about the certificate.
func (l *lapse) put(r *model.Rule) {
	r.Text, r.Metric, r.Operand = l.text(), l.metric, model.Num(l.left[0])
	if len(l.left) > 1 {
		r.Steps = l.left[1:]
	}
}

// text is what messages call the rule.
func (l *lapse) text() string {
	text := strings.Join(l.texts(), ", ")
	if l.metric == model.Registration {
		return "domain registered > " + text
	}
	text = "certificate valid > " + text
	if l.metric == model.CertificateLeft {
		text += " of its lifetime"
	}
	return text
}

// texts writes what lapse reads.
func (l *lapse) texts() (out []string) {
	for _, left := range l.left {
		if l.metric == model.CertificateLeft {
			out = append(out, strconv.FormatFloat(left, 'f', -1, 64)+"%")
		} else {
			out = append(out, formatDuration(time.Duration(left*24*float64(time.Hour)).Round(time.Millisecond)))
		}
	}
	return out
}

// lapseOf is what a rule was read from; nil if it is part of a sentence.
func lapseOf(r *model.Rule) *lapse {
	if r.Metric != model.Certificate && r.Metric != model.CertificateLeft && r.Metric != model.Registration {
		return nil
	}
	l := &lapse{metric: r.Metric, left: append([]float64{r.Operand.Number()}, r.Steps...)}
	if l.text() != r.Text {
		return nil
	}
	return l
}

// lapse is what the rules of a sentence have beside it; nil: nothing.
func (g *sentence) lapse() *lapse {
	for i := range g.rules {
		if l := lapseOf(&g.rules[i]); l != nil {
			return l
		}
	}
	return nil
}

func (l *lapse) node() *node {
	if l.metric == model.CertificateLeft && slices.Equal(l.left, autoLeft) {
		return newText(auto)
	}
	if l.metric == model.Registration && slices.Equal(l.left, autoTerm) {
		return newText(auto)
	}
	return newTexts(l.texts())
}
