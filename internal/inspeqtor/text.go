package inspeqtor

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// version is that of the Inspeqtor whose words these are.
const version = "2.0.0"

// unknown is shown for what could not be measured.
const unknown = "n/a"

// status is the reply to status. Scripts cut it at its columns.
func (v view) status(uptime time.Duration, pid int, silent time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Inspeqtor %s, uptime: %v, pid: %d\n", version, uptime, pid)
	if !silent.IsZero() {
		fmt.Fprintf(&b, "Silenced until: %s\n", silent.UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(&b, "\nHost: %s\n", v.host.name)
	v.host.lines(&b)
	for i := range v.services {
		s := &v.services[i]
		fmt.Fprintf(&b, "\nService: %s [%s]\n", s.name, s.standing())
		s.lines(&b)
	}
	return b.String()
}

// lines has one for each rule about a measurement, and one for a measurement without rules.
func (b *block) lines(to *strings.Builder) {
	for i := range b.measurements {
		m := &b.measurements[i]
		value := unknown
		if m.known {
			value = m.show(m.value)
		}
		if len(m.rules) == 0 {
			fmt.Fprintf(to, "  %-35s %-15s\n", m, value)
		}
		for _, r := range m.rules {
			mark := " "
			if r.failed {
				mark = "!"
			}
			fmt.Fprintf(to, "%s %-35s %-15s %s\n", mark, m, value, r.threshold)
		}
	}
}

// numbers are the known measurements by family and name.
func (b *block) numbers() map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for i := range b.measurements {
		m := &b.measurements[i]
		if !m.known {
			continue
		}
		if out[m.family] == nil {
			out[m.family] = map[string]float64{}
		}
		out[m.family][m.name] = m.value
	}
	return out
}

// An exported is the host, or a service, which alone has a process.
type exported struct {
	Metrics map[string]map[string]float64 `json:"metrics"`
	Name    string                        `json:"name"`
	PID     *int                          `json:"pid,omitempty"`
}

// export is the reply to export: one line of JSON.
func (v view) export(now time.Time) string {
	all := struct {
		At       int64               `json:"exported_at"`
		Host     exported            `json:"host"`
		Services map[string]exported `json:"services"`
	}{now.Unix(), exported{v.host.numbers(), v.host.name, nil}, map[string]exported{}}
	for i := range v.services {
		s := &v.services[i]
		all.Services[s.name] = exported{s.numbers(), s.name, &s.pid}
	}
	text, err := json.Marshal(all)
	if err != nil {
		return failed(fmt.Errorf("cannot export: %w", err))
	}
	return string(text) + "\n"
}

// bars are the heights of a sample.
var bars = []rune("▁▂▃▄▅▆▇█")

// course is the end of the reply to show: the bounds of the samples, and a bar for each, oldest first. A time without a
// sample is a blank.
func (m metric) course(samples []float32) string {
	low, high, mean := boundsOf(samples)
	if len(samples) == 0 {
		return fmt.Sprintf("%s min %s max %s avg %s\n\n", m, unknown, unknown, unknown)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s min %s max %s avg %s\n", m, m.show(low), m.show(high), m.show(mean))
	for _, f := range samples {
		switch x := float64(f); {
		case math.IsNaN(x):
			b.WriteByte(' ')
		case high == low:
			b.WriteRune(bars[0])
		default:
			b.WriteRune(bars[int((x-low)/(high-low)*float64(len(bars)-1)+0.5)])
		}
	}
	b.WriteByte('\n')
	return b.String()
}
