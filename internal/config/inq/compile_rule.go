package inq

import (
	"slices"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// recovery is how many cycles in a row must be good before a rule is content again.
const recovery = 2

// maxCycles is how many cycles in a row a rule can look back.
const maxCycles = 64

// rule compiles one rule. It is not ok when it cannot be used, which was reported.
func (e *entry) rule(r *rule) (out model.Rule, ok bool) {
	before, _ := e.diags.Count()
	out = model.Rule{Topic: model.TopicResource, Op: model.Greater, Else: alert, Pos: r.span.Pos()}
	op := " > "
	if r.below {
		out.Op, op = model.Less, " < "
	}
	out.Text = r.metric() + op + r.amount.Text
	out.Metric, out.Probe = e.measurement(r)
	out.Operand = e.operand(r, out.Metric)
	out.Policy.Pass = model.Rate{Count: recovery, Window: recovery}
	if r.cycles.given() {
		out.Text += " for " + r.cycles.Text + " cycles"
		out.Policy.Fail = e.failure(r.cycles)
	}
	out.Then, out.Routes = e.actions(r.actions)
	e.made.Texts[out.Pos] = r.span
	after, _ := e.diags.Count()
	return out, after == before
}

// measurement finds what a rule looks at.
func (e *entry) measurement(r *rule) (model.Metric, *model.Probe) {
	family, name := r.family.Text, r.name.Text
	host := e.check.kind == model.KindSystem
	known := processMetrics
	if host {
		known = hostMetrics
	}
	if m, is := known[r.metric()]; is {
		return m, nil
	}
	if host && family == "disk" {
		if !strings.HasPrefix(name, "/") {
			e.errorf(r.at(), "unknown-metric", "%s names no filesystem", quoted(r.metric())).Hinted("write its mount point, as in disk:/var")
		}
		return model.SpacePercent, nil
	}
	if names := model.FamilyNames(family); names != nil && !host {
		if slices.Contains(names, name) {
			return model.FamilyMetric(family, name), e.probe(r)
		}
		e.unknown(r, family, names)
		return "", nil
	}
	e.unknown(r, "", nil)
	return "", nil
}

// unknown reports a measurement that does not exist, with one that was perhaps meant.
func (e *entry) unknown(r *rule, family string, names []string) {
	subject, known := "a service", processMetrics
	if e.check.kind == model.KindSystem {
		subject, known = "the host", hostMetrics
	}
	if family != "" {
		d := e.errorf(r.at(), "unknown-metric", "%s has no measurement %s", family, quoted(r.name.Text))
		if !r.name.given() {
			d.Summary = family + " has many measurements"
			d.Hinted("name one, as in %s:%s", family, names[0])
		}
		if near := diag.Nearest(r.name.Text, names); near != "" {
			d.Hinted("did you mean %q?", family+":"+near)
		}
		return
	}
	d := e.errorf(r.at(), "unknown-metric", "there is no measurement %s of %s", quoted(r.metric()), subject)
	if near := likely(r.metric(), known); near != "" {
		d.Hinted("did you mean %q?", near)
		return
	}
	d.Hinted("%s has %s", subject, strings.Join(listed(known), ", "))
}

// operand reads the amount that a measurement is compared with.
func (e *entry) operand(r *rule, m model.Metric) model.Value {
	a, problem := readAmount(r.amount.Text)
	unit := m.Unit()
	counter := unit == model.PerSec || unit == model.BytesPerSec
	switch {
	case problem != "":
		e.errorf(r.amount.Span, "amount", "%s %s", quoted(r.amount.Text), problem)
	case m == "":
	case a.percent && (unit == model.Bytes || unit == model.BytesPerSec):
		e.errorf(r.amount.Span, "amount", "%s is a number of bytes and no percentage", r.metric()).Hinted("write it as in 250m")
	case a.perSecond && !counter:
		e.errorf(r.amount.Span, "amount", "%s counts nothing, so that it has no rate", r.metric()).
			Hinted("write: %s", strings.TrimSuffix(r.amount.Text, "/sec"))
	case counter && !a.perSecond: // it is what a cycle adds to the count
		return model.Num(a.value / e.cycle.Seconds())
	}
	return model.Num(a.value)
}

// failure is when a rule fails.
func (e *entry) failure(cycles Word) model.Rate {
	n, ok := readCount(cycles.Text, 1<<31-1)
	switch {
	case !ok:
		e.errorf(cycles.Span, "cycles", "a rule cannot fail for %s cycles", cycles.Text).Hinted("write a whole number from 1 up")
	case n > maxCycles:
		e.warnf(cycles.Span, "cycles", "the rule fails after %d cycles already", maxCycles).
			Hinted("more cannot be looked back at; a longer cycle_time would make them longer")
		n = maxCycles
	case n == 1:
		return model.Rate{}
	}
	return model.Rate{Count: n, Window: n}
}

// actions compiles what a rule does, and who hears of it when it names a team. Unlike with Monit, nothing is done again
// while the rule goes on failing.
func (e *entry) actions(list []action) (then []model.Action, to []model.Route) {
	named := false
	for _, a := range list {
		switch {
		case a.kind != model.ActAlert && e.check.kind == model.KindSystem:
			e.errorf(a.span, "action", "the host cannot be made to %s", a.kind).Hinted("only services can; here the action is alert")
		case slices.ContainsFunc(then, func(b model.Action) bool { return b.Kind == a.kind }):
		default:
			then = append(then, model.Action{Kind: a.kind, Once: a.kind != model.ActAlert})
		}
		if a.kind != model.ActAlert {
			continue
		}
		if a.team.given() {
			named = true
			to = append(to, e.team(a.team)...)
			continue
		}
		to = append(to, e.usual()...)
	}
	switch {
	case !named || !e.configured:
		return then, nil
	case len(to) == 0:
		to = []model.Route{nobodyElse}
	}
	return then, to
}

// usual is who hears of the check.
func (e *entry) usual() (to []model.Route) {
	if e.routes == nil {
		return e.made.Config.Routes
	}
	for _, r := range e.routes {
		if !r.Mute {
			to = append(to, r)
		}
	}
	return to
}
