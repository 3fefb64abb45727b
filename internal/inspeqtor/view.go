package inspeqtor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"orderly/internal/model"
)

// A view is everything at one moment, as Inspeqtor sees it: the host, with its filesystems, and services, in file order.
type view struct {
	host     block
	services []block
}

// A block is the host or a service.
type block struct {
	name         string
	host         bool
	state        string // of a service: "Up"
	pid          int    // 0: none
	expose       *model.Probe
	measurements []measurement // by family and name
}

// A measurement is where a metric stands. It may not be known, when a rule asks for it.
type measurement struct {
	metric
	value float64
	known bool
	rules []limit
}

// A limit is what a rule compares a measurement with.
type limit struct {
	threshold string // as it was written
	failed    bool
}

func newView(services []model.Snapshot, settings *model.Settings) view {
	v := view{host: block{name: settings.Host, host: true}}
	cycle := cmp.Or(settings.Interval, model.DefaultInterval)
	for i := range services {
		switch s := &services[i]; s.Spec.Kind {
		case model.KindSystem:
			v.host.add(s, cycle, hostMetrics...)
		case model.KindFilesystem:
			v.host.add(s, cycle, diskMetric(s.Spec.Subject.Path))
		case model.KindUnit, model.KindProcess:
			b := block{name: s.Spec.Name, state: stateOf(s), expose: s.Spec.Expose}
			b.pid = int(s.Readings.Get(model.PID).Number())
			b.add(s, cycle, processMetrics...)
			b.addFamilies(s, cycle)
			b.sort()
			v.services = append(v.services, b)
		}
	}
	v.host.sort()
	return v
}

// stateOf is the state of a service in one of Inspeqtor's four words.
func stateOf(s *model.Snapshot) string {
	if s.Doing == string(model.ActStart) || s.Doing == string(model.ActRestart) {
		return "Starting"
	}
	switch s.Readings.Get(model.UnitState).Text() {
	case "starting", "restarting":
		return "Starting"
	case "running", "stopping":
		return "Up"
	case "stopped", "failed":
		return "Down"
	}
	there := s.Readings.Get(model.Exist)
	switch {
	case !there.Present():
		return "Unknown"
	case there.Number() == 0:
		return "Down"
	}
	return "Up"
}

// standing is the state of a service with its process.
func (b *block) standing() string { return fmt.Sprintf("%s/%d", b.state, b.pid) }

// add takes over those measurements that are known or that a rule asks for.
func (b *block) add(s *model.Snapshot, cycle time.Duration, metrics ...metric) {
	for _, m := range metrics {
		one := measurement{metric: m}
		one.value, one.known = m.number(s.Readings.Get(m.of), cycle)
		for i := range s.Spec.Rules {
			if r := &s.Spec.Rules[i]; r.Metric == m.of && r.Probe == nil && r.Over == 0 {
				one.rules = append(one.rules, one.limit(s, i))
			}
		}
		if one.known || one.rules != nil {
			b.measurements = append(b.measurements, one)
		}
	}
}

// addFamilies takes over what rules want to know of the numbers that servers have of themselves.
func (b *block) addFamilies(s *model.Snapshot, cycle time.Duration) {
	var probes []*model.Probe
	for i := range s.Spec.Rules {
		r := &s.Spec.Rules[i]
		if r.Probe == nil || r.Metric.Family() == "" {
			continue
		}
		if probes == nil {
			probes = s.Spec.Probes()
		}
		at := slices.IndexFunc(b.measurements, func(m measurement) bool { return m.of == r.Metric })
		if at < 0 {
			at = len(b.measurements)
			one := measurement{metric: familyMetric(r.Metric)}
			if p := slices.Index(probes, r.Probe); p < len(s.Probes) {
				one.value, one.known = one.number(s.Probes[p].Readings.Get(r.Metric), cycle)
			}
			b.measurements = append(b.measurements, one)
		}
		m := &b.measurements[at]
		m.rules = append(m.rules, m.limit(s, i))
	}
}

// limit is what rule i of a service says about the metric. What it is compared with stands behind its name, in files of
// Inspeqtor; elsewhere it is shown as the metric is.
func (m metric) limit(s *model.Snapshot, i int) limit {
	r := &s.Spec.Rules[i]
	l := limit{failed: i < len(s.Rules) && s.Rules[i].Failed}
	for _, op := range []string{" > ", " < "} {
		if amount, ok := strings.CutPrefix(r.Text, m.String()+op); ok {
			l.threshold, _, _ = strings.Cut(amount, " ")
			return l
		}
	}
	if n, ok := m.number(r.Operand, time.Second); ok {
		l.threshold = m.show(n)
		if perSecond(m.of) {
			l.threshold += "/sec"
		}
	}
	return l
}

func (b *block) sort() {
	slices.SortStableFunc(b.measurements, func(x, y measurement) int {
		return cmp.Or(strings.Compare(x.family, y.family), strings.Compare(x.name, y.name))
	})
}

// find is the host or a service by what users call it.
func (v view) find(target string) (*block, bool) {
	if target == "host" {
		return &v.host, true
	}
	for i := range v.services {
		if strings.EqualFold(v.services[i].name, target) {
			return &v.services[i], true
		}
	}
	return nil, false
}

// find is a measurement by its name.
func (b *block) find(name string) (*measurement, bool) {
	for i := range b.measurements {
		if b.measurements[i].String() == name {
			return &b.measurements[i], true
		}
	}
	return nil, false
}
