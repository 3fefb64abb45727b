package metrics

import (
	"context"
	"math"

	"orderly/internal/model"
)

// The present is how everything is at the moment of a scrape.
type present struct {
	*text
	Options
	quiet    int // silences in force
	status   model.HostStatus
	measured []model.Snapshot
	told     map[string]bool // of one service
}

// A family is all that is told under one name.
type family struct {
	name, help string
	labels     []string
	tell       func(*present)
}

// ofHost are told even if the services do not answer.
var ofHost = []family{
	{"orderly_incidents_open", "Incidents of the status page that are not over.", nil, func(p *present) { p.sample(float64(p.Open())) }},
	{"orderly_journal_last_event", "Number of the newest event of the journal.", nil, func(p *present) { p.sample(float64(p.Last())) }},
	{"orderly_alerts_waiting", "Messages that wait to leave.", nil, func(p *present) { p.sample(float64(p.Waiting())) }},
}

var ofServices = []family{
	{"orderly_silences", "Silences in force.", nil, func(p *present) { p.sample(float64(p.quiet)) }},
	{"orderly_services", "Services that are configured.", nil, func(p *present) { p.sample(float64(len(p.status.Services))) }},
	{"orderly_configuration_generation", "Number of the live configuration.", nil, func(p *present) { p.sample(float64(p.status.Generation)) }},
	{"orderly_channel_ailing", "Whether a destination of alerts takes no messages.", []string{"channel"}, (*present).channels},
	{"orderly_service_up", "Whether a service is well: 1 or 0. Missing while that is not known.", []string{"kind", "service"}, each((*present).up)},
	{"orderly_service_state", "The state a service is in: 1 for that, 0 for all others.", []string{"service", "state"}, each((*present).state)},
	{"orderly_service_state_since_timestamp_seconds", "Since when a service is in its state.", []string{"service"}, each((*present).since)},
	{"orderly_service_checked_timestamp_seconds", "End of the last check of a service.", []string{"service"}, each((*present).checked)},
	{"orderly_service_monitored", "Whether a service is monitored.", []string{"service"}, each((*present).monitored)},
	{"orderly_service_silenced", "Whether nobody is told of a service.", []string{"service"}, each((*present).silenced)},
	{"orderly_service_restarts_total", "Starts and restarts by orderly, since the service was configured.", []string{"service"}, each((*present).restarts)},
	{"orderly_rule_failing", "Whether a rule fails. Missing while that is not known.", []string{"rule", "service"}, each((*present).rules)},
	{"orderly_value", "What was measured last, in the unit of the label.", []string{"metric", "part", "service", "unit"}, (*present).values},
}

var states = []model.ServiceState{
	model.StateOK, model.StateFailing, model.StateUnknown, model.StateInitializing, model.StateUnmonitored, model.StateActing,
}

// tell writes how everything is. If the services do not answer it writes the rest, and returns why.
func tell(ctx context.Context, t *text, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := &present{text: t, Options: o, told: map[string]bool{}}
	p.families(ofHost)
	silences, err := o.View.Silences(ctx)
	if err != nil {
		return err
	}
	p.quiet = len(silences)
	if p.status, err = o.View.Status(ctx, nil, false); err != nil {
		return err
	}
	if p.measured, _, err = o.View.Snapshots(ctx, nil); err != nil {
		return err
	}
	p.families(ofServices)
	return nil
}

func (p *present) families(all []family) {
	for _, f := range all {
		p.family(f.name, f.help, f.labels)
		f.tell(p)
	}
}

// each is a family that tells something of every service.
func each(tell func(*present, *model.ServiceStatus)) func(*present) {
	return func(p *present) {
		for i := range p.status.Services {
			tell(p, &p.status.Services[i])
		}
	}
}

// whether tells 1 for yes and 0 for no.
func (p *present) whether(is bool, labels ...string) {
	value := 0.0
	if is {
		value = 1
	}
	p.sample(value, labels...)
}

func (p *present) up(s *model.ServiceStatus) {
	if s.State == model.StateOK || s.State == model.StateFailing {
		p.whether(s.State == model.StateOK, string(s.Kind), s.Name)
	}
}

func (p *present) state(s *model.ServiceStatus) {
	for _, state := range states {
		p.whether(s.State == state, s.Name, string(state))
	}
}

func (p *present) since(s *model.ServiceStatus) {
	if !s.Since.IsZero() {
		p.sample(float64(s.Since.UnixMilli())/1000, s.Name)
	}
}

func (p *present) checked(s *model.ServiceStatus) {
	if !s.Checked.IsZero() {
		p.sample(float64(s.Checked.UnixMilli())/1000, s.Name)
	}
}

func (p *present) monitored(s *model.ServiceStatus) { p.whether(s.Monitored, s.Name) }

func (p *present) silenced(s *model.ServiceStatus) { p.whether(s.Silenced != "", s.Name) }

func (p *present) restarts(s *model.ServiceStatus) { p.sample(float64(s.Restarts), s.Name) }

func (p *present) rules(s *model.ServiceStatus) {
	clear(p.told) // a rule may be written twice
	for _, r := range s.Rules {
		if known := r.State == model.RuleOK || r.State == model.RuleFailing; known && !p.told[r.Text] {
			p.told[r.Text] = true
			p.whether(r.State == model.RuleFailing, r.Text, s.Name)
		}
	}
}

// channels tells who cannot be told, by channel: addresses are nobody's business.
func (p *present) channels() {
	ill := map[string]bool{}
	for _, d := range p.status.Destinations {
		ill[d.Channel] = false
	}
	for _, a := range p.status.Ailing {
		ill[a.Channel] = true
	}
	for channel, is := range ill {
		p.whether(is, channel)
	}
}

// values tells the numbers that were measured of each service, and by each of its probes.
func (p *present) values() {
	for i := range p.measured {
		s := &p.measured[i]
		p.readings(s, "", s.Readings)
		for k, part := range s.Spec.Parts() {
			if k >= len(s.Probes) { // not asked yet
				break
			}
			p.readings(s, part, s.Probes[k].Readings)
		}
	}
}

func (p *present) readings(s *model.Snapshot, part string, all model.Readings) {
	clear(p.told)
	for _, r := range all {
		v := r.Value.Number()
		if r.Value.IsText() || !r.Value.Present() || math.IsNaN(v) {
			continue
		}
		name := string(r.Metric)
		if r.Over > 0 {
			name += " " + r.Over.String()
		}
		if !p.told[name] {
			p.told[name] = true
			p.sample(v, name, part, s.Spec.Name, string(r.Metric.Unit()))
		}
	}
}
