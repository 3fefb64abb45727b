package minitor

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"orderly/internal/model"
)

// contentType is that of the text form of Prometheus.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// A page is what is answered, put together before any of it is sent.
type page struct{ bytes.Buffer }

// family begins a metric.
func (p *page) family(name, kind, help string) {
	fmt.Fprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// sample is one value; labels are names and values in turn.
func (p *page) sample(name string, v float64, labels ...string) {
	p.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(p, `%s%s="%s"`, sep, labels[i], value(labels[i+1]))
	}
	if len(labels) > 0 {
		p.WriteByte('}')
	}
	p.WriteByte(' ')
	p.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	p.WriteByte('\n')
}

// metrics tells all metrics: Minitor's four, and our own.
func (s *Server) metrics(ctx context.Context, w http.ResponseWriter) error {
	services, err := s.Backend.Snapshots(ctx)
	if err != nil {
		http.Error(w, "it is not known how the services are", http.StatusServiceUnavailable)
		return fmt.Errorf("cannot learn how the services are: %w", err)
	}
	var p page
	s.mu.Lock()
	s.counted(&p)
	s.mu.Unlock()
	p.family("minitor_monitor_up_count", "gauge", "Whether a monitor is up: no alert was due since it was last well.")
	for i := range services {
		if m := &services[i]; m.Spec.Kind == model.KindProgram && m.Checks > 0 {
			up := 1.0
			if down(m) {
				up = 0
			}
			p.sample("minitor_monitor_up_count", up, "monitor", m.Spec.Name)
		}
	}
	w.Header().Set("Content-Type", contentType)
	_, err = w.Write(p.Bytes())
	return err
}

// counted tells what was counted. The lock must be held.
func (s *Server) counted(p *page) {
	c := &s.counts
	p.family("minitor_check_total", "counter", "Checks by monitor, by how they ended and whether an alert was due.")
	for _, k := range ordered(c.checks, checkKey.words) {
		p.sample("minitor_check_total", float64(c.checks[k]), "is_alert", truth(k.told), "monitor", k.monitor, "status", status(k.failed))
	}
	p.family("minitor_check_milliseconds", "gauge", "How long the last check of a monitor took, by how it ended.")
	for _, k := range ordered(c.took, lastKey.words) {
		p.sample("minitor_check_milliseconds", float64(c.took[k].Milliseconds()), "monitor", k.monitor, "status", status(k.failed))
	}
	p.family("minitor_alert_total", "counter", "Alerts that have arrived, by alert and monitor.")
	for _, k := range ordered(c.sent, alertKey.words) {
		p.sample("minitor_alert_total", float64(c.sent[k]), "alert", k.alert, "monitor", k.monitor)
	}
	p.family("orderly_alert_failures_total", "counter", "Attempts at alerts that have come to nothing, by alert and monitor.")
	for _, k := range ordered(c.failed, alertKey.words) {
		p.sample("orderly_alert_failures_total", float64(c.failed[k]), "alert", k.alert, "monitor", k.monitor)
	}
	p.family("orderly_alerts_waiting", "gauge", "Alerts that wait to leave.")
	p.sample("orderly_alerts_waiting", float64(s.Waiting()))
	p.family("orderly_last_success_timestamp_seconds", "gauge", "When a check of a monitor last succeeded, in Unix time.")
	for _, name := range ordered(c.well, func(name string) []string { return []string{name} }) {
		p.sample("orderly_last_success_timestamp_seconds", float64(c.well[name].UnixMilli())/1000, "monitor", name)
	}
	p.family("orderly_check_seconds", "histogram", "How long checks took.")
	for _, name := range ordered(c.all, func(name string) []string { return []string{name} }) {
		h := c.all[name]
		for i, bound := range bounds {
			p.sample("orderly_check_seconds_bucket", float64(h.below[i]), "monitor", name, "le", strconv.FormatFloat(bound, 'g', -1, 64))
		}
		p.sample("orderly_check_seconds_bucket", float64(h.count), "monitor", name, "le", "+Inf")
		p.sample("orderly_check_seconds_sum", h.sum, "monitor", name)
		p.sample("orderly_check_seconds_count", float64(h.count), "monitor", name)
	}
}

// down tells whether something is wrong with a service, and often enough to count.
func down(m *model.Snapshot) bool {
	for _, r := range m.Rules {
		if r.Failed {
			return true
		}
	}
	return false
}

// health tells that we are alive, when something was last checked and whether alerts arrive. With monitors, the answer is
// that something is wrong while a monitor is down.
func (s *Server) health(ctx context.Context, w http.ResponseWriter, monitors bool) error {
	services, err := s.Backend.Snapshots(ctx)
	if err != nil {
		http.Error(w, "not alive: it is not known how the services are", http.StatusServiceUnavailable)
		return fmt.Errorf("cannot learn how the services are: %w", err)
	}
	var p page
	s.mu.Lock()
	last, lost := s.counts.last, s.counts.unreached()
	s.mu.Unlock()
	p.WriteString("alive\n")
	if last.IsZero() {
		p.WriteString("nothing was checked yet\n")
	} else {
		fmt.Fprintf(&p, "last check %s\n", last.UTC().Format(time.RFC3339))
	}
	if len(lost) > 0 {
		fmt.Fprintf(&p, "alerts do not arrive: %s\n", strings.Join(lost, ", "))
	} else {
		p.WriteString("alerts arrive\n")
	}
	state := http.StatusOK
	for i := range services {
		if m := &services[i]; monitors && m.Monitored && down(m) {
			state = http.StatusServiceUnavailable
			fmt.Fprintf(&p, "down: %s\n", m.Spec.Name)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(state)
	_, err = w.Write(p.Bytes())
	return err
}
