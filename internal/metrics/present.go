package metrics

import (
	"context"
	"math"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"orderly/internal/model"
)

// present collects how everything is at the moment of a scrape.
type present struct{ Options }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("orderly_"+name, help, labels, nil)
}

// What is told of the present.
var (
	serviceUp        = desc("service_up", "Whether a service is well: 1 or 0. Missing while that is not known.", "service", "kind")
	serviceState     = desc("service_state", "The state a service is in: 1 for that, 0 for all others.", "service", "state")
	serviceMonitored = desc("service_monitored", "Whether a service is monitored.", "service")
	serviceSilenced  = desc("service_silenced", "Whether nobody is told of a service.", "service")
	serviceSince     = desc("service_state_since_timestamp_seconds", "Since when a service is in its state.", "service")
	serviceChecked   = desc("service_checked_timestamp_seconds", "End of the last check of a service.", "service")
	serviceRestarts  = desc("service_restarts_total", "Starts and restarts by orderly, since the service was configured.", "service")
	ruleFailing      = desc("rule_failing", "Whether a rule fails. Missing while that is not known.", "service", "rule")
	value            = desc("value", "What was measured last, in the unit of the label.", "service", "part", "metric", "unit")
	generation       = desc("configuration_generation", "Number of the live configuration.")
	services         = desc("services", "Services that are configured.")
	silences         = desc("silences", "Silences in force.")
	incidents        = desc("incidents_open", "Incidents of the status page that are not over.")
	sequence         = desc("journal_last_event", "Number of the newest event of the journal.")
	waiting          = desc("alerts_waiting", "Messages that wait to leave.")
	ailing           = desc("channel_ailing", "Whether a destination of alerts takes no messages.", "channel")
)

var states = []model.ServiceState{
	model.StateOK, model.StateFailing, model.StateUnknown, model.StateInitializing, model.StateUnmonitored, model.StateActing,
}

// Describe answers prometheus.Collector.
func (p *present) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		serviceUp, serviceState, serviceMonitored, serviceSilenced, serviceSince, serviceChecked, serviceRestarts, ruleFailing, value,
		generation, services, silences, incidents, sequence, waiting, ailing,
	} {
		out <- d
	}
}

// Collect answers prometheus.Collector.
func (p *present) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t := teller{out}
	t.gauge(incidents, float64(p.Open()))
	t.gauge(sequence, float64(p.Last()))
	t.gauge(waiting, float64(p.Waiting()))
	if quiet, err := p.View.Silences(ctx); err == nil {
		t.gauge(silences, float64(len(quiet)))
	}
	status, err := p.View.Status(ctx, nil, false)
	if err != nil {
		out <- prometheus.NewInvalidMetric(services, err)
		return
	}
	t.gauge(services, float64(len(status.Services)))
	t.gauge(generation, float64(status.Generation))
	for i := range status.Services {
		t.service(&status.Services[i])
	}
	t.channels(status)
	measured, _, err := p.View.Snapshots(ctx, nil)
	if err != nil {
		out <- prometheus.NewInvalidMetric(value, err)
		return
	}
	for i := range measured {
		t.values(&measured[i])
	}
}

// A teller tells one scrape.
type teller struct{ out chan<- prometheus.Metric }

func (t teller) gauge(d *prometheus.Desc, v float64, labels ...string) {
	t.tell(d, prometheus.GaugeValue, v, labels...)
}

func (t teller) tell(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
	for i, l := range labels {
		labels[i] = strings.ToValidUTF8(l, "\uFFFD")
	}
	m, err := prometheus.NewConstMetric(d, kind, v, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(d, err)
	}
	t.out <- m
}

func (t teller) yes(d *prometheus.Desc, is bool, labels ...string) {
	v := 0.0
	if is {
		v = 1
	}
	t.gauge(d, v, labels...)
}

func (t teller) service(s *model.ServiceStatus) {
	if s.State == model.StateOK || s.State == model.StateFailing {
		t.yes(serviceUp, s.State == model.StateOK, s.Name, string(s.Kind))
	}
	for _, state := range states {
		t.yes(serviceState, s.State == state, s.Name, string(state))
	}
	t.yes(serviceMonitored, s.Monitored, s.Name)
	t.yes(serviceSilenced, s.Silenced != "", s.Name)
	if !s.Since.IsZero() {
		t.gauge(serviceSince, float64(s.Since.UnixMilli())/1000, s.Name)
	}
	if !s.Checked.IsZero() {
		t.gauge(serviceChecked, float64(s.Checked.UnixMilli())/1000, s.Name)
	}
	t.tell(serviceRestarts, prometheus.CounterValue, float64(s.Restarts), s.Name)
	told := map[string]bool{} // a rule may be written twice
	for _, r := range s.Rules {
		if known := r.State == model.RuleOK || r.State == model.RuleFailing; known && !told[r.Text] {
			told[r.Text] = true
			t.yes(ruleFailing, r.State == model.RuleFailing, s.Name, r.Text)
		}
	}
}

// channels tells who cannot be told, by channel: addresses are nobody's business.
func (t teller) channels(status model.HostStatus) {
	ill := map[string]bool{}
	for _, d := range status.Destinations {
		ill[d.Channel] = false
	}
	for _, a := range status.Ailing {
		ill[a.Channel] = true
	}
	for channel, is := range ill {
		t.yes(ailing, is, channel)
	}
}

// values tells the numbers that were measured of a service, and by each of its probes.
func (t teller) values(s *model.Snapshot) {
	told := map[[2]string]bool{}
	tell := func(part string, r model.Reading) {
		name := string(r.Metric)
		if r.Over > 0 {
			name += " " + r.Over.String()
		}
		v := r.Value.Number()
		key := [2]string{part, name}
		if r.Value.IsText() || !r.Value.Present() || math.IsNaN(v) || told[key] {
			return
		}
		told[key] = true
		t.gauge(value, v, s.Spec.Name, part, name, string(r.Metric.Unit()))
	}
	for _, r := range s.Readings {
		tell("", r)
	}
	for i, part := range s.Spec.Parts() {
		if i >= len(s.Probes) { // not asked yet
			break
		}
		for _, r := range s.Probes[i].Readings {
			tell(part, r)
		}
	}
}
