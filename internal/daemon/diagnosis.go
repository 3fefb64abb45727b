package daemon

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"orderly/internal/host"
	"orderly/internal/model"
	"orderly/internal/probe"
)

// diagnose finds out how the host and the service of an event are, as far as ctx gives time for it.
func (d *instance) diagnose(ctx context.Context, ev model.Event) string {
	var words, route, machine string
	var all sync.WaitGroup
	all.Go(func() { machine = d.machineNow(ctx) })
	if known, _, err := d.engine.Snapshots(ctx, []string{ev.Service}); err == nil && len(known) == 1 {
		s := known[0].Spec
		all.Go(func() { words = d.units.log(ctx, s, ev.Evidence) })
		if p := probeOf(s, ev.Rule); p != nil {
			route = strings.Join(probe.Trace(ctx, p), "\n")
		}
	}
	all.Wait()
	return sections(route, machine, words)
}

// sections puts texts together that are not empty, each apart from the next. What is too much is cut off.
func sections(texts ...string) string {
	var given []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			given = append(given, text)
		}
	}
	return model.Printable(strings.Join(given, "\n\n"), model.MaxDiagnosis)
}

// probeOf is what a rule asks, or nil.
func probeOf(s *model.Service, rule string) *model.Probe {
	for i := range s.Rules {
		if s.Rules[i].Text == rule {
			return s.Rules[i].Probe
		}
	}
	return nil
}

// log is what a unit last said, apart from what is known already. A process is mostly a unit of its name.
func (u *units) log(ctx context.Context, s *model.Service, known string) string {
	if s.Kind != model.KindUnit && s.Kind != model.KindProcess {
		return ""
	}
	ref, err := u.inits.Find(ctx, s.Subject.Init, cmp.Or(s.Subject.Unit, s.Name))
	if err != nil {
		return ""
	}
	text := u.inits.Log(ctx, ref, time.Now().Add(-longAgo))
	if known = strings.TrimSpace(known); known != "" {
		text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), known))
	}
	if text == "" {
		return ""
	}
	return fmt.Sprintf("last lines of %s (%s):\n%s", ref.Name, ref.System, text)
}

// machineNow says how this host is.
func (d *instance) machineNow(ctx context.Context) string {
	c, err := d.host.Condition(ctx)
	if err != nil {
		return ""
	}
	return conditionText(c)
}

// conditionText words a condition in a few lines.
func conditionText(c host.Condition) string {
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	line("load %.2f %.2f %.2f on %s, %d processes", c.Load[0], c.Load[1], c.Load[2], counted(c.CPUs, "processor"), c.Processes)
	memory := fmt.Sprintf("memory: %s of %s free", model.FormatBytes(c.MemoryFree), model.FormatBytes(c.Memory))
	if c.Swap > 0 {
		memory += fmt.Sprintf("; swap: %s of %s used", model.FormatBytes(c.Swap-c.SwapFree), model.FormatBytes(c.Swap))
	}
	line("%s", memory)
	listed := func(title string, all []host.Consumer, amount func(host.Consumer) string) {
		var parts []string
		for _, p := range all {
			parts = append(parts, fmt.Sprintf("%s[%d] %s", p.Name, p.PID, amount(p)))
		}
		if parts != nil {
			line("%s: %s", title, strings.Join(parts, ", "))
		}
	}
	listed("most processor time", c.Busiest, func(p host.Consumer) string { return fmt.Sprintf("%.0f%%", p.CPU) })
	listed("most memory", c.Largest, func(p host.Consumer) string { return model.FormatBytes(p.Memory) })
	for _, f := range c.Full {
		line("%s: %.0f%% of the space and %.0f%% of the inodes are used", f.Point, f.Space, f.Inodes)
	}
	for _, text := range c.Killed {
		line("kernel: %s", text)
	}
	return strings.Join(lines, "\n")
}
