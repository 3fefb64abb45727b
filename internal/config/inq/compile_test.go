package inq

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"orderly/internal/config/golden"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// box is a small imaginary host, which can ask nginx for its numbers.
var box = Env{Hostname: "box", Protocols: func(name string) bool { return name == "nginx-status" }}

// sources are the files of an archive, but for what is expected of them.
func sources(a *txtar.Archive) (out []*diag.Source) {
	for _, f := range a.Files {
		if f.Name != "model" && f.Name != "diag" {
			out = append(out, diag.NewSource(f.Name, f.Data))
		}
	}
	return out
}

// dump shows a configuration briefly, in an order that is its own.
func dump(c *model.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "settings host=%s interval=%v\n", c.Settings.Host, c.Settings.Interval)
	if len(c.Settings.Mail.Servers) > 0 {
		fmt.Fprintf(&b, "mail %s\n", golden.Compact(c.Settings.Mail.Servers))
	}
	if i := c.Settings.Inspeqtor; *i != *model.DefaultInspeqtor() {
		fmt.Fprintf(&b, "inspeqtor port=%d deploy=%v\n", i.Expose, i.Deploy)
	}
	if c.Settings.Statsd+c.Settings.Log.Level != "" {
		fmt.Fprintf(&b, "statsd=%s level=%s\n", c.Settings.Statsd, c.Settings.Log.Level)
	}
	dumpRoutes(&b, "", c.Routes)
	for _, s := range c.Services {
		fmt.Fprintf(&b, "%s %q %s\n", s.Kind, s.Name, golden.Compact(s.Subject))
		if s.Repair != nil && *s.Repair != *model.DefaultRepair() || (s.Repair != nil) != (s.Kind == model.KindUnit) {
			fmt.Fprintf(&b, "  repair %s\n", golden.Compact(s.Repair))
		}
		if s.Expose != nil {
			fmt.Fprintf(&b, "  expose %s\n", golden.Compact(s.Expose))
		}
		dumpRoutes(&b, "  ", s.Routes)
		for _, r := range s.Rules {
			dumpRule(&b, r)
		}
	}
	return b.String()
}

func dumpRoutes(b *strings.Builder, indent string, routes []model.Route) {
	for _, r := range routes {
		switch {
		case r.Mute:
			fmt.Fprintf(b, "%snobody else\n", indent)
			continue
		case r.Topics == model.AllTopics:
			fmt.Fprintf(b, "%s%s %s", indent, r.Channel, r.Address)
		default:
			fmt.Fprintf(b, "%s%s %s of all but %s", indent, r.Channel, r.Address, strings.Join((model.AllTopics&^r.Topics).Names(), ","))
		}
		if r.Format.From != "" {
			fmt.Fprintf(b, " from %s", r.Format.From)
		}
		if r.Server != nil {
			fmt.Fprintf(b, " through %s", golden.Compact(r.Server))
		}
		if r.Params != nil {
			fmt.Fprintf(b, " with %s", golden.Compact(r.Params))
		}
		b.WriteByte('\n')
	}
}

func dumpRule(b *strings.Builder, r model.Rule) {
	fmt.Fprintf(b, "  rule %d %q %s: %s", r.Pos.Line, r.Text, r.Topic, r.Metric)
	if r.Over > 0 {
		fmt.Fprintf(b, " over %v", r.Over)
	}
	fmt.Fprintf(b, " %s", r.Op)
	if r.Operand.Present() {
		fmt.Fprintf(b, " %s", golden.Compact(r.Operand))
	}
	if r.Policy.Fail.Window > 0 {
		fmt.Fprintf(b, " for %d/%d", r.Policy.Fail.Count, r.Policy.Fail.Window)
	}
	fmt.Fprintf(b, " -> %s", deeds(r.Then))
	if r.Else != nil {
		fmt.Fprintf(b, " else %s", deeds(r.Else))
	}
	b.WriteByte('\n')
	dumpRoutes(b, "    ", r.Routes)
	if r.Probe != nil {
		fmt.Fprintf(b, "    probe %s\n", golden.Compact(r.Probe))
	}
}

func deeds(list []model.Action) string {
	var out []string
	for _, a := range list {
		text := string(a.Kind)
		if a.Once {
			text += " once"
		}
		out = append(out, text)
	}
	return strings.Join(out, ",")
}

func TestCompile(t *testing.T) {
	golden.Run(t, "testdata/*.txtar", func(a *txtar.Archive) map[string]string {
		var diags diag.List
		made := Compile(sources(a), box, &diags)
		made.Config.Seal()
		diags.Sort()
		return map[string]string{"model": dump(made.Config), "diag": golden.Findings(diags)}
	})
}
