package config

import (
	"fmt"
	"strings"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// rule explains one rule; number is its turn in a check.
func (x *explainer) rule(r *Reading, number int, rule *model.Rule) {
	fmt.Fprintln(x)
	if sp, written := r.texts[rule.Pos]; written && !rule.Implicit {
		x.wrote(sp)
	} else {
		fmt.Fprintf(x, "    %s (implied)\n", rule.Text)
	}
	x.became(fmt.Sprintf("rule %d", number), "trouble when %s", condition(rule))
	if rule.Probe != nil && !rule.Probe.Kind.OfSubject() {
		x.became("asks", "%s", question(rule.Probe))
	}
	if rule.Steps != nil {
		x.became("", "worse with %s; no worse than degraded before the last", steps(rule))
	}
	if rule.Mild != nil {
		x.became("", "no worse than degraded with %s", strings.ReplaceAll(strings.Trim(fmt.Sprint(rule.Mild), "[]"), " ", ", "))
	}
	for _, a := range rule.Then {
		if a.Early > 0 {
			x.became("at first", "%s, with the first %d that do not count yet", command(a.Exec), a.Early)
		}
	}
	x.became("then", "%s%s", often(rule.Policy.Fail), actions(rule.Then))
	if len(rule.Else) > 0 {
		x.became("recovered", "%s%s", often(rule.Policy.Pass), actions(rule.Else))
	}
	for _, route := range rule.Routes {
		x.became("tells", "%s", recipient(route))
	}
}

func condition(r *model.Rule) string {
	name := string(r.Metric)
	if r.Over > 0 {
		name += fmt.Sprintf(" of the last %v", r.Over)
	}
	switch {
	case r.Probe != nil && r.Probe.Match != nil:
		verb := "matches"
		if r.Probe.Match.Not {
			verb = "does not match"
		}
		return "there is text that " + verb + " " + strings.Join(r.Probe.Match.Patterns, " or ")
	case r.Probe != nil && r.Probe.Kind == model.ProbeCertificate && r.Metric == model.OK:
		return "there is no certificate, or one that cannot be read"
	case r.Probe != nil && r.Probe.Kind == model.ProbeDomain && r.Metric == model.OK:
		return "the registry does not know it, tells no end, or has not answered for three days"
	case r.Metric == model.OK && r.Operand == model.Num(0):
		return "the answer is not as wanted"
	case r.Metric == model.OK:
		return "there is an answer"
	case r.Op == model.Changed:
		return name + " differs from the check before"
	case r.Op == model.NotChanged:
		return name + " is the same as at the check before"
	case r.Op == model.Drifted:
		return name + " differs from the first check"
	}
	return fmt.Sprintf("%s %s %s", name, r.Op, r.Operand.Format(r.Metric.Unit()))
}

func steps(r *model.Rule) string {
	var out []string
	for _, step := range r.Steps {
		out = append(out, fmt.Sprintf("%s %s", r.Op, model.Num(step).Format(r.Metric.Unit())))
	}
	return strings.Join(out, ", ")
}

// question tells what a probe asks whom. Passwords are not shown.
func question(p *model.Probe) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch p.Kind {
	case model.ProbePing:
		add("%s by ping, up to %d times with %d bytes", p.Host, p.Count, p.Size)
	case model.ProbeSocket:
		add("the socket %s", p.Path)
	case model.ProbeDomain:
		return "the registry of " + p.Host + strings.Replace(options(p.Params), " rdap", " at", 1) + ", by RDAP, twice a day"
	case model.ProbePort:
		add("%s port %d", p.Host, p.Port)
	}
	if p.UDP {
		add("UDP")
	}
	if p.Family != 0 {
		add("IPv%d", p.Family)
	}
	if text := tls(p.TLS); text != "" {
		add("%s", strings.TrimPrefix(text, ", "))
	}
	if p.Protocol != "" {
		add("protocol %s%s", p.Protocol, options(p.Params))
	}
	for _, turn := range p.Dialog {
		if turn.Expect != "" {
			add("expect %q", turn.Expect)
		} else {
			add("send %q", turn.Send)
		}
	}
	add("waiting %v at most", p.Timeout)
	if p.Retry > 1 {
		add("%d attempts", p.Retry)
	}
	return strings.Join(parts, ", ")
}

func options(params model.Params) string {
	var out strings.Builder
	for _, p := range params {
		value := p.Value
		if p.Secret() {
			value = diag.Hidden
		}
		op := ""
		if p.Op != "" {
			op = string(p.Op) + " "
		}
		fmt.Fprintf(&out, " %s %s%s", p.Name, op, value)
	}
	return out.String()
}

func tls(t *model.TLS) string {
	switch {
	case t == nil:
		return ""
	case !t.Verify:
		return ", TLS with any certificate"
	case t.SelfSigned:
		return ", TLS with a valid or self-signed certificate"
	}
	return ", TLS with a valid certificate"
}

func often(r model.Rate) string {
	switch {
	case r.Window <= 1:
		return ""
	case r.Count == r.Window:
		return fmt.Sprintf("after %d cycles in a row: ", r.Count)
	}
	return fmt.Sprintf("after %d of %d cycles: ", r.Count, r.Window)
}

func actions(list []model.Action) string {
	var out []string
	for _, a := range list {
		if a.Early > 0 {
			continue
		}
		text := string(a.Kind)
		if a.On != "" {
			text += " " + a.On
		}
		if a.Once {
			text += " once"
		}
		if a.Exec != nil {
			text += " " + command(a.Exec)
		}
		if a.Repeat > 0 {
			text += fmt.Sprintf(", again every %d cycles", a.Repeat)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// command shows a program's words, quoted where they would not be told apart otherwise.
func command(p *model.Program) string {
	var words []string
	for _, a := range p.Args {
		if a == "" || strings.ContainsAny(a, " \t\n\"'") {
			a = fmt.Sprintf("%q", a)
		}
		words = append(words, a)
	}
	text := strings.Join(words, " ")
	if p.User != "" {
		text += " as user " + p.User
	}
	if p.Group != "" {
		text += " as group " + p.Group
	}
	if p.Timeout > 0 {
		text += fmt.Sprintf(", %v at most", p.Timeout)
	}
	return text
}
