package inspeqtor

import (
	"fmt"
	"math"
	"strings"
	"time"

	"orderly/internal/model"
)

// A metric is a measurement under the names that Inspeqtor has for it.
type metric struct {
	family, name string // "memory" and "rss"; a family may have one measurement without a name
	of           model.Metric
	counter      bool // what a cycle added to a count
}

// hostMetrics are those of the host besides its filesystems.
var hostMetrics = []metric{
	{"cpu", "", model.Cores, true},
	{"cpu", "user", model.CoresUser, true},
	{"cpu", "system", model.CoresSystem, true},
	{"cpu", "iowait", model.CoresWait, true},
	{"cpu", "steal", model.CoresSteal, true},
	{"load", "1", model.Load1, false},
	{"load", "5", model.Load5, false},
	{"load", "15", model.Load15, false},
	{"memory", "", model.MemoryPercent, false},
	{"swap", "", model.SwapPercent, false},
}

// processMetrics are those of every process.
var processMetrics = []metric{
	{"cpu", "user", model.CoresUser, true},
	{"cpu", "system", model.CoresSystem, true},
	{"cpu", "total_user", model.CoresUserEnded, true},
	{"cpu", "total_system", model.CoresSysEnded, true},
	{"memory", "rss", model.Memory, false},
	{"memory", "total_rss", model.MemTotal, false},
}

// diskMetric is how full a filesystem is.
func diskMetric(mount string) metric { return metric{"disk", mount, model.SpacePercent, false} }

// familyMetric is what a server of a family counts of itself.
func familyMetric(m model.Metric) metric {
	family, name, _ := strings.Cut(string(m), ".")
	return metric{family, name, m, perSecond(m)}
}

func perSecond(m model.Metric) bool { return m.Unit() == model.PerSec || m.Unit() == model.BytesPerSec }

// String is how people write it: "memory:rss".
func (m metric) String() string {
	if m.name == "" {
		return m.family
	}
	return m.family + ":" + m.name
}

// number is a value as Inspeqtor has it. Of what is counted that is the growth in a cycle, and not in a second.
func (m metric) number(v model.Value, cycle time.Duration) (n float64, ok bool) {
	n = v.Number()
	if perSecond(m.of) {
		n = math.Round(n * cycle.Seconds())
	}
	return n, v.Present() && !v.IsText() && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// show is a number for people.
func (m metric) show(n float64) string {
	switch unit := m.of.Unit(); {
	case unit == model.Percent:
		return fmt.Sprintf("%.1f%%", n)
	case unit == model.Bytes || unit == model.BytesPerSec:
		return fmt.Sprintf("%.2fm", n/(1<<20))
	case m.family == "load":
		return fmt.Sprintf("%.2f", n)
	}
	return fmt.Sprintf("%.0f", n)
}
